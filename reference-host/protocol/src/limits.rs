//! What one session may use.

use std::time::Duration;

/// The limits of one session. [`Default`] has values that fit a server for
/// interactive use.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests of the client that the component works on at once, those counted
    /// that were cancelled or timed out and on which it still works. Default 1024.
    pub requests_in_flight: usize,
    /// Bytes of one message from the client. Default 4 MiB.
    pub message_bytes: usize,
    /// Levels of arrays and objects in one message, its own included. Default 128.
    pub depth: usize,
    /// Bytes of JSON in one result, one request to the client or one
    /// notification of the component. Default 64 MiB.
    pub result_bytes: usize,
    /// Bytes of results and of requests to the client that the client has yet
    /// to take. While there are more, calls end with an error instead of a
    /// result, and the component can ask the client nothing. Default 128 MiB.
    pub unread_bytes: usize,
    /// Items on one page of a list that the host keeps. Default 100.
    pub page_size: usize,
    /// How long one request may take; waiting for the client's answers does
    /// not count. Default 300 s.
    pub request_time: Duration,
    /// How long the client may take for an answer or, after that, from one
    /// progress notification to the next. Default 300 s.
    pub ask_time: Duration,
    /// How long the client may take for an answer whatever progress it
    /// reports. Default 900 s.
    pub ask_time_maximum: Duration,
    /// After how much silence of the client it is pinged; never, where none is
    /// given, since both transports show the end of a connection. Default none.
    pub ping_interval: Option<Duration>,
    /// Requests to the client that are open at once. Default 256.
    pub asks_in_flight: usize,
    /// Log messages to the client in one second, and at once. Default 100.
    pub logs_per_second: u32,
    /// Progress notifications of one request in one second. Default 20.
    pub progress_per_second: u32,
    /// `notifications/resources/updated` in one second, and at once; what goes
    /// beyond is sent later, once for each resource. Default 1000.
    pub notifications_per_second: u32,
    /// Resources that the client is subscribed to, and updates of resources
    /// within them that are held back at once. Default 10,000.
    pub subscriptions: usize,
    /// Bytes of the URIs of those resources. Default 16 MiB.
    pub subscription_bytes: usize,
    /// Tools of a component's own lists whose schemas are remembered. Default 10,000.
    pub remembered_tools: usize,
    /// Bytes that the schemas that are remembered may take when they are compiled,
    /// by estimate. Default 256 MiB.
    pub remembered_schema_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_in_flight: 1024,
            message_bytes: 4 * 1024 * 1024,
            depth: 128,
            result_bytes: 64 << 20,
            unread_bytes: 128 << 20,
            page_size: 100,
            request_time: Duration::from_secs(300),
            ask_time: Duration::from_secs(300),
            ask_time_maximum: Duration::from_secs(900),
            ping_interval: None,
            asks_in_flight: 256,
            logs_per_second: 100,
            progress_per_second: 20,
            notifications_per_second: 1000,
            subscriptions: 10_000,
            subscription_bytes: 16 << 20,
            remembered_tools: 10_000,
            remembered_schema_bytes: 256 << 20,
        }
    }
}

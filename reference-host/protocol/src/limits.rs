//! Limits on the resources of one session.

use std::time::Duration;

use super::error::ContextError;
use crate::json;

/// The limits of one session. The [`Default`] suits a server for interactive use.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// Requests of the client in flight at the component, including cancelled and timed-out ones
    /// that it still works on. Default 1024.
    pub requests_in_flight: usize,
    /// Bytes of one message from the client. Default 4 MiB.
    pub message_bytes: usize,
    /// Levels of arrays and objects in one message, including the message itself. Default 128.
    pub depth: usize,
    /// Bytes of JSON in one result, one request to the client or one notification of the component.
    /// Default 64 MiB.
    pub result_bytes: usize,
    /// Bytes of results and of requests to the client that the client has not read yet. Above this,
    /// calls end with an error instead of a result, and the component cannot ask the client
    /// anything. Default 128 MiB.
    pub unread_bytes: usize,
    /// Items on one page of a list that the host keeps. Default 100.
    pub page_size: usize,
    /// The time limit of one request; waiting for the client's answers does not count. Default 300
    /// s.
    pub request_time: Duration,
    /// The time for the client's answer, or between two of its progress notifications. Default 300
    /// s.
    pub ask_time: Duration,
    /// The total time for the client's answer, whatever progress it reports. Default 900 s.
    pub ask_time_maximum: Duration,
    /// The silence after which the client is pinged. `None` disables pings, since both transports
    /// detect the end of a connection. Default none.
    pub ping_interval: Option<Duration>,
    /// Requests to the client in flight. Default 256.
    pub asks_in_flight: usize,
    /// Log messages to the client per second, and in one burst. Default 100.
    pub logs_per_second: u32,
    /// Progress notifications of one request per second. Default 20.
    pub progress_per_second: u32,
    /// `notifications/resources/updated` per second, and in one burst; further ones are delayed and
    /// coalesced per resource. Default 1000.
    pub notifications_per_second: u32,
    /// Resources that the client is subscribed to, and held-back updates of resources within them.
    /// Default 10,000.
    pub subscriptions: usize,
    /// Bytes of the URIs of those resources. Default 16 MiB.
    pub subscription_bytes: usize,
    /// Tools in a component's own lists whose schemas are remembered. Default 10,000.
    pub remembered_tools: usize,
    /// The estimated memory of the remembered schemas when they are compiled, in bytes. Default 256
    /// MiB.
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

impl Limits {
    /// Checks that the component may send text of `bytes` bytes, assuming worst-case escaping.
    pub(super) fn check_size(
        &self,
        what: &str,
        bytes: usize,
        exceeded: impl FnOnce(),
    ) -> Result<(), ContextError> {
        let limit = self.result_bytes;
        if bytes > limit / json::LONGEST_ESCAPE {
            exceeded();
            return Err(ContextError::InvalidParams(format!(
                "{what} is larger than it may be: messages have at most {limit} bytes"
            )));
        }
        Ok(())
    }
}

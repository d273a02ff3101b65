//! The options of the transport.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::liveness::Liveness;

use super::authorization::Authorization;
use super::origin::Origin;

/// Settings and limits of the Streamable HTTP transport.
///
/// See <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#streamable-http>.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HttpOptions {
    /// The path of the endpoint. Default: `/mcp`.
    pub path: String,
    /// The threads that serve connections and run the instances of their sessions. Default: none,
    /// and the caller's runtime does it.
    pub threads: Option<NonZeroUsize>,
    /// Origins whose pages may use the server. Default: none.
    ///
    /// Requests without an `Origin` are always admitted: they do not come from a browser. A server
    /// that is bound to a loopback address also admits origins whose host is a loopback name
    /// (`localhost`, `127.0.0.0/8`, `[::1]`) at any port, since development tools are served from
    /// there.
    pub allowed_origins: Vec<Origin>,
    /// Names that `Host` may have besides loopback names. Default: none.
    ///
    /// Names are given without a port. While this is empty, a server that is bound to a loopback
    /// address accepts loopback names only (which stops DNS rebinding), and any other server
    /// accepts every name.
    pub allowed_hosts: Vec<String>,
    /// Requires a token. Default: every request is admitted.
    pub authorization: Option<Authorization>,
    /// Keeps no sessions: each request is served by itself, in an instance of its own, so that any
    /// process that serves the same component can answer it. Default: false.
    ///
    /// - No session id is given out, and a request that names one gets status 404. GET and DELETE
    ///   get status 405.
    /// - A request other than `initialize` is for the revision that `MCP-Protocol-Version` names,
    ///   and for 2025-03-26 without one.
    /// - Neither `subscribe` nor `listChanged` is declared. The component learns nothing of the
    ///   client and cannot ask it anything. Progress and log messages come on the stream of their
    ///   request; log messages without one go to the host's log.
    /// - `logging/setLevel` has no effect. Nor has `notifications/cancelled`, because the request may
    ///   be in another process: it runs to its end or to its time limit.
    /// - Of [`ServerOptions`](crate::session::ServerOptions), the isolation is
    ///   [`Isolation::Call`](crate::component::Isolation::Call) in any case, and limits of a session
    ///   apply to one request. Of these options, [`max_sessions`](Self::max_sessions),
    ///   [`session_idle`](Self::session_idle),
    ///   [`max_listening_streams`](Self::max_listening_streams) and
    ///   [`max_resumable_streams`](Self::max_resumable_streams) have no effect.
    pub stateless: bool,
    /// The most simultaneous sessions. Beyond, `initialize` gets status 503. Default: 10 000.
    pub max_sessions: usize,
    /// The time without any request or open stream after which a session is ended. Default: 30
    /// minutes.
    pub session_idle: Duration,
    /// The most simultaneous connections. Beyond, no connection is accepted until another one ends.
    /// The system's limit of open files may allow fewer. Default: 20 000.
    pub max_connections: usize,
    /// The size of a request's body, in bytes. Beyond, status 413. Default: 4 MiB. The session's
    /// own limit for messages applies if it is lower.
    pub max_body_bytes: usize,
    /// The memory of all request bodies that are being read, in bytes. Beyond, status 503. A body
    /// that arrives in one piece does not count. Default: 256 MiB.
    pub max_bodies_bytes: usize,
    /// The time within which a request's body must arrive. Default: 60 seconds.
    pub body_time: Duration,
    /// The time after which a connection whose client reads nothing is closed. Default: 60 seconds.
    pub write_time: Duration,
    /// The number of header fields of a request. Default: 100.
    pub max_headers: usize,
    /// The size of all header fields of a request together, in bytes; at least 8 KiB. Default: 32
    /// KiB.
    pub max_header_bytes: usize,
    /// The time within which a request's header must arrive. Default: 30 seconds.
    pub header_time: Duration,
    /// The most open listening streams (GET) of one session. Beyond, the oldest one is closed.
    /// Default: 16.
    pub max_listening_streams: usize,
    /// The most streams of one session that have ended or lost their client and can still be
    /// resumed. Default: 64.
    pub max_resumable_streams: usize,
    /// The most events that are kept of one stream: those given to the client, for replay, and
    /// those that it has yet to read. Default: 256.
    ///
    /// Beyond, events that were given are forgotten first, then the oldest unread notifications are
    /// dropped. Requests and responses are never dropped while they wait for their reader.
    pub max_stream_events: usize,
    /// Like `max_stream_events`, in bytes. Default: 256 KiB.
    pub max_stream_bytes: usize,
    /// The bytes of all events that are kept of one session. Default: 1 MiB.
    ///
    /// Beyond, data is removed in this order:
    ///
    /// 1. streams that have ended and have no client, oldest first;
    /// 2. events that are kept for replay;
    /// 3. unread notifications, first those of streams without a client.
    ///
    /// Requests and responses are never dropped while they wait for a client that can still fetch
    /// them.
    pub max_session_bytes: usize,
    /// The time without a message after which the answer to a request begins as a stream of events,
    /// with an event id that it can be resumed from. Default: 5 seconds.
    pub silence_time: Duration,
    /// The time of silence after which a comment is sent on a stream, so that no intermediary takes
    /// the connection for dead. Default: 15 seconds.
    pub keep_alive: Duration,
    /// The time that requests in flight get to finish when the server shuts down. Default: 10
    /// seconds.
    pub shutdown_grace: Duration,
    /// Receives the serving threads for liveness checks. Default: not checked.
    pub liveness: Liveness,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            path: "/mcp".to_owned(),
            threads: None,
            allowed_origins: Vec::new(),
            allowed_hosts: Vec::new(),
            authorization: None,
            stateless: false,
            max_sessions: 10_000,
            session_idle: Duration::from_mins(30),
            max_connections: 20_000,
            max_body_bytes: 4 << 20,
            max_bodies_bytes: 256 << 20,
            body_time: Duration::from_mins(1),
            write_time: Duration::from_mins(1),
            max_headers: 100,
            max_header_bytes: 32 << 10,
            header_time: Duration::from_secs(30),
            max_listening_streams: 16,
            max_resumable_streams: 64,
            max_stream_events: 256,
            max_stream_bytes: 256 << 10,
            max_session_bytes: 1 << 20,
            silence_time: Duration::from_secs(5),
            keep_alive: Duration::from_secs(15),
            shutdown_grace: Duration::from_secs(10),
            liveness: Liveness::default(),
        }
    }
}

//! What a session hands to its transport.

use crate::protocol::{Route, StreamId};

/// Where a session's messages leave. A transport implements it.
///
/// Called under the session's lock: an implementation must neither block nor
/// call back into the session.
pub trait Outlet: Send + Sync + 'static {
    /// Sends one message. `last` marks the response that ends its stream.
    fn send(&self, route: Route, message: Vec<u8>, last: bool);

    /// Bytes of responses, and of requests to the client, that the client has yet
    /// to take. Notifications need not count where they are dropped beyond a
    /// bound.
    fn unread_bytes(&self) -> usize;

    /// No response will come on this stream: its request was cancelled, or the
    /// session has ended.
    fn end(&self, stream: StreamId);
}

/// What became of a message that a transport passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Receipt {
    /// A notification or a response: there is nothing to answer.
    Accepted,
    /// No JSON-RPC message at all: the error to send.
    Refused(Vec<u8>),
    /// A request, answered at once.
    Answered(Vec<u8>),
    /// A request in work: its messages come through the [`Outlet`].
    Pending,
}

//! Messages to the client and their kinds.

/// One JSON-RPC message to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The kind of message.
    pub kind: MessageKind,
    /// Its JSON text, without line breaks.
    pub text: Vec<u8>,
}

/// The kinds of messages, by how a transport may treat them when a client reads too slowly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// A response. It ends the stream of its request and is never dropped.
    Response {
        /// The response is a JSON-RPC error.
        is_error: bool,
    },
    /// A request to the client, with its id. Never dropped: the component waits for the answer.
    Request(u64),
    /// `notifications/cancelled` for the request to the client with this id. It may be dropped
    /// together with that request; an answer that comes nevertheless is ignored.
    Cancelled(u64),
    /// A list has changed. Identical ones in the queue are coalesced.
    ListChanged,
    /// A resource was updated. Identical ones in the queue are coalesced, and it may be dropped.
    ResourceUpdated,
    /// Progress or a log message. It may be dropped.
    Report,
}

impl MessageKind {
    /// Returns whether this is the last message of its stream.
    #[must_use]
    pub const fn is_response(self) -> bool {
        matches!(self, Self::Response { .. })
    }
}

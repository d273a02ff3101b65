//! Messages to the client and their kinds.

use std::collections::VecDeque;

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

/// The most bytes that may wait for a client that does not read.
const QUEUE_BYTES: usize = 8 << 20;

/// Messages on their way to a client, for a driver with one thread.
///
/// Reports and updates of resources are dropped while more than 8 MiB wait. Identical list changes
/// are coalesced. All other messages are kept, so the driver MUST stop reading from the client while
/// the queue [is full](Self::is_full).
#[derive(Debug, Default)]
pub struct OutgoingQueue {
    waiting: VecDeque<Outgoing>,
    /// Bytes of the messages that wait or are being written.
    bytes: usize,
}

impl OutgoingQueue {
    /// Adds a message, unless it is dropped.
    pub fn push(&mut self, message: Outgoing) {
        let is_dropped = match message.kind {
            MessageKind::Report | MessageKind::ResourceUpdated => self.is_full(),
            MessageKind::ListChanged => self.waiting.contains(&message),
            MessageKind::Response { .. } | MessageKind::Request(_) | MessageKind::Cancelled(_) => {
                false
            }
        };
        if !is_dropped {
            self.bytes += message.text.len();
            self.waiting.push_back(message);
        }
    }

    /// Takes the next message. Its bytes count until they are [written](Self::written).
    pub fn pop(&mut self) -> Option<Outgoing> {
        self.waiting.pop_front()
    }

    /// Records that these bytes of a message were written.
    pub fn written(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// Returns the bytes of the messages that wait or are being written.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns whether the client must read before it is read from.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.bytes > QUEUE_BYTES
    }

    /// Returns whether no message waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: MessageKind, bytes: usize) -> Outgoing {
        Outgoing {
            kind,
            text: vec![b' '; bytes],
        }
    }

    #[test]
    fn a_full_queue_drops_notifications_and_keeps_everything_else() {
        let mut queue = OutgoingQueue::default();
        let response = MessageKind::Response { is_error: false };
        queue.push(message(response, QUEUE_BYTES));
        queue.push(message(MessageKind::Report, 1));
        assert_eq!((queue.bytes(), queue.is_full()), (QUEUE_BYTES + 1, true));
        queue.push(message(MessageKind::Report, 1));
        queue.push(message(MessageKind::ResourceUpdated, 1));
        assert_eq!(queue.bytes(), QUEUE_BYTES + 1);
        queue.push(message(MessageKind::Request(1), 1));
        queue.push(message(response, 1));
        let kinds: Vec<_> = std::iter::from_fn(|| queue.pop())
            .map(|it| it.kind)
            .collect();
        assert_eq!(
            kinds,
            [
                response,
                MessageKind::Report,
                MessageKind::Request(1),
                response
            ]
        );
        // They count until they are written.
        assert!(queue.is_full() && queue.is_empty());
        queue.written(QUEUE_BYTES + 3);
        assert_eq!((queue.bytes(), queue.is_full()), (0, false));
    }

    #[test]
    fn list_changes_that_wait_are_coalesced() {
        let mut queue = OutgoingQueue::default();
        for bytes in [1, 2, 1, 2] {
            queue.push(message(MessageKind::ListChanged, bytes));
        }
        assert_eq!(queue.bytes(), 3);
    }
}

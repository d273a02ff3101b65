//! Messages as the streams store them.

use bytes::Bytes;
use wasi_mcp_protocol::{MessageKind, Outgoing};

use super::unread::Unread;

/// A message on its way to the client.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// Its JSON text.
    pub(super) text: Bytes,
    /// The kind of the message.
    pub(super) kind: MessageKind,
}

impl Message {
    /// Takes over a message of the session. Messages that must not be dropped count as unread.
    pub(super) fn new(message: Outgoing, unread: &Unread) -> Self {
        let Outgoing { kind, text } = message;
        let text = if is_droppable(kind) {
            text.into()
        } else {
            unread.counted(text)
        };
        Self { text, kind }
    }
}

/// Returns whether a reader that is too slow may miss the message.
pub(super) fn is_droppable(kind: MessageKind) -> bool {
    match kind {
        MessageKind::Response { .. } | MessageKind::Request(_) => false,
        MessageKind::Cancelled(_)
        | MessageKind::ListChanged
        | MessageKind::ResourceUpdated
        | MessageKind::Report => true,
    }
}

/// Returns whether one of several identical messages tells the client as much as all of them.
pub(super) fn is_change(kind: MessageKind) -> bool {
    matches!(
        kind,
        MessageKind::ListChanged | MessageKind::ResourceUpdated
    )
}

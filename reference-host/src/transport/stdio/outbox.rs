//! Messages on their way to the client.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Notify;

use crate::protocol::{Route, StreamId};
use crate::session::Outlet;

/// How many bytes may wait for a client that does not read; above it, the
/// client is not read either.
const OUTBOX_BYTES: usize = 8 << 20;
/// How the notifications begin that a client may miss, and that a guest may send
/// as fast and as large as it likes.
const DROPPABLE: [&[u8]; 3] = [
    br#"{"jsonrpc":"2.0","method":"notifications/message""#,
    br#"{"jsonrpc":"2.0","method":"notifications/progress""#,
    br#"{"jsonrpc":"2.0","method":"notifications/resources/updated""#,
];
/// Lines are joined to be written at once, up to so many bytes: what a pipe holds.
const JOINED: usize = 64 << 10;

/// Messages on their way to the client, a line each.
#[derive(Default)]
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    /// Something was pushed, or the outbox was closed.
    filled: Notify,
    /// Something was written.
    drained: Notify,
}

#[derive(Default)]
struct Queue {
    /// Whole lines, one or more in each.
    chunks: VecDeque<Vec<u8>>,
    /// Bytes of the lines that wait or are being written.
    bytes: usize,
    closed: bool,
    dropped: u64,
}

impl Outbox {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, mut message: Vec<u8>) {
        message.push(b'\n');
        let mut queue = self.queue();
        queue.bytes += message.len();
        match queue.chunks.back_mut() {
            Some(last) if last.len() + message.len() <= JOINED => last.append(&mut message),
            _ => queue.chunks.push_back(message),
        }
        drop(queue);
        self.filled.notify_one();
    }

    /// Whether a message is left out since the client does not read.
    fn drops(&self, message: &[u8]) -> bool {
        let mut queue = self.queue();
        let drops =
            queue.bytes > OUTBOX_BYTES && DROPPABLE.iter().any(|start| message.starts_with(start));
        if drops {
            queue.dropped += 1;
            // A flood must not flood the log as well.
            if queue.dropped.is_power_of_two() {
                tracing::warn!(
                    total = queue.dropped,
                    "notifications dropped: the client does not read"
                );
            }
        }
        drops
    }

    pub(super) fn close(&self) {
        self.queue().closed = true;
        self.filled.notify_one();
    }

    /// Waits until the client has read enough of what it was sent.
    pub(super) async fn has_room(&self) {
        while self.queue().bytes > OUTBOX_BYTES {
            self.drained.notified().await;
        }
    }

    /// Writes what comes, many messages at a time, until closed and empty.
    pub(super) async fn drain(&self, mut writer: impl AsyncWrite + Unpin) -> io::Result<()> {
        loop {
            match self.take() {
                Next::Chunk(chunk) => {
                    writer.write_all(&chunk).await?;
                    writer.flush().await?;
                    self.queue().bytes -= chunk.len();
                    self.drained.notify_one();
                }
                Next::Nothing => self.filled.notified().await,
                Next::End => return writer.shutdown().await,
            }
        }
    }

    fn take(&self) -> Next {
        let mut queue = self.queue();
        match queue.chunks.pop_front() {
            Some(chunk) => Next::Chunk(chunk),
            None if queue.closed => Next::End,
            None => Next::Nothing,
        }
    }
}

/// What there is to write.
enum Next {
    Chunk(Vec<u8>),
    Nothing,
    End,
}

impl Outlet for Outbox {
    fn send(&self, _route: Route, message: Vec<u8>, last: bool) {
        if !last && self.drops(&message) {
            return;
        }
        self.push(message);
    }

    fn unread_bytes(&self) -> usize {
        self.queue().bytes
    }

    /// On one stream, that no response comes shows in nothing.
    fn end(&self, _stream: StreamId) {}
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_client_that_does_not_read_leaves_no_room() {
        let outbox = Outbox::default();
        outbox.push(vec![b'x'; OUTBOX_BYTES + 1]);
        let wait = tokio::time::timeout(Duration::from_millis(20), outbox.has_room());
        assert!(wait.await.is_err());
        outbox.close();
        let mut written = Vec::new();
        outbox.drain(&mut written).await.unwrap();
        assert_eq!(written.len(), OUTBOX_BYTES + 2);
        outbox.has_room().await;
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_misses_notifications_and_nothing_else() {
        let outbox = Outbox::default();
        let send = |message: &str| outbox.send(Route::Unrelated, message.into(), false);
        let log = r#"{"jsonrpc":"2.0","method":"notifications/message","params":{}}"#;
        let firm = [
            r#"{"jsonrpc":"2.0","id":1,"method":"roots/list"}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#,
        ];
        send(log);
        outbox.push(vec![b'x'; OUTBOX_BYTES]);
        send(log);
        firm.into_iter().for_each(send);
        outbox.send(Route::Unrelated, log.into(), true);
        let expected = OUTBOX_BYTES + 1 + 2 * (log.len() + 1) + firm.concat().len() + 2;
        assert_eq!(outbox.unread_bytes(), expected);
        outbox.close();
        let mut written = Vec::new();
        outbox.drain(&mut written).await.unwrap();
        assert_eq!(written.len(), expected);
        assert_eq!(outbox.unread_bytes(), 0);
    }

    #[tokio::test]
    async fn messages_leave_in_their_order_a_line_each() {
        let outbox = Outbox::default();
        let messages: Vec<Vec<u8>> = [3, 10, JOINED, 0, JOINED - 1, 5, 5]
            .iter()
            .zip(b'a'..)
            .map(|(size, letter)| vec![letter; *size])
            .collect();
        for message in &messages {
            outbox.push(message.clone());
        }
        outbox.close();
        let mut written = Vec::new();
        outbox.drain(&mut written).await.unwrap();
        let mut expected = messages.join(&b'\n');
        expected.push(b'\n');
        assert!(written == expected);
    }
}

//! Messages on their way to the client.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::session::{Outlet, StreamedResponse};
use wasi_mcp_protocol::{MessageKind, Outgoing, Route, StreamId};

/// The most bytes that may wait for a client that does not read. Above it, reading from the client
/// stops too.
const OUTBOX_BYTES: usize = 8 << 20;
/// The limit while a response is written in parts: its client reads, and must be able to cancel it.
const OUTBOX_BYTES_BEHIND_A_STREAM: usize = 16 * OUTBOX_BYTES;
/// The size up to which lines are joined into one write: the capacity of a pipe.
const JOINED: usize = 64 << 10;

/// Messages on their way to the client, one per line.
#[derive(Default)]
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    /// Notified when a message was pushed, or the outbox was closed.
    filled: Notify,
    /// Notified when data was written.
    drained: Notify,
    /// Cancelled when the session has ended.
    ended: CancellationToken,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// The bytes of the lines that wait or are being written.
    bytes: usize,
    closed: bool,
    dropped: u64,
    /// The response that is being written in parts.
    streaming: Option<StreamId>,
    /// True if its request was cancelled.
    is_cancelled: bool,
}

/// Output that waits to be written.
enum Waiting {
    /// Complete lines, one or more.
    Lines(Vec<u8>),
    /// A line that comes in parts.
    Streamed(StreamId, StreamedResponse),
}

impl Queue {
    /// Returns whether the client must read before it is read from.
    fn is_full(&self) -> bool {
        let limit = match self.streaming {
            None => OUTBOX_BYTES,
            Some(_) => OUTBOX_BYTES_BEHIND_A_STREAM,
        };
        self.bytes > limit
    }
}

impl Outbox {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, mut message: Vec<u8>) {
        message.push(b'\n');
        let mut queue = self.queue();
        queue.bytes += message.len();
        match queue.waiting.back_mut() {
            Some(Waiting::Lines(last)) if last.len() + message.len() <= JOINED => {
                last.append(&mut message);
            }
            _ => queue.waiting.push_back(Waiting::Lines(message)),
        }
        drop(queue);
        self.filled.notify_one();
    }

    /// Returns whether to drop a message because the client does not read.
    fn drops(&self, kind: MessageKind) -> bool {
        let mut queue = self.queue();
        // A guest may send these in any number and size.
        let is_droppable = matches!(kind, MessageKind::Report | MessageKind::ResourceUpdated);
        let drops = is_droppable && queue.bytes > OUTBOX_BYTES;
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

    /// Waits until the session has ended by itself.
    pub(super) async fn session_ended(&self) {
        self.ended.cancelled().await;
    }

    pub(super) fn close(&self) {
        self.queue().closed = true;
        self.filled.notify_one();
    }

    /// Waits until the client has read enough of its output.
    pub(super) async fn has_room(&self) {
        while self.queue().is_full() {
            self.drained.notified().await;
        }
    }

    /// Writes pending output, many messages at a time, until closed and empty.
    pub(super) async fn drain(&self, mut writer: impl AsyncWrite + Unpin) -> io::Result<()> {
        loop {
            match self.take() {
                Next::Line(Waiting::Lines(lines)) => {
                    writer.write_all(&lines).await?;
                    writer.flush().await?;
                    self.queue().bytes -= lines.len();
                    self.drained.notify_one();
                }
                Next::Line(Waiting::Streamed(_, response)) => {
                    self.write_streamed(&mut writer, response).await?;
                }
                Next::Nothing => self.filled.notified().await,
                Next::End => return writer.shutdown().await,
            }
        }
    }

    /// Writes a line that comes in parts. A line that cannot be completed ends the session, because
    /// no other message can follow it. The exception is a line whose request the client has
    /// cancelled: it ignores the response.
    async fn write_streamed(
        &self,
        writer: &mut (impl AsyncWrite + Unpin),
        mut response: StreamedResponse,
    ) -> io::Result<()> {
        let around = response.around();
        while let Some(part) = response.part().await {
            match part {
                Ok(part) => writer.write_all(&part).await?,
                Err(_) if self.queue().is_cancelled => {
                    writer.write_all(&response.cut_short()).await?;
                    break;
                }
                Err(incomplete) => return Err(io::Error::other(incomplete)),
            }
        }
        writer.write_all(b"\n").await?;
        writer.flush().await?;
        let mut queue = self.queue();
        queue.streaming = None;
        queue.bytes -= around;
        drop(queue);
        self.drained.notify_one();
        Ok(())
    }

    fn take(&self) -> Next {
        let mut queue = self.queue();
        let next = queue.waiting.pop_front();
        if let Some(Waiting::Streamed(stream, _)) = &next {
            queue.streaming = Some(*stream);
            queue.is_cancelled = false;
        }
        match next {
            Some(waiting) => Next::Line(waiting),
            None if queue.closed => Next::End,
            None => Next::Nothing,
        }
    }
}

/// The next output to write.
enum Next {
    Line(Waiting),
    Nothing,
    End,
}

impl Outlet for Outbox {
    fn send(&self, _route: Route, message: Outgoing) {
        if !self.drops(message.kind) {
            self.push(message.text);
        }
    }

    fn unread_bytes(&self) -> usize {
        self.queue().bytes
    }

    /// A ping waits behind a response that is written in parts. (The response has its own time
    /// limit.)
    fn listens(&self) -> bool {
        let queue = self.queue();
        // A ping behind output that the client is still reading has not reached it.
        queue.streaming.is_none() && queue.bytes == 0
    }

    fn ended(&self) {
        self.ended.cancel();
    }

    fn send_streamed(&self, stream: StreamId, response: StreamedResponse) {
        let mut queue = self.queue();
        queue.bytes += response.around();
        queue.waiting.push_back(Waiting::Streamed(stream, response));
        drop(queue);
        self.filled.notify_one();
    }

    /// Other responses need no end: no message announces it.
    fn end(&self, stream: StreamId) {
        let mut queue = self.queue();
        if queue.streaming == Some(stream) {
            queue.is_cancelled = true;
        } else {
            let is_ended = |waiting: &Waiting| matches!(waiting, Waiting::Streamed(other, _) if *other == stream);
            let mut ended = 0;
            queue.waiting.retain(|waiting| {
                if let Waiting::Streamed(_, response) = waiting
                    && is_ended(waiting)
                {
                    ended += response.around();
                    return false;
                }
                true
            });
            queue.bytes -= ended;
        }
    }
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
        let send = |kind: MessageKind, text: &str| {
            let text = text.into();
            outbox.send(Route::Unrelated, Outgoing { kind, text });
        };
        let log = r#"{"jsonrpc":"2.0","method":"notifications/message","params":{}}"#;
        let firm = [
            r#"{"jsonrpc":"2.0","id":1,"method":"roots/list"}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#,
        ];
        send(MessageKind::Report, log);
        outbox.push(vec![b'x'; OUTBOX_BYTES]);
        send(MessageKind::Report, log);
        send(MessageKind::ResourceUpdated, log);
        send(MessageKind::Request(1), firm[0]);
        send(MessageKind::ListChanged, firm[1]);
        send(MessageKind::Response { is_error: false }, log);
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

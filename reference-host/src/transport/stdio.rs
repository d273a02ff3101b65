//! [stdio](https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#stdio):
//! one message a line.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::sync::Notify;

use crate::protocol::{Framing, Route, StreamId};
use crate::session::{Outlet, Receipt, Server};
use crate::telemetry::SessionEnd;

/// How long a client may take, once the host is to stop, to read what it was sent.
const FLUSH_TIME: Duration = Duration::from_secs(1);

/// How many bytes may wait for a client that does not read; above it, the
/// client is not read either.
const OUTBOX_BYTES: usize = 8 << 20;

/// Serves one session over a reader and a writer, until the input ends.
///
/// # Errors
///
/// When reading or writing fails. A client that closes its end is no error.
pub async fn serve<R, W>(server: Arc<Server>, reader: R, writer: W) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    serve_until(server, reader, writer, std::future::pending()).await
}

/// Serves one session as [`serve`], until the input ends or `shutdown` resolves,
/// which counts as the end of input.
///
/// # Errors
///
/// As [`serve`].
pub async fn serve_until<R, W>(
    server: Arc<Server>,
    reader: R,
    writer: W,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut shutdown = std::pin::pin!(shutdown);
    let outbox = Arc::new(Outbox::default());
    let session = server.open(Framing::Stdio, Arc::<Outbox>::clone(&outbox));
    let limit = server.limits().message_bytes;
    let grace = server.shutdown_grace();

    let read = async {
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        let mut stream = 0;
        let end = loop {
            let more = async {
                outbox.has_room().await;
                read_line(&mut reader, &mut line, limit).await
            };
            let more = tokio::select! {
                biased;
                () = &mut shutdown => break SessionEnd::HostStopped,
                more = more => more?,
            };
            // White space around a message is JSON's, and counts.
            if !line.trim_ascii().is_empty() {
                stream += 1;
                match session.receive(StreamId(stream), &line) {
                    Receipt::Answered(answer) | Receipt::Refused(answer) => outbox.push(answer),
                    Receipt::Accepted | Receipt::Pending => {}
                }
            }
            if !more {
                break SessionEnd::Client;
            }
        };
        session.finish(grace, end).await;
        outbox.close();
        if end == SessionEnd::Client {
            (&mut shutdown).await;
        }
        tokio::time::sleep(FLUSH_TIME).await;
        tracing::warn!("the client did not read what it was sent");
        Ok(())
    };
    // Writing ends when all is written at the end of input; a broken writer ends
    // the session early.
    let ended = tokio::select! {
        biased;
        written = outbox.drain(writer) => written,
        read = read => read,
    };
    ended.or_else(|error| {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Ok(())
        } else {
            Err(error)
        }
    })
}

/// Reads one line into `line`, without its newline; tells whether more may come.
///
/// Of a line over the limit, `limit + 1` bytes are kept, which is enough for the
/// protocol layer to refuse it, and the rest is discarded as it comes.
async fn read_line(
    reader: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
    limit: usize,
) -> io::Result<bool> {
    line.clear();
    loop {
        let chunk = reader.fill_buf().await?;
        if chunk.is_empty() {
            return Ok(false);
        }
        let newline = memchr::memchr(b'\n', chunk);
        let end = newline.unwrap_or(chunk.len());
        let room = (limit + 1).saturating_sub(line.len());
        line.extend_from_slice(&chunk[..end.min(room)]);
        reader.consume(newline.map_or(end, |newline| newline + 1));
        if newline.is_some() {
            return Ok(true);
        }
    }
}

/// Messages on their way to the client.
#[derive(Default)]
struct Outbox {
    queue: Mutex<Queue>,
    /// Something was pushed, or the outbox was closed.
    filled: Notify,
    /// Something was written.
    drained: Notify,
}

#[derive(Default)]
struct Queue {
    messages: VecDeque<Vec<u8>>,
    bytes: usize,
    closed: bool,
}

impl Outbox {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, message: Vec<u8>) {
        let mut queue = self.queue();
        queue.bytes += message.len();
        queue.messages.push_back(message);
        drop(queue);
        self.filled.notify_one();
    }

    fn close(&self) {
        self.queue().closed = true;
        self.filled.notify_one();
    }

    /// Waits until the client has read enough of what it was sent.
    async fn has_room(&self) {
        while self.queue().bytes > OUTBOX_BYTES {
            self.drained.notified().await;
        }
    }

    /// Writes what comes, many messages at a time, until closed and empty.
    async fn drain(&self, mut writer: impl AsyncWrite + Unpin) -> io::Result<()> {
        let mut batch = Vec::new();
        loop {
            let closed = self.take(&mut batch);
            if batch.is_empty() {
                if closed {
                    return writer.shutdown().await;
                }
                self.filled.notified().await;
                continue;
            }
            writer.write_all(&batch).await?;
            writer.flush().await?;
            batch.clear();
            self.drained.notify_one();
        }
    }

    /// Moves what waits into `batch`, a line each.
    fn take(&self, batch: &mut Vec<u8>) -> bool {
        let mut queue = self.queue();
        batch.reserve(queue.bytes + queue.messages.len());
        for message in queue.messages.drain(..) {
            batch.extend_from_slice(&message);
            batch.push(b'\n');
        }
        queue.bytes = 0;
        queue.closed
    }
}

impl Outlet for Outbox {
    fn send(&self, _route: Route, message: Vec<u8>, _last: bool) {
        self.push(message);
    }

    /// On one stream, that no response comes shows in nothing.
    fn end(&self, _stream: StreamId) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(input: &[u8], limit: usize) -> Vec<Vec<u8>> {
        let mut reader = BufReader::with_capacity(4, input);
        let mut line = Vec::new();
        let mut lines = Vec::new();
        while read_line(&mut reader, &mut line, limit).await.unwrap() {
            lines.push(line.clone());
        }
        lines.push(line);
        lines
    }

    #[tokio::test]
    async fn lines_are_split_and_the_last_needs_no_newline() {
        assert_eq!(
            lines(b"one\ntwo\r\n\nthree", 100).await,
            [b"one".as_slice(), b"two\r", b"", b"three"]
        );
    }

    #[tokio::test]
    async fn a_line_over_the_limit_is_cut_one_byte_past_it() {
        assert_eq!(
            lines(b"0123456789abcdef\nnext\n", 8).await,
            [b"012345678".as_slice(), b"next", b""]
        );
    }

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
}

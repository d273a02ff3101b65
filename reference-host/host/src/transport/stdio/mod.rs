//! [stdio](https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#stdio): one
//! message a line.

mod lines;
mod outbox;
mod standard;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite};

use crate::session::{Receipt, Server};
use crate::telemetry::SessionEnd;
use wasi_mcp_protocol::{Framing, StreamId};

pub(crate) use lines::Lines;
use outbox::Outbox;
pub use standard::{input, output};

/// The longest time that a client may take to read pending output once the host is to stop.
const FLUSH_TIME: Duration = Duration::from_secs(1);
/// The longest time for which lines are processed before answers are written.
const HELD_BACK: Duration = Duration::from_millis(1);

/// Serves one session over a reader and a writer, until the input ends or, with
/// [`Limits::ping_interval`](wasi_mcp_protocol::Limits::ping_interval), the client does not answer
/// a ping.
///
/// # Errors
///
/// When reading or writing fails. A client that closes its end is not an error.
pub async fn serve<R, W>(server: Arc<Server>, reader: R, writer: W) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    serve_until(server, reader, writer, std::future::pending()).await
}

/// Serves one session as [`serve`], until the input ends or `shutdown` resolves, which counts as
/// the end of input.
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
    let grace = server.shutdown_grace();
    let mut lines = Lines::new(reader, server.limits().message_bytes);

    let read = async {
        let mut stream = 0;
        let mut busy = Duration::ZERO;
        let end = loop {
            let line = async {
                outbox.has_room().await;
                lines.next().await
            };
            let line = tokio::select! {
                biased;
                () = &mut shutdown => break Some(SessionEnd::HostStopped),
                () = outbox.session_ended() => break None,
                line = line => line,
            };
            let line = match line {
                Ok(Some(line)) => line,
                Ok(None) => break Some(SessionEnd::Client),
                Err(error) if is_gone(&error) => break Some(SessionEnd::Client),
                Err(error) => return Err(error),
            };
            // White space around a message belongs to JSON, and counts.
            if !line.trim_ascii().is_empty() {
                stream += 1;
                let began = Instant::now();
                match session.receive(StreamId(stream), line) {
                    Receipt::Answered(answer) | Receipt::Refused(answer) => outbox.push(answer),
                    Receipt::Accepted | Receipt::Pending => {}
                }
                busy += began.elapsed();
                if busy > HELD_BACK {
                    // Lines that have already arrived do not delay answers.
                    busy = Duration::ZERO;
                    tokio::task::yield_now().await;
                }
            }
        };
        // `None`: it ended by itself.
        if let Some(end) = end {
            session.finish(grace, end).await;
        }
        outbox.close();
        if end == Some(SessionEnd::Client) {
            (&mut shutdown).await;
        }
        tokio::time::sleep(FLUSH_TIME).await;
        tracing::warn!("the client did not read what it was sent");
        Ok(())
    };
    // Writing ends when everything is written after the end of input; a broken writer ends the
    // session early.
    let ended = tokio::select! {
        biased;
        written = outbox.drain(writer) => written,
        read = read => read,
    };
    ended.or_else(|error| if is_gone(&error) { Ok(()) } else { Err(error) })
}

/// Returns whether the client has closed its end: of a pipe, or of a socket, perhaps with unread
/// data in it.
fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::NotConnected
    )
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Write as _;
    use std::os::unix::net::UnixStream;

    use tokio::io::{AsyncReadExt as _, Interest};

    use super::*;
    use standard::Socket;

    #[tokio::test]
    async fn a_client_that_leaves_something_unread_is_gone() {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        ours.write_all(b"unread").unwrap();
        drop(theirs);
        let mut reader = Socket::new(&ours, Interest::READABLE).unwrap();
        let error = reader.read(&mut [0; 8]).await.unwrap_err();
        assert!(is_gone(&error), "{error:?}");
    }
}

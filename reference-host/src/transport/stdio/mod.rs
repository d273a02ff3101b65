//! [stdio](https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#stdio):
//! one message a line.

mod lines;
mod outbox;
mod standard;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::protocol::{Framing, StreamId};
use crate::session::{Receipt, Server};
use crate::telemetry::SessionEnd;

pub(crate) use lines::Lines;
use outbox::Outbox;
pub use standard::{input, output};

/// How long a client may take, once the host is to stop, to read what it was sent.
const FLUSH_TIME: Duration = Duration::from_secs(1);

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
    let grace = server.shutdown_grace();
    let mut lines = Lines::new(reader, server.limits().message_bytes);

    let read = async {
        let mut stream = 0;
        let end = loop {
            let line = async {
                outbox.has_room().await;
                lines.next().await
            };
            let line = tokio::select! {
                biased;
                () = &mut shutdown => break SessionEnd::HostStopped,
                line = line => line?,
            };
            let Some(line) = line else {
                break SessionEnd::Client;
            };
            // White space around a message is JSON's, and counts.
            if !line.trim_ascii().is_empty() {
                stream += 1;
                match session.receive(StreamId(stream), line) {
                    Receipt::Answered(answer) | Receipt::Refused(answer) => outbox.push(answer),
                    Receipt::Accepted | Receipt::Pending => {}
                }
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

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

pub(crate) use lines::Lines;
use outbox::Outbox;
pub use standard::{input, output};

/// How long requests in work may go on after the end of input.
pub const GRACE: Duration = Duration::from_secs(10);

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
    let mut lines = Lines::new(reader, server.limits().message_bytes);

    let read = async {
        let mut stream = 0;
        loop {
            outbox.has_room().await;
            let line = tokio::select! {
                biased;
                () = &mut shutdown => break,
                line = lines.next() => line?,
            };
            let Some(line) = line else { break };
            // White space around a message is JSON's, and counts.
            if !line.trim_ascii().is_empty() {
                stream += 1;
                match session.receive(StreamId(stream), line) {
                    Receipt::Answered(answer) | Receipt::Refused(answer) => outbox.push(answer),
                    Receipt::Accepted | Receipt::Pending => {}
                }
            }
        }
        session.finish(GRACE).await;
        outbox.close();
        Ok(())
    };
    let write = outbox.drain(writer);
    // Both end at the end of input; a broken writer ends the session early.
    tokio::try_join!(read, write).map(|_| ()).or_else(|error| {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Ok(())
        } else {
            Err(error)
        }
    })
}

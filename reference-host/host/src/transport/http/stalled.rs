//! Detection of stalled connections: the client has vanished silently, or does not read.
//!
//! Bytes for such a client first fill the system's buffers, so neither a response nor a comment on
//! a silent stream reveals that it is gone.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};
#[cfg(target_os = "linux")]
use tracing::debug;

use crate::telemetry::{Limit, Telemetry};

/// Lets the system drop a connection whose client acknowledges nothing for `time`. On systems other
/// than Linux, the system's own limit applies.
pub(super) fn limit_unacknowledged(stream: &TcpStream, time: Duration) {
    #[cfg(target_os = "linux")]
    {
        let milliseconds = u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(stream, milliseconds.max(1))
        {
            debug!(%error, "TCP_USER_TIMEOUT cannot be set");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (stream, time);
}

/// A connection on which writing fails if nothing could be written for a given time.
pub(super) struct WriteTimeoutStream<S> {
    stream: S,
    time: Duration,
    telemetry: Arc<Telemetry>,
    unanswered: Arc<AtomicBool>,
    /// The deadline for pending writes, if there are any.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<S> WriteTimeoutStream<S> {
    pub(super) fn new(stream: S, time: Duration, telemetry: Arc<Telemetry>) -> Self {
        Self {
            stream,
            time,
            telemetry,
            unanswered: Arc::default(),
            deadline: None,
        }
    }

    /// Returns a flag that is set if data has been read since the last write.
    pub(super) fn unanswered(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.unanswered)
    }

    /// Processes the result of an attempt to write.
    fn judge<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.unanswered.store(false, Ordering::Relaxed);
            self.deadline = None;
            return written;
        }
        let time = self.time;
        let begin = || Box::pin(sleep_until(Instant::now() + time));
        let deadline = self.deadline.get_or_insert_with(begin);
        ready!(deadline.as_mut().poll(context));
        self.telemetry.reached(Limit::WriteTime, None);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WriteTimeoutStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.unanswered.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteTimeoutStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn only_a_client_that_takes_nothing_at_all_is_given_up() {
        let time = Duration::from_secs(1);
        let (ours, mut theirs) = tokio::io::duplex(10);
        let telemetry = Arc::<Telemetry>::default();
        let mut connection = WriteTimeoutStream::new(ours, time, Arc::clone(&telemetry));
        // Slower in total than the limit, but never silent for that long.
        let slow = tokio::spawn(async move {
            for _ in 0..30 {
                tokio::time::sleep(time / 20).await;
                theirs.read_u8().await.unwrap();
            }
            theirs
        });
        connection.write_all(&[0; 40]).await.unwrap();
        let _theirs = slow.await.unwrap();
        let began = Instant::now();
        let error = connection.write_all(&[0; 20]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() >= time);
        assert_eq!(telemetry.limits.get(Limit::WriteTime), 1);
    }
}

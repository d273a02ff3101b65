//! The byte stream of a connection, whose client may stop reading, stop sending, or disconnect.
//!
//! hyper drops a request that it is handling when it reads the end of the stream, or fails to write.
//! This stream therefore reports the end only when no request needs the connection any more, and
//! pretends to write once the client has disconnected. See [`Client`].

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::BufMut;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};
use tracing::debug;

use super::client::Client;
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

/// Waits until the connection is reset, or fails in another way. Data that arrived before can still
/// be read.
pub(super) async fn reset(socket: Arc<TcpStream>) {
    // It fails when the runtime shuts down.
    let _ = socket.ready(Interest::ERROR).await;
}

/// A connection that drops a client to which nothing could be written for a given time.
pub(super) struct ClientStream {
    socket: Arc<TcpStream>,
    client: Arc<Client>,
    write_time: Duration,
    telemetry: Arc<Telemetry>,
    unanswered: Arc<AtomicBool>,
    /// The deadline for pending writes, if there are any.
    deadline: Option<Pin<Box<Sleep>>>,
    /// The bytes that may still be read from a client that is gone: those that had arrived.
    rest: Option<usize>,
    /// Set once the client sends nothing more.
    end: Option<End>,
    /// The task that waits for the client to send, or for the end.
    reader: Option<Waker>,
}

/// True where a read that does not fill its buffer has emptied the socket's: with selectors that tell
/// of each arrival. Then the socket need not be read once more to learn that it is empty.
const EMPTIES: bool = cfg!(any(
    target_os = "android",
    target_os = "freebsd",
    target_os = "ios",
    target_os = "linux",
    target_os = "macos",
));

/// The progress of the client's requests when the end was last looked for.
type End = Option<(usize, bool)>;

impl ClientStream {
    pub(super) fn new(
        socket: Arc<TcpStream>,
        client: Arc<Client>,
        write_time: Duration,
        telemetry: Arc<Telemetry>,
    ) -> Self {
        Self {
            socket,
            client,
            write_time,
            telemetry,
            unanswered: Arc::default(),
            deadline: None,
            rest: None,
            end: None,
            reader: None,
        }
    }

    /// Returns a flag that is set if data has been read since the last write.
    pub(super) fn unanswered(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.unanswered)
    }

    /// Gives the client up. A read that waits for it learns of the end: the socket would tell it
    /// only when the client sends, or the system drops the connection.
    fn lose(&mut self) {
        self.deadline = None;
        self.client.set_gone();
        self.wake_reader();
    }

    fn wake_reader(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    /// Reports the end of the stream once no request needs the connection. A request that was read
    /// just before may not have begun: the end is reported when nothing has changed since it was
    /// last looked for.
    fn poll_end(&mut self, seen: End, context: &Context<'_>) -> Poll<io::Result<()>> {
        self.client.wake_when_settled(context.waker());
        let (begun, is_settled) = self.client.progress();
        let progress = Some((begun, is_settled && self.deadline.is_none()));
        if progress == seen && progress.is_some_and(|(_, may_end)| may_end) {
            return Poll::Ready(Ok(()));
        }
        if progress != seen {
            context.waker().wake_by_ref();
        }
        self.end = Some(progress);
        self.reader = Some(context.waker().clone());
        Poll::Pending
    }

    fn poll_socket(
        &self,
        context: &mut Context<'_>,
        mut buffer: impl BufMut,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.socket.poll_read_ready(context))?;
            let room = buffer.remaining_mut();
            let mut short = None;
            let tried = self.socket.try_io(Interest::READABLE, || {
                match self.socket.try_read_buf(&mut buffer) {
                    Ok(count) if EMPTIES && (1..room).contains(&count) => {
                        short = Some(count);
                        Err(io::ErrorKind::WouldBlock.into())
                    }
                    read => read,
                }
            });
            match (short, tried) {
                (Some(count), _) => return Poll::Ready(Ok(count)),
                (None, Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
                (None, read) => return Poll::Ready(read),
            }
        }
    }

    /// Returns the number of bytes that have arrived and can be read.
    fn arrived(&self) -> usize {
        #[cfg(unix)]
        let bytes = rustix::io::ioctl_fionread(&*self.socket).unwrap_or(0);
        #[cfg(not(unix))]
        let bytes = 0_u64;
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }

    fn poll_write_socket(
        &self,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.socket.poll_write_ready(context))?;
            match self.socket.try_write_vectored(parts) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    /// Writes, or pretends to if the client is gone.
    fn poll_write_parts(
        &mut self,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let all = parts.iter().map(|part| part.len()).sum();
        if self.client.is_gone() {
            return Poll::Ready(Ok(all));
        }
        match self.poll_write_socket(context, parts) {
            Poll::Ready(Ok(written)) => {
                self.unanswered.store(false, Ordering::Relaxed);
                if self.deadline.take().is_some() && self.end.is_some() {
                    // The end may be reported now.
                    self.wake_reader();
                }
                Poll::Ready(Ok(written))
            }
            Poll::Ready(Err(error)) => {
                debug!(%error, "writing to the client failed");
                self.lose();
                Poll::Ready(Ok(all))
            }
            Poll::Pending => {
                let time = self.write_time;
                let begin = || Box::pin(sleep_until(Instant::now() + time));
                let deadline = self.deadline.get_or_insert_with(begin);
                ready!(deadline.as_mut().poll(context));
                self.telemetry.reached(Limit::WriteTime, None);
                self.lose();
                Poll::Ready(Ok(all))
            }
        }
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        if let Some(seen) = self.end {
            return self.poll_end(seen, context);
        }
        if self.client.is_gone() && self.rest.is_none() {
            self.rest = Some(self.arrived());
        }
        let read = match self.rest {
            Some(0) => Poll::Ready(Ok(0)),
            Some(rest) => self.poll_socket(context, buffer.limit(rest)),
            None => self.poll_socket(context, &mut *buffer),
        };
        match read {
            Poll::Ready(Ok(count)) if count > 0 => {
                self.unanswered.store(true, Ordering::Relaxed);
                self.rest = self.rest.map(|rest| rest.saturating_sub(count));
                return Poll::Ready(Ok(()));
            }
            Poll::Ready(Err(error)) => {
                debug!(%error, "reading from the client failed");
                self.lose();
            }
            Poll::Pending if self.rest.is_none() => {
                self.reader = Some(context.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(Ok(_)) | Poll::Pending => {}
        }
        self.client.set_ended();
        self.poll_end(None, context)
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut()
            .poll_write_parts(context, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_write_parts(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// A socket has no buffer of its own.
    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A client that has closed the connection needs no answer.
        let _ = rustix::net::shutdown(&*self.socket, rustix::net::Shutdown::Write);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    async fn pair(time: Duration) -> (ClientStream, TcpStream, Arc<Telemetry>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let theirs = TcpStream::connect(address).await.expect("a connection");
        let (ours, _) = listener.accept().await.expect("a connection");
        let telemetry = Arc::<Telemetry>::default();
        let ours = Arc::new(ours);
        let stream = ClientStream::new(ours, Arc::default(), time, Arc::clone(&telemetry));
        (stream, theirs, telemetry)
    }

    #[tokio::test]
    async fn only_a_client_that_takes_nothing_at_all_is_given_up() {
        let time = Duration::from_secs(3);
        let (mut ours, mut theirs, telemetry) = pair(time).await;
        // Slower in total than the limit, but never silent for that long.
        let size = 64 << 20;
        let slow = tokio::spawn(async move {
            let mut chunk = vec![0; 2 << 20];
            for _ in 0..size / chunk.len() {
                tokio::time::sleep(time / 20).await;
                theirs.read_exact(&mut chunk).await.expect("read");
            }
            theirs
        });
        ours.write_all(&vec![0; size]).await.expect("written");
        let _theirs = slow.await.expect("no panic");
        assert_eq!(telemetry.limits.get(Limit::WriteTime), 0);
        let began = Instant::now();
        ours.write_all(&vec![0; size]).await.expect("as if written");
        assert!(began.elapsed() >= time);
        assert_eq!(telemetry.limits.get(Limit::WriteTime), 1);
        assert!(ours.client.is_gone());
    }

    /// The reader and the writer are different tasks, so that nothing but the wake-up lets the reader
    /// go on. The client neither reads nor sends.
    #[tokio::test]
    async fn a_waiting_read_ends_when_the_client_is_given_up() {
        let (ours, _theirs, _) = pair(Duration::from_millis(50)).await;
        let client = Arc::clone(&ours.client);
        let (mut reading, mut writing) = tokio::io::split(ours);
        let read = tokio::spawn(async move { reading.read(&mut [0]).await });
        // The reader waits from here on.
        tokio::task::yield_now().await;
        let all = vec![0; 64 << 20];
        writing.write_all(&all).await.expect("as if written");
        assert!(client.is_gone());
        let read = tokio::time::timeout(Duration::from_secs(60), read).await;
        let read = read.expect("the reader is told").expect("no panic");
        assert_eq!(read.expect("an end"), 0);
    }

    #[tokio::test]
    async fn what_had_arrived_is_read_before_the_end() {
        for is_reset in [false, true] {
            let (mut ours, mut theirs, _) = pair(Duration::from_secs(60)).await;
            theirs.write_all(b"complete").await.expect("written");
            if is_reset {
                let socket = theirs.into_std().expect("a socket");
                let linger = Some(Duration::ZERO);
                rustix::net::sockopt::set_socket_linger(&socket, linger).expect("linger");
                drop(socket);
            } else {
                drop(theirs);
            }
            if is_reset {
                reset(Arc::clone(&ours.socket)).await;
                ours.client.set_gone();
            }
            let mut read = Vec::new();
            ours.read_to_end(&mut read).await.expect("read");
            assert_eq!(read, b"complete", "reset: {is_reset}");
            assert_eq!(ours.client.is_gone(), is_reset);
        }
    }

    #[tokio::test]
    async fn the_end_waits_for_the_exchanges() {
        let (mut ours, theirs, _) = pair(Duration::from_secs(60)).await;
        let exchange = ours.client.exchange();
        drop(theirs);
        let client = Arc::clone(&ours.client);
        let end = tokio::spawn(async move { ours.read_to_end(&mut Vec::new()).await });
        exchange.ended().await;
        tokio::task::yield_now().await;
        assert!(!end.is_finished());
        drop(exchange);
        assert_eq!(end.await.expect("no panic").expect("an end"), 0);
        assert!(!client.is_gone());
    }
}

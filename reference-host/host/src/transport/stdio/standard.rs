//! The standard input and output of this process.
//!
//! Both are blocking, and other processes with the same pipe would see it become non-blocking. A
//! pipe is therefore opened a second time, which creates a file description of this process's own.
//! For a socket, each single read and write is marked as non-blocking. Other files, such as a
//! terminal, are read and written by threads, at the cost of two thread switches for each message.

use tokio::io::{AsyncRead, AsyncWrite};

/// Returns standard input.
///
/// # Panics
///
/// Outside a tokio runtime with its drivers enabled.
pub fn input() -> Box<dyn AsyncRead + Send + Unpin> {
    #[cfg(target_os = "linux")]
    if let Some(input) = linux::input() {
        return input;
    }
    Box::new(tokio::io::stdin())
}

/// Returns standard output.
///
/// # Panics
///
/// Outside a tokio runtime with its drivers enabled.
pub fn output() -> Box<dyn AsyncWrite + Send + Unpin> {
    #[cfg(target_os = "linux")]
    if let Some(output) = linux::output() {
        return output;
    }
    Box::new(tokio::io::stdout())
}

#[cfg(all(test, target_os = "linux"))]
pub(super) use linux::Socket;

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};
    use std::pin::Pin;
    use std::task::{Context, Poll, ready};

    use rustix::fs::FileType;
    use rustix::net::{RecvFlags, SendFlags, Shutdown, SocketType};
    use tokio::io::unix::AsyncFd;
    use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
    use tokio::net::unix::pipe;

    pub(super) fn input() -> Option<Box<dyn AsyncRead + Send + Unpin>> {
        let stdin = io::stdin();
        match kind(&stdin)? {
            FileType::Fifo => {
                let pipe = pipe::OpenOptions::new().open_receiver("/proc/self/fd/0");
                Some(Box::new(pipe.ok()?))
            }
            FileType::Socket => Some(Box::new(Socket::new(&stdin, Interest::READABLE)?)),
            _ => None,
        }
    }

    pub(super) fn output() -> Option<Box<dyn AsyncWrite + Send + Unpin>> {
        let stdout = io::stdout();
        match kind(&stdout)? {
            FileType::Fifo => {
                let pipe = pipe::OpenOptions::new().open_sender("/proc/self/fd/1");
                Some(Box::new(pipe.ok()?))
            }
            FileType::Socket => Some(Box::new(Socket::new(&stdout, Interest::WRITABLE)?)),
            _ => None,
        }
    }

    fn kind(descriptor: impl AsFd) -> Option<FileType> {
        let status = rustix::fs::fstat(descriptor).ok()?;
        Some(FileType::from_raw_mode(status.st_mode))
    }

    /// A stream socket that may be in blocking mode, used without blocking.
    pub(in crate::transport::stdio) struct Socket(AsyncFd<OwnedFd>);

    impl Socket {
        /// Returns `None` if the system does not support waiting for it, and for datagram sockets,
        /// which keep no bytes for later.
        #[allow(
            unsafe_code,
            reason = "tokio asks that the descriptor stays open and the same, which an OwnedFd does"
        )]
        pub(in crate::transport::stdio) fn new(
            descriptor: impl AsFd,
            interest: Interest,
        ) -> Option<Self> {
            let is_stream =
                rustix::net::sockopt::socket_type(&descriptor) == Ok(SocketType::STREAM);
            let own = descriptor.as_fd().try_clone_to_owned().ok()?;
            // SAFETY: an `OwnedFd` is an open descriptor, always the same, until it is dropped,
            // and the `AsyncFd` owns it.
            let socket = unsafe { AsyncFd::register_with_interest(own, interest) }.ok()?;
            is_stream.then_some(Self(socket))
        }
    }

    impl AsyncRead for Socket {
        fn poll_read(
            self: Pin<&mut Self>,
            context: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            loop {
                let mut guard = ready!(self.0.poll_read_ready(context))?;
                let unfilled = buffer.initialize_unfilled();
                let received = guard
                    .try_io(|socket| Ok(rustix::net::recv(socket, unfilled, RecvFlags::DONTWAIT)?));
                if let Ok(received) = received {
                    let (_, length) = received?;
                    buffer.advance(length);
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }

    impl AsyncWrite for Socket {
        fn poll_write(
            self: Pin<&mut Self>,
            context: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            loop {
                let mut guard = ready!(self.0.poll_write_ready(context))?;
                let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
                let sent = guard.try_io(|socket| Ok(rustix::net::send(socket, bytes, flags)?));
                if let Ok(sent) = sent {
                    return Poll::Ready(sent);
                }
            }
        }

        fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(rustix::net::shutdown(&self.0, Shutdown::Write).map_err(io::Error::from))
        }
    }

    #[cfg(test)]
    mod tests {
        use std::os::unix::net::UnixStream;

        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

        use super::*;

        #[tokio::test]
        async fn a_blocking_socket_is_read_and_written_without_blocking() {
            let (ours, theirs) = UnixStream::pair().unwrap();
            let (mut reader, mut writer) = (
                Socket::new(&ours, Interest::READABLE).unwrap(),
                Socket::new(&theirs, Interest::WRITABLE).unwrap(),
            );
            // More than a socket holds: both ends wait for each other, on one thread.
            let sent = vec![b'x'; 4 << 20];
            let mut received = Vec::new();
            let send = async {
                writer.write_all(&sent).await.unwrap();
                writer.shutdown().await.unwrap();
            };
            let (read, ()) = tokio::join!(reader.read_to_end(&mut received), send);
            assert_eq!(read.unwrap(), sent.len());
            assert!(received == sent);
            let flags = rustix::fs::fcntl_getfl(&ours).unwrap();
            assert!(!flags.contains(rustix::fs::OFlags::NONBLOCK));
        }

        #[tokio::test]
        async fn a_writer_learns_that_nobody_reads() {
            let (ours, theirs) = UnixStream::pair().unwrap();
            let mut writer = Socket::new(&ours, Interest::WRITABLE).unwrap();
            drop(theirs);
            let error = writer.write_all(b"x").await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        }
    }
}

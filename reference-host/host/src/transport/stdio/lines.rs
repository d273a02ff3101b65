//! Splitting of bytes into lines.

use std::io;
use std::ops::Range;

use memchr::memchr;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The most bytes that are read at once: the capacity of a pipe.
const AT_ONCE: usize = 64 << 10;
/// The size above which a buffer that grew for a long line is released.
const KEPT: usize = 1 << 20;

/// The lines of a reader.
///
/// For a line over the limit, `limit + 1` bytes are returned, which is enough for the protocol
/// layer to refuse it; the rest is discarded as it arrives.
pub(crate) struct Lines<R> {
    reader: R,
    limit: usize,
    buffer: Vec<u8>,
    /// The start of the current line.
    start: usize,
    /// The start of the bytes not yet searched for a newline.
    unseen: usize,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(crate) fn new(reader: R, limit: usize) -> Self {
        Self {
            reader,
            limit,
            buffer: Vec::new(),
            start: 0,
            unseen: 0,
        }
    }

    /// Returns the next line, without its newline; the last one needs none. Returns `None` at the
    /// end. Cancel safe: nothing is lost if the future is dropped before it completes.
    pub(crate) async fn next(&mut self) -> io::Result<Option<&[u8]>> {
        let line = loop {
            if let Some(line) = self.take() {
                break line;
            }
            if !self.read().await? {
                let rest = self.start..self.buffer.len();
                (self.start, self.unseen) = (rest.end, rest.end);
                if rest.is_empty() {
                    return Ok(None);
                }
                break rest;
            }
        };
        let end = line.end.min(line.start + self.limit.saturating_add(1));
        Ok(Some(&self.buffer[line.start..end]))
    }

    /// Takes the next complete line.
    fn take(&mut self) -> Option<Range<usize>> {
        let end = self.unseen + memchr(b'\n', &self.buffer[self.unseen..])?;
        let line = self.start..end;
        (self.start, self.unseen) = (end + 1, end + 1);
        Some(line)
    }

    /// Reads more. Returns `false` at the end.
    async fn read(&mut self) -> io::Result<bool> {
        self.make_room();
        Ok(self.reader.read_buf(&mut self.buffer).await? > 0)
    }

    /// Drops the bytes already returned, and the discarded part of a long line.
    fn make_room(&mut self) {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.truncate(self.limit.saturating_add(1));
        self.unseen = self.buffer.len();
        if self.buffer.is_empty() && self.buffer.capacity() > KEPT {
            self.buffer = Vec::new();
        }
        self.buffer.reserve(AT_ONCE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads at most three bytes at a time.
    struct Drops<'a>(&'a [u8]);

    impl AsyncRead for Drops<'_> {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            _context: &mut std::task::Context<'_>,
            buffer: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            let (head, tail) = self.0.split_at(self.0.len().min(3).min(buffer.remaining()));
            buffer.put_slice(head);
            self.0 = tail;
            std::task::Poll::Ready(Ok(()))
        }
    }

    async fn lines(input: &[u8], limit: usize) -> Vec<Vec<u8>> {
        let mut reader = Lines::new(Drops(input), limit);
        let mut lines = Vec::new();
        while let Some(line) = reader.next().await.unwrap() {
            lines.push(line.to_owned());
        }
        lines
    }

    #[tokio::test]
    async fn lines_are_split_and_the_last_needs_no_newline() {
        assert_eq!(
            lines(b"one\ntwo\r\n\nthree", 100).await,
            [b"one".as_slice(), b"two\r", b"", b"three"]
        );
        assert_eq!(lines(b"one\n", 100).await, [b"one"]);
        assert!(lines(b"", 100).await.is_empty());
    }

    #[tokio::test]
    async fn a_line_over_the_limit_is_cut_one_byte_past_it() {
        assert_eq!(
            lines(b"0123456789abcdef\nnext\n0123456789", 8).await,
            [b"012345678".as_slice(), b"next", b"012345678"]
        );
    }

    #[tokio::test]
    async fn a_line_without_end_takes_no_memory_without_end() {
        let endless = tokio::io::repeat(b'x').take(50 << 20);
        let mut reader = Lines::new(endless, 1000);
        assert_eq!(reader.next().await.unwrap().unwrap().len(), 1001);
        assert!(reader.buffer.capacity() < 4 * AT_ONCE);
        assert!(reader.next().await.unwrap().is_none());
    }

    proptest::proptest! {
        #[test]
        fn lines_are_those_of_the_input(input: Vec<u8>) {
            crate::fuzzing::lines(&input);
        }
    }
}

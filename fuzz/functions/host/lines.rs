//! The line reader of the stdio transport.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt as _;
use tokio::io::{AsyncRead, ReadBuf};

use crate::transport::stdio::Lines;

/// Reads lines from input that arrives in pieces. The first byte sets the size of the pieces, the
/// second the limit. The lines must be those of the input, each cut one byte after the limit.
pub fn lines(input: &[u8]) {
    let [size, limit, input @ ..] = input else {
        return;
    };
    let limit = usize::from(*limit);
    let pieces = Pieces {
        rest: input,
        size: usize::from(*size) + 1,
    };
    let mut lines = Lines::new(pieces, limit);
    let mut expected: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    // A newline ends a line and does not begin one.
    expected.pop_if(|last| last.is_empty());
    for text in expected {
        let read = lines.next().now_or_never();
        let line = read.expect("nothing to wait for").expect("no error");
        assert_eq!(line, Some(&text[..text.len().min(limit + 1)]));
    }
    let end = lines.next().now_or_never();
    assert_eq!(end.expect("nothing to wait for").expect("no error"), None);
}

/// Returns at most this many bytes at once.
struct Pieces<'a> {
    rest: &'a [u8],
    size: usize,
}

impl AsyncRead for Pieces<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let size = self.size.min(self.rest.len()).min(buffer.remaining());
        let (piece, rest) = self.rest.split_at(size);
        buffer.put_slice(piece);
        self.rest = rest;
        Poll::Ready(Ok(()))
    }
}

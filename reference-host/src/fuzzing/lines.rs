//! The line reader of the stdio transport.

use futures::FutureExt as _;
use tokio::io::BufReader;

use crate::transport::stdio::read_line;

/// Reads lines as they come in pieces, as many bytes at once as the first byte
/// says and with the second as the limit: the lines are those that the input
/// has, and what is over the limit is cut one byte behind it.
pub fn lines(input: &[u8]) {
    let [piece, limit, input @ ..] = input else {
        return;
    };
    let limit = usize::from(*limit);
    let mut reader = BufReader::with_capacity(usize::from(*piece) + 1, input);
    let mut line = Vec::new();
    let mut expected = input.split(|byte| *byte == b'\n').peekable();
    while let Some(text) = expected.next() {
        let read = read_line(&mut reader, &mut line, limit).now_or_never();
        let more = read.expect("nothing to wait for").expect("no error");
        assert_eq!(line, text[..text.len().min(limit + 1)]);
        assert_eq!(more, expected.peek().is_some());
    }
}

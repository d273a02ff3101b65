//! Text that must fit on one line.

use std::borrow::Cow;

use memchr::memchr2;

/// Removes raw `\n` and `\r` from valid JSON text. They can occur only between tokens, so the value
/// stays the same; a line break in a message would break the framing of [stdio and of server-sent
/// events](https://modelcontextprotocol.io/specification/2025-06-18/basic/transports).
#[must_use]
pub fn strip_line_breaks(text: &str) -> Cow<'_, str> {
    if memchr2(b'\n', b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split(['\n', '\r']).collect())
}

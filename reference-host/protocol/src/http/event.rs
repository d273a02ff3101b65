//! Server-sent events.

use std::fmt::Display;

/// Returns the lines of a message, each of which becomes a field `data` of its event.
///
/// A line break in JSON is white space between tokens, and a field of an event cannot contain one.
/// The reader joins the lines again.
pub fn event_lines(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(message);
    std::iter::from_fn(move || {
        let text = rest?;
        match memchr::memchr2(b'\n', b'\r', text) {
            Some(end) => {
                rest = Some(&text[end + 1..]);
                Some(&text[..end])
            }
            None => rest.take(),
        }
    })
}

/// Writes an event in the format of a `text/event-stream`, with an id if it can be resumed from.
pub fn write_event(id: Option<&dyn Display>, message: &[u8], mut write: impl FnMut(&[u8])) {
    if let Some(id) = id {
        write(format!("id: {id}\n").as_bytes());
    }
    for line in event_lines(message) {
        write(b"data: ");
        write(line);
        write(b"\n");
    }
    write(b"\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(id: Option<&dyn Display>, message: &[u8]) -> String {
        let mut text = Vec::new();
        write_event(id, message, |bytes| text.extend_from_slice(bytes));
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn an_event_has_its_message_on_one_line() {
        assert_eq!(written(None, br#"{"a":1}"#), "data: {\"a\":1}\n\n");
        assert_eq!(written(Some(&"x"), b"{}"), "id: x\ndata: {}\n\n");
    }

    #[test]
    fn line_breaks_in_a_message_become_lines_of_data() {
        assert_eq!(
            written(None, b"{\n\"a\":\r1}"),
            "data: {\ndata: \"a\":\ndata: 1}\n\n"
        );
    }
}

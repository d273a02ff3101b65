//! Server-sent events, as far as Streamable HTTP uses them.
//!
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html>

use std::borrow::Cow;

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// `id`, if present.
    pub id: Option<String>,
    /// `event`, if present.
    pub kind: Option<String>,
    /// The lines of `data`, joined by newlines.
    pub data: Option<String>,
    /// True if it was not UTF-8.
    pub garbled: bool,
}

/// An incremental parser of a stream of events.
#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    event: Event,
    after_return: bool,
    begun: bool,
}

impl Parser {
    /// Consumes bytes and returns the events that they complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for byte in bytes {
            // A line ends with CR, LF or both. An LF after a CR ends no further line.
            let follows_return = std::mem::replace(&mut self.after_return, *byte == b'\r');
            match byte {
                b'\n' if follows_return => {}
                b'\r' | b'\n' => events.extend(self.end_of_line()),
                other => self.line.push(*other),
            }
        }
        events
    }

    /// Returns the number of bytes kept for an incomplete event.
    pub fn held(&self) -> usize {
        let Event { id, kind, data, .. } = &self.event;
        let fields = [id, kind, data].into_iter().flatten();
        self.line.len() + fields.map(String::len).sum::<usize>()
    }

    fn end_of_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        self.event.garbled |= matches!(line, Cow::Owned(_));
        let line = if self.begun {
            &line
        } else {
            line.strip_prefix('\u{feff}').unwrap_or(&line)
        };
        self.begun = true;
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return (event != Event::default()).then_some(event);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        self.field(field, value.strip_prefix(' ').unwrap_or(value));
        None
    }

    fn field(&mut self, field: &str, value: &str) {
        match field {
            "data" => match &mut self.event.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                data => *data = Some(value.to_owned()),
            },
            "event" => self.event.kind = Some(value.to_owned()),
            "id" if !value.contains('\0') => self.event.id = Some(value.to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: Option<&str>, data: Option<&str>) -> Event {
        Event {
            id: id.map(str::to_owned),
            kind: None,
            data: data.map(str::to_owned),
            garbled: false,
        }
    }

    #[test]
    fn every_line_ending_and_every_split_gives_the_same_events() {
        for ending in ["\n", "\r\n", "\r"] {
            let text = [
                "\u{feff}id: 1",
                "data: {}",
                "",
                ": comment",
                "",
                "data:a",
                "data: b",
                "",
                "data: cut",
            ]
            .join(ending);
            let expected = [event(Some("1"), Some("{}")), event(None, Some("a\nb"))];
            for split in 0..text.len() {
                let mut parser = Parser::default();
                let mut events = parser.feed(&text.as_bytes()[..split]);
                events.extend(parser.feed(&text.as_bytes()[split..]));
                assert_eq!(events, expected, "{ending:?} split at {split}");
            }
        }
    }

    #[test]
    fn what_is_kept_of_an_event_is_counted() {
        let mut parser = Parser::default();
        parser.feed(b"id: 12\nevent: abc\ndata: a\ndata: b\ndata");
        assert_eq!(
            parser.held(),
            "12".len() + "abc".len() + "a\nb".len() + "data".len()
        );
        parser.feed(b"\n\n");
        assert_eq!(parser.held(), 0);
    }

    #[test]
    fn an_event_without_data_still_carries_its_id() {
        assert_eq!(
            Parser::default().feed(b"id: 7\n\n"),
            [event(Some("7"), None)]
        );
        assert_eq!(
            Parser::default().feed(b"id: 7\ndata:\n\n"),
            [event(Some("7"), Some(""))]
        );
    }
}

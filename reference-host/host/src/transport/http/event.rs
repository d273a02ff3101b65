//! One server-sent event: its id and its text.
//!
//! See <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#resumability-and-redelivery>.

use std::fmt;
use std::str::FromStr;

use bytes::{BufMut, Bytes, BytesMut};

use wasi_mcp_protocol::StreamId;
use wasi_mcp_protocol::http::write_event;

/// The purpose of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The messages of one request of the client, ending with its response.
    Call,
    /// Messages that belong to no request.
    Listening,
}

/// Identifies an event within its session: by the stream, and by the event's number on it.
///
/// The stream is part of the id, so a resuming client also tells which stream it means. So is its
/// purpose, which is known even after the stream is no longer kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EventId {
    /// The purpose of the stream.
    pub(super) purpose: Purpose,
    /// The stream that the event belongs to.
    pub(super) stream: StreamId,
    /// The event's number on this stream; numbers grow, but may leave gaps.
    pub(super) number: u64,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let purpose = match self.purpose {
            Purpose::Call => 'c',
            Purpose::Listening => 'g',
        };
        write!(f, "{purpose}{}-{}", self.stream.0, self.number)
    }
}

/// The text is not an event id that this transport has issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoEventId;

impl FromStr for EventId {
    type Err = NoEventId;

    fn from_str(text: &str) -> Result<Self, NoEventId> {
        let (purpose, text) = match text.as_bytes().first() {
            Some(b'c') => (Purpose::Call, &text[1..]),
            Some(b'g') => (Purpose::Listening, &text[1..]),
            _ => return Err(NoEventId),
        };
        let (stream, number) = text.split_once('-').ok_or(NoEventId)?;
        Ok(Self {
            purpose,
            stream: StreamId(stream.parse().map_err(|_| NoEventId)?),
            number: number.parse().map_err(|_| NoEventId)?,
        })
    }
}

/// A comment, which a reader of events skips.
pub(super) const COMMENT: &[u8] = b": still here\n\n";

/// Returns the beginning of the stream of a silent request: an id to resume from. It is not a
/// message, as its type tells: clients would read an event without a type as a message.
pub(super) fn beginning(id: EventId) -> Bytes {
    format!("event: begin\nid: {id}\ndata:\n\n").into()
}

/// The start of an event whose message follows in parts, without line breaks.
pub(super) const DATA: &[u8] = b"data: ";
/// The end of such an event.
pub(super) const END: &[u8] = b"\n\n";

/// Appends the event in the format of a `text/event-stream`, with an id if it can be resumed from.
pub(super) fn encode(id: Option<EventId>, message: &[u8], into: &mut BytesMut) {
    into.reserve(message.len() + 64);
    let id = id.as_ref().map(|id| id as &dyn fmt::Display);
    write_event(id, message, |bytes| into.put_slice(bytes));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(stream: u64, number: u64) -> EventId {
        EventId {
            purpose: Purpose::Call,
            stream: StreamId(stream),
            number,
        }
    }

    fn encoded(message: &[u8]) -> String {
        let mut text = BytesMut::new();
        encode(Some(id(3, 7)), message, &mut text);
        String::from_utf8(text.to_vec()).expect("text")
    }

    #[test]
    fn an_event_has_its_id_and_its_message_on_one_line() {
        assert_eq!(encoded(br#"{"a":1}"#), "id: c3-7\ndata: {\"a\":1}\n\n");
    }

    #[test]
    fn line_breaks_in_a_message_become_lines_of_data() {
        assert_eq!(
            encoded(b"{\n\"a\":\r1}"),
            "id: c3-7\ndata: {\ndata: \"a\":\ndata: 1}\n\n"
        );
    }

    #[test]
    fn an_event_id_is_read_as_it_was_written() {
        let listening = EventId {
            purpose: Purpose::Listening,
            ..id(3, 4)
        };
        for id in [id(12, 0), listening] {
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for text in [
            "",
            "c",
            "é1-1",
            "1-1",
            "c1",
            "c-",
            "c1-",
            "c-1",
            "c1-2-3",
            "ca-b",
            "c1-99999999999999999999",
        ] {
            assert_eq!(text.parse::<EventId>(), Err(NoEventId), "{text:?}");
        }
    }
}

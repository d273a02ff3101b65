//! The little that the transport must know of a message.

use bytes::Bytes;

use crate::json::{self, Object};

use super::unread::Unread;

/// A message on its way to the client.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// Its JSON text.
    pub(super) text: Bytes,
    /// What kind of message it is.
    pub(super) kind: Kind,
}

/// Kinds of messages by what may be done with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The response that ends a call's stream. Never dropped.
    Response,
    /// A request of the server, with its id where that is a number. Never
    /// dropped: somebody waits for the answer.
    Request(Option<u64>),
    /// The notification that a request of the server, of this id, was cancelled.
    /// May be dropped: an answer that comes all the same is ignored.
    Cancelled(Option<u64>),
    /// A notification that says what happened. May be dropped.
    Notification,
    /// A notification that says that something is not as it was: one of several
    /// identical ones tells the client as much as all of them.
    Change,
}

impl Message {
    /// Takes a message of the session over; `last` tells the response. What may
    /// not be dropped counts as unread.
    pub(super) fn new(text: Vec<u8>, last: bool, unread: &Unread) -> Self {
        let kind = if last {
            Kind::Response
        } else {
            Kind::of(&text)
        };
        let text = if kind.is_droppable() {
            text.into()
        } else {
            unread.counted(text)
        };
        Self { text, kind }
    }
}

/// How the session writes requests and notifications.
const REQUEST: &[u8] = br#"{"jsonrpc":"2.0","id":"#;
const NOTIFICATION: &[u8] = br#"{"jsonrpc":"2.0","method":""#;

impl Kind {
    /// The kind of a message that is no response.
    fn of(text: &[u8]) -> Self {
        Self::at_a_glance(text).unwrap_or_else(|| Self::of_parsed(text))
    }

    /// The kind by how the message begins, which is how the session writes it:
    /// most messages are notifications and some of them large, and to read each
    /// one as a whole would be in vain.
    fn at_a_glance(text: &[u8]) -> Option<Self> {
        if let Some(rest) = text.strip_prefix(REQUEST) {
            let (id, rest) = rest.split_at(memchr::memchr(b',', rest)?);
            let is_request = rest.starts_with(br#","method":"#);
            return is_request.then(|| Self::Request(number(id)));
        }
        let rest = text.strip_prefix(NOTIFICATION)?;
        let name = std::str::from_utf8(&rest[..memchr::memchr(b'"', rest)?]).ok()?;
        match name {
            // Its parameters matter.
            "notifications/cancelled" => None,
            _ if name.contains('\\') => None,
            _ => Some(Self::of_notification(name)),
        }
    }

    fn of_parsed(text: &[u8]) -> Self {
        let Some(message) = read(text) else {
            return Self::Request(None);
        };
        if let Some(id) = message.get("id") {
            return Self::Request(number(id.get().as_bytes()));
        }
        match method(&message).as_deref() {
            Some("notifications/cancelled") => {
                let params = message.get("params").map(json::object);
                let params = params.and_then(Result::ok).unwrap_or_default();
                let id = params.get("requestId");
                Self::Cancelled(id.and_then(|id| number(id.get().as_bytes())))
            }
            Some(name) => Self::of_notification(name),
            None => Self::Notification,
        }
    }

    fn of_notification(name: &str) -> Self {
        if name == "notifications/resources/updated" || name.ends_with("/list_changed") {
            Self::Change
        } else {
            Self::Notification
        }
    }

    /// Whether a reader that is too slow may miss it.
    pub(super) fn is_droppable(self) -> bool {
        matches!(self, Self::Notification | Self::Change | Self::Cancelled(_))
    }
}

fn number(id: &[u8]) -> Option<u64> {
    std::str::from_utf8(id).ok()?.parse().ok()
}

/// Whether the text is an `initialize` request, the only message that may come
/// without a session. Whether it is a good one is the session's to say.
pub(super) fn is_initialize(text: &[u8]) -> bool {
    read(text).is_some_and(|message| {
        message.get("id").is_some() && method(&message).as_deref() == Some("initialize")
    })
}

/// Whether the text is a response with a result, not with an error.
pub(super) fn is_success(text: &[u8]) -> bool {
    read(text)
        .is_some_and(|message| message.get("result").is_some() && message.get("error").is_none())
}

fn read(text: &[u8]) -> Option<Object<'_>> {
    Object::parse(std::str::from_utf8(text).ok()?).ok()
}

fn method<'a>(message: &Object<'a>) -> Option<std::borrow::Cow<'a, str>> {
    json::string(message.get("method")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        let unread = Unread::default();
        let kind = |text: &str| Message::new(text.into(), false, &unread).kind;
        assert_eq!(kind(r#"{"id":1,"method":"ping"}"#), Kind::Request(Some(1)));
        assert_eq!(
            kind(r#"{"method":"notifications/cancelled","params":{"requestId":5}}"#),
            Kind::Cancelled(Some(5))
        );
        assert_eq!(
            kind(r#"{"method":"notifications/progress"}"#),
            Kind::Notification
        );
        assert_eq!(
            kind(r#"{"method":"notifications/tools/list_changed"}"#),
            Kind::Change
        );
        assert_eq!(
            kind(r#"{"method":"notifications/resources/updated","params":{"uri":"a:b"}}"#),
            Kind::Change
        );
        assert_eq!(
            Message::new(br#"{"id":1,"result":{}}"#.to_vec(), true, &unread).kind,
            Kind::Response
        );
    }

    #[test]
    fn most_kinds_are_told_at_a_glance_and_as_by_reading() {
        let method = |method: &str| {
            format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{{"id":1,"uri":"a:b"}}}}"#)
        };
        for (text, kind, at_a_glance) in [
            (method("notifications/message"), Kind::Notification, true),
            (
                method("notifications/resources/updated"),
                Kind::Change,
                true,
            ),
            (
                method("notifications/prompts/list_changed"),
                Kind::Change,
                true,
            ),
            (
                method("notifications/cancelled"),
                Kind::Cancelled(None),
                false,
            ),
            (
                method(r"notifications/tools/list\u005fchanged"),
                Kind::Change,
                false,
            ),
            (
                r#"{"jsonrpc":"2.0","id":12,"method":"roots/list"}"#.to_owned(),
                Kind::Request(Some(12)),
                true,
            ),
            (
                r#"{"jsonrpc":"2.0","id":"a,b","method":"roots/list"}"#.to_owned(),
                Kind::Request(None),
                false,
            ),
            (
                r#"{"jsonrpc": "2.0", "id": 3, "method": "roots/list"}"#.to_owned(),
                Kind::Request(Some(3)),
                false,
            ),
        ] {
            assert_eq!(Kind::of_parsed(text.as_bytes()), kind, "{text}");
            let glance = Kind::at_a_glance(text.as_bytes());
            assert_eq!(glance, at_a_glance.then_some(kind), "{text}");
            assert_eq!(Kind::of(text.as_bytes()), kind, "{text}");
        }
    }

    #[test]
    fn only_an_initialize_request_begins_a_session() {
        assert!(is_initialize(br#"{"id":1,"method":"initialize"}"#));
        assert!(is_initialize(br#"{"method":"initi\u0061lize","id":null}"#));
        for text in [
            r#"{"method":"initialize"}"#,
            r#"{"id":1,"method":"ping"}"#,
            r#"{"id":1,"method":1}"#,
            r#"[{"id":1,"method":"initialize"}]"#,
            r#"{"id":1,"method":"initialize""#,
            "",
        ] {
            assert!(!is_initialize(text.as_bytes()), "{text}");
        }
        assert!(!is_initialize(b"\xff"));
    }

    #[test]
    fn a_success_has_a_result_and_no_error() {
        assert!(is_success(br#"{"id":1,"result":{}}"#));
        assert!(!is_success(br#"{"id":1,"error":{}}"#));
        assert!(!is_success(b"nonsense"));
    }
}

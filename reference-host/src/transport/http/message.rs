//! The little that the transport must know of a message.

use bytes::Bytes;

use crate::json::{self, Object};

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
    /// A request of the server. Never dropped: somebody waits for the answer.
    Request,
    /// A notification that says what happened. May be dropped.
    Notification,
    /// A notification that says that something is not as it was: one of several
    /// identical ones tells the client as much as all of them.
    Change,
}

impl Message {
    /// Takes a message of the session over; `last` tells the response.
    pub(super) fn new(text: Vec<u8>, last: bool) -> Self {
        let kind = if last {
            Kind::Response
        } else {
            Kind::of(&text)
        };
        Self {
            text: text.into(),
            kind,
        }
    }
}

impl Kind {
    fn of(text: &[u8]) -> Self {
        let Some(message) = read(text) else {
            return Self::Request;
        };
        if message.get("id").is_some() {
            return Self::Request;
        }
        match method(&message).as_deref() {
            Some("notifications/resources/updated") => Self::Change,
            Some(name) if name.ends_with("/list_changed") => Self::Change,
            _ => Self::Notification,
        }
    }

    /// Whether a reader that is too slow may miss it.
    pub(super) fn is_droppable(self) -> bool {
        matches!(self, Self::Notification | Self::Change)
    }
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
        let kind = |text: &str| Message::new(text.into(), false).kind;
        assert_eq!(kind(r#"{"id":1,"method":"ping"}"#), Kind::Request);
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
            Message::new(br#"{"id":1,"result":{}}"#.to_vec(), true).kind,
            Kind::Response
        );
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

//! Messages that arrive before there is a session, as over Streamable HTTP.

use super::envelope::Envelope;
use super::error::RpcError;
use super::limits::Limits;
use super::reception::Framing;
use super::response;

/// A message without a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// An `initialize` request, well-formed or not: begin a session and pass it the message.
    Initialize,
    /// A ping, a notification or a response: it requires a session, but no component.
    Immediate,
    /// Any other message: it requires a session.
    Other,
    /// Not a JSON-RPC message.
    Refused {
        /// The error to send, as JSON text.
        answer: Vec<u8>,
        /// The reason.
        error: RpcError,
    },
}

fn refused(framing: Framing, error: RpcError) -> Opening {
    let answer = response::error_without_id(framing, &error);
    Opening::Refused { answer, error }
}

/// Tells whether a message begins a session ([session
/// management](https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#session-management)).
#[must_use]
pub fn opening(framing: Framing, limits: &Limits, message: &[u8]) -> Opening {
    if message.len() > limits.message_bytes {
        return refused(framing, RpcError::too_large(limits.message_bytes));
    }
    match Envelope::read(message, limits.depth, |_| {}) {
        Envelope::Request { method, .. }
        | Envelope::Unfit {
            method: Some(method),
            ..
        } if method == "initialize" => Opening::Initialize,
        Envelope::Nothing(error) => refused(framing, error),
        Envelope::Request { method, .. } if method == "ping" => Opening::Immediate,
        Envelope::Notification(_) | Envelope::UnfitNotification(_) | Envelope::Response(_) => {
            Opening::Immediate
        }
        // The session answers an unfit request, with its id.
        Envelope::Request { .. } | Envelope::Unfit { .. } => Opening::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(message: &str) -> Opening {
        opening(Framing::Http, &Limits::default(), message.as_bytes())
    }

    #[test]
    fn initialize_opens_a_session_and_nothing_else_does() {
        let request = |method: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#);
        assert_eq!(of(&request("initialize")), Opening::Initialize);
        assert_eq!(of(&request(r"initiali\u007ae")), Opening::Initialize);
        assert_eq!(of(&request("ping")), Opening::Immediate);
        assert_eq!(of(&request("tools/list")), Opening::Other);
        // The session refuses these with their id.
        let unfit = |method: &str| request(method).replace("2.0", "1.0");
        assert_eq!(of(&unfit("initialize")), Opening::Initialize);
        assert_eq!(of(&unfit("ping")), Opening::Other);
        for other in [
            r#"{"jsonrpc":"2.0","method":"initialize"}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        ] {
            assert_eq!(of(other), Opening::Immediate, "{other}");
        }
    }

    #[test]
    fn what_is_not_a_message_is_refused() {
        for text in ["", "[]", "{", "{}"] {
            let Opening::Refused { answer, .. } = of(text) else {
                panic!("{text} is not refused");
            };
            let answer = String::from_utf8(answer).unwrap();
            assert!(answer.contains(r#""error""#), "{text}: {answer}");
        }
        let limits = Limits {
            message_bytes: 10,
            ..Limits::default()
        };
        let large = br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
        assert!(matches!(
            opening(Framing::Http, &limits, large),
            Opening::Refused { .. }
        ));
    }
}

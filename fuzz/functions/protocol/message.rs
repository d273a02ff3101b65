//! Messages that go out, judged with a second JSON reader. The host's crate includes this file too.

use serde_json::Value;
use wasi_mcp_protocol::MessageKind;
use wasi_mcp_protocol::json;
use wasi_mcp_protocol::wire::MAX_DEPTH;

/// Checks that a message is JSON text on one line, with two readers.
pub(crate) fn message(text: &[u8]) -> Value {
    let shown = String::from_utf8_lossy(text);
    assert!(!text.contains(&b'\n') && !text.contains(&b'\r'), "{shown}");
    let checked = json::check(text, MAX_DEPTH + 8);
    assert!(checked.is_ok(), "{checked:?}: {shown}");
    let message: Value =
        serde_json::from_slice(text).unwrap_or_else(|error| panic!("{error}: {shown}"));
    assert_eq!(message["jsonrpc"], "2.0", "{shown}");
    let answers = message.get("result").is_some() || message.get("error").is_some();
    assert_ne!(answers, message.get("method").is_some(), "{shown}");
    message
}

/// Checks a message that must be a response: a result or an error.
pub(crate) fn answer(text: &[u8]) -> Value {
    let message = message(text);
    let error = message.get("error");
    assert_ne!(
        error.is_some(),
        message.get("result").is_some(),
        "{message}"
    );
    if let Some(error) = error {
        let is_sound = error["code"].is_i64() && error["message"].is_string();
        assert!(is_sound, "{message}");
    }
    message
}

/// Returns the kind of a message from its text.
pub(crate) fn kind_of(message: &Value) -> MessageKind {
    match (message["method"].as_str(), message["id"].as_u64()) {
        (None, _) => MessageKind::Response {
            is_error: message.get("error").is_some(),
        },
        (Some(_), Some(id)) => MessageKind::Request(id),
        (Some("notifications/cancelled"), None) => {
            MessageKind::Cancelled(message["params"]["requestId"].as_u64().expect("an id"))
        }
        (Some("notifications/resources/updated"), None) => MessageKind::ResourceUpdated,
        (Some(method), None) if method.ends_with("/list_changed") => MessageKind::ListChanged,
        (Some(_), None) => MessageKind::Report,
    }
}

//! What the targets in `fuzz/` do with their input, and what must hold then.
//!
//! It is here, since it looks behind what is public, and so that the tests of
//! this crate play the corpus. Each function panics where a rule is broken.

mod lines;
mod mapping;
pub(crate) mod offers;
mod script;

#[cfg(test)]
mod tests;

pub use crate::transport::http::fuzzing::exchanges;
pub use lines::lines;
pub use mapping::mapping;
pub use script::script;

use serde_json::Value;

use crate::json;
use crate::wire::MAX_DEPTH;

/// The message that goes out: JSON text on one line, by two readers.
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

/// An answer: a result or an error.
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

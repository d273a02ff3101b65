//! Values for the arguments of prompts and the variables of templates: completions of the server,
//! else values that suit the names.

use serde_json::{Map, Value, json};

use crate::driver::{Reply, Session};

/// Returns the parameters to complete the empty text.
pub fn completion(reference: &Value, argument: &str, known: &Map<String, Value>) -> Value {
    let mut params = json!({"ref": reference, "argument": {"name": argument, "value": ""}});
    if !known.is_empty() {
        params["context"] = json!({"arguments": known});
    }
    params
}

/// Returns the first value that the server completes, if any.
pub async fn completed(
    session: &Session,
    reference: &Value,
    argument: &str,
    known: &Map<String, Value>,
) -> Option<String> {
    if !session.offers("completions", None) {
        return None;
    }
    let params = completion(reference, argument, known);
    first_of(&session.request("completion/complete", params).await)
}

/// Returns the first value of a completion.
pub fn first_of(reply: &Reply) -> Option<String> {
    let value = &reply.result().ok()?["completion"]["values"][0];
    value.as_str().map(str::to_owned)
}

/// Returns a value that suits the name of an argument.
pub fn plausible(name: &str) -> String {
    const NUMBERED: [&str; 3] = ["id", "number", "count"];
    let name = name.to_ascii_lowercase();
    let value = if name.contains("uri") {
        "test://conformance"
    } else if name.contains("url") {
        "https://example.com/"
    } else if NUMBERED.iter().any(|word| name.ends_with(word)) {
        "1"
    } else {
        "conformance"
    };
    value.to_owned()
}

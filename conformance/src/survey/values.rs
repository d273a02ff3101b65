//! Values for the arguments of prompts and the variables of templates: completions of the server,
//! else values that suit the names.

use serde_json::{Map, Value, json};

use crate::driver::text::is_replaced;
use crate::driver::{Reply, Session};

/// Returns the parameters to complete the empty text.
pub fn completion(reference: &Value, argument: &str, known: &Map<String, Value>) -> Value {
    let mut params = json!({"ref": reference, "argument": {"name": argument, "value": ""}});
    if !known.is_empty() {
        params["context"] = json!({"arguments": known});
    }
    params
}

/// Returns the values that the server completes.
pub async fn completed(
    session: &Session,
    reference: &Value,
    argument: &str,
    known: &Map<String, Value>,
) -> Vec<String> {
    if !session.offers("completions", None) {
        return Vec::new();
    }
    let params = completion(reference, argument, known);
    values_of(&session.request("completion/complete", params).await)
}

/// Returns the first value of a completion.
pub fn first_of(reply: &Reply) -> Option<String> {
    values_of(reply).into_iter().next()
}

fn values_of(reply: &Reply) -> Vec<String> {
    let result = reply.result().ok();
    let values = result.and_then(|result| result["completion"]["values"].as_array());
    let texts = values.into_iter().flatten().filter_map(Value::as_str);
    let texts = texts.filter(|text| !(reply.is_mended() && is_replaced(text)));
    texts.map(str::to_owned).collect()
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

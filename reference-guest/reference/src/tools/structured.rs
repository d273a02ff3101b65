//! Structured content, which an output schema describes.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/tools#structured-content>

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::entry::{Call, Entry, Outcome, arguments};
use crate::content::structured_result;
use crate::number::number;

pub fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "sum",
            "Adds numbers up.",
            arguments(
                json!({ "numbers": { "type": "array", "items": { "type": "number" } } }),
                &["numbers"],
            ),
            |call| Box::pin(sum(call)),
        )
        .with_output_schema(json!({
            "type": "object",
            "properties": { "sum": { "type": "number" }, "count": { "type": "integer" } },
            "required": ["sum", "count"],
            "additionalProperties": false,
        })),
        Entry::new(
            "echo-structured",
            "Answers with the value it is given as structured content, number text untouched.",
            arguments(json!({ "value": {} }), &["value"]),
            |call| Box::pin(echo_structured(call)),
        )
        .with_output_schema(json!({
            "type": "object",
            "properties": { "value": {} },
            "required": ["value"],
        })),
    ]
}

#[derive(Deserialize)]
struct Numbers {
    numbers: Vec<f64>,
}

async fn sum(call: Call) -> Outcome {
    let Numbers { numbers } = call.arguments.parse()?;
    let sum: f64 = numbers.iter().sum();
    Ok(structured_result(
        json!({ "sum": number(sum), "count": numbers.len() }).to_string(),
    ))
}

#[derive(Deserialize)]
struct Anything {
    value: Box<RawValue>,
}

async fn echo_structured(call: Call) -> Outcome {
    let Anything { value } = call.arguments.parse()?;
    Ok(structured_result(format!(r#"{{"value":{value}}}"#)))
}

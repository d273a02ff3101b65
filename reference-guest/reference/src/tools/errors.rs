//! MCP errors as the answer to a call.

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::entry::{Call, Entry, Outcome, arguments};
use crate::bindings::wasi::mcp::types::Error;
use crate::error::code_of_number;

pub fn entries() -> Vec<Entry> {
    vec![Entry::new(
        "answer-error",
        "Answers with an MCP error of the given code, message and data.",
        arguments(
            json!({
                "code": { "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX },
                "message": { "type": "string" },
                "data": {},
            }),
            &["code", "message"],
        ),
        |call| Box::pin(answer_error(call)),
    )]
}

#[derive(Deserialize)]
struct Answer {
    code: i32,
    message: String,
    data: Option<Box<RawValue>>,
}

async fn answer_error(call: Call) -> Outcome {
    let Answer {
        code,
        message,
        data,
    } = call.arguments.parse()?;
    Err(Error {
        code: code_of_number(code),
        message,
        data: data.map(|data| data.get().to_owned()),
    })
}

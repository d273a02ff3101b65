//! The simplest tool, for a start and for measuring the cost of a call.

use serde::Deserialize;
use serde_json::json;

use super::entry::{Call, Entry, Outcome, arguments};
use crate::bindings::wasi::mcp::content::{Tool, ToolAnnotations};
use crate::content::{extra, meta, text_result};

pub fn entries() -> Vec<Entry> {
    let schema = arguments(
        json!({ "text": { "type": "string", "description": "What to hear again" } }),
        &["text"],
    );
    let mut echo = Entry::new(
        "echo",
        "Answers with the text it is given.",
        schema,
        |call| Box::pin(echo(call)),
    );
    // Every optional member of a tool, so that each is seen on the wire.
    echo.tool = Tool {
        title: Some("Echo".into()),
        annotations: Some(ToolAnnotations {
            title: Some("Echo".into()),
            read_only_hint: Some(true),
            destructive_hint: Some(false),
            idempotent_hint: Some(true),
            open_world_hint: Some(false),
        }),
        meta: Some(meta()),
        extra: Some(extra()),
        ..echo.tool
    };
    vec![echo]
}

#[derive(Deserialize)]
struct Arguments {
    text: String,
}

async fn echo(call: Call) -> Outcome {
    let Arguments { text } = call.arguments.parse()?;
    Ok(text_result(text))
}

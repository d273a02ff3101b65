//! Values of kinds that the interface does not name, in both directions.

use serde::Deserialize;
use serde_json::json;

use super::entry::{Call, Entry, Outcome, arguments};
use crate::bindings::wasi::mcp::content::*;
use crate::content::text_result;
use crate::edge;

pub fn entries() -> Vec<Entry> {
    vec![
        // Marked as destructive, so that clients do not call them unasked: MCP has no such kinds
        // yet.
        Entry::new(
            "return-other-block",
            "Returns the given JSON as a content block of a kind that the interface does not name.",
            arguments(json!({ "json": { "type": "string" } }), &["json"]),
            |call| Box::pin(return_other_block(call)),
        )
        .destructive(),
        Entry::new(
            "elicit-other-field",
            "Asks the user with a form field of a kind that the interface does not name.",
            arguments(
                json!({ "json": { "type": "string" }, "message": { "type": "string" } }),
                &["json"],
            ),
            |call| Box::pin(elicit_other_field(call)),
        )
        .destructive(),
    ]
}

#[derive(Deserialize)]
struct Given {
    json: String,
}

async fn return_other_block(call: Call) -> Outcome {
    let Given { json } = call.arguments.parse()?;
    Ok(CallToolResult {
        content: vec![ContentBlock::Other(json)],
        ..CallToolResult::default()
    })
}

#[derive(Deserialize)]
struct Field {
    json: String,
    message: Option<String>,
}

async fn elicit_other_field(call: Call) -> Outcome {
    let Field { json, message } = call.arguments.parse()?;
    let params = ElicitParams {
        message: message.unwrap_or_else(|| "A field of another kind".into()),
        requested_schema: RequestedSchema {
            properties: vec![("field".into(), PrimitiveSchema::Other(json))],
            ..RequestedSchema::default()
        },
        ..ElicitParams::default()
    };
    let answer = edge::elicit(&call.context, params).await?;
    let values = answer.content.unwrap_or_default();
    let other = values.into_iter().find_map(|(_, value)| match value {
        ElicitValue::Other(json) => Some(json),
        _ => None,
    });
    Ok(text_result(other.unwrap_or_else(|| "none".into())))
}

//! Helpers for requests to the client, and the client's roots.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/client/roots>

use serde_json::json;

use super::entry::{Call, Entry, Outcome, no_arguments};
use crate::bindings::wasi::mcp::content::CallToolResult;
use crate::bindings::wasi::mcp::types::{Error, ErrorCode, Role};
use crate::content::{failed_result, meta, structured_result};
use crate::error::code_name;
use crate::{edge, state};

pub fn entries() -> Vec<Entry> {
    vec![Entry::new(
        "list-roots",
        "Lists the client's roots.",
        no_arguments(),
        |call| Box::pin(list_roots(call)),
    )]
}

/// Returns a failure of the tool that names the code: the client refused, does not support it, or
/// took too long.
pub fn failed(error: Error) -> Outcome {
    if matches!(error.code, ErrorCode::Cancelled) {
        state::with(|state| state.cancellations.push(Some(error.message.clone())));
    }
    let code = code_name(error.code);
    Ok(CallToolResult {
        structured_content: Some(
            json!({ "code": code, "message": error.message, "data": error.data }).to_string(),
        ),
        ..failed_result(format!("{code}: {}", error.message))
    })
}

pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

async fn list_roots(call: Call) -> Outcome {
    match edge::list_roots(&call.context, Some(meta())).await {
        Ok(answer) => {
            let roots: Vec<_> = answer
                .roots
                .iter()
                .map(|root| json!({ "uri": root.uri, "name": root.name, "meta": root.meta }))
                .collect();
            Ok(CallToolResult {
                meta: answer.meta,
                ..structured_result(json!({ "roots": roots }).to_string())
            })
        }
        Err(error) => failed(error),
    }
}

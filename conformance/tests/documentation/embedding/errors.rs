//! The block of docs/embedding.md with the errors of a call.

use wasi_mcp_host::session::{ClientError, InProcessClient};
use wasi_mcp_host::types::content::CallToolParams;

/// Calls a tool without arguments, and says how it went.
pub async fn report(client: &InProcessClient, tool: &str) -> String {
    let params = CallToolParams {
        name: tool.to_owned(),
        ..CallToolParams::default()
    };
    match client.call_tool(params).await {
        Ok(result) if result.is_error == Some(true) => "the tool failed".to_owned(),
        Ok(result) => format!("{} content blocks", result.content.len()),
        Err(ClientError::Answered { code, message, .. }) => format!("error {code}: {message}"),
        Err(other) => format!("no answer: {other}"),
    }
}

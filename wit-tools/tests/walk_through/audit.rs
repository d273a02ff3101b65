// A middleware that logs tool calls.

wit_bindgen::generate!({ path: "WIT", world: "audit", generate_all });

use exports::wasi::mcp::tools::Guest;
use wasi::mcp::content::{CallToolParams, CallToolResult};
use wasi::mcp::context::RequestContext;
use wasi::mcp::types::{Error, LogLevel};
use wasi::mcp::{logging, tools as inner};

struct Audit;

impl Guest for Audit {
    async fn call_tool(
        ctx: RequestContext,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        call_tool(ctx, params).await
    }
}

export!(Audit);

// @block A middleware for tools: rust 1

fn entry(name: &str, result: &Result<CallToolResult, Error>) -> String {
    let outcome = if result.is_ok() { "ok" } else { "error" };
    format!(r#"{{"tool": {name:?}, "outcome": "{outcome}"}}"#)
}

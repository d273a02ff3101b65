//! WASI 0.3: calls are awaited, so many pass through at the same time.

wit_bindgen::generate!({ path: "../../wit", world: "wasi:mcp/tools-middleware", generate_all });

use crate::mark::marked;
use exports::wasi::mcp::{tool_catalog, tools};
use wasi::mcp::content::{CallToolParams, CallToolResult, ListToolsResult};
use wasi::mcp::context::RequestContext;
use wasi::mcp::types::Error;

struct Middleware;

impl tool_catalog::Guest for Middleware {
    async fn list_tools(
        context: RequestContext,
        cursor: Option<String>,
    ) -> Result<ListToolsResult, Error> {
        let inner = wasi::mcp::tool_catalog::list_tools(context.clone(), cursor).await;
        let mut listed = inner?;
        for tool in &mut listed.tools {
            tool.meta = Some(marked(tool.meta.take()));
        }
        Ok(listed)
    }
}

impl tools::Guest for Middleware {
    async fn call_tool(
        context: RequestContext,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        let inner = wasi::mcp::tools::call_tool(context.clone(), params).await;
        let mut result = inner?;
        result.meta = Some(marked(result.meta.take()));
        Ok(result)
    }
}

export!(Middleware);

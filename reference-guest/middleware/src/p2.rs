//! WASI 0.2: one call at a time passes through.

wit_bindgen::generate!({ path: "../../wit/preview2", world: "wasi:mcp/tools-middleware", generate_all });

use crate::mark::marked;
use exports::wasi::mcp::{tool_catalog, tools};
use wasi::mcp::content::{CallToolParams, CallToolResult, ListToolsResult};
use wasi::mcp::context::RequestContext;
use wasi::mcp::types::Error;

struct Middleware;

impl tool_catalog::Guest for Middleware {
    fn list_tools(
        context: RequestContext,
        cursor: Option<String>,
    ) -> Result<ListToolsResult, Error> {
        let inner = wasi::mcp::tool_catalog::list_tools(context.clone(), cursor.as_deref());
        let mut listed = inner?;
        for tool in &mut listed.tools {
            tool.meta = Some(marked(tool.meta.take()));
        }
        Ok(listed)
    }
}

impl tools::Guest for Middleware {
    fn call_tool(context: RequestContext, params: CallToolParams) -> Result<CallToolResult, Error> {
        let inner = wasi::mcp::tools::call_tool(context.clone(), &params);
        let mut result = inner?;
        result.meta = Some(marked(result.meta.take()));
        Ok(result)
    }
}

export!(Middleware);

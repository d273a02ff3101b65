//! An MCP server with one tool, as a component for WASI 0.2.

wit_bindgen::generate!({ path: "../../../wit/preview2", world: "wasi:mcp/tools-backend" });

use exports::wasi::mcp::{start, tools};
use wasi::mcp::capabilities::{Server, ServerCapabilities, ToolsCapability};
use wasi::mcp::content::{CallToolParams, CallToolResult, ContentBlock, TextContent, Tool};
use wasi::mcp::context::RequestContext;
use wasi::mcp::runtime;
use wasi::mcp::types::{Error, ErrorCode, Implementation};

struct Hello;

impl start::Guest for Hello {
    /// Registers the tool. The host lists it and checks names and arguments.
    fn start() -> Result<(), Error> {
        runtime::register_server(&Server {
            info: Implementation {
                name: "hello".into(),
                title: None,
                version: "0.1.0".into(),
                extra: None,
            },
            capabilities: ServerCapabilities {
                tools: Some(ToolsCapability { list_changed: None }),
                prompts: None,
                resources: None,
                completions: None,
                experimental: None,
                extra: None,
            },
            instructions: None,
        })?;
        runtime::register_tools(&[Tool {
            name: "hello".into(),
            title: None,
            description: Some("Greets somebody.".into()),
            input_schema: r#"{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}"#.into(),
            output_schema: None,
            annotations: None,
            meta: None,
            extra: None,
        }])?;
        runtime::serve()
    }
}

impl tools::Guest for Hello {
    fn call_tool(
        _context: RequestContext,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        let arguments = params.arguments.unwrap_or_default();
        let arguments: serde_json::Value = serde_json::from_str(&arguments).unwrap_or_default();
        let Some(name) = arguments["name"].as_str() else {
            return Err(Error {
                code: ErrorCode::InvalidParams,
                message: "`name`: a string is expected".into(),
                data: None,
            });
        };
        let greeting = TextContent {
            text: format!("Hello, {name}!"),
            annotations: None,
            meta: None,
            extra: None,
        };
        Ok(CallToolResult {
            content: vec![ContentBlock::Text(greeting)],
            structured_content: None,
            is_error: None,
            meta: None,
            extra: None,
        })
    }
}

export!(Hello);

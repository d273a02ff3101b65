//! A tool that uses an interface of its embedder, as a component for WASI 0.3. Only a host that
//! provides `acme:greetings/phrases` runs it: see the example `own_imports` of the reference host.

wit_bindgen::generate!({
    path: "../../wit",
    inline: r"
        package acme:greeter;

        world greeter {
            include wasi:mcp/tools-backend@0.3.0-draft2;
            import acme:greetings/phrases;
        }

        package acme:greetings {
            interface phrases {
                greeting: func(name: string) -> string;
            }
        }
    ",
    world: "acme:greeter/greeter",
    generate_all,
});

use acme::greetings::phrases;
use exports::wasi::mcp::{start, tools};
use wasi::mcp::capabilities::{Server, ServerCapabilities, ToolsCapability};
use wasi::mcp::content::{CallToolParams, CallToolResult, ContentBlock, TextContent, Tool};
use wasi::mcp::context::RequestContext;
use wasi::mcp::runtime;
use wasi::mcp::types::{Error, ErrorCode, Implementation};

struct Greeter;

impl start::Guest for Greeter {
    async fn start() -> Result<(), Error> {
        runtime::register_server(&Server {
            info: Implementation {
                name: "greeter".into(),
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
            name: "greet".into(),
            title: None,
            description: Some("Greets somebody as the host does.".into()),
            input_schema: r#"{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}"#.into(),
            output_schema: None,
            annotations: None,
            meta: None,
            extra: None,
        }])?;
        runtime::serve()
    }
}

impl tools::Guest for Greeter {
    async fn call_tool(
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
            text: phrases::greeting(name),
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

export!(Greeter);

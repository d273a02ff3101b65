//! A server with one tool for wasmcp 0.4.4: a component that its `compose` joins with a transport, for
//! stdio or for HTTP.
//!
//! Untested: its command cannot be had where this project is built. It is here to be counted and read.

mod bindings {
    wit_bindgen::generate!({ world: "hello", generate_all });
}

use bindings::exports::wasmcp::protocol::tools::Guest;
use bindings::wasi::io::streams::OutputStream;
use bindings::wasmcp::protocol::mcp::*;
use bindings::wasmcp::protocol::server_messages::Context;
use serde::Deserialize;

#[derive(Deserialize)]
struct HelloArguments {
    name: String,
}

const SCHEMA: &str = r#"{
    "type": "object",
    "properties": {
        "name": { "type": "string", "description": "The name of the person to greet." }
    },
    "required": ["name"]
}"#;

struct Hello;

impl Guest for Hello {
    fn list_tools(
        _: Context,
        _: ListToolsRequest,
        _: Option<&OutputStream>,
    ) -> Result<ListToolsResult, ErrorCode> {
        Ok(ListToolsResult {
            tools: vec![Tool {
                name: "hello".to_string(),
                input_schema: SCHEMA.to_string(),
                options: Some(ToolOptions {
                    meta: None,
                    annotations: None,
                    description: Some("Greets somebody.".to_string()),
                    output_schema: None,
                    title: None,
                }),
            }],
            next_cursor: None,
            meta: None,
        })
    }

    fn call_tool(
        _: Context,
        request: CallToolRequest,
        _: Option<&OutputStream>,
    ) -> Option<CallToolResult> {
        if request.name != "hello" {
            return None;
        }
        let arguments = request.arguments.as_deref().unwrap_or("{}");
        Some(match serde_json::from_str(arguments) {
            Ok(HelloArguments { name }) => result(format!("Hello, {name}!"), false),
            Err(error) => result(error.to_string(), true),
        })
    }
}

fn result(text: String, is_error: bool) -> CallToolResult {
    CallToolResult {
        content: vec![ContentBlock::Text(TextContent {
            text: TextData::Text(text),
            options: None,
        })],
        is_error: Some(is_error),
        meta: None,
        structured_content: None,
    }
}

bindings::export!(Hello with_types_in bindings);

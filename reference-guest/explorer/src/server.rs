//! The code that both variants share: registration and results.

use serde_json::Value;

use crate::bindings::wasi::mcp::capabilities::{
    PromptsCapability, Server, ServerCapabilities, ToolsCapability,
};
use crate::bindings::wasi::mcp::content::{
    CallToolParams, CallToolResult, ContentBlock, TextContent, Tool,
};
use crate::bindings::wasi::mcp::runtime;
use crate::bindings::wasi::mcp::types::{Error, ErrorCode, Implementation};
use crate::tools::{self, Description};
use crate::wasi::environment;

/// Registers all tools. The environment variable `START` asks for a start that fails in the way
/// that it names, for tests of what a host says then.
pub fn start() -> Result<(), Error> {
    let how = environment::variables()
        .into_iter()
        .find_map(|(name, value)| (name == "START").then_some(value));
    match how.as_deref() {
        None => {}
        Some("return without serve") => return runtime::register_server(&server(None)),
        Some("serve without server") => return runtime::serve(),
        Some("register twice") => {
            runtime::register_server(&server(None))?;
            return runtime::register_server(&server(None));
        }
        Some("claim prompts") => {
            let prompts = PromptsCapability { list_changed: None };
            runtime::register_server(&server(Some(prompts)))?;
            return runtime::serve();
        }
        Some("register a schema that is no JSON") => {
            runtime::register_server(&server(None))?;
            let mut tool = tool(&tools::ALL[0]);
            tool.input_schema = "{".into();
            return runtime::register_tools(&[tool]);
        }
        Some("register a bad schema among others") => {
            runtime::register_server(&server(None))?;
            let mut tools: Vec<Tool> = tools::ALL.iter().map(tool).collect();
            tools[3].input_schema =
                r#"{"type":"object","properties":{"a":{"type":"strin"}}}"#.into();
            return runtime::register_tools(&tools);
        }
        Some("panic") => panic!("boom at the start"),
        Some("trap") => core::arch::wasm32::unreachable(),
        Some("exit") => std::process::exit(1),
        Some(other) => {
            return Err(Error {
                code: ErrorCode::InternalError,
                message: format!("no way to start is called {other:?}"),
                data: None,
            });
        }
    }
    runtime::register_server(&server(None))?;
    let tools: Vec<Tool> = tools::ALL.iter().map(tool).collect();
    runtime::register_tools(&tools)?;
    runtime::serve()
}

fn server(prompts: Option<PromptsCapability>) -> Server {
    Server {
        info: Implementation {
            name: "explorer".into(),
            title: None,
            version: env!("CARGO_PKG_VERSION").into(),
            extra: None,
        },
        capabilities: ServerCapabilities {
            tools: Some(ToolsCapability { list_changed: None }),
            prompts,
            resources: None,
            completions: None,
            experimental: None,
            extra: None,
        },
        instructions: None,
    }
}

/// All arguments of all tools are strings that must be there.
fn tool(described: &Description) -> Tool {
    let properties: serde_json::Map<String, Value> = described
        .arguments
        .iter()
        .map(|name| ((*name).to_owned(), serde_json::json!({ "type": "string" })))
        .collect();
    let schema = serde_json::json!({
        "type": "object",
        "properties": properties,
        "required": described.arguments,
    });
    Tool {
        name: described.name.into(),
        title: None,
        description: Some(described.description.into()),
        input_schema: schema.to_string(),
        output_schema: None,
        annotations: None,
        meta: None,
        extra: None,
    }
}

/// A tool that no call ever reaches. In its schema, `NUMBER` stands for its number.
pub fn extra_tool(number: usize, schema: &str) -> Tool {
    Tool {
        name: format!("extra-{number}"),
        title: None,
        description: None,
        input_schema: schema.replace("NUMBER", &number.to_string()),
        output_schema: None,
        annotations: None,
        meta: None,
        extra: None,
    }
}

/// Calls a tool. A failed system call gives a result with `isError` and the reason.
pub async fn call(params: CallToolParams) -> Result<CallToolResult, Error> {
    let arguments = params.arguments.unwrap_or_default();
    let arguments: Value = serde_json::from_str(&arguments).unwrap_or_default();
    let outcome = tools::call(&params.name, &arguments).await;
    let is_error = outcome.is_err();
    let text = outcome.unwrap_or_else(|refusal| refusal);
    Ok(CallToolResult {
        content: vec![ContentBlock::Text(TextContent {
            text,
            annotations: None,
            meta: None,
            extra: None,
        })],
        structured_content: None,
        is_error: Some(is_error),
        meta: None,
        extra: None,
    })
}

// A backend with a tool that reports progress and one that asks the user.

wit_bindgen::generate!({ path: "WIT", world: "files", generate_all });

use exports::wasi::mcp::{start, tools};
use wasi::mcp::capabilities::{Server, ServerCapabilities, ToolsCapability};
use wasi::mcp::content::{
    BooleanSchema, CallToolParams, CallToolResult, ContentBlock, ElicitAction, ElicitParams,
    ElicitValue, PrimitiveSchema, Progress, RequestedSchema, TextContent, Tool,
};
use wasi::mcp::context::RequestContext;
use wasi::mcp::types::{Error, ErrorCode, Implementation};
use wasi::mcp::{elicitation, runtime};

struct Files;

impl start::Guest for Files {
    async fn start() -> Result<(), Error> {
        start().await
    }
}

impl tools::Guest for Files {
    async fn call_tool(
        ctx: RequestContext,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        match params.name.as_str() {
            "clean-up" => clean_up(&ctx).await,
            _ => call_tool(ctx, params).await,
        }
    }
}

export!(Files);

// @block A tool server: rust 1
// @block Progress and cancellation: rust 1
// @block Asking the user: rust 1

fn server_with_tools(name: &str, version: &str) -> Server {
    Server {
        info: Implementation {
            name: name.into(),
            title: None,
            version: version.into(),
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
    }
}

fn empty_tool() -> Tool {
    Tool {
        name: String::new(),
        title: None,
        description: None,
        input_schema: r#"{"type": "object"}"#.into(),
        output_schema: None,
        annotations: None,
        meta: None,
        extra: None,
    }
}

fn unknown_tool(name: &str) -> Error {
    Error {
        code: ErrorCode::InvalidParams,
        message: format!("unknown tool `{name}`"),
        data: None,
    }
}

fn files_of(params: &CallToolParams) -> Result<Vec<String>, Error> {
    Ok(params.arguments.iter().cloned().collect())
}

async fn convert_file(_file: &str) -> Result<(), Error> {
    wit_bindgen::yield_async().await;
    Ok(())
}

fn form_with_checkbox(name: &str) -> RequestedSchema {
    let field = PrimitiveSchema::Boolean(BooleanSchema {
        title: None,
        description: None,
        default: None,
        extra: None,
    });
    RequestedSchema {
        properties: vec![(name.into(), field)],
        required: None,
        extra: None,
    }
}

fn delete(answers: Option<Vec<(String, ElicitValue)>>) -> Result<CallToolResult, Error> {
    let is_sure = answers
        .iter()
        .flatten()
        .any(|(name, value)| name == "sure" && matches!(value, ElicitValue::Boolean(true)));
    Ok(text_result(if is_sure { "deleted" } else { "kept" }))
}

fn text_result(text: &str) -> CallToolResult {
    CallToolResult {
        content: vec![ContentBlock::Text(TextContent {
            text: text.into(),
            annotations: None,
            meta: None,
            extra: None,
        })],
        structured_content: None,
        is_error: None,
        meta: None,
        extra: None,
    }
}

//! The component that is measured: it offers what the native servers offer.
#![cfg(any(feature = "p2", feature = "p3"))]

#[cfg(feature = "p2")]
wit_bindgen::generate!({ path: "../../wit/preview2", world: "wasi:mcp/tools-backend" });
#[cfg(feature = "p3")]
wit_bindgen::generate!({ path: "../../wit", world: "wasi:mcp/tools-backend" });

use std::borrow::Cow;

use benchmark_tools::{ECHO, IMAGE_TYPE, LARGE_BINARY, LARGE_TEXT, Memory};
use exports::wasi::mcp::{start, tools};
use serde::Deserialize;
use wasi::mcp::capabilities::{Server, ServerCapabilities, ToolsCapability};
use wasi::mcp::content::{
    CallToolParams, CallToolResult, ContentBlock, ImageContent, TextContent, Tool,
};
use wasi::mcp::context::RequestContext;
use wasi::mcp::runtime;
use wasi::mcp::types::{Error, ErrorCode, Implementation};

struct Benchmark;

#[cfg(feature = "p2")]
impl start::Guest for Benchmark {
    fn start() -> Result<(), Error> {
        offer()
    }
}

#[cfg(feature = "p2")]
impl tools::Guest for Benchmark {
    fn call_tool(_: RequestContext, params: CallToolParams) -> Result<CallToolResult, Error> {
        call(&params)
    }
}

#[cfg(feature = "p3")]
impl start::Guest for Benchmark {
    async fn start() -> Result<(), Error> {
        offer()
    }
}

#[cfg(feature = "p3")]
impl tools::Guest for Benchmark {
    async fn call_tool(_: RequestContext, params: CallToolParams) -> Result<CallToolResult, Error> {
        call(&params)
    }
}

fn offer() -> Result<(), Error> {
    runtime::register_server(&Server {
        info: Implementation {
            name: "benchmark".into(),
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
    let tools: Vec<Tool> = benchmark_tools::all()
        .into_iter()
        .map(|tool| Tool {
            name: tool.name,
            title: None,
            description: Some(tool.description),
            input_schema: tool.schema.into(),
            output_schema: None,
            annotations: None,
            meta: None,
            extra: None,
        })
        .collect();
    runtime::register_tools(&tools)?;
    runtime::serve()
}

#[derive(Deserialize)]
struct Text<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Size {
    bytes: usize,
}

thread_local! {
    static TEXT: Memory<String> = const { Memory::new() };
    static BINARY: Memory<Vec<u8>> = const { Memory::new() };
}

fn call(params: &CallToolParams) -> Result<CallToolResult, Error> {
    let content = match params.name.as_str() {
        ECHO => text(arguments::<Text>(params)?.text.into_owned()),
        LARGE_TEXT => {
            let size = arguments::<Size>(params)?.bytes;
            text(TEXT.with(|memory| memory.with(size, benchmark_tools::large_text, String::clone)))
        }
        LARGE_BINARY => {
            let size = arguments::<Size>(params)?.bytes;
            ContentBlock::Image(ImageContent {
                data: BINARY
                    .with(|memory| memory.with(size, benchmark_tools::large_binary, Vec::clone)),
                mime_type: IMAGE_TYPE.into(),
                annotations: None,
                meta: None,
                extra: None,
            })
        }
        name => return Err(invalid(format!("{name} is there to be listed"))),
    };
    Ok(CallToolResult {
        content: vec![content],
        structured_content: None,
        is_error: None,
        meta: None,
        extra: None,
    })
}

fn arguments<'a, T: Deserialize<'a>>(params: &'a CallToolParams) -> Result<T, Error> {
    let arguments = params.arguments.as_deref().unwrap_or("{}");
    serde_json::from_str(arguments).map_err(|error| invalid(error.to_string()))
}

fn text(text: String) -> ContentBlock {
    ContentBlock::Text(TextContent {
        text,
        annotations: None,
        meta: None,
        extra: None,
    })
}

fn invalid(message: String) -> Error {
    Error {
        code: ErrorCode::InvalidParams,
        message,
        data: None,
    }
}

export!(Benchmark);

// A tool that waits for its cancellation beside its work.

wit_bindgen::generate!({ path: "WIT", world: "files", generate_all });

use std::pin::pin;

use exports::wasi::mcp::{start, tools};
use futures::future::{Either, select};
use wasi::mcp::content::{CallToolParams, CallToolResult};
use wasi::mcp::context::{self, RequestContext};
use wasi::mcp::types::{Error, ErrorCode};

struct Files;

impl start::Guest for Files {
    async fn start() -> Result<(), Error> {
        wasi::mcp::runtime::serve()
    }
}

impl tools::Guest for Files {
    async fn call_tool(
        ctx: RequestContext,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        call_tool(ctx, params).await
    }
}

export!(Files);

// @block Progress and cancellation: rust 2

async fn convert(_: &RequestContext, _: &CallToolParams) -> Result<CallToolResult, Error> {
    Err(gave_up())
}

fn gave_up() -> Error {
    Error {
        code: ErrorCode::Cancelled,
        message: "cancelled".into(),
        data: None,
    }
}

//! WASI 0.3: what waits is awaited.

pub mod clocks;
pub mod environment;
pub mod files;
pub mod holding;
pub mod http;
pub mod output;
pub mod random;
pub mod sockets;

use crate::Explorer;
use crate::bindings::exports::wasi::mcp::{start, tools};
use crate::bindings::wasi::mcp::content::{CallToolParams, CallToolResult};
use crate::bindings::wasi::mcp::context::RequestContext;
use crate::bindings::wasi::mcp::types::Error;

impl start::Guest for Explorer {
    async fn start() -> Result<(), Error> {
        crate::server::start()
    }
}

impl tools::Guest for Explorer {
    async fn call_tool(
        _context: RequestContext,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        crate::server::call(params).await
    }
}

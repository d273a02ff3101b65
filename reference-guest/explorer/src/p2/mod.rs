//! WASI 0.2: what waits blocks inside an import.

pub mod clocks;
pub mod environment;
pub mod files;
pub mod holding;
pub mod http;
pub mod output;
pub mod random;
pub mod sockets;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::Explorer;
use crate::bindings::exports::wasi::mcp::{start, tools};
use crate::bindings::wasi::mcp::content::{CallToolParams, CallToolResult};
use crate::bindings::wasi::mcp::context::RequestContext;
use crate::bindings::wasi::mcp::types::Error;

impl start::Guest for Explorer {
    fn start() -> Result<(), Error> {
        crate::server::start()
    }
}

impl tools::Guest for Explorer {
    fn call_tool(
        _context: RequestContext,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        // Nothing in this variant is ever pending, so one poll ends it.
        match pin!(crate::server::call(params)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => unreachable!("a tool awaits something that is not of this variant"),
        }
    }
}

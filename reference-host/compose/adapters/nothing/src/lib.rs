//! A service that has nothing, linked to what a part of a composition does not export.

#[macro_use]
#[path = "../../edge/bindings.rs"]
mod bindings;

bindings!("wasi-mcp:adapters/nothing");

#[macro_use]
#[path = "../../edge/mod.rs"]
mod edge;

use edge::{Request, Streamed};
use wasi::mcp::context::RequestContext;
use wasi_mcp_joining::{Nothing, Service};
use wasi_mcp_types::capabilities::Server;
use wasi_mcp_types::content::*;
use wasi_mcp_types::types::Error;

fn nothing() -> Nothing<Request, Streamed> {
    Nothing::new()
}

export_service!(nothing);

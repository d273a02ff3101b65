//! A service that has nothing, linked to what a part of a composition does not export.

#[cfg(feature = "p3")]
wit_bindgen::generate!({
    path: ["../../../../wit", "../wit"],
    world: "wasi-mcp:adapters/nothing",
    generate_all,
    with: {
        "wasi:mcp/types@0.3.0-draft2": wasi_mcp_types::types,
        "wasi:mcp/capabilities@0.3.0-draft2": wasi_mcp_types::capabilities,
        "wasi:mcp/content@0.3.0-draft2": wasi_mcp_types::content,
    },
});
#[cfg(feature = "p2")]
wit_bindgen::generate!({
    path: ["../../../../wit/preview2", "../wit/preview2"],
    world: "wasi-mcp:adapters/nothing",
    generate_all,
    with: {
        "wasi:mcp/types@0.2.0-draft2": wasi_mcp_types::types,
        "wasi:mcp/capabilities@0.2.0-draft2": wasi_mcp_types::capabilities,
        "wasi:mcp/content@0.2.0-draft2": wasi_mcp_types::content,
    },
});

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

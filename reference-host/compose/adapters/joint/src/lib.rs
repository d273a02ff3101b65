//! Two services as one: `wasi-mcp:left` and `wasi-mcp:right` are joined to `wasi:mcp`.

#[macro_use]
#[path = "../../edge/bindings.rs"]
mod bindings;

bindings!("wasi-mcp:adapters/joint");

#[macro_use]
#[path = "../../edge/mod.rs"]
mod edge;

use std::io::Write as _;

use edge::{Request, Streamed};
use wasi::mcp::context::RequestContext;
use wasi_mcp_joining::{Joint, Service};
use wasi_mcp_types::capabilities::Server;
use wasi_mcp_types::content::*;
use wasi_mcp_types::types::Error;

struct Left;
struct Right;

imported_service!(Left, wasi_mcp::left);
imported_service!(Right, wasi_mcp::right);

/// Returns the one joint of this instance.
fn joint() -> &'static Joint<Left, Right> {
    thread_local! {
        static JOINT: &'static Joint<Left, Right> =
            Box::leak(Box::new(Joint::new(Left, Right, |line| {
                // If nobody can read it, nothing else changes.
                let _ = writeln!(std::io::stderr(), "{line}");
            })));
    }
    JOINT.with(|joint| *joint)
}

export_service!(joint);

//! The client's notifications that this server acts on.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/client/roots#root-list-changes>

use crate::bindings::wasi::mcp::context::RequestContext;
use crate::{edge, state};

pub async fn initialized(_context: RequestContext) {
    state::with(|state| state.initialized += 1);
}

/// Asks for the new roots, as a server that depends on them does.
pub async fn roots_changed(context: RequestContext) {
    state::with(|state| state.roots_changed += 1);
    if let Ok(listed) = edge::list_roots(&context, None).await {
        state::with(|state| state.roots = listed.roots);
    }
}

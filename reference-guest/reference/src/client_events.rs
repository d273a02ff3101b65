//! The client's notifications that this server handles.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/client/roots#root-list-changes>

use crate::bindings::wasi::mcp::context::RequestContext;
use crate::{edge, state};

pub async fn initialized(context: RequestContext) {
    state::with(|state| state.initialized += 1);
    learn_roots(&context).await;
}

pub async fn roots_changed(context: RequestContext) {
    state::with(|state| state.roots_changed += 1);
    learn_roots(&context).await;
}

/// Requests the roots, like a server that depends on them.
async fn learn_roots(context: &RequestContext) {
    if context.get_client().capabilities.roots.is_none() {
        return;
    }
    if let Ok(listed) = edge::list_roots(context, None).await {
        state::with(|state| state.roots = listed.roots);
    }
}

//! Subscriptions to resources.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/resources#subscriptions>

use crate::bindings::wasi::mcp::types::Error;
use crate::{error, resources, state};

pub async fn subscribe(uri: String) -> Result<(), Error> {
    if !resources::exists(&uri) {
        return Err(error::resource_not_found(&uri));
    }
    state::with(|state| state.subscriptions.insert(uri));
    Ok(())
}

/// Succeeds without a subscription: unsubscribing is then a no-op and not worth an error.
pub async fn unsubscribe(uri: String) -> Result<(), Error> {
    state::with(|state| state.subscriptions.remove(&uri));
    Ok(())
}

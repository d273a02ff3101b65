//! Changes of resources, for the clients that have subscribed to them.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/resources#subscriptions>

use crate::bindings::wasi::mcp::notifications;

/// Reports a change of a resource. Needs a server with `#[subscribe]`.
pub fn resource_updated(uri: &str) {
    notifications::resource_updated(uri, None);
}

/// Reports a change of a part of a resource to those who have subscribed to the whole.
pub fn part_updated(uri: &str, part: &str) {
    notifications::resource_updated(uri, Some(part));
}

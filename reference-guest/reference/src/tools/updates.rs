//! Changes of the watched resource.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/resources#subscriptions>

use serde::Deserialize;
use serde_json::json;

use super::entry::{Call, Entry, Outcome, arguments};
use crate::bindings::wasi::mcp::notifications;
use crate::content::text_result;
use crate::resources::{WATCHED, WATCHED_PART};
use crate::state;

pub fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "touch-resource",
            "Changes the watched resource, or with `part` a sub-resource of it, and tells subscribers.",
            arguments(json!({ "part": { "type": "boolean" } }), &[]),
            |call| Box::pin(touch_resource(call)),
        )
        .changing(),
    ]
}

#[derive(Deserialize)]
struct Which {
    #[serde(default)]
    part: bool,
}

/// Announces every change: the host tracks the subscriptions.
async fn touch_resource(call: Call) -> Outcome {
    let Which { part } = call.arguments.parse()?;
    let version = state::with(|state| {
        state.watched_version += 1;
        state.watched_version
    });
    notifications::resource_updated(WATCHED, part.then_some(WATCHED_PART));
    Ok(text_result(format!("Version {version}")))
}

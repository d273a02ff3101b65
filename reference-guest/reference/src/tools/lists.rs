//! Tools that change the lists.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/tools#list-changed-notification>

use super::client_requests::failed;
use super::entry::{Entry, Outcome, no_arguments};
use crate::bindings::wasi::mcp::types::Error;
use crate::content::text_result;
use crate::world;

pub fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "add-entries",
            "Lists one more tool, resource, resource template and prompt.",
            no_arguments(),
            |_| Box::pin(async { outcome(world::add_entries(), "Added") }),
        )
        .changing(),
        Entry::new(
            "remove-entries",
            "Withdraws the entries that `add-entries` added.",
            no_arguments(),
            |_| Box::pin(async { outcome(world::remove_entries(), "Removed") }),
        )
        .changing(),
    ]
}

/// Returns the outcome of a change. A backend's lists do not change if an instance does not serve
/// its session alone.
fn outcome(changed: Result<(), Error>, message: &str) -> Outcome {
    match changed {
        Ok(()) => Ok(text_result(message)),
        Err(error) => failed(error),
    }
}

/// Returns the tool that `add-entries` adds.
pub fn added() -> Entry {
    Entry::new(
        "added-tool",
        "Is listed after `add-entries`.",
        no_arguments(),
        |_| Box::pin(async { Ok(text_result("I was added")) }),
    )
}

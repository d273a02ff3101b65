//! The tools: one file for each feature.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/tools>

#[cfg(feature = "p3")]
mod background;
#[cfg(feature = "p3")]
pub mod barrier;
mod client_requests;
mod context;
mod crashing;
mod echo;
mod elicitation;
mod entry;
mod errors;
mod identity;
mod invalid_results;
mod kept_context;
mod lists;
mod logging;
mod open_kinds;
mod progress;
mod public_suite;
#[cfg(feature = "p3")]
mod race;
mod results;
mod roots;
mod sampling;
mod structured;
mod updates;
mod waiting;

use std::sync::LazyLock;

use crate::arguments::Arguments;
use crate::bindings::wasi::mcp::content::{CallToolParams, CallToolResult, Tool};
use crate::bindings::wasi::mcp::context::RequestContext;
use crate::bindings::wasi::mcp::types::Error;
use crate::{error, state, world};

use entry::Call;
pub use entry::Entry;

/// Each module's tools, in the order of the list.
static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let modules: &[fn() -> Vec<Entry>] = &[
        echo::entries,
        public_suite::entries,
        results::entries,
        structured::entries,
        context::entries,
        identity::entries,
        progress::entries,
        logging::entries,
        sampling::entries,
        elicitation::entries,
        client_requests::entries,
        roots::entries,
        waiting::entries,
        #[cfg(feature = "p3")]
        barrier::entries,
        #[cfg(feature = "p3")]
        race::entries,
        #[cfg(feature = "p3")]
        background::entries,
        lists::entries,
        updates::entries,
        errors::entries,
        invalid_results::entries,
        kept_context::entries,
        open_kinds::entries,
        crashing::entries,
    ];
    modules.iter().flat_map(|entries| entries()).collect()
});

static ADDED: LazyLock<Entry> = LazyLock::new(lists::added);

/// Returns the tool that is listed after `add-entries`.
pub fn added() -> &'static Entry {
    &ADDED
}

fn is_added() -> bool {
    state::with(|state| state.added)
}

/// Returns the current `tools/list`.
pub fn listed() -> Vec<Tool> {
    let added = is_added().then(added);
    ENTRIES
        .iter()
        .chain(added)
        .map(|entry| entry.tool.clone())
        .collect()
}

pub async fn call(
    context: RequestContext,
    params: CallToolParams,
) -> Result<CallToolResult, Error> {
    state::with(|state| state.calls += 1);
    let entry = find(&params.name)
        .ok_or_else(|| error::invalid_params(format!("Unknown tool: {}", params.name)))?;
    let arguments = Arguments::new(params.arguments);
    world::check_arguments(entry, arguments.text())?;
    let call = Call {
        context,
        arguments,
        extra: params.extra,
    };
    entry.call(call).await
}

fn find(name: &str) -> Option<&'static Entry> {
    let added = is_added().then(added);
    ENTRIES
        .iter()
        .chain(added)
        .find(|entry| entry.tool.name == name)
}

//! The client's notifications: their context has no id, and only `list-roots` works on it.

use crate::bindings::wasi::mcp::context::RequestContext;
use crate::report::Report;
use crate::tools::asking::{form, question};
use crate::{edge, state};

/// The name under which a client declares that it wants to be asked at once: others may not answer,
/// and an instance that runs one call at a time would wait for them.
const WANTED: &str = "probe-initialized";

pub async fn initialized(context: &RequestContext) {
    state::with(|state| state.events.push("initialized".into()));
    let declared = context.get_client().capabilities.experimental;
    if !declared.iter().flatten().any(|(name, _)| name == WANTED) {
        return;
    }
    let mut report = Report::default();
    report.tell("has-id", context.get_id().is_some());
    report.note(
        "create-message",
        edge::create_message(context, question()).await,
    );
    report.note("elicit", edge::elicit(context, form()).await);
    report.note("list-roots", edge::list_roots(context, None).await);
    state::with(|state| state.initialized = Some(report));
}

pub async fn roots_changed(_context: &RequestContext) {
    state::with(|state| state.events.push("roots-changed".into()));
}

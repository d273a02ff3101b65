//! The client's notifications: their context has no id, and only `list-roots` works on it.

use crate::bindings::wasi::mcp::context::RequestContext;
use crate::report::Report;
use crate::tools::asking::{form, question};
use crate::{edge, state};

pub async fn initialized(context: &RequestContext) {
    let mut report = Report::default();
    report.tell("has-id", context.get_id().is_some());
    report.note(
        "create-message",
        edge::create_message(context, question()).await,
    );
    report.note("elicit", edge::elicit(context, form()).await);
    report.note("list-roots", edge::list_roots(context, None).await);
    state::with(|state| {
        state.initialized = Some(report);
        state.events.push("initialized".into());
    });
}

pub async fn roots_changed(_context: &RequestContext) {
    state::with(|state| state.events.push("roots-changed".into()));
}

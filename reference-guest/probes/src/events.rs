//! The client's notifications: their context has no id, and only `list-roots` works on it.

use crate::host::RequestContext;
use crate::report::Report;
use crate::tools::asking::{broken_form, broken_question, form, question};
use crate::{edge, mode, state};

/// The name under which a client declares that it wants to be asked at once: others may not answer,
/// and an instance that runs one call at a time would wait for them.
const WANTED: &str = "probe-initialized";
/// The name under which a client declares that it wants to be asked when its roots change.
const ROOTS_WANTED: &str = "probe-roots-changed";
/// The name under which a client declares that it calls a tool at once.
const OVERTAKING: &str = "probe-overtakes";
/// The wait for that call, in steps of 10 ms: longer than a client waits for its answer.
const STEPS: u32 = 2000;

pub async fn initialized(context: &RequestContext) {
    state::handled();
    state::with(|state| state.events.push("initialized".into()));
    if declares(context, OVERTAKING) {
        let report = wait_for_a_call().await;
        state::with(|state| state.initialized = Some(report));
        return;
    }
    if !declares(context, WANTED) {
        return;
    }
    let mut report = Report::default();
    report.tell("has-id", context.get_id().is_some());
    report.note(
        "create-message",
        edge::create_message(context, question()).await,
    );
    report.note("elicit", edge::elicit(context, form()).await);
    report.note(
        "create-message-wrongly",
        edge::create_message(context, broken_question()).await,
    );
    report.note("elicit-wrongly", edge::elicit(context, broken_form()).await);
    report.note("list-roots", edge::list_roots(context, None).await);
    state::with(|state| state.initialized = Some(report));
}

/// Tells whether a call of a tool was made meanwhile.
async fn wait_for_a_call() -> Report {
    let mut overtaken = false;
    for _ in 0..STEPS {
        overtaken = state::with(|state| state.calls > 0);
        if overtaken {
            break;
        }
        edge::sleep(10).await;
    }
    let mut report = Report::default();
    report.tell("overtaken", overtaken);
    report
}

pub async fn roots_changed(context: &RequestContext) {
    state::handled();
    state::with(|state| state.events.push("roots-changed".into()));
    if mode::is("notification-traps") {
        core::arch::wasm32::unreachable();
    }
    if declares(context, ROOTS_WANTED) {
        // The client sees the request, even if nobody asks this instance anything afterwards.
        let mut report = Report::default();
        report.note("list-roots", edge::list_roots(context, None).await);
    }
}

/// Returns true if the client declares this among its experimental capabilities.
fn declares(context: &RequestContext, wanted: &str) -> bool {
    let declared = context.get_client().capabilities.experimental;
    declared.iter().flatten().any(|(name, _)| name == wanted)
}

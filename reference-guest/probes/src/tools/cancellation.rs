//! Calls that are cancelled.

use super::{Call, Entry, Outcome};
use crate::bindings::wasi::mcp::content::Progress;
#[cfg(all(feature = "p3", not(feature = "blocking")))]
use crate::bindings::wasi::mcp::context::Cancellation;
use crate::bindings::wasi::mcp::types::{ErrorCode, LogLevel};
#[cfg(all(feature = "p3", not(feature = "blocking")))]
use crate::host;
use crate::host::{logging, shutdown};
use crate::report::{Report, error, text_result};
use crate::{edge, state};

use super::asking::{broken_form, broken_meta, broken_question, form, question};

pub const ENTRIES: &[Entry] = &[
    Entry::new("wait-until-cancelled", |call| Box::pin(wait(call))),
    Entry::new("wait-for-reason", |call| Box::pin(wait_for_reason(call))),
    Entry::new("leave-wait-behind", |call| Box::pin(leave_wait(call))),
    Entry::new("tell-left-behind", |_| Box::pin(tell_left_behind())),
    Entry::new("drop-wait", |call| Box::pin(drop_wait(call))),
    Entry::new("wait-until-stopped", |_| Box::pin(wait_until_stopped())),
    Entry::new("ask-until-cancelled", |call| Box::pin(ask(call))),
    Entry::new("ignore-cancellation", |call| Box::pin(ignore(call))),
    Entry::new("never-return", |_| Box::pin(never())),
    Entry::new("tell-cancelled", |_| Box::pin(tell())),
    Entry::new("sleep", |call| Box::pin(sleep(call))),
];

/// Uses its context in every way after the cancellation.
async fn wait(call: Call) -> Outcome {
    let context = call.context;
    edge::cancelled(&context).await;
    let mut report = Report::default();
    report.tell("is-cancelled", context.is_cancelled());
    let progress = Progress {
        progress: 1.0,
        ..Progress::default()
    };
    report.note("report-progress", context.report_progress(&progress));
    report.note(
        "log",
        logging::log(Some(&context), LogLevel::Emergency, None, "\"cancelled\""),
    );
    report.note(
        "create-message",
        edge::create_message(&context, question()).await,
    );
    report.note("elicit", edge::elicit(&context, form()).await);
    report.note("list-roots", edge::list_roots(&context, None).await);
    report.note(
        "create-message-wrongly",
        edge::create_message(&context, broken_question()).await,
    );
    report.note(
        "elicit-wrongly",
        edge::elicit(&context, broken_form()).await,
    );
    report.note(
        "list-roots-wrongly",
        edge::list_roots(&context, broken_meta()).await,
    );
    report.tell("still-cancelled", context.is_cancelled());
    state::with(|state| state.cancelled = Some(report));
    Ok(text_result("Nobody waits for this"))
}

/// Tells how a wait for the cancellation ended.
#[cfg(all(feature = "p3", not(feature = "blocking")))]
pub fn tell_wait(report: &mut Report, cancellation: Option<Cancellation>) {
    report.tell("cancelled", cancellation.is_some());
    report.tell("reason", cancellation.and_then(|seen| seen.reason));
}

/// Waits for the cancellation twice: the second wait returns at once.
#[cfg(all(feature = "p3", not(feature = "blocking")))]
async fn wait_for_reason(call: Call) -> Outcome {
    let first = host::cancellation(call.context.clone()).await;
    let second = host::cancellation(call.context).await;
    let mut report = Report::default();
    let same = |seen: &Option<Cancellation>| seen.as_ref().map(|seen| seen.reason.clone());
    report.tell("same-again", same(&first) == same(&second));
    tell_wait(&mut report, first);
    state::with(|state| state.cancelled = Some(report));
    Ok(text_result("Nobody waits for this"))
}

/// Returns while a wait for the cancellation is still pending.
#[cfg(all(feature = "p3", not(feature = "blocking")))]
async fn leave_wait(call: Call) -> Outcome {
    wit_bindgen::spawn_local(async move {
        let cancellation = host::cancellation(call.context).await;
        let mut report = Report::default();
        tell_wait(&mut report, cancellation);
        state::with(|state| state.left_behind = Some(report));
    });
    // The wait has begun before this call ends.
    edge::sleep(20).await;
    Ok(text_result("Left"))
}

/// Cancels a wait for the cancellation, and works on.
#[cfg(all(feature = "p3", not(feature = "blocking")))]
async fn drop_wait(call: Call) -> Outcome {
    let wait = host::cancellation(call.context.clone());
    let cancellation = edge::dropped_after(20, wait).await;
    let mut report = Report::default();
    report.tell("pending", cancellation.is_none());
    report.tell("id", call.context.get_id());
    Ok(report.result())
}

/// Guests that lower imports synchronously must not wait for a cancellation.
#[cfg(any(feature = "p2", feature = "blocking"))]
async fn wait_for_reason(_call: Call) -> Outcome {
    Ok(text_result("This component can only block"))
}

#[cfg(any(feature = "p2", feature = "blocking"))]
async fn drop_wait(_call: Call) -> Outcome {
    Ok(text_result("This component can only block"))
}

#[cfg(any(feature = "p2", feature = "blocking"))]
async fn leave_wait(_call: Call) -> Outcome {
    Ok(text_result("This component can only block"))
}

async fn tell_left_behind() -> Outcome {
    let report = state::with(|state| state.left_behind.clone());
    Ok(report.map_or_else(|| text_result("Nothing yet"), Report::result))
}

/// Returns when the host begins to stop the instance.
async fn wait_until_stopped() -> Outcome {
    let mut report = Report::default();
    report.tell("before", shutdown::is_stopped());
    edge::stopped().await;
    report.tell("after", shutdown::is_stopped());
    Ok(report.result())
}

/// The import that is pending returns when the request is cancelled.
async fn ask(call: Call) -> Outcome {
    let mut report = Report::default();
    report.note("list-roots", edge::list_roots(&call.context, None).await);
    report.tell("is-cancelled", call.context.is_cancelled());
    state::with(|state| state.cancelled = Some(report));
    Ok(text_result("Nobody waits for this"))
}

/// Continues after the cancellation, and returns a result or an error that is discarded.
async fn ignore(call: Call) -> Outcome {
    edge::cancelled(&call.context).await;
    edge::sleep(30).await;
    let mut report = Report::default();
    report.tell("is-cancelled", call.context.is_cancelled());
    state::with(|state| state.cancelled = Some(report));
    if call.argument("end") == "error" {
        return Err(error(ErrorCode::Cancelled, "Nobody waits for this"));
    }
    Ok(text_result("Nobody waits for this"))
}

async fn never() -> Outcome {
    loop {
        edge::sleep(1000).await;
    }
}

async fn sleep(call: Call) -> Outcome {
    let milliseconds = call.argument("milliseconds").as_u64().unwrap_or(100);
    edge::sleep(milliseconds.try_into().unwrap_or(u32::MAX)).await;
    Ok(text_result("Slept"))
}

async fn tell() -> Outcome {
    let report = state::with(|state| state.cancelled.take());
    Ok(report.map_or_else(|| text_result("Nothing yet"), Report::result))
}

//! Calls that are cancelled.

use super::{Call, Entry, Outcome};
use crate::bindings::wasi::mcp::content::Progress;
use crate::bindings::wasi::mcp::logging;
use crate::bindings::wasi::mcp::types::LogLevel;
use crate::report::{Report, text_result};
use crate::{edge, mode, state};

use super::asking::{form, question};

pub const ENTRIES: &[Entry] = &[
    Entry::new("wait-until-cancelled", |call| Box::pin(wait(call))),
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
    state::with(|state| state.cancelled = Some(report));
    Ok(text_result("Nobody waits for this"))
}

/// The import that is pending returns when the request is cancelled.
async fn ask(call: Call) -> Outcome {
    let mut report = Report::default();
    report.note("list-roots", edge::list_roots(&call.context, None).await);
    report.tell("is-cancelled", call.context.is_cancelled());
    state::with(|state| state.cancelled = Some(report));
    Ok(text_result("Nobody waits for this"))
}

/// Works on, and gives a result that nobody waits for.
async fn ignore(call: Call) -> Outcome {
    edge::cancelled(&call.context).await;
    edge::sleep(30).await;
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
    // A host that cancels what it must not is told of by one that lies.
    let report = report.or_else(|| mode::is("lies").then(Report::default));
    Ok(report.map_or_else(|| text_result("Nothing yet"), Report::result))
}

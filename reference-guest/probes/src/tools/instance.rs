//! The history of this instance, and calls that meet in it.

use super::{Call, Entry, Outcome};
use crate::report::{Report, text_result};
use crate::{edge, state};

pub const ENTRIES: &[Entry] = &[
    Entry::new("tell-start", |_| {
        Box::pin(async { Ok(state::with(|state| state.start.clone()).result()) })
    }),
    Entry::new("tell-initialized", |_| Box::pin(tell_initialized())),
    Entry::new("tell-instance", |_| Box::pin(tell_instance())),
    Entry::new("meet", |call| Box::pin(meet(call))),
];

async fn tell_initialized() -> Outcome {
    let report = state::with(|state| state.initialized.clone());
    Ok(report.map_or_else(|| text_result("Nothing yet"), Report::result))
}

async fn tell_instance() -> Outcome {
    let mut report = Report::default();
    state::with(|state| {
        report.tell("calls", state.calls);
        report.tell("starts", state.starts);
        report.tell("early", state.early);
        report.tell("stream", state.stream.clone().map(Report::into_value));
        report.tell("events", state.events.clone());
        report.tell("streamed", state.streamed.clone());
        let uris = state.subscriptions.iter().map(|(uri, _)| uri.clone());
        report.tell("subscriptions", uris.collect::<Vec<_>>());
        let repeated = state
            .subscriptions
            .iter()
            .filter(|(_, of_request)| !of_request);
        report.tell("repeated", repeated.count());
        report.tell("repeated-for", state.repeating.clone());
    });
    Ok(report.result())
}

/// Returns when so many calls of it are inside at the same time, or after a time without.
async fn meet(call: Call) -> Outcome {
    const PATIENCE: u32 = 300;
    let wanted = call.argument("calls").as_u64().unwrap_or(2);
    state::with(|state| state.meeting += 1);
    let mut met = false;
    for _ in 0..PATIENCE {
        met = state::with(|state| u64::from(state.meeting) >= wanted);
        if met {
            break;
        }
        edge::sleep(5).await;
    }
    let mut report = Report::default();
    report.tell("met", met);
    Ok(report.result())
}

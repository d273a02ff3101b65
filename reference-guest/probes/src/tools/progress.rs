//! Progress that the host has to send, to refuse, and to hold back.

use super::{Call, Entry, Outcome};
use crate::bindings::wasi::mcp::content::Progress;
use crate::report::Report;

pub const ENTRIES: &[Entry] = &[
    Entry::new("progress", |call| Box::pin(progress(call))),
    Entry::new("progress-burst", |call| Box::pin(burst(call))),
];

async fn progress(call: Call) -> Outcome {
    let mut report = Report::default();
    let mut tell = |step: &str, progress: f64, total: Option<f64>| {
        let progress = Progress {
            progress,
            total,
            ..Progress::default()
        };
        report.note(step, call.context.report_progress(&progress));
    };
    tell("first", 1.0, None);
    tell("same", 1.0, None);
    tell("smaller", 0.5, None);
    tell("nan", f64::NAN, None);
    tell("infinite", f64::INFINITY, None);
    tell("total-nan", 2.0, Some(f64::NAN));
    tell("greater", 3.0, Some(2.0));
    Ok(report.result())
}

/// The newest that is held back comes before the response.
async fn burst(call: Call) -> Outcome {
    let mut report = Report::default();
    for step in 1..=200 {
        let progress = Progress {
            progress: step.into(),
            total: Some(200.0),
            ..Progress::default()
        };
        report.note("each", call.context.report_progress(&progress));
    }
    Ok(report.result())
}

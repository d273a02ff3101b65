//! Progress of a request.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/progress>

use serde::Deserialize;
use serde_json::json;

use super::entry::{Call, Entry, Outcome, arguments, no_arguments};
use crate::bindings::wasi::mcp::content::Progress;
use crate::bindings::wasi::mcp::context::RequestContext;
use crate::content::{structured_result, text_result};
use crate::edge;
use crate::error::code_name;

pub fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "report-progress",
            "Reports progress step by step: 0 of `steps`, 1 of `steps`, and so on.",
            arguments(
                json!({
                    "steps": { "type": "integer", "minimum": 0, "maximum": 100_000 },
                    "milliseconds": { "type": "integer", "minimum": 0, "maximum": 60_000, "description": "Between two steps" },
                    "total": { "type": "boolean", "description": "Whether to tell the total; it does by default" },
                }),
                &[],
            ),
            |call| Box::pin(report_progress(call)),
        ),
        Entry::new(
            "misreport-progress",
            "Reports progress that is not allowed, and tells what the host answered to each report.",
            no_arguments(),
            |call| Box::pin(misreport_progress(call)),
        ),
    ]
}

#[derive(Deserialize)]
#[serde(default)]
struct Steps {
    steps: u32,
    milliseconds: u32,
    total: bool,
}

impl Default for Steps {
    fn default() -> Self {
        Self {
            steps: 3,
            milliseconds: 0,
            total: true,
        }
    }
}

async fn report_progress(call: Call) -> Outcome {
    let Steps {
        steps,
        milliseconds,
        total,
    } = call.arguments.parse()?;
    for step in 0..=steps {
        if step > 0 && milliseconds > 0 {
            edge::sleep(milliseconds).await;
        }
        call.context.report_progress(&Progress {
            progress: f64::from(step),
            total: total.then_some(f64::from(steps)),
            message: Some(format!("Step {step} of {steps}")),
        })?;
    }
    Ok(text_result(format!("Reported {} times", steps + 1)))
}

/// Reports 1, 1 again, 0.5, NaN, infinity and 2.5: the first and the last are allowed.
async fn misreport_progress(call: Call) -> Outcome {
    let answers: Vec<_> = [1.0, 1.0, 0.5, f64::NAN, f64::INFINITY, 2.5]
        .map(|progress| report(&call.context, progress))
        .into();
    Ok(structured_result(json!({ "answers": answers }).to_string()))
}

/// Returns the name of the error's code, or `ok`.
fn report(context: &RequestContext, progress: f64) -> String {
    let progress = Progress {
        progress,
        total: None,
        message: None,
    };
    match context.report_progress(&progress) {
        Ok(()) => "ok".into(),
        Err(error) => code_name(error.code),
    }
}

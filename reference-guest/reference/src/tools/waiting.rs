//! Tools that wait.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/cancellation>

use serde::Deserialize;
use serde_json::json;

use super::entry::{Call, Entry, Outcome, arguments, no_arguments};
use crate::content::text_result;
use crate::{edge, state};

pub fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "sleep",
            "Waits for the given time, cancelled or not.",
            arguments(
                json!({ "milliseconds": { "type": "integer", "minimum": 0, "maximum": 600_000 } }),
                &["milliseconds"],
            ),
            |call| Box::pin(sleep(call)),
        ),
        Entry::new(
            "wait-until-cancelled",
            "Waits until the request is cancelled; `describe-instance` then shows the cancellation.",
            no_arguments(),
            |call| Box::pin(wait_until_cancelled(call)),
        ),
    ]
}

#[derive(Deserialize)]
struct Duration {
    milliseconds: u32,
}

async fn sleep(call: Call) -> Outcome {
    let Duration { milliseconds } = call.arguments.parse()?;
    edge::sleep(milliseconds).await;
    Ok(text_result(format!("Slept {milliseconds} ms")))
}

async fn wait_until_cancelled(call: Call) -> Outcome {
    let reason = edge::cancelled(&call.context).await;
    state::with(|state| state.cancellations.push(reason));
    // The host discards this: the client no longer waits for it.
    Ok(text_result("Cancelled"))
}

//! Work that continues after the answer, which only WASI 0.3 supports.

use serde::Deserialize;
use serde_json::json;

use super::entry::{Call, Entry, Outcome, arguments, no_arguments};
use crate::bindings::wasi::mcp::logging;
use crate::bindings::wasi::mcp::shutdown;
use crate::bindings::wasi::mcp::types::LogLevel;
use crate::content::text_result;
use crate::edge;

pub fn entries() -> Vec<Entry> {
    let schema = arguments(
        json!({ "milliseconds": { "type": "integer", "minimum": 0, "maximum": 600_000 } }),
        &[],
    );
    vec![
        Entry::new(
            "background-log",
            "Answers at once, and logs to the sessions some time later.",
            schema.clone(),
            |call| Box::pin(background_log(call)),
        )
        .changing(),
        Entry::new(
            "background-trap",
            "Answers at once, and traps some time later, when no call may be under way.",
            schema,
            |call| Box::pin(background_trap(call)),
        )
        .destructive(),
        Entry::new(
            "log-when-stopped",
            "Answers at once, and logs to the sessions when the host begins to stop.",
            no_arguments(),
            |_| Box::pin(log_when_stopped()),
        )
        .changing(),
    ]
}

/// Long enough for the answer to be sent before the background work ends.
const DEFAULT_MILLISECONDS: u32 = 20;

#[derive(Deserialize)]
struct Delay {
    milliseconds: Option<u32>,
}

impl Delay {
    async fn pass(self) {
        edge::sleep(self.milliseconds.unwrap_or(DEFAULT_MILLISECONDS)).await;
    }
}

async fn background_log(call: Call) -> Outcome {
    let delay: Delay = call.arguments.parse()?;
    wit_bindgen::spawn_local(async move {
        delay.pass().await;
        // A failure can no longer be reported.
        let _ = logging::log(None, LogLevel::Info, Some("background"), "\"done\"");
    });
    Ok(text_result("Started"))
}

async fn background_trap(call: Call) -> Outcome {
    let delay: Delay = call.arguments.parse()?;
    wit_bindgen::spawn_local(async move {
        delay.pass().await;
        core::arch::wasm32::unreachable();
    });
    Ok(text_result("Started"))
}

/// Logs at shutdown. Nothing may depend on this: an instance may also end without notice.
async fn log_when_stopped() -> Outcome {
    wit_bindgen::spawn_local(async move {
        shutdown::wait_stopped().await;
        // A failure can no longer be reported.
        let _ = logging::log(None, LogLevel::Info, Some("background"), "\"stopping\"");
    });
    Ok(text_result("Started"))
}

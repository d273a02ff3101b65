//! A context that outlives its request, as in a garbage-collected language.

use serde_json::json;

use super::entry::{Call, Entry, Outcome, no_arguments};
use super::sampling::text_request;
use crate::bindings::wasi::mcp::content::Progress;
use crate::bindings::wasi::mcp::context::RequestContext;
use crate::bindings::wasi::mcp::logging;
use crate::bindings::wasi::mcp::types::{Error, LogLevel};
use crate::content::structured_result;
use crate::error::code_name;
use crate::{edge, state};

pub fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "late-context",
            "Keeps a clone of its context; the next call uses it and tells what the host answered.",
            no_arguments(),
            |call| Box::pin(late_context(call)),
        )
        .changing(),
    ]
}

async fn late_context(call: Call) -> Outcome {
    let kept = state::with(|state| state.kept_context.replace(call.context.clone()));
    let answers = match &kept {
        Some(late) => use_late(late).await,
        None => json!(null),
    };
    Ok(structured_result(json!({ "late": answers }).to_string()))
}

async fn use_late(late: &RequestContext) -> serde_json::Value {
    let progress = Progress {
        progress: 1_000_000.0,
        total: None,
        message: None,
    };
    json!({
        "reportProgress": answer(late.report_progress(&progress)),
        "log": answer(logging::log(Some(late), LogLevel::Emergency, None, "\"too late\"")),
        "createMessage": answer(edge::create_message(late, text_request("Too late?")).await),
        "listRoots": answer(edge::list_roots(late, None).await),
        "isCancelled": late.is_cancelled(),
    })
}

/// Returns the name of the error's code, or `ok`.
fn answer<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => "ok".into(),
        Err(error) => code_name(error.code),
    }
}

//! Text that tries to be more than text: what the client passes as `text` goes into every string, and
//! what it passes as `json` into every field of JSON.

use super::{Call, Entry, Outcome};
use crate::bindings::wasi::mcp::content::ContentBlock;
use crate::bindings::wasi::mcp::content::{CallToolResult, Progress, TextContent};
use crate::bindings::wasi::mcp::types::{Error, ErrorCode, LogLevel};
use crate::host::logging;

pub const ENTRIES: &[Entry] = &[
    Entry::new("say", |call| Box::pin(say(call))),
    Entry::new("say-as-error", |call| Box::pin(say_as_error(call))),
];

struct Said {
    text: String,
    json: String,
}

impl Said {
    fn of(call: &Call) -> Self {
        let argument = |name| call.argument(name).as_str().unwrap_or_default().to_owned();
        Self {
            text: argument("text"),
            json: argument("json"),
        }
    }
}

async fn say(call: Call) -> Outcome {
    let Said { text, json } = Said::of(&call);
    let progress = Progress {
        progress: 1.0,
        message: Some(text.clone()),
        ..Progress::default()
    };
    call.context.report_progress(&progress)?;
    logging::log(Some(&call.context), LogLevel::Emergency, Some(&text), &json)?;
    logging::log(None, LogLevel::Emergency, Some(&text), &json)?;
    let block = TextContent {
        text,
        annotations: None,
        meta: Some(json.clone()),
        extra: Some(json.clone()),
    };
    Ok(CallToolResult {
        content: vec![ContentBlock::Text(block)],
        structured_content: Some(json.clone()),
        is_error: None,
        meta: Some(json.clone()),
        extra: Some(json),
    })
}

async fn say_as_error(call: Call) -> Outcome {
    let Said { text, json } = Said::of(&call);
    Err(Error {
        code: ErrorCode::Other(-1),
        message: text,
        data: Some(json),
    })
}

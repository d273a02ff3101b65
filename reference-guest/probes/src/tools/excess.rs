//! More than a host should take: large results, many requests to the client, a large registry.

use super::{Call, Entry, Outcome};
use crate::bindings::wasi::mcp::content::{
    CallToolResult, ContentBlock, ElicitParams, ImageContent, Tool,
};
use crate::bindings::wasi::mcp::types::{Error, LogLevel};
use crate::host::logging;
use crate::host::runtime;
use crate::report::{Report, answer_name, text_result};
use crate::{edge, state};

pub const ENTRIES: &[Entry] = &[
    Entry::new("large-result", |call| Box::pin(large_result(call))),
    Entry::new("large-log", |call| Box::pin(large_log(call))),
    Entry::new("ask-much", |call| Box::pin(ask_much(call))),
    Entry::new("register-much", |call| Box::pin(register_much(call))),
    Entry::new("hoard-contexts", |call| Box::pin(hoard_contexts(call))),
];

fn bytes(call: &Call) -> usize {
    call.argument("bytes").as_u64().unwrap_or_default() as usize
}

/// So many bytes, of the kind that the argument `kind` names.
async fn large_result(call: Call) -> Outcome {
    let bytes = bytes(&call);
    let kind = call.argument("kind");
    Ok(match kind.as_str().unwrap_or_default() {
        // Each becomes six bytes of JSON.
        "escaped" => text_result("\u{1}".repeat(bytes)),
        "binary" => CallToolResult {
            content: vec![ContentBlock::Image(ImageContent {
                data: vec![7; bytes],
                mime_type: "image/png".into(),
                ..ImageContent::default()
            })],
            ..CallToolResult::default()
        },
        "blocks" => CallToolResult {
            content: vec![crate::report::text("x"); bytes],
            ..CallToolResult::default()
        },
        "json" => crate::report::structured(format!("{{\"text\":\"{}\"}}", "x".repeat(bytes))),
        "error" => {
            let message = "x".repeat(bytes);
            return Err(Error {
                code: crate::bindings::wasi::mcp::types::ErrorCode::InternalError,
                message,
                data: None,
            });
        }
        _ => text_result("x".repeat(bytes)),
    })
}

async fn large_log(call: Call) -> Outcome {
    let mut report = Report::default();
    let data = format!("\"{}\"", "x".repeat(bytes(&call)));
    report.note(
        "log",
        logging::log(Some(&call.context), LogLevel::Emergency, None, &data),
    );
    Ok(report.result())
}

fn large_form(bytes: usize) -> ElicitParams {
    ElicitParams {
        message: "x".repeat(bytes),
        ..ElicitParams::default()
    }
}

/// Asks the client so many things at the same time, and tells how the first one ended that the host
/// refused at once.
#[cfg(all(feature = "p3", not(feature = "blocking")))]
async fn ask_much(call: Call) -> Outcome {
    let bytes = bytes(&call);
    let count = call.argument("count").as_u64().unwrap_or_default();
    state::with(|state| state.refused.clear());
    for _ in 0..count {
        let context = call.context.clone();
        wit_bindgen::spawn_local(async move {
            let answer = answer_name(edge::elicit(&context, large_form(bytes)).await);
            state::with(|state| state.refused.push(answer));
        });
    }
    // Those that the host refuses have ended by then; the others wait for the client.
    while state::with(|state| state.refused.is_empty()) {
        edge::sleep(1).await;
    }
    let mut report = Report::default();
    report.tell("refused", state::with(|state| state.refused[0].clone()));
    Ok(report.result())
}

/// One at a time is all that is possible here.
#[cfg(any(feature = "p2", feature = "blocking"))]
async fn ask_much(call: Call) -> Outcome {
    let answer = edge::elicit(&call.context, large_form(bytes(&call))).await;
    state::with(|state| state.refused.push(answer_name(answer)));
    let mut report = Report::default();
    report.tell("refused", state::with(|state| state.refused.pop()));
    Ok(report.result())
}

/// Registers tools until the host refuses.
async fn register_much(call: Call) -> Outcome {
    let description = "x".repeat(bytes(&call));
    let mut registered = 0_u64;
    let answer = loop {
        let tool = Tool {
            name: format!("excess-{registered}"),
            description: Some(description.clone()),
            input_schema: r#"{"type":"object"}"#.into(),
            ..Tool::default()
        };
        match runtime::register_tools(&[tool]) {
            Ok(()) => registered += 1,
            refused => break answer_name(refused),
        }
    };
    let names: Vec<_> = (0..registered)
        .map(|number| format!("excess-{number}"))
        .collect();
    runtime::unregister_tools(&names)?;
    let mut report = Report::default();
    report.tell("registered", registered);
    report.tell("answer", answer);
    Ok(report.result())
}

/// Until the host ends it.
async fn hoard_contexts(call: Call) -> Outcome {
    loop {
        std::mem::forget(call.context.clone());
    }
}

//! The shapes of a result: each content kind, a tool's own failure, a large one.

use serde::Deserialize;
use serde_json::json;

use super::entry::{Call, Entry, Outcome, arguments, no_arguments};
use crate::bindings::wasi::mcp::content::CallToolResult;
use crate::content::{every_kind, extra, failed_result, meta, structured_result, text_result};

pub fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "every-content-kind",
            "Answers with one content block of each kind, every member filled.",
            no_arguments(),
            |_| Box::pin(every_content_kind()),
        ),
        Entry::new(
            "no-content",
            "Answers with an empty list of content.",
            no_arguments(),
            |_| Box::pin(async { Ok(CallToolResult::default()) }),
        ),
        Entry::new(
            "fail",
            "Answers with a failure of the tool, which is a result and no error.",
            arguments(json!({ "message": { "type": "string" } }), &[]),
            |call| Box::pin(fail(call)),
        ),
        Entry::new(
            "large-text",
            "Answers with a text of the given size.",
            arguments(
                json!({ "bytes": { "type": "integer", "minimum": 0, "maximum": 268_435_456 } }),
                &["bytes"],
            ),
            |call| Box::pin(large_text(call)),
        ),
        Entry::new(
            "line-breaks",
            "Answers with JSON of its own that is spread over several lines.",
            no_arguments(),
            |_| Box::pin(line_breaks()),
        ),
    ]
}

async fn every_content_kind() -> Outcome {
    Ok(CallToolResult {
        content: every_kind(),
        meta: Some(meta()),
        extra: Some(extra()),
        ..CallToolResult::default()
    })
}

#[derive(Deserialize)]
struct Failure {
    message: Option<String>,
}

async fn fail(call: Call) -> Outcome {
    let Failure { message } = call.arguments.parse()?;
    Ok(failed_result(
        message.as_deref().unwrap_or("This tool always fails."),
    ))
}

#[derive(Deserialize)]
struct Size {
    bytes: usize,
}

async fn large_text(call: Call) -> Outcome {
    let Size { bytes } = call.arguments.parse()?;
    Ok(text_result("x".repeat(bytes)))
}

/// Returns JSON with line breaks: a host that copied it onto the wire verbatim would break the
/// framing of stdio and SSE.
async fn line_breaks() -> Outcome {
    Ok(CallToolResult {
        meta: Some("{\r\n  \"example.org/lines\": [\n    1,\r    2\n  ]\n}".into()),
        ..structured_result("{\n  \"lines\": \"one\\ntwo\",\r\n\t\"more\": [ ]\n}\n")
    })
}

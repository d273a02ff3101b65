//! Results and errors as the host has to map them, and results that it must not let pass.

use super::{Call, Entry, Outcome};
use crate::bindings::wasi::mcp::content::{
    Annotations, CallToolResult, ContentBlock, ResourceLink, TextContent,
};
use crate::bindings::wasi::mcp::types::{Error, ErrorCode};
use crate::report::{error, text_result};

pub const ENTRIES: &[Entry] = &[
    Entry {
        output_schema: Some(
            r#"{"type":"object","properties":{"number":{"type":"number"}},"required":["number"]}"#,
        ),
        ..Entry::new("result", |call| Box::pin(result(call)))
    },
    Entry::new("return-other", |call| Box::pin(return_other(call))),
    Entry::new("error", |call| Box::pin(fail(call))),
];

/// A result of the kind that the argument `kind` names.
async fn result(call: Call) -> Outcome {
    let kind = call.argument("kind");
    let good = CallToolResult {
        structured_content: Some(r#"{"number":1}"#.into()),
        ..text_result("A result")
    };
    let structured = |json: &str| CallToolResult {
        structured_content: Some(json.into()),
        ..good.clone()
    };
    let holding = |block: ContentBlock| CallToolResult {
        content: vec![block],
        ..good.clone()
    };
    let json = |text: &str| Some(text.to_owned());
    Ok(match kind.as_str().unwrap_or_default() {
        "mismatch" => structured(r#"{"number":"one"}"#),
        "missing" => CallToolResult {
            structured_content: None,
            ..good
        },
        "no-json" => structured("{"),
        "no-object" => structured("[1]"),
        "half-surrogate" => structured(r#"{"number":1,"text":"\ud800"}"#),
        "meta-no-json" => CallToolResult {
            meta: json("{"),
            ..good
        },
        "meta-no-object" => CallToolResult {
            meta: json("1"),
            ..good
        },
        "extra-no-json" => CallToolResult {
            extra: json("}"),
            ..good
        },
        "extra-no-object" => CallToolResult {
            extra: json("[]"),
            ..good
        },
        "priority-beyond-1" => holding(ContentBlock::Text(TextContent {
            annotations: Some(Annotations {
                priority: Some(2.0),
                ..Annotations::default()
            }),
            ..TextContent::default()
        })),
        "size-nan" => holding(ContentBlock::ResourceLink(ResourceLink {
            uri: "probe:///link".into(),
            name: "link".into(),
            size: Some(f64::NAN),
            ..ResourceLink::default()
        })),
        "error-mismatch" => CallToolResult {
            is_error: Some(true),
            ..structured(r#"{"number":"one"}"#)
        },
        "error-without" => CallToolResult {
            is_error: Some(true),
            structured_content: None,
            ..good
        },
        "line-breaks" => structured("{\n  \"number\":\r\n  1\n}\n"),
        "number-text" => structured(r#"{"number":1.10,"large":9007199254740993}"#),
        "extra" => CallToolResult {
            extra: json(r#"{"x-kept":1.10,"content":"never","isError":true}"#),
            ..good
        },
        _ => good,
    })
}

/// A block of a kind that the interface does not name: the argument `json`.
async fn return_other(call: Call) -> Outcome {
    let json = call
        .argument("json")
        .as_str()
        .unwrap_or_default()
        .to_owned();
    Ok(CallToolResult {
        content: vec![ContentBlock::Other(json)],
        ..CallToolResult::default()
    })
}

/// An error with the code that the argument `code` names.
async fn fail(call: Call) -> Outcome {
    let code = call.argument("code");
    let code = match code.as_str().unwrap_or_default() {
        "parse-error" => ErrorCode::ParseError,
        "invalid-request" => ErrorCode::InvalidRequest,
        "method-not-found" => ErrorCode::MethodNotFound,
        "invalid-params" => ErrorCode::InvalidParams,
        "resource-not-found" => ErrorCode::ResourceNotFound,
        "cancelled" => ErrorCode::Cancelled,
        "timeout" => ErrorCode::Timeout,
        "invalid-state" => ErrorCode::InvalidState,
        "other" => ErrorCode::Other(-7),
        "data-no-json" => {
            return Err(Error {
                data: Some("{".into()),
                ..error(ErrorCode::InvalidParams, "A probe")
            });
        }
        _ => ErrorCode::InternalError,
    };
    Err(Error {
        data: Some("{\n\"why\": 1.10}".into()),
        ..error(code, "A probe")
    })
}

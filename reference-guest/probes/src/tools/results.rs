//! Results and errors as the host has to map them, and results that it must not let pass.

use super::{Call, Entry, Outcome};
use crate::bindings::wasi::mcp::content::{
    Annotations, AudioContent, CallToolResult, ContentBlock, EmbeddedResource, ImageContent,
    ResourceContents, ResourceLink, TextContent, TextResourceContents,
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
        "priority-beyond-1" => holding(important(2.0)),
        "priority-negative" => holding(important(-0.1)),
        "priority-nan" => holding(important(f64::NAN)),
        "image-priority" => holding(ContentBlock::Image(ImageContent {
            annotations: priority(1.1),
            ..ImageContent::default()
        })),
        "audio-priority" => holding(ContentBlock::Audio(AudioContent {
            annotations: priority(1.1),
            ..AudioContent::default()
        })),
        "link-priority" => holding(ContentBlock::ResourceLink(ResourceLink {
            annotations: priority(1.1),
            ..link(1.0)
        })),
        "embedded-priority" => holding(embedded(priority(1.1), None)),
        "contents-meta-no-json" => holding(embedded(None, json("{"))),
        "block-meta-no-object" => holding(ContentBlock::Text(TextContent {
            meta: json("7"),
            ..TextContent::default()
        })),
        "block-extra-no-json" => holding(ContentBlock::Text(TextContent {
            extra: json("nonsense"),
            ..TextContent::default()
        })),
        "size-nan" => holding(ContentBlock::ResourceLink(link(f64::NAN))),
        "size-negative" => holding(ContentBlock::ResourceLink(link(-1.0))),
        "size-fraction" => holding(ContentBlock::ResourceLink(link(0.5))),
        "size-2-53" => holding(ContentBlock::ResourceLink(link(9_007_199_254_740_992.0))),
        "size-beyond-2-53" => holding(ContentBlock::ResourceLink(link(9_007_199_254_740_994.0))),
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

fn priority(priority: f64) -> Option<Annotations> {
    Some(Annotations {
        priority: Some(priority),
        ..Annotations::default()
    })
}

fn important(importance: f64) -> ContentBlock {
    ContentBlock::Text(TextContent {
        annotations: priority(importance),
        ..TextContent::default()
    })
}

fn link(size: f64) -> ResourceLink {
    ResourceLink {
        uri: "probe:///link".into(),
        name: "link".into(),
        size: Some(size),
        ..ResourceLink::default()
    }
}

fn embedded(annotations: Option<Annotations>, meta: Option<String>) -> ContentBlock {
    ContentBlock::EmbeddedResource(EmbeddedResource {
        resource: ResourceContents::Text(TextResourceContents {
            uri: "probe:///embedded".into(),
            meta,
            ..TextResourceContents::default()
        }),
        annotations,
        meta: None,
        extra: None,
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

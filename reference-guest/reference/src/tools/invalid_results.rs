//! Invalid results: the host answers -32603 in their place.

use serde::Deserialize;
use serde_json::json;

use super::entry::{Call, Entry, Outcome, arguments};
use crate::bindings::wasi::mcp::content::CallToolResult;
use crate::content::text_result;

pub fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "invalid-result",
            "Answers with a result that breaks a rule: `kind` says which, or `none`.",
            arguments(
                json!({ "kind": {
                    "type": "string",
                    "enum": [
                        "mismatch", "missing", "no-json", "no-object", "lone-surrogate",
                        "meta-no-json", "meta-no-object", "extra-no-json", "extra-no-object", "none",
                    ],
                } }),
                &["kind"],
            ),
            |call| Box::pin(invalid_result(call)),
        )
        .with_output_schema(json!({
            "type": "object",
            "properties": { "number": { "type": "number" } },
            "required": ["number"],
        }))
        // Where the suite runs the component, a broken rule is a failure of the component.
        .destructive(),
    ]
}

#[derive(Deserialize)]
struct Arguments {
    kind: Kind,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// Structured content that violates the output schema.
    Mismatch,
    /// An output schema without structured content.
    Missing,
    /// Structured content that is not JSON.
    NoJson,
    /// Structured content that is JSON but not an object.
    NoObject,
    /// Structured content with half of a surrogate pair, which UTF-8 cannot express.
    LoneSurrogate,
    MetaNoJson,
    MetaNoObject,
    ExtraNoJson,
    ExtraNoObject,
    /// No fault.
    None,
}

async fn invalid_result(call: Call) -> Outcome {
    let Arguments { kind } = call.arguments.parse()?;
    let valid = CallToolResult {
        structured_content: Some(r#"{"number": 1}"#.into()),
        ..text_result("A result")
    };
    let structured = |json: &str| CallToolResult {
        structured_content: Some(json.into()),
        ..valid.clone()
    };
    let no_json = || Some("{\"number\": 1".to_owned());
    let no_object = || Some("[1]".to_owned());
    Ok(match kind {
        Kind::Mismatch => structured(r#"{"number": "one"}"#),
        Kind::Missing => CallToolResult {
            structured_content: None,
            ..valid
        },
        Kind::NoJson => structured(r#"{"number": 1"#),
        Kind::NoObject => structured("[1]"),
        Kind::LoneSurrogate => structured(r#"{"number": 1, "text": "\ud800"}"#),
        Kind::MetaNoJson => CallToolResult {
            meta: no_json(),
            ..valid
        },
        Kind::MetaNoObject => CallToolResult {
            meta: no_object(),
            ..valid
        },
        Kind::ExtraNoJson => CallToolResult {
            extra: no_json(),
            ..valid
        },
        Kind::ExtraNoObject => CallToolResult {
            extra: no_object(),
            ..valid
        },
        Kind::None => valid,
    })
}

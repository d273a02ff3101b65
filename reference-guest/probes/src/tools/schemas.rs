//! Schemas that the host has to refuse, and some that it has to take.

use super::registration::tool;
use super::{Call, Entry, Outcome};
use crate::bindings::wasi::mcp::content::Tool;
use crate::bindings::wasi::mcp::types::Error;
use crate::host::runtime;
use crate::report::{Report, structured, text_result};

pub const ENTRIES: &[Entry] = &[
    Entry::new("register-schemas", |_| {
        Box::pin(async { Ok(schemas().result()) })
    }),
    Entry {
        input_schema: r#"{"type":"object","properties":{"count":{"type":"integer","minimum":1}},"required":["count"],"additionalProperties":false}"#,
        ..Entry::new("strict", |call| Box::pin(strict(call)))
    },
    Entry {
        input_schema: FORMATTED,
        output_schema: Some(FORMATTED),
        ..Entry::new("formatted", |call| Box::pin(formatted(call)))
    },
];

/// Its formats are annotations: a host refuses no value for them.
const FORMATTED: &str = r#"{"type":"object","properties":{"mail":{"type":"string","format":"email"},"date":{"type":"string","format":"date-time"},"uri":{"type":"string","format":"uri"},"pattern":{"type":"string","format":"regex"}},"required":["mail"]}"#;

const REFUSED: &[(&str, &str)] = &[
    ("no-json", "{"),
    ("no-object", "true"),
    ("half-surrogate", r#"{"type":"object","title":"\udc00"}"#),
    ("no-type", r#"{"properties":{}}"#),
    ("type-string", r#"{"type":"string"}"#),
    (
        "type-unknown",
        r#"{"type":"object","properties":{"a":{"type":"nonsense"}}}"#,
    ),
    (
        "remote-reference",
        r#"{"type":"object","properties":{"a":{"$ref":"http://127.0.0.1:9/schema.json"}}}"#,
    ),
    (
        "file-reference",
        r#"{"type":"object","properties":{"a":{"$ref":"file:///etc/hostname"}}}"#,
    ),
    (
        "lost-reference",
        r##"{"type":"object","properties":{"a":{"$ref":"#/$defs/lost"}}}"##,
    ),
    (
        "unknown-dialect",
        r#"{"$schema":"https://example.com/dialect","type":"object"}"#,
    ),
    ("no-dialect", r#"{"$schema":"","type":"object"}"#),
];

const TAKEN: &[(&str, &str)] = &[
    (
        "inner-reference",
        r##"{"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{"type":"string"}}}"##,
    ),
    (
        "recursive-reference",
        r##"{"type":"object","properties":{"a":{"$ref":"#"}}}"##,
    ),
    (
        "unknown-keyword",
        r#"{"type":"object","x-anything":[1,{"a":null}]}"#,
    ),
    (
        "named-dialect",
        r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"}"#,
    ),
    ("line-breaks", "{\n  \"type\":\r\n \"object\"\n}"),
];

fn register(tool: Tool) -> Result<(), Error> {
    let name = tool.name.clone();
    runtime::register_tools(&[tool])?;
    runtime::unregister_tools(&[name])
}

fn schemas() -> Report {
    let mut report = Report::default();
    for (step, schema) in REFUSED.iter().chain(TAKEN) {
        let input = Tool {
            input_schema: (*schema).into(),
            ..tool("with-schema")
        };
        report.note(&format!("input-{step}"), register(input));
        let output = Tool {
            output_schema: Some((*schema).into()),
            ..tool("with-schema")
        };
        report.note(&format!("output-{step}"), register(output));
    }
    report
}

/// Gives its arguments back as structured content.
async fn formatted(call: Call) -> Outcome {
    Ok(structured(call.arguments))
}

/// The host refuses what does not fit before this runs.
async fn strict(call: Call) -> Outcome {
    Ok(text_result(call.arguments))
}

//! MCP's own schema, which is not part of this repository. Set the environment variable
//! `MCP_SCHEMA_2025_06_18` to the path of its file to enable it.

use jsonschema::Validator;
use serde_json::{Value, json};

use super::table::Entry;

const VARIABLE: &str = "MCP_SCHEMA_2025_06_18";

pub(super) struct Official(Value);

/// Returns the official schema, if the environment names it.
pub(super) fn official() -> Option<Official> {
    let path = std::env::var_os(VARIABLE)?;
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{VARIABLE}: {error}"));
    let mut schema: Value = serde_json::from_slice(&text).expect("a schema is JSON");
    open(&mut schema);
    Some(Official(schema))
}

/// Opens the schema to everything that the mapping accepts beyond it, so that all else can be
/// compared: unknown kinds in the open variants, any value and any refused content in an
/// elicitation's result, and `logging`, which the host declares and the mapping skips.
fn open(schema: &mut Value) {
    let definitions = &mut schema["definitions"];
    let mut add_kind = |place: &str, kind: Value| {
        let union = definitions.pointer_mut(&format!("/{place}/anyOf"));
        let kinds = union.and_then(Value::as_array_mut);
        kinds.expect("this is the schema of 2025-06-18").push(kind);
    };
    let sampling = ["text", "image", "audio"];
    add_kind(
        "ContentBlock",
        kind_beside(&["text", "image", "audio", "resource_link", "resource"]),
    );
    add_kind("SamplingMessage/properties/content", kind_beside(&sampling));
    add_kind(
        "CreateMessageResult/properties/content",
        kind_beside(&sampling),
    );
    add_kind(
        "CompleteRequest/properties/params/properties/ref",
        kind_beside(&["ref/prompt", "ref/resource"]),
    );
    let mut untyped = kind_beside(&["string", "number", "integer", "boolean"]);
    untyped["required"] = json!([]);
    add_kind("PrimitiveSchemaDefinition", untyped);
    let result = &mut definitions["ElicitResult"];
    result["properties"]["content"] = json!({ "additionalProperties": {} });
    result["if"] = json!({ "properties": { "action": { "const": "accept" } } });
    result["then"] = json!({ "properties": { "content": { "type": "object" } } });
    definitions["ServerCapabilities"]["properties"]["logging"] = json!({});
}

/// An object whose `type` is not among the named ones.
fn kind_beside(named: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": { "type": { "type": "string", "not": { "enum": named } } },
        "required": ["type"],
    })
}

impl Official {
    pub(super) fn definition(&self, entry: &Entry) -> &Value {
        self.0
            .pointer(&format!("/definitions/{}", entry.definition))
            .expect("the definition exists")
    }

    pub(super) fn validator(&self, entry: &Entry) -> Validator {
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "definitions": self.0["definitions"],
            "allOf": [{ "$ref": format!("#/definitions/{}", entry.definition) }],
        });
        // Validating URIs is left to their users.
        jsonschema::options()
            .should_validate_formats(false)
            .build(&schema)
            .expect("the definition exists")
    }
}

/// Adds the token to the params of progress, where the host handles it.
pub(super) fn as_defined(entry: &Entry, value: &Value) -> Value {
    let mut value = value.clone();
    if entry.wit == "progress"
        && let Some(members) = value.as_object_mut()
    {
        members.insert("progressToken".into(), json!(7));
    }
    value
}

/// Returns the output as a tree. Number text that a tree cannot represent is replaced.
pub(super) fn tree(json: &[u8]) -> Value {
    let text = std::str::from_utf8(json).expect("JSON is UTF-8");
    serde_json::from_str(&text.replace("1e400", "1e40"))
        .unwrap_or_else(|error| panic!("{error}: {text}"))
}

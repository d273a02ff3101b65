//! A schema in the form of the official one, derived from the description: an oracle that is always
//! available.

use serde_json::{Map, Value, json};
use wasi_mcp_conformance::wire::definitions::ALL;
use wasi_mcp_conformance::wire::methods::{METHODS, Method};
use wasi_mcp_conformance::wire::shapes::{Format, Record, Shape};

/// The schema.
pub fn schema() -> Value {
    let mut definitions = envelopes();
    for record in ALL {
        definitions.insert(record.name.to_owned(), object(record));
    }
    for method in METHODS {
        definitions.insert(
            format!("method-{}", method.name.replace('/', "-")),
            message(method),
        );
    }
    definitions.insert(
        "Result".to_owned(),
        json!({"type": "object", "properties": {"_meta": {"type": "object"}}}),
    );
    json!({"$schema": "http://json-schema.org/draft-07/schema#", "definitions": definitions})
}

fn envelopes() -> Map<String, Value> {
    let id = json!({"$ref": "#/definitions/RequestId"});
    let version = json!({"type": "string", "const": "2.0"});
    let params = |meta: Value| json!({"type": "object", "properties": {"_meta": meta}});
    let error = json!({
        "type": "object",
        "properties": {"code": {"type": "integer"}, "message": {"type": "string"}, "data": {}},
        "required": ["code", "message"],
    });
    let all = json!({
        "RequestId": {"type": ["string", "integer"]},
        "JSONRPCRequest": {
            "type": "object",
            "properties": {
                "jsonrpc": version, "id": id, "method": {"type": "string"},
                "params": params(json!({"$ref": "#/definitions/Request.params._meta"})),
            },
            "required": ["jsonrpc", "id", "method"],
        },
        "JSONRPCNotification": {
            "type": "object",
            "properties": {"jsonrpc": version, "method": {"type": "string"}, "params": params(json!({"type": "object"}))},
            "required": ["jsonrpc", "method"],
        },
        "JSONRPCResponse": {
            "type": "object",
            "properties": {"jsonrpc": version, "id": id, "result": {"$ref": "#/definitions/Result"}},
            "required": ["jsonrpc", "id", "result"],
        },
        "JSONRPCError": {
            "type": "object",
            "properties": {"jsonrpc": version, "id": {"type": ["string", "integer", "null"]}, "error": error},
            "required": ["jsonrpc", "error"],
        },
    });
    match all {
        Value::Object(all) => all,
        _ => Map::new(),
    }
}

fn message(method: &Method) -> Value {
    let mut required = vec!["method"];
    if method.params_required {
        required.push("params");
    }
    json!({
        "type": "object",
        "properties": {
            "method": {"type": "string", "const": method.name},
            "params": of(&method.params),
        },
        "required": required,
    })
}

fn object(record: &Record) -> Value {
    let members = record.members.iter();
    let properties: Map<String, Value> = members
        .clone()
        .map(|member| (member.name.to_owned(), of(&member.shape)))
        .collect();
    let required: Vec<&str> = members
        .filter(|member| member.required)
        .map(|member| member.name)
        .collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/definitions/{name}")})
}

fn any_of(names: &[&str]) -> Value {
    json!({"anyOf": names.iter().map(|name| reference(name)).collect::<Vec<_>>()})
}

fn of(shape: &Shape) -> Value {
    match shape {
        Shape::Any => json!({}),
        Shape::Text => json!({"type": "string"}),
        Shape::Formatted(format) => match format {
            Format::Uri => json!({"type": "string", "format": "uri"}),
            Format::UriTemplate => json!({"type": "string", "format": "uri-template"}),
            Format::Base64 => json!({"type": "string", "format": "byte"}),
            Format::MediaType | Format::Timestamp => json!({"type": "string"}),
        },
        Shape::Identifier => reference("RequestId"),
        Shape::Integer => json!({"type": "integer"}),
        Shape::Number => json!({"type": "number"}),
        Shape::Priority => json!({"type": "number", "minimum": 0, "maximum": 1}),
        Shape::Boolean => json!({"type": "boolean"}),
        Shape::Object | Shape::Meta => json!({"type": "object"}),
        Shape::Word([word]) => json!({"type": "string", "const": word}),
        Shape::Word(words) => json!({"type": "string", "enum": words}),
        Shape::List(item) | Shape::Bounded(item, _) => json!({"type": "array", "items": of(item)}),
        Shape::Map(item) => json!({"type": "object", "additionalProperties": of(item)}),
        Shape::Record(record) => reference(record.name),
        Shape::ByType(cases) => any_of(
            &cases
                .iter()
                .map(|(_, record)| record.name)
                .collect::<Vec<_>>(),
        ),
        Shape::Contents => any_of(&["TextResourceContents", "BlobResourceContents"]),
        Shape::FormField => any_of(&[
            "StringSchema",
            "NumberSchema",
            "BooleanSchema",
            "EnumSchema",
        ]),
        Shape::FormAnswer => json!({"type": ["string", "number", "boolean"]}),
    }
}

//! Comparison of names, members and obligations.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use wasi_mcp_conformance::wire::definitions::ALL;
use wasi_mcp_conformance::wire::methods::METHODS;
use wasi_mcp_conformance::wire::shapes::{Record, Shape};

use super::exceptions::LAXER;
use super::official;

/// Definitions that the description has in another form: unions (told apart
/// by hand), envelopes (judged as such), bases, scalars.
const OTHERWISE: &[&str] = &[
    "BaseMetadata",
    "ClientNotification",
    "ClientRequest",
    "ClientResult",
    "ContentBlock",
    "Cursor",
    "JSONRPCError",
    "JSONRPCMessage",
    "JSONRPCNotification",
    "JSONRPCRequest",
    "JSONRPCResponse",
    "LoggingLevel",
    "Notification",
    "PaginatedResult",
    "PrimitiveSchemaDefinition",
    "ProgressToken",
    "RequestId",
    "Result",
    "Role",
    "ServerNotification",
    "ServerRequest",
    "ServerResult",
    "Request",
    "PaginatedRequest",
];

fn record(name: &str) -> Option<&'static Record> {
    ALL.iter().copied().find(|record| record.name == name)
}

/// The members of an object schema and whether each is required.
fn members(schema: &Value) -> BTreeMap<String, bool> {
    let required: BTreeSet<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, _)| (name.clone(), required.contains(name.as_str())))
        .collect()
}

fn described(record: &Record) -> BTreeMap<String, bool> {
    record
        .members
        .iter()
        .map(|member| (member.name.to_owned(), member.required))
        .collect()
}

/// Compares the simple type of a property in the schema and in the description.
fn types_agree(property: &Value, shape: &Shape) -> bool {
    let is = |kind: &str| property["type"] == kind;
    match shape {
        Shape::Text | Shape::Formatted(_) => {
            is("string") || property["$ref"] == "#/definitions/Cursor"
        }
        Shape::Integer => is("integer"),
        Shape::Number | Shape::Priority => is("number"),
        Shape::Boolean => is("boolean"),
        Shape::List(_) | Shape::Bounded(..) => is("array"),
        Shape::Object | Shape::Meta | Shape::Map(_) => is("object"),
        Shape::Word(words) => match (&property["const"], &property["enum"], &property["$ref"]) {
            (Value::String(word), _, _) => words == &[word.as_str()],
            (_, Value::Array(all), _) => {
                all.len() == words.len()
                    && all
                        .iter()
                        .all(|word| words.iter().any(|known| word == known))
            }
            _ => property["$ref"].is_string(),
        },
        Shape::Record(_) => is("object") || property["$ref"].is_string(),
        Shape::Identifier => property["$ref"].is_string(),
        Shape::Any | Shape::ByType(_) | Shape::Contents | Shape::FormField | Shape::FormAnswer => {
            true
        }
    }
}

/// Compares a schema with the record of this name. Returns the differences.
fn compare(name: &str, schema: &Value) -> Vec<String> {
    let Some(record) = record(name) else {
        return vec![format!("{name} is not described")];
    };
    let (official, own) = (members(schema), described(record));
    let mut differences = Vec::new();
    if official != own {
        differences.push(format!(
            "{name}: the schema has {official:?}, the description {own:?}"
        ));
    }
    for member in record.members {
        let property = &schema["properties"][member.name];
        let path = name.replace('.', "/properties/");
        let assertion = format!("/definitions/{path}/properties/{}/type", member.name);
        let is_laxer = LAXER.iter().any(|one| one.assertion == assertion);
        if !property.is_null() && !is_laxer && !types_agree(property, &member.shape) {
            differences.push(format!(
                "{name}.{}: the schema has {property}, the description {:?}",
                member.name, member.shape
            ));
        }
        if let (Shape::Record(inner), true) = (&member.shape, property["properties"].is_object()) {
            differences.extend(compare(inner.name, property));
        }
    }
    differences
}

#[test]
fn the_description_accounts_for_every_definition() {
    let Some(schema) = official() else {
        eprintln!("MCP_SCHEMA_2025_06_18 is not set: only the count of definitions is checked");
        assert!(ALL.len() > 60);
        return;
    };
    let definitions = schema["definitions"].as_object().expect("definitions");
    assert_eq!(definitions.len(), 91);
    let mut differences = Vec::new();
    for (name, definition) in definitions
        .iter()
        .filter(|(name, _)| !OTHERWISE.contains(&name.as_str()))
    {
        if let Some(method) = definition["properties"]["method"]["const"].as_str() {
            differences.extend(compare_method(method, definition));
        } else if name == "EmptyResult" {
            assert!(record(name).is_some());
        } else {
            differences.extend(compare(name, definition));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn compare_method(name: &str, definition: &Value) -> Vec<String> {
    let Some(method) = METHODS.iter().find(|method| method.name == name) else {
        return vec![format!("the method {name} is not described")];
    };
    let Shape::Record(record) = &method.params else {
        return vec![format!("{name} has no record of parameters")];
    };
    let required = members(definition)
        .get("params")
        .copied()
        .unwrap_or_default();
    let mut differences = Vec::new();
    if required != method.params_required {
        differences.push(format!("{name}: the schema requires params: {required}"));
    }
    let mut official = definition["properties"]["params"].clone();
    // `_meta` is legal in all parameters, although not all definitions say so.
    if let Some(properties) = official["properties"].as_object_mut() {
        properties.remove("_meta");
    }
    // `roots/list` and the notifications without data share one record.
    if official["properties"]
        .as_object()
        .is_none_or(|properties| properties.is_empty())
    {
        assert!(
            record.members.is_empty(),
            "{name} has no parameters in the schema"
        );
        return differences;
    }
    differences.extend(compare(record.name, &official));
    differences
}

#[test]
fn every_definition_that_is_described_differently_exists() {
    let Some(schema) = official() else {
        assert!(OTHERWISE.iter().all(|name| !name.is_empty()));
        return;
    };
    for name in OTHERWISE {
        assert!(
            schema["definitions"].get(name).is_some(),
            "{name} is not a definition"
        );
    }
}

//! The messages reach the whole schema, and the changes every rule.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use wasi_mcp_conformance::wire::envelope::Rule as EnvelopeRule;
use wasi_mcp_conformance::wire::formats::MetaKeyFault;
use wasi_mcp_conformance::wire::methods::{METHODS, Sender};
use wasi_mcp_conformance::wire::shapes::{Rule, Shape};

use super::official;

/// Definitions that no message is compared with: unions, which a test of this module splits, and
/// scalars that nothing refers to.
const NOT_COMPARED: &[&str] = &[
    "ClientNotification",
    "ClientRequest",
    "ClientResult",
    "Cursor",
    "JSONRPCMessage",
    "ServerNotification",
    "ServerRequest",
    "ServerResult",
];

/// The number of definitions in the official schema.
const DEFINITIONS: usize = 91;
const PROPERTIES: usize = 316;

fn compared(schema: &Value) -> impl Iterator<Item = (String, &Value)> {
    let definitions = schema["definitions"].as_object().into_iter().flatten();
    let compared = definitions.filter(|(name, _)| !NOT_COMPARED.contains(&name.as_str()));
    compared.map(|(name, one)| (format!("/definitions/{name}"), one))
}

/// Returns the definitions and properties of a schema.
fn places(schema: &Value) -> Vec<String> {
    let mut places = Vec::new();
    for (pointer, definition) in compared(schema) {
        properties(definition, &pointer, &mut places);
        places.push(pointer);
    }
    places
}

fn properties(schema: &Value, pointer: &str, places: &mut Vec<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let pointer = format!("{pointer}/properties/{name}");
        properties(property, &pointer, places);
        places.push(pointer);
    }
    for keyword in ["items", "additionalProperties"] {
        if schema[keyword].is_object() {
            properties(&schema[keyword], &format!("{pointer}/{keyword}"), places);
        }
    }
}

/// Returns the definitions and properties that no generated message had.
pub fn unreached(schema: &Value, reached: &BTreeSet<String>) -> Vec<String> {
    places(schema)
        .into_iter()
        .filter(|place| !reached.contains(place))
        .collect()
}

/// Returns the assertions of the schema that no change broke.
pub fn unbroken(schema: &Value, broken: &BTreeSet<String>) -> Vec<String> {
    let mut all = Vec::new();
    compared(schema).for_each(|(pointer, definition)| assertions(definition, &pointer, &mut all));
    all.into_iter()
        .filter(|assertion| !broken.contains(assertion))
        .collect()
}

fn assertions(schema: &Value, pointer: &str, all: &mut Vec<String>) {
    for keyword in ["type", "const", "enum", "minimum", "maximum", "anyOf"] {
        if schema.get(keyword).is_some() {
            all.push(format!("{pointer}/{keyword}"));
        }
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        all.push(format!(
            "{pointer}/required {}",
            name.as_str().unwrap_or_default()
        ));
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        assertions(property, &format!("{pointer}/properties/{name}"), all);
    }
    for keyword in ["items", "additionalProperties"] {
        if schema[keyword].is_object() {
            assertions(&schema[keyword], &format!("{pointer}/{keyword}"), all);
        }
    }
}

/// Stops compiling when a rule is added that the lists below do not have.
fn is_listed(rule: Rule, envelope: EnvelopeRule) -> bool {
    use EnvelopeRule as E;
    let of_shapes = match rule {
        Rule::Type
        | Rule::Word
        | Rule::Uri
        | Rule::UriTemplate
        | Rule::Base64
        | Rule::MediaType
        | Rule::Timestamp
        | Rule::Priority
        | Rule::Limit
        | Rule::NoBody
        | Rule::TwoBodies
        | Rule::Meta
        | Rule::NotFlat
        | Rule::Keyword
        | Rule::Enumeration
        | Rule::UnknownRequired
        | Rule::NotEmpty
        | Rule::Count
        | Rule::Placement => RULES.contains(&rule),
        Rule::MetaKey(fault) => match fault {
            MetaKeyFault::Prefix
            | MetaKeyFault::Label
            | MetaKeyFault::NameEnds
            | MetaKeyFault::NameCharacters
            | MetaKeyFault::Reserved => RULES.contains(&rule),
        },
    };
    let of_envelopes = match envelope {
        // A value is always legible and one line; other text is tested elsewhere.
        E::Utf8 | E::Json | E::Surrogates | E::UniqueMembers | E::OneLine => true,
        E::NoBatch
        | E::Known
        | E::Foreign
        | E::Version
        | E::RequestIdKind
        | E::RequestIdNull
        | E::NotificationId
        | E::ResponseId
        | E::NotBoth
        | E::ResultObject
        | E::ErrorCode
        | E::ErrorMessage
        | E::ParamsObject => ENVELOPE_RULES.contains(&envelope),
    };
    of_shapes && of_envelopes
}

const RULES: &[Rule] = &[
    Rule::Type,
    Rule::Word,
    Rule::Uri,
    Rule::UriTemplate,
    Rule::Base64,
    Rule::MediaType,
    Rule::Timestamp,
    Rule::Priority,
    Rule::Limit,
    Rule::NoBody,
    Rule::TwoBodies,
    Rule::Meta,
    Rule::MetaKey(MetaKeyFault::Prefix),
    Rule::MetaKey(MetaKeyFault::Label),
    Rule::MetaKey(MetaKeyFault::NameEnds),
    Rule::MetaKey(MetaKeyFault::NameCharacters),
    Rule::MetaKey(MetaKeyFault::Reserved),
    Rule::NotFlat,
    Rule::Keyword,
    Rule::Enumeration,
    Rule::UnknownRequired,
    Rule::NotEmpty,
    Rule::Count,
    Rule::Placement,
];

const ENVELOPE_RULES: &[EnvelopeRule] = &[
    EnvelopeRule::NoBatch,
    EnvelopeRule::Known,
    EnvelopeRule::Foreign,
    EnvelopeRule::Version,
    EnvelopeRule::RequestIdKind,
    EnvelopeRule::RequestIdNull,
    EnvelopeRule::NotificationId,
    EnvelopeRule::ResponseId,
    EnvelopeRule::NotBoth,
    EnvelopeRule::ResultObject,
    EnvelopeRule::ErrorCode,
    EnvelopeRule::ErrorMessage,
    EnvelopeRule::ParamsObject,
];

/// Returns the rules of the description that nothing broke.
pub fn silent_rules(heard: &BTreeMap<String, usize>) -> Vec<String> {
    let of_shapes = RULES.iter().map(|rule| format!("{rule:?}"));
    let of_envelopes = ENVELOPE_RULES
        .iter()
        .map(|rule| format!("Envelope::{rule:?}"));
    of_shapes
        .chain(of_envelopes)
        .filter(|rule| !heard.contains_key(rule))
        .collect()
}

#[test]
fn the_rules_are_listed() {
    for rule in RULES {
        for envelope in ENVELOPE_RULES {
            assert!(is_listed(*rule, *envelope));
        }
    }
}

#[test]
fn the_schema_has_the_known_size() {
    let Some(schema) = official() else {
        eprintln!("MCP_SCHEMA_2025_06_18 is not set: the derived schema is looked at");
        let derived = super::derived::schema();
        assert!(places(&derived).len() > PROPERTIES);
        return;
    };
    let definitions = schema["definitions"]
        .as_object()
        .map_or(0, serde_json::Map::len);
    assert_eq!(definitions, DEFINITIONS);
    let known = places(&schema).len() + NOT_COMPARED.len();
    assert_eq!(known, DEFINITIONS + PROPERTIES);
}

/// The options of a union.
fn options(schema: &Value, union: &str) -> BTreeSet<String> {
    let options = schema["definitions"][union]["anyOf"]
        .as_array()
        .into_iter()
        .flatten();
    let names = options.filter_map(|option| option["$ref"].as_str());
    names
        .map(|name| name.trim_start_matches("#/definitions/").to_owned())
        .collect()
}

#[test]
fn unions_have_the_methods_and_results_of_their_side() {
    let Some(schema) = official() else {
        eprintln!("MCP_SCHEMA_2025_06_18 is not set: only the sides are counted");
        assert_eq!(
            METHODS
                .iter()
                .filter(|method| method.sender == Sender::Both)
                .count(),
            3
        );
        return;
    };
    let definition = |name: &str| {
        let definitions = schema["definitions"].as_object().into_iter().flatten();
        let mut found = definitions.filter(|(_, one)| one["properties"]["method"]["const"] == name);
        found
            .next()
            .map(|(name, _)| name.clone())
            .unwrap_or_default()
    };
    for (side, other, prefix) in [
        (Sender::Client, Sender::Server, "Client"),
        (Sender::Server, Sender::Client, "Server"),
    ] {
        let sent = |is_request: bool| -> BTreeSet<String> {
            let methods = METHODS.iter().filter(|method| method.sender != other);
            methods
                .filter(|method| method.result.is_some() == is_request)
                .map(|method| definition(method.name))
                .collect()
        };
        assert_eq!(options(&schema, &format!("{prefix}Request")), sent(true));
        assert_eq!(
            options(&schema, &format!("{prefix}Notification")),
            sent(false)
        );
        let results: BTreeSet<String> = METHODS
            .iter()
            .filter(|method| method.sender != side)
            .filter_map(|method| match &method.result {
                Some(Shape::Record(record)) => Some(record.name.replace("EmptyResult", "Result")),
                _ => None,
            })
            .collect();
        assert_eq!(options(&schema, &format!("{prefix}Result")), results);
    }
    let kinds = [
        "JSONRPCError",
        "JSONRPCNotification",
        "JSONRPCRequest",
        "JSONRPCResponse",
    ];
    assert_eq!(
        options(&schema, "JSONRPCMessage"),
        kinds.map(str::to_owned).into()
    );
    assert_eq!(schema["definitions"]["Cursor"]["type"], "string");
}

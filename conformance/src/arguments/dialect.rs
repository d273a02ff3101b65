//! Dialects of JSON Schema, and schemas compiled in the dialect that accepts them.
//!
//! MCP 2025-06-18 names no dialect. `$schema` selects one; a schema without it is one of 2020-12,
//! or of draft 7 where it is valid and can be used only there (as with `items` as an array).

use std::fmt;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::Value;

use crate::wire::shapes::doubtful_choices;

use super::merging::resolve;

/// The dialects to try for a schema that names none, in this order.
const UNNAMED: [Draft; 2] = [Draft::Draft202012, Draft::Draft7];

/// The reason why a schema cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaFault {
    /// It breaks the rules of its dialect, or refers to a part of itself that does not exist.
    Broken {
        /// [JSON Pointer](https://www.rfc-editor.org/rfc/rfc6901) to the place in the schema.
        pointer: String,
        /// The fault.
        what: String,
    },
    /// It names an unknown dialect. It may be valid.
    UnknownDialect(String),
    /// It refers to another document, which is not fetched. It may be valid.
    Outside {
        /// JSON Pointer to the reference.
        pointer: String,
        /// The reference.
        reference: String,
    },
}

impl SchemaFault {
    /// Returns true if the schema is certainly invalid.
    pub fn is_certain(&self) -> bool {
        matches!(self, Self::Broken { .. })
    }
}

impl fmt::Display for SchemaFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken { pointer, what } if pointer.is_empty() => {
                write!(formatter, "at the top: {what}")
            }
            Self::Broken { pointer, what } => write!(formatter, "at {pointer}: {what}"),
            Self::UnknownDialect(uri) => {
                write!(formatter, "at /$schema: the dialect {uri} is not known")
            }
            Self::Outside { pointer, reference } => write!(
                formatter,
                "at {pointer}: {reference} is another document, which is not fetched"
            ),
        }
    }
}

/// Compiles a schema in its dialect. `format` is an assertion only if `formats` is set: dialects
/// leave that to the implementation.
///
/// # Errors
///
/// When it is invalid, or cannot be used here.
pub fn compile(schema: &Value, formats: bool) -> Result<Validator, SchemaFault> {
    let attempts = match named(schema)? {
        Some(draft) => vec![draft],
        None => UNNAMED.to_vec(),
    };
    let mut first = None;
    for draft in attempts {
        match compile_as(schema, draft, formats) {
            Ok(validator) => return Ok(validator),
            Err(fault) => drop(first.get_or_insert(fault)),
        }
    }
    Err(first.unwrap_or_else(|| broken("", "no dialect fits".to_owned())))
}

/// Returns the dialect that `$schema` names, if it is present.
fn named(schema: &Value) -> Result<Option<Draft>, SchemaFault> {
    let Some(name) = schema.get("$schema") else {
        return Ok(None);
    };
    let Some(uri) = name.as_str() else {
        return Err(broken("/$schema", format!("{name} is not a string")));
    };
    if !crate::wire::formats::is_uri(uri) {
        return Err(broken(
            "/$schema",
            format!("{uri:?} is not a URI that names a dialect"),
        ));
    }
    let draft = Draft::from_schema_uri(uri);
    let known = [
        Draft::Draft4,
        Draft::Draft6,
        Draft::Draft7,
        Draft::Draft201909,
        Draft::Draft202012,
    ];
    match known.contains(&draft) {
        true => Ok(Some(draft)),
        false => Err(SchemaFault::UnknownDialect(uri.to_owned())),
    }
}

fn compile_as(schema: &Value, draft: Draft, formats: bool) -> Result<Validator, SchemaFault> {
    let options = jsonschema::options()
        .with_draft(draft)
        .offline()
        .should_validate_formats(formats);
    options
        .build(schema)
        .map_err(|error| fault_of(schema, &error))
}

fn fault_of(schema: &Value, error: &ValidationError<'_>) -> SchemaFault {
    if matches!(error.kind(), ValidationErrorKind::Referencing(_)) {
        let mut references = Vec::new();
        collect_references(schema, "", &mut references);
        let local = |reference: &str| reference.is_empty() || reference.starts_with('#');
        let lost = references
            .iter()
            .find(|(_, reference)| local(reference) && resolve(schema, reference).is_err());
        if let Some((pointer, reference)) = lost {
            return broken(pointer, format!("{reference:?} leads nowhere"));
        }
        let outer = references.iter().find(|(_, reference)| !local(reference));
        if let Some((pointer, reference)) = outer {
            return SchemaFault::Outside {
                pointer: pointer.clone(),
                reference: reference.clone(),
            };
        }
    }
    broken(error.instance_path().as_str(), error.to_string())
}

/// Lists what a valid schema should not have: enumerations without a value, or with one twice.
pub fn doubts(schema: &Value) -> Vec<String> {
    /// The keywords whose members are schemas.
    const NAMED: [&str; 5] = [
        "properties",
        "patternProperties",
        "dependentSchemas",
        "$defs",
        "definitions",
    ];
    /// The keywords whose values are no schemas.
    const VALUES: [&str; 5] = ["enum", "const", "default", "examples", "dependentRequired"];
    let mut found = Vec::new();
    let mut left = vec![(String::new(), schema)];
    while let Some((pointer, schema)) = left.pop() {
        if let Some(list) = schema.as_array() {
            let items = list.iter().enumerate();
            left.extend(items.map(|(index, item)| (format!("{pointer}/{index}"), item)));
        }
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            let pointer = format!("{pointer}/{keyword}");
            if keyword == "enum"
                && let Some(doubt) = doubtful_choices(value)
            {
                found.push(format!("at {pointer}: {doubt}"));
            }
            if NAMED.contains(&keyword.as_str()) {
                let members = value.as_object().into_iter().flatten();
                left.extend(members.map(|(name, schema)| (format!("{pointer}/{name}"), schema)));
            } else if !VALUES.contains(&keyword.as_str()) {
                left.push((pointer, value));
            }
        }
    }
    found
}

fn broken(pointer: &str, what: String) -> SchemaFault {
    SchemaFault::Broken {
        pointer: pointer.to_owned(),
        what,
    }
}

/// Lists the references of a schema with the pointers to them. Examples and constants hold none.
fn collect_references(schema: &Value, pointer: &str, found: &mut Vec<(String, String)>) {
    match schema {
        Value::Object(members) => {
            for (name, value) in members {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                let pointer = format!("{pointer}/{escaped}");
                match (name.as_str(), value) {
                    ("$ref" | "$dynamicRef" | "$recursiveRef", Value::String(reference)) => {
                        found.push((pointer, reference.clone()));
                    }
                    ("const" | "enum" | "default" | "examples", _) => {}
                    _ => collect_references(value, &pointer, found),
                }
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect_references(value, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(schema: Value) -> SchemaFault {
        match compile(&schema, false) {
            Ok(_) => panic!("{schema} is valid"),
            Err(fault) => fault,
        }
    }

    #[test]
    fn a_schema_without_a_dialect_is_one_of_2020_12_or_of_draft_7() {
        for schema in [
            json!({"type": "object"}),
            json!({"prefixItems": [{"type": "string"}], "items": false}),
            json!({"items": [{"type": "string"}]}),
            json!({"definitions": {"a": {"items": [{}]}}, "$ref": "#/definitions/a"}),
        ] {
            assert!(compile(&schema, false).is_ok(), "{schema}");
        }
        let tuple = compile(&json!({"items": [{"type": "string"}]}), false).expect("draft 7");
        assert!(tuple.is_valid(&json!(["a", 1])) && !tuple.is_valid(&json!([1])));
        let mixed = json!({"prefixItems": [{"type": "string"}], "items": [{}]});
        let fitting = compile(&mixed, false).expect("draft 7 ignores prefixItems");
        assert!(fitting.is_valid(&json!([1])));
    }

    #[test]
    fn a_named_dialect_counts_alone() {
        let tuple = |dialect: &str| json!({"$schema": dialect, "items": [{"type": "string"}]});
        for dialect in [
            "http://json-schema.org/draft-04/schema#",
            "http://json-schema.org/draft-06/schema",
            "http://json-schema.org/draft-07/schema#",
            "https://json-schema.org/draft/2019-09/schema",
        ] {
            assert!(compile(&tuple(dialect), false).is_ok(), "{dialect}");
        }
        let newer = fault(tuple("https://json-schema.org/draft/2020-12/schema"));
        assert!(newer.is_certain() && newer.to_string().starts_with("at /items: "));
        let own = fault(tuple("https://example.com/dialect"));
        assert_eq!(
            own,
            SchemaFault::UnknownDialect("https://example.com/dialect".to_owned())
        );
    }

    #[test]
    fn what_is_no_uri_names_no_dialect() {
        for name in [json!(""), json!("draft-07"), json!(7), json!(null)] {
            let fault = fault(json!({"$schema": name, "type": "object"}));
            assert!(fault.is_certain(), "{name}");
            assert!(fault.to_string().starts_with("at /$schema: "), "{fault}");
        }
    }

    #[test]
    fn a_reference_to_nowhere_is_named_with_its_place() {
        let schema = json!({"properties": {"a/b": {"$ref": "#/$defs/none"}}});
        assert_eq!(
            fault(schema).to_string(),
            "at /properties/a~1b/$ref: \"#/$defs/none\" leads nowhere"
        );
        let anchor = json!({"$ref": "#missing"});
        assert!(fault(anchor).is_certain());
    }

    #[test]
    fn another_document_is_not_fetched_and_not_blamed() {
        let fault = fault(json!({"items": {"$ref": "https://example.com/item.json"}}));
        assert!(!fault.is_certain(), "{fault}");
        assert!(fault.to_string().contains("/items/$ref"), "{fault}");
    }

    #[test]
    fn formats_are_assertions_only_on_request() {
        let schema =
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "format": "date"});
        let valid = |formats| {
            let validator = compile(&schema, formats).expect("valid");
            validator.is_valid(&json!("yesterday"))
        };
        assert!(valid(false) && !valid(true));
    }
}

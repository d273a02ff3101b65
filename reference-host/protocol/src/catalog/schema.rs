//! Schemas of tools ([JSON Schema](https://json-schema.org/draft/2020-12)).

use jsonschema::{PatternOptions, Validator};
use serde_json::{Map, Value};

use super::super::error::shortened;
use super::expansion::{self, Cost};
use super::{numbers, weight};

/// The schema of a tool's arguments or of its structured content.
///
/// It says which draft it keeps to with `$schema`; without that it is 2020-12.
/// Everything that it refers to has to be in it: nothing is ever fetched, from
/// the network or from files. (The meta-schema of its draft is built in, so a
/// reference to that one resolves.)
#[derive(Debug)]
pub struct Schema {
    json: Box<str>,
    weight: usize,
    compiled: Compiled,
}

#[derive(Debug)]
enum Compiled {
    /// Any object matches.
    AnyObject,
    Validator {
        validator: Box<Validator>,
        cost: Cost,
    },
}

/// Why a schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// It is no JSON text, or nested too deeply.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// It is longer than [`Schema::MAX_BYTES`], refers more often than
    /// [`Schema::MAX_REFERENCES`], expands to more than [`Schema::MAX_EXPANDED`] or
    /// would take more memory than [`Schema::MAX_WEIGHT`].
    #[error("too large: {0}")]
    TooLarge(String),
    /// It has not the form that MCP asks of tool schemas, or never comes to an end.
    #[error("{0}")]
    Form(&'static str),
    /// It breaks the draft that it keeps to, names an unknown one, or refers to something outside itself.
    #[error("not a schema that can be used: {0}")]
    Invalid(String),
}

impl SchemaError {
    pub(super) fn invalid(error: &dyn std::error::Error) -> Self {
        Self::Invalid(shortened(&error.to_string()).into_owned())
    }
}

/// A place in a value that does not match the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// [JSON Pointer](https://www.rfc-editor.org/rfc/rfc6901) to the place;
    /// empty for the whole value.
    pub path: String,
    /// What does not match.
    pub message: String,
}

/// How often schemas may be applied in one validation, estimated from above:
/// the parts of the value times [`Cost::for_each_part`].
const MOST_APPLIED: usize = 10_000_000;

/// How many bytes a compiled pattern may have, should the estimate be wrong.
const MAX_PATTERN: usize = 4 << 20;

/// How many bytes a pattern may keep of what it has found out while matching.
const MAX_PATTERN_CACHE: usize = 256 << 10;

/// How many violations are reported.
const REPORTED: usize = 8;

/// Keywords that restrict nothing where the value is an object already.
const UNRESTRICTIVE: [&str; 7] = [
    "$schema",
    "$id",
    "$comment",
    "type",
    "title",
    "description",
    "examples",
];

impl Schema {
    /// The longest text of a schema, in bytes.
    pub const MAX_BYTES: usize = 256 * 1024;

    /// How many `$ref`, `$dynamicRef` and `$recursiveRef` a schema may have:
    /// following a chain of them takes stack.
    pub const MAX_REFERENCES: usize = 1000;

    /// How many schemas a schema may consist of when each reference stands for
    /// what it refers to: so often the whole may be applied to one value.
    /// A recursive schema counts what it refers back to once.
    pub const MAX_EXPANDED: usize = expansion::MOST;

    /// How many schemas may stand within each other, references followed.
    pub const MAX_NESTED: usize = expansion::DEEPEST;

    /// How many bytes of memory a compiled schema may take, by estimate.
    pub const MAX_WEIGHT: usize = 16 << 20;

    /// Checks and compiles a schema.
    ///
    /// # Errors
    ///
    /// [`SchemaError`] says what is wrong with it.
    pub fn compile(json: &str) -> Result<Self, SchemaError> {
        let (compiled, weight) = compile(json)?;
        Ok(Self {
            json: json.into(),
            weight,
            compiled,
        })
    }

    /// A schema that is not used: any object matches.
    pub(super) fn unrestrictive(json: &str) -> Self {
        Self {
            json: json.into(),
            weight: json.len(),
            compiled: Compiled::AnyObject,
        }
    }

    /// How many bytes of memory it takes, by estimate.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    /// The schema's text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }

    /// Does `object`, the text of a JSON object, match?
    ///
    /// # Errors
    ///
    /// The first few places that do not. A value that is too large for the
    /// schema, so that to check it would take seconds, does not match. For a value too deep for a recursive
    /// schema, only that it does not match. A number beyond the range of `f64`
    /// counts as the last one within it; nesting of more than some 120 levels
    /// does not match any schema that restricts something.
    pub fn validate(&self, object: &str) -> Result<(), Vec<Violation>> {
        let Compiled::Validator { validator, cost } = &self.compiled else {
            return Ok(());
        };
        let value = numbers::read(object).map_err(|error| {
            vec![Violation {
                path: String::new(),
                message: error.to_string(),
            }]
        })?;
        let whole = |message: &str| {
            Err(vec![Violation {
                path: String::new(),
                message: message.to_owned(),
            }])
        };
        let (parts, depth) = measure(&value);
        // The deeper it stands, the longer a validator looks whether it goes in a
        // circle.
        let applied = parts
            .saturating_mul(cost.for_each_part)
            .saturating_mul(depth.div_ceil(10));
        if applied > MOST_APPLIED {
            return whole("too many parts to be checked against this schema");
        }
        if validator.is_valid(&value) {
            return Ok(());
        }
        if depth > cost.reported_depth {
            return whole("somewhere in it a part does not match");
        }
        let errors = validator.iter_errors(&value).take(REPORTED);
        Err(errors
            .map(|error| Violation {
                path: shortened(error.instance_path().as_str()).into_owned(),
                message: shortened(&error.to_string()).into_owned(),
            })
            .collect())
    }
}

/// Compiles a schema, and estimates what it takes.
fn compile(json: &str) -> Result<(Compiled, usize), SchemaError> {
    if json.len() > Schema::MAX_BYTES {
        return Err(SchemaError::TooLarge(format!(
            "{} bytes are the most",
            Schema::MAX_BYTES
        )));
    }
    let value = numbers::read(json).map_err(|error| SchemaError::NotJson(error.to_string()))?;
    let members = value
        .as_object()
        .ok_or(SchemaError::Form("a tool's schema is an object"))?;
    check_form(members)?;
    if references(&value) > Schema::MAX_REFERENCES {
        return Err(SchemaError::TooLarge(format!(
            "{} references are the most",
            Schema::MAX_REFERENCES
        )));
    }
    let weight = weight::of(json, &value);
    if weight > Schema::MAX_WEIGHT {
        return Err(SchemaError::TooLarge(format!(
            "compiled it would take more than {} bytes, as patterns do that count far",
            Schema::MAX_WEIGHT
        )));
    }
    let cost = expansion::check(&value)?;
    // Patterns with look-around backtrack; the limit keeps one that explodes
    // from holding up the session.
    let validator = jsonschema::options()
        .offline()
        // The interface makes `format` an annotation in every dialect.
        .should_validate_formats(false)
        .with_pattern_options(
            PatternOptions::fancy_regex()
                .backtrack_limit(100_000)
                .size_limit(MAX_PATTERN)
                .dfa_size_limit(MAX_PATTERN_CACHE),
        )
        .build(&value)
        .map_err(|error| SchemaError::invalid(&error))?;
    if members
        .keys()
        .all(|keyword| UNRESTRICTIVE.contains(&keyword.as_str()))
    {
        return Ok((Compiled::AnyObject, json.len()));
    }
    let compiled = Compiled::Validator {
        validator: Box::new(validator),
        cost,
    };
    Ok((compiled, weight))
}

/// The form of `inputSchema` and `outputSchema` in [MCP's
/// schema](https://modelcontextprotocol.io/specification/2025-06-18/schema#tool).
fn check_form(members: &Map<String, Value>) -> Result<(), SchemaError> {
    if members.get("type").and_then(Value::as_str) != Some("object") {
        return Err(SchemaError::Form("a tool's schema has \"type\":\"object\""));
    }
    let properties_are_objects = match members.get("properties") {
        None => true,
        Some(Value::Object(properties)) => properties.values().all(Value::is_object),
        Some(_) => false,
    };
    if !properties_are_objects {
        return Err(SchemaError::Form(
            "the `properties` of a tool's schema are objects",
        ));
    }
    let required_are_strings = match members.get("required") {
        None => true,
        Some(Value::Array(names)) => names.iter().all(Value::is_string),
        Some(_) => false,
    };
    if !required_are_strings {
        return Err(SchemaError::Form(
            "`required` in a tool's schema is an array of strings",
        ));
    }
    Ok(())
}

/// How many parts a value has, itself counted, and how deeply it is nested.
fn measure(value: &Value) -> (usize, usize) {
    fn all<'a>(parts: impl Iterator<Item = &'a Value>) -> (usize, usize) {
        let (count, depth) = parts.map(measure).fold((0, 0), |(count, depth), part| {
            (count + part.0, depth.max(part.1))
        });
        (count + 1, depth + 1)
    }
    match value {
        Value::Object(members) => all(members.values()),
        Value::Array(items) => all(items.iter()),
        _ => (1, 1),
    }
}

fn references(value: &Value) -> usize {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let refers = matches!(name.as_str(), "$ref" | "$dynamicRef" | "$recursiveRef");
                usize::from(refers && value.is_string()) + references(value)
            })
            .sum(),
        Value::Array(items) => items.iter().map(references).sum(),
        _ => 0,
    }
}

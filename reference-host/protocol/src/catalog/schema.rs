//! Schemas of tools ([JSON Schema](https://json-schema.org/draft/2020-12)).

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::{Map, Value};

use super::super::error::shortened;
use super::expansion::{self, Cost};
use super::violations::{describe, short};
use super::{dialect, numbers, weight};

/// The schema of a tool's arguments or of its structured content.
///
/// `$schema` selects the dialect, one of the published drafts from 4 to 2020-12; without it the
/// dialect is 2020-12. The schema must be valid in its dialect. All references must resolve within the
/// schema: nothing is ever fetched, from the network or from files. (The meta-schema of its draft
/// is built in, so a reference to that one resolves.)
#[derive(Debug)]
pub struct Schema {
    json: Box<str>,
    weight: usize,
    compiled: Compiled,
}

#[derive(Debug)]
enum Compiled {
    /// Matches any object.
    AnyObject,
    Validator {
        validator: Box<Validator>,
        cost: Cost,
    },
}

/// Reasons why a schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// It is not JSON text, or nested too deeply.
    #[error("expected JSON text: {0}")]
    NotJson(String),
    /// It is longer than [`Schema::MAX_BYTES`], refers more often than
    /// [`Schema::MAX_REFERENCES`], expands to more than [`Schema::MAX_EXPANDED`] or
    /// would take more memory than [`Schema::MAX_WEIGHT`].
    #[error("too large: {0}")]
    TooLarge(String),
    /// It does not have the form that MCP requires of tool schemas, or never terminates.
    #[error("{0}")]
    Form(String),
    /// It violates its dialect, names an unknown one, or refers to something outside itself.
    #[error("not a usable schema: {0}")]
    Invalid(String),
}

impl SchemaError {
    pub(super) fn invalid(error: &dyn std::error::Error) -> Self {
        Self::Invalid(shortened(&error.to_string()).into_owned())
    }

    /// Creates the error for a schema that is too large, with the path of the part at fault.
    pub(super) fn too_large(path: &str, text: &str) -> Self {
        Self::TooLarge(match path {
            "" => text.to_owned(),
            path => format!("at {}: {text}", shortened(path)),
        })
    }

    /// Creates the error for a member that does not have the form that MCP requires.
    fn form(path: &str, expected: &str, found: Option<&Value>) -> Self {
        let found = found.map_or_else(|| "nothing".to_owned(), short);
        let place = if path.is_empty() {
            String::new()
        } else {
            format!("at {}: ", shortened(path))
        };
        Self::Form(format!("{place}expected {expected}, found {found}"))
    }
}

/// A place in a value that does not match the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// [JSON Pointer](https://www.rfc-editor.org/rfc/rfc6901) to the place;
    /// empty for the whole value.
    pub path: String,
    /// The mismatch.
    pub message: String,
}

/// The maximum number of schema applications in one validation, estimated from above: the parts of
/// the value times [`Cost::for_each_part`].
const MOST_APPLIED: usize = 10_000_000;

/// The maximum size of a compiled pattern in bytes, in case the estimate is wrong.
const MAX_PATTERN: usize = 4 << 20;

/// The maximum size of a pattern's match cache in bytes.
const MAX_PATTERN_CACHE: usize = 256 << 10;

/// The maximum number of violations that are reported.
const REPORTED: usize = 8;

/// Keywords that do not restrict a value that is already an object.
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
    /// The maximum length of a schema's text, in bytes.
    pub const MAX_BYTES: usize = 256 * 1024;

    /// The maximum number of `$ref`, `$dynamicRef` and `$recursiveRef` in a schema: following a
    /// chain of them uses stack.
    pub const MAX_REFERENCES: usize = 1000;

    /// The maximum number of schemas after each reference is replaced by its target, which is how
    /// often schemas may be applied to one value. A recursive schema counts the target of a back
    /// reference once.
    pub const MAX_EXPANDED: usize = expansion::MOST;

    /// The maximum nesting of schemas, with references followed.
    pub const MAX_NESTED: usize = expansion::DEEPEST;

    /// The maximum estimated memory of a compiled schema, in bytes.
    pub const MAX_WEIGHT: usize = 16 << 20;

    /// Checks and compiles a schema.
    ///
    /// # Errors
    ///
    /// [`SchemaError`] gives the reason.
    pub fn compile(json: &str) -> Result<Self, SchemaError> {
        let (compiled, weight) = compile(json)?;
        Ok(Self {
            json: json.into(),
            weight,
            compiled,
        })
    }

    /// Creates a schema that any object matches, in place of one that is not used.
    pub(super) fn unrestrictive(json: &str) -> Self {
        Self {
            json: json.into(),
            weight: json.len(),
            compiled: Compiled::AnyObject,
        }
    }

    /// Returns its estimated memory, in bytes: an upper bound.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// Returns the schema's text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }

    /// Estimates from above the number of schema applications that checking a text takes.
    pub(crate) fn estimated_work(&self, text: &str) -> usize {
        match &self.compiled {
            Compiled::AnyObject => 0,
            Compiled::Validator { cost, .. } => {
                applications(text.len() / 2 + 1, deepest(text), *cost)
            }
        }
    }

    /// Checks whether `object`, the text of a JSON object, matches.
    ///
    /// # Errors
    ///
    /// The first few violations. A value so large that checking it would take seconds does not
    /// match. A value too deep for a recursive schema is reported without details. A number beyond
    /// the range of `f64` counts as the nearest one within it. Nesting of more than about 120
    /// levels does not match any schema that restricts something.
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
        if applications(parts, depth, *cost) > MOST_APPLIED {
            return whole("too many parts to be checked against this schema");
        }
        if validator.is_valid(&value) {
            return Ok(());
        }
        if depth > cost.reported_depth {
            return whole("somewhere in it a part does not match");
        }
        // Parsed successfully at registration.
        let schema = numbers::read(&self.json).unwrap_or_default();
        let errors = validator.iter_errors(&value).take(REPORTED);
        Err(errors
            .map(|error| Violation {
                path: shortened(error.instance_path().as_str()).into_owned(),
                message: describe(&error, &schema),
            })
            .collect())
    }
}

/// Compiles a schema and estimates its memory.
fn compile(json: &str) -> Result<(Compiled, usize), SchemaError> {
    if json.len() > Schema::MAX_BYTES {
        return Err(SchemaError::TooLarge(format!(
            "expected at most {} bytes, found {}",
            Schema::MAX_BYTES,
            json.len()
        )));
    }
    let value = numbers::read(json)
        .map_err(|error| SchemaError::NotJson(format!("{error}, found {:?}", shortened(json))))?;
    let members = value
        .as_object()
        .ok_or_else(|| SchemaError::form("", "a JSON object", Some(&value)))?;
    check_form(members)?;
    let draft = dialect::of(&value)?;
    let found = references(&value);
    if found > Schema::MAX_REFERENCES {
        let place = heaviest(&value, Schema::MAX_REFERENCES / 2, &references);
        return Err(SchemaError::too_large(
            &place,
            &format!(
                "expected at most {} references in all, found {found}",
                Schema::MAX_REFERENCES
            ),
        ));
    }
    let weight = weight::of(json, &value);
    if weight > Schema::MAX_WEIGHT {
        let place = heaviest(&value, Schema::MAX_WEIGHT / 2, &weight::of_value);
        return Err(SchemaError::too_large(
            &place,
            &format!(
                "once compiled it would take more than {} bytes, as patterns with large repeat counts do",
                Schema::MAX_WEIGHT
            ),
        ));
    }
    let cost = expansion::check(&value)?;
    // Patterns with look-around backtrack; the limit keeps a pathological one from blocking the
    // session.
    let validator = jsonschema::options()
        .with_draft(draft)
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
        .map_err(|error| invalid(&value, &error))?;
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

/// Converts the validator's error. For a schema that would be valid in draft 7, but does not say
/// that it is of that dialect, the text adds how to.
fn invalid(schema: &Value, error: &ValidationError<'_>) -> SchemaError {
    let path = error.instance_path().as_str();
    let text = describe(error, &Value::Null);
    let mut text = if path.is_empty() {
        text
    } else {
        format!("at {}: {text}", shortened(path))
    };
    if schema.get("$schema").is_none() && jsonschema::draft7::meta::is_valid(schema) {
        text.push_str(
            " (without `$schema` a schema is in the 2020-12 dialect; this one is valid in draft-07: \
             add \"$schema\":\"http://json-schema.org/draft-07/schema#\")",
        );
    }
    SchemaError::Invalid(text)
}

/// Checks the form of `inputSchema` and `outputSchema` against [MCP's
/// schema](https://modelcontextprotocol.io/specification/2025-06-18/schema#tool).
fn check_form(members: &Map<String, Value>) -> Result<(), SchemaError> {
    let kind = members.get("type");
    if kind.and_then(Value::as_str) != Some("object") {
        return Err(SchemaError::form("/type", "\"object\"", kind));
    }
    match members.get("properties") {
        None => {}
        Some(Value::Object(properties)) => {
            if let Some((name, found)) = properties.iter().find(|(_, it)| !it.is_object()) {
                let name = name.replace('~', "~0").replace('/', "~1");
                let path = format!("/properties/{name}");
                return Err(SchemaError::form(&path, "an object", Some(found)));
            }
        }
        found => return Err(SchemaError::form("/properties", "an object", found)),
    }
    match members.get("required") {
        None => {}
        Some(Value::Array(names)) => {
            if let Some(at) = names.iter().position(|name| !name.is_string()) {
                let path = format!("/required/{at}");
                return Err(SchemaError::form(&path, "a string", names.get(at)));
            }
        }
        found => return Err(SchemaError::form("/required", "an array", found)),
    }
    Ok(())
}

/// Returns the number of parts of a value, itself included, and its nesting.
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

/// Returns the place of the smallest part that has more than `most` of what `of` counts, or of the
/// whole.
fn heaviest(whole: &Value, most: usize, of: &impl Fn(&Value) -> usize) -> String {
    /// Each level costs as much as the whole.
    const LEVELS: usize = 16;
    let (mut value, mut place) = (whole, String::new());
    for _ in 0..LEVELS {
        let heavy = match value {
            Value::Object(members) => members
                .iter()
                .find(|(name, part)| {
                    // A keyword may count beyond its value.
                    let alone = Value::Object(Map::from_iter([((*name).clone(), (*part).clone())]));
                    of(&alone) > most
                })
                .map(|(name, part)| (part, name.replace('~', "~0").replace('/', "~1"))),
            Value::Array(items) => {
                let found = items.iter().enumerate().find(|(_, part)| of(part) > most);
                found.map(|(at, part)| (part, at.to_string()))
            }
            _ => None,
        };
        let Some((part, name)) = heavy else {
            break;
        };
        value = part;
        place = format!("{place}/{name}");
    }
    place
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
/// Returns the number of schema applications that a value of so many parts and levels takes. The
/// deeper it is nested, the longer a validator searches for a cycle.
fn applications(parts: usize, depth: usize, cost: Cost) -> usize {
    parts
        .saturating_mul(cost.for_each_part)
        .saturating_mul(depth.div_ceil(10))
}

/// Returns the deepest nesting of a JSON text, or more where brackets stand in strings.
fn deepest(text: &str) -> usize {
    let (mut depth, mut deepest) = (1_usize, 1);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1).max(1),
            _ => {}
        }
    }
    deepest
}

//! Errors of the JSON Schema validator, in words that tell a reader how to fix them.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::super::error::{shortened, shortened_to};
use super::super::similar;

/// The maximum length of a description, in bytes.
const LONGEST: usize = 2000;

/// The maximum length of a list in a description, in bytes. The rest is for the value.
const LONGEST_LIST: usize = 1600;

/// The maximum length of the list of unexpected members, in bytes.
const LONGEST_UNEXPECTED: usize = 300;

/// The maximum nesting of schemas in which names of members are looked for.
const DEEPEST_LOOK: usize = 8;

/// Describes the expectation and the finding. Unlike the validator's own texts, it lists all
/// candidates of an enumeration, the names of members, and the alternatives of `anyOf` and `oneOf`,
/// up to a length at which a list no longer helps. Long values are cut, so that they do not displace
/// the expectation. The `schema` is the whole one.
pub(super) fn describe(error: &ValidationError<'_>, schema: &Value) -> String {
    let text = match error.kind() {
        Kind::Enum { options } => match options.as_array() {
            Some(options) => candidates(error, options.iter()),
            None => error.to_string(),
        },
        Kind::AnyOf { context } => alternatives(error, "anyOf", context, schema),
        Kind::OneOfNotValid { context } => alternatives(error, "oneOf", context, schema),
        Kind::PropertyNames { error } => {
            format!("a property name: {}", describe(error, schema))
        }
        Kind::FalseSchema => format!("no value is allowed here, found {}", found(error)),
        Kind::AdditionalProperties { unexpected } => {
            members("Additional properties", error, unexpected, schema)
        }
        Kind::UnevaluatedProperties { unexpected } => {
            members("Unevaluated properties", error, unexpected, schema)
        }
        // Their texts hold names and the schema, but not the value.
        Kind::Required { .. } | Kind::Constant { .. } => error.to_string(),
        _ => error.masked_with(found(error)).to_string(),
    };
    shortened_to(&text, LONGEST).into_owned()
}

/// Returns the short JSON text of a value, for a message.
pub(super) fn short(value: &Value) -> String {
    shortened(&value.to_string()).into_owned()
}

fn found(error: &ValidationError<'_>) -> String {
    short(error.instance())
}

fn candidates<'a>(
    error: &ValidationError<'_>,
    options: impl ExactSizeIterator<Item = &'a Value>,
) -> String {
    let options: Vec<String> = options.map(short).collect();
    format!(
        "{} is not one of {}",
        found(error),
        list(&options, ", ", " or ")
    )
}

/// Describes members that an object may not have, with the names that it may have.
fn members(
    which: &str,
    error: &ValidationError<'_>,
    unexpected: &[String],
    schema: &Value,
) -> String {
    let quoted: Vec<String> = unexpected
        .iter()
        .map(|name| format!("'{}'", shortened(name)))
        .collect();
    let verb = if unexpected.len() == 1 { "was" } else { "were" };
    let unexpected_list = list_within(&quoted, ", ", ", ", LONGEST_UNEXPECTED);
    let mut text = format!("{which} are not allowed ({unexpected_list} {verb} unexpected)");
    let path = error.schema_path().as_str();
    let keywords = path.rsplit_once('/').map(|(keywords, _)| keywords);
    let Some(keywords) = keywords.and_then(|path| schema.pointer(path)) else {
        return text;
    };
    let mut names = Names::default();
    names.look(keywords, schema, 0);
    for name in unexpected.iter().take(3) {
        if let Some(near) = similar::nearest(name, names.exact.iter().copied()) {
            text.push_str(&format!(
                ": did you mean {:?} in place of {:?}?",
                shortened(near),
                shortened(name)
            ));
            break;
        }
    }
    let exact = names
        .exact
        .iter()
        .map(|name| format!("{:?}", shortened(name)));
    let patterns = names.patterns.iter();
    let patterns = patterns.map(|pattern| format!("names that match {:?}", shortened(pattern)));
    let allowed: Vec<String> = exact.chain(patterns).collect();
    let separator = if text.ends_with('?') {
        " Expected "
    } else {
        ": expected "
    };
    text.push_str(separator);
    match allowed.as_slice() {
        [] => text.push_str("no members"),
        allowed => text.push_str(&format!("only {}", list(allowed, ", ", " or "))),
    }
    text
}

/// The names that the members of an object may have.
#[derive(Debug, Default)]
struct Names<'s> {
    exact: Vec<&'s str>,
    patterns: Vec<&'s str>,
}

impl<'s> Names<'s> {
    /// Adds the names in a schema, and in those that it applies to the same value.
    fn look(&mut self, schema: &'s Value, whole: &'s Value, depth: usize) {
        let Some(keywords) = schema.as_object().filter(|_| depth < DEEPEST_LOOK) else {
            return;
        };
        for (keyword, value) in keywords {
            match (keyword.as_str(), value) {
                ("properties", Value::Object(members)) => {
                    // A member with the schema `false` is never allowed.
                    let members = members.iter().filter(|(_, it)| **it != Value::Bool(false));
                    add(&mut self.exact, members.map(|(name, _)| name.as_str()));
                }
                ("patternProperties", Value::Object(members)) => {
                    add(&mut self.patterns, members.keys().map(String::as_str));
                }
                ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => {
                    for schema in schemas {
                        self.look(schema, whole, depth + 1);
                    }
                }
                ("if" | "then" | "else", schema) => self.look(schema, whole, depth + 1),
                ("$ref", Value::String(reference)) => {
                    let target = reference.strip_prefix('#');
                    if let Some(target) = target.and_then(|pointer| whole.pointer(pointer)) {
                        self.look(target, whole, depth + 1);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Adds names that are not there yet, up to a number beyond which a list no longer helps.
fn add<'s>(all: &mut Vec<&'s str>, more: impl Iterator<Item = &'s str>) {
    const MOST: usize = 400;
    for name in more {
        if all.len() < MOST && !all.contains(&name) {
            all.push(name);
        }
    }
}

/// Describes why no alternative matches, each by its first error. Alternatives that are single
/// values are an enumeration.
fn alternatives(
    error: &ValidationError<'_>,
    keyword: &str,
    context: &[Vec<ValidationError<'static>>],
    schema: &Value,
) -> String {
    let own = error.instance_path().as_str();
    let firsts: Vec<_> = context.iter().filter_map(|errors| errors.first()).collect();
    let constants: Vec<&Value> = firsts
        .iter()
        .filter(|first| first.instance_path().as_str() == own)
        .filter_map(|first| match first.kind() {
            Kind::Constant { expected_value } => Some(&**expected_value),
            _ => None,
        })
        .collect();
    if !constants.is_empty() && constants.len() == firsts.len() {
        return candidates(error, constants.into_iter());
    }
    let mut reasons: Vec<String> = Vec::new();
    let (mut described, mut bytes) = (0, 0);
    for first in &firsts {
        // To describe an alternative takes a while, and a list has no room for more.
        if bytes > LONGEST_LIST {
            break;
        }
        let path = first.instance_path().as_str();
        let reason = match path.strip_prefix(own).filter(|rest| !rest.is_empty()) {
            Some(rest) => format!("at {}: {}", shortened(rest), describe(first, schema)),
            None => describe(first, schema),
        };
        described += 1;
        bytes += reason.len();
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    let found = found(error);
    if reasons.is_empty() {
        format!("{found} matches no schema of `{keyword}`")
    } else {
        let mut reasons = list(&reasons, "; ", "; ");
        let left = firsts.len() - described;
        if left > 0 {
            reasons.push_str(&format!("; {left} further schemas"));
        }
        format!("{found} matches no schema of `{keyword}`: {reasons}")
    }
}

/// Joins items. A list that is too long ends with the number of items left out.
fn list(items: &[String], separator: &str, last_separator: &str) -> String {
    list_within(items, separator, last_separator, LONGEST_LIST)
}

/// Joins items up to a length.
fn list_within(items: &[String], separator: &str, last_separator: &str, longest: usize) -> String {
    let mut text = String::new();
    for (at, item) in items.iter().enumerate() {
        let left = items.len() - at;
        if at > 0 && text.len() + item.len() > longest {
            return format!("{text}{last_separator}{left} more");
        }
        if at > 0 {
            text.push_str(if left == 1 { last_separator } else { separator });
        }
        text.push_str(item);
    }
    text
}

//! Errors of the JSON Schema validator, in words that tell a reader how to fix them.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::super::error::{shortened, shortened_to};

/// The maximum length of a description, in bytes.
const LONGEST: usize = 2000;

/// The maximum length of a list in a description, in bytes. The rest is for the value.
const LONGEST_LIST: usize = 1600;

/// Describes the expectation and the finding. Unlike the validator's own texts, it lists all
/// candidates of an enumeration and the alternatives of `anyOf` and `oneOf`, up to a length at
/// which a list no longer helps. Long values are cut, so that they do not displace the expectation.
pub(super) fn describe(error: &ValidationError<'_>) -> String {
    let text = match error.kind() {
        Kind::Enum { options } => match options.as_array() {
            Some(options) => candidates(error, options.iter()),
            None => error.to_string(),
        },
        Kind::AnyOf { context } => alternatives(error, "anyOf", context),
        Kind::OneOfNotValid { context } => alternatives(error, "oneOf", context),
        Kind::PropertyNames { error } => format!("a property name: {}", describe(error)),
        Kind::FalseSchema => format!("no value is allowed here, found {}", found(error)),
        // Their texts hold names and the schema, but not the value.
        Kind::Required { .. }
        | Kind::Constant { .. }
        | Kind::AdditionalProperties { .. }
        | Kind::UnevaluatedProperties { .. } => error.to_string(),
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

/// Describes why no alternative matches, each by its first error. Alternatives that are single
/// values are an enumeration.
fn alternatives(
    error: &ValidationError<'_>,
    keyword: &str,
    context: &[Vec<ValidationError<'static>>],
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
    for first in firsts {
        let path = first.instance_path().as_str();
        let reason = match path.strip_prefix(own).filter(|rest| !rest.is_empty()) {
            Some(rest) => format!("at {}: {}", shortened(rest), describe(first)),
            None => describe(first),
        };
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    let found = found(error);
    if reasons.is_empty() {
        format!("{found} matches no schema of `{keyword}`")
    } else {
        let reasons = list(&reasons, "; ", "; ");
        format!("{found} matches no schema of `{keyword}`: {reasons}")
    }
}

/// Joins items. A list that is too long ends with the number of items left out.
fn list(items: &[String], separator: &str, last_separator: &str) -> String {
    let mut text = String::new();
    for (at, item) in items.iter().enumerate() {
        let left = items.len() - at;
        if at > 0 && text.len() + item.len() > LONGEST_LIST {
            return format!("{text}{last_separator}{left} more");
        }
        if at > 0 {
            text.push_str(if left == 1 { last_separator } else { separator });
        }
        text.push_str(item);
    }
    text
}

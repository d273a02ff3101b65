//! Arguments with one fault: each breaks exactly one keyword of the schema.

use std::collections::{BTreeSet, HashSet};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Value, json};

use super::{compile, number, valid, valid_with_everything};
use crate::wire::shapes::excerpt;

/// The highest number of invalid arguments for one schema.
pub const MAX_MUTATIONS: usize = 24;
/// The highest number of attempted changes for one schema.
const MAX_TRIES: usize = 4_000;
/// The highest number of values visited in all attempts together. Large arguments are changed less
/// often.
const MAX_VALUES: usize = 2_000_000;
/// The highest number of members of an object, or items of an array, that are changed.
const MAX_CHILDREN: usize = 256;
/// The longest text, and the longest list, made to break a limit.
const LONGEST: u64 = 4_096;

/// Arguments that break the schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Mutation {
    /// A description of the fault.
    pub what: String,
    /// The one keyword that they break.
    pub keyword: String,
    /// The arguments.
    pub arguments: Value,
}

/// Makes invalid objects, each with exactly one fault and all with different faults.
pub fn invalid(schema: &Value) -> Vec<Mutation> {
    let Ok(validator) = compile(schema) else {
        return Vec::new();
    };
    let bases = [valid_with_everything(schema), valid(schema)]
        .into_iter()
        .flatten();
    let limits = Limits::of(schema);
    let mut broken = HashSet::new();
    let mut mutations = Vec::new();
    for base in bases.filter(Value::is_object) {
        let tries = MAX_TRIES.min(MAX_VALUES / values_in(&base));
        for change in changes(&base, &limits).into_iter().take(tries) {
            if mutations.len() >= MAX_MUTATIONS {
                return mutations;
            }
            let arguments = change.of(&base);
            if let Some(error) = only_error(&validator, &arguments)
                && broken.insert(rule(&error))
            {
                let keyword = error.kind().keyword().to_owned();
                drop(error);
                mutations.push(Mutation {
                    what: change.told(&keyword),
                    keyword,
                    arguments,
                });
            }
        }
    }
    mutations
}

/// Returns the error of a value that has exactly one. Errors of `format` do not count: it is an
/// annotation in the current draft and an assertion in older ones.
fn only_error<'a>(validator: &'a Validator, value: &'a Value) -> Option<ValidationError<'a>> {
    let mut errors = validator.iter_errors(value);
    let error = errors.next().filter(|_| errors.next().is_none())?;
    let annotates = matches!(
        error.kind(),
        ValidationErrorKind::Format { .. }
            | ValidationErrorKind::ContentEncoding { .. }
            | ValidationErrorKind::ContentMediaType { .. }
    );
    (!annotates).then_some(error)
}

/// Names the rule of the schema that an error is about.
fn rule(error: &ValidationError<'_>) -> String {
    let place = error.evaluation_path();
    match error.kind() {
        ValidationErrorKind::Required { property } => format!("{place} {property}"),
        _ => place.to_string(),
    }
}

/// The limits that a schema names, and values beyond them.
#[derive(Default)]
struct Limits {
    numbers: Vec<Value>,
    lengths: BTreeSet<u64>,
    counts: BTreeSet<u64>,
}

impl Limits {
    fn of(schema: &Value) -> Self {
        let mut limits = Self::default();
        limits.collect(schema);
        limits
    }

    fn collect(&mut self, schema: &Value) {
        match schema {
            Value::Object(members) => members.iter().for_each(|(name, value)| {
                self.take(name, value);
                self.collect(value);
            }),
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            _ => {}
        }
    }

    fn take(&mut self, keyword: &str, limit: &Value) {
        let whole = limit.as_u64().filter(|limit| *limit <= LONGEST);
        match (keyword, limit.as_f64(), whole) {
            ("minimum" | "exclusiveMinimum", Some(limit), _) => {
                self.numbers
                    .extend([number::of(limit - 1.0), number::of(limit)]);
            }
            ("maximum" | "exclusiveMaximum", Some(limit), _) => {
                self.numbers
                    .extend([number::of(limit + 1.0), number::of(limit)]);
            }
            ("multipleOf", Some(step), _) => {
                self.numbers
                    .extend([1.5, 2.5, 10.5].map(|times| number::of(step * times)));
            }
            ("minLength", _, Some(limit)) => self.lengths.extend(limit.checked_sub(1)),
            ("maxLength", _, Some(limit)) => self.lengths.extend([limit + 1]),
            ("minItems" | "minProperties", _, Some(limit)) => {
                self.counts.extend(limit.checked_sub(1))
            }
            ("maxItems" | "maxProperties", _, Some(limit)) => self.counts.extend([limit + 1]),
            _ => {}
        }
    }
}

/// A change, which may break something.
struct Change {
    /// The place for a reader.
    way: String,
    /// The changed value, as a pointer.
    pointer: String,
    kind: ChangeKind,
}

enum ChangeKind {
    /// A member is removed.
    Removed(String),
    /// An unexpected member is added.
    Added,
    /// The value is replaced.
    Replaced(Value),
}

/// The name of the unexpected member.
const FURTHER: &str = "unexpectedMember";

impl Change {
    /// Returns the arguments with this change.
    fn of(&self, base: &Value) -> Value {
        let mut changed = base.clone();
        let place = changed.pointer_mut(&self.pointer);
        match (&self.kind, place) {
            (ChangeKind::Replaced(other), Some(place)) => *place = other.clone(),
            (ChangeKind::Removed(name), Some(Value::Object(members))) => {
                members.remove(name);
            }
            (ChangeKind::Added, Some(Value::Object(members))) => {
                members.insert(FURTHER.to_owned(), json!(true));
            }
            _ => {}
        }
        changed
    }

    fn told(&self, keyword: &str) -> String {
        match &self.kind {
            ChangeKind::Removed(_) if keyword == "required" => {
                format!("without the required `{}`", self.way)
            }
            ChangeKind::Removed(_) => format!("without `{}`, which breaks `{keyword}`", self.way),
            ChangeKind::Added => format!(
                "with the additional member `{}`, which breaks `{keyword}`",
                self.way
            ),
            ChangeKind::Replaced(value) => {
                format!(
                    "with `{}` as {}, which breaks `{keyword}`",
                    self.way,
                    excerpt(value)
                )
            }
        }
    }
}

/// Lists changes of an object below its root: removals, then additions, then replacements, outer
/// values first.
fn changes(base: &Value, limits: &Limits) -> Vec<Change> {
    let mut places = vec![(String::new(), String::new(), base.clone())];
    let mut changes = Vec::new();
    let mut index = 0;
    while let Some((pointer, way, value)) = places.get(index).cloned() {
        index += 1;
        structural(&pointer, &way, &value, &mut changes);
        if !pointer.is_empty() {
            for other in replacements(&value, limits)
                .into_iter()
                .filter(|other| *other != value)
            {
                changes.push(Change {
                    way: way.clone(),
                    pointer: pointer.clone(),
                    kind: ChangeKind::Replaced(other),
                });
            }
        }
        places.extend(children(&pointer, &way, &value));
    }
    changes
}

fn children(pointer: &str, way: &str, value: &Value) -> Vec<(String, String, Value)> {
    match value {
        Value::Object(members) => members
            .iter()
            .take(MAX_CHILDREN)
            .map(|(name, value)| {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                (
                    format!("{pointer}/{escaped}"),
                    joined(way, name),
                    value.clone(),
                )
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .take(MAX_CHILDREN)
            .enumerate()
            .map(|(index, value)| {
                (
                    format!("{pointer}/{index}"),
                    format!("{way}[{index}]"),
                    value.clone(),
                )
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn joined(way: &str, name: &str) -> String {
    if way.is_empty() {
        name.to_owned()
    } else {
        format!("{way}.{name}")
    }
}

/// Lists the removal and the addition of members.
fn structural(pointer: &str, way: &str, value: &Value, changes: &mut Vec<Change>) {
    let Value::Object(members) = value else {
        return;
    };
    for name in members.keys().take(MAX_CHILDREN) {
        changes.push(Change {
            way: joined(way, name),
            pointer: pointer.to_owned(),
            kind: ChangeKind::Removed(name.clone()),
        });
    }
    changes.push(Change {
        way: joined(way, FURTHER),
        pointer: pointer.to_owned(),
        kind: ChangeKind::Added,
    });
}

/// Counts the values within a value, itself included.
fn values_in(value: &Value) -> usize {
    let inner: usize = match value {
        Value::Object(members) => members.values().map(values_in).sum(),
        Value::Array(items) => items.iter().map(values_in).sum(),
        _ => 0,
    };
    inner + 1
}

/// Lists values of the same type around a limit, then values of other types.
fn replacements(value: &Value, limits: &Limits) -> Vec<Value> {
    let mut others = Vec::new();
    match value {
        Value::Number(number) => {
            others.extend(limits.numbers.iter().cloned());
            others.push(number::of(
                number.as_f64().unwrap_or_default().trunc() + 0.5,
            ));
        }
        Value::String(text) => {
            let resized = |length: &u64| {
                text.chars()
                    .chain(std::iter::repeat('x'))
                    .take(*length as usize)
                    .collect::<String>()
            };
            others.push(json!("none of the allowed values"));
            others.extend(limits.lengths.iter().map(resized).map(Value::from));
            others.extend([json!("\u{1}~"), json!("")]);
        }
        Value::Array(items) => {
            let resized = |count: &u64| {
                items
                    .iter()
                    .cycle()
                    .take(*count as usize)
                    .cloned()
                    .collect::<Value>()
            };
            others.extend(limits.counts.iter().map(resized));
            others.extend(
                items
                    .first()
                    .map(|first| items.iter().chain([first]).cloned().collect::<Value>()),
            );
            others.push(json!([]));
        }
        Value::Object(members) => {
            let with = |count: &u64| {
                let further = (0..*count).map(|number| (format!("member{number}"), json!(true)));
                members
                    .clone()
                    .into_iter()
                    .chain(further)
                    .take(*count as usize)
                    .collect::<Value>()
            };
            others.extend(limits.counts.iter().map(with));
            others.push(json!({}));
        }
        Value::Bool(other) => others.push(json!(!other)),
        Value::Null => {}
    }
    let of_other_types = [
        json!({"not": "expected"}),
        json!("not expected"),
        json!(["not expected"]),
        json!(7),
        json!(true),
        Value::Null,
    ];
    others.extend(of_other_types);
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_with_thousands_of_members_is_cheap() {
        let properties: serde_json::Map<String, Value> = (0..4000)
            .map(|number| {
                let property = json!({"type": "string", "maxLength": 8});
                (format!("member{number:04}"), property)
            })
            .collect();
        let schema = json!({"type": "object", "properties": properties});
        let mutations = invalid(&schema);
        assert!(!mutations.is_empty() && mutations.len() <= MAX_MUTATIONS);
    }
}

//! Arguments with one fault: each breaks exactly one keyword of the schema.

use std::collections::{BTreeSet, HashSet};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Value, json};

use super::{compile, number, valid, valid_with_everything};
use crate::wire::shapes::excerpt;

/// How many invalid arguments are made at most for one schema.
pub const MOST_MUTATIONS: usize = 24;
/// How many changes are tried at most for one schema.
const MOST_TRIES: usize = 4_000;
/// How many values are looked at in all of these tries together: large
/// arguments are changed less often.
const MOST_VALUES: usize = 2_000_000;
/// How many members of an object, or items of an array, are changed at most.
const MOST_CHILDREN: usize = 256;
/// The longest text, and the longest list, made to break a limit.
const LONGEST: u64 = 4_096;

/// Arguments that break the schema, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Mutation {
    /// What is wrong with them.
    pub what: String,
    /// The keyword that they break, the only one.
    pub keyword: String,
    /// The arguments.
    pub arguments: Value,
}

/// Objects that the schema of an object does not allow; each has one fault,
/// and each fault is another.
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
        let tries = MOST_TRIES.min(MOST_VALUES / values_in(&base));
        for change in changes(&base, &limits).into_iter().take(tries) {
            if mutations.len() >= MOST_MUTATIONS {
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

/// The error of a value that has exactly one. A format is an annotation in
/// the current draft and asserted in older ones: servers may do either.
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

/// Which rule of the schema an error is about.
fn rule(error: &ValidationError<'_>) -> String {
    let place = error.evaluation_path();
    match error.kind() {
        ValidationErrorKind::Required { property } => format!("{place} {property}"),
        _ => place.to_string(),
    }
}

/// The limits that a schema names, and values on their wrong side.
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

/// A change, which may or may not break something.
struct Change {
    /// Where, for people.
    way: String,
    /// The value that is changed, as a pointer.
    pointer: String,
    kind: ChangeKind,
}

enum ChangeKind {
    /// The member of this name goes.
    Removed(String),
    /// A member that nobody expects comes.
    Added,
    /// Something else takes its place.
    Replaced(Value),
}

/// The member that nobody expects.
const FURTHER: &str = "unexpectedMember";

impl Change {
    /// The arguments with this change.
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
                "with the further member `{}`, which breaks `{keyword}`",
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

/// Changes of an object below its root: first what goes, then what comes,
/// then what becomes something else; above before below.
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
            .take(MOST_CHILDREN)
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
            .take(MOST_CHILDREN)
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

/// A member less, a member more.
fn structural(pointer: &str, way: &str, value: &Value, changes: &mut Vec<Change>) {
    let Value::Object(members) = value else {
        return;
    };
    for name in members.keys().take(MOST_CHILDREN) {
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

/// How many values stand in a value, itself included.
fn values_in(value: &Value) -> usize {
    let inner: usize = match value {
        Value::Object(members) => members.values().map(values_in).sum(),
        Value::Array(items) => items.iter().map(values_in).sum(),
        _ => 0,
    };
    inner + 1
}

/// Values of the same type that may be on the wrong side of a limit, then
/// values of other types.
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
    fn a_schema_of_thousands_of_members_costs_little() {
        let properties: serde_json::Map<String, Value> = (0..4000)
            .map(|number| {
                let property = json!({"type": "string", "maxLength": 8});
                (format!("member{number:04}"), property)
            })
            .collect();
        let schema = json!({"type": "object", "properties": properties});
        let mutations = invalid(&schema);
        assert!(!mutations.is_empty() && mutations.len() <= MOST_MUTATIONS);
    }
}

//! Single changes of a JSON value at every place. Most are faults; both judges have to decide
//! which.

use serde_json::{Value, json};

use super::text;

/// A step into a value.
#[derive(Clone, Debug)]
enum Step {
    Member(String),
    Item(usize),
}

/// A change at a place.
#[derive(Clone, Debug)]
pub struct Change {
    way: Vec<Step>,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Remove(Step),
    Replace(Value),
    /// A whole number becomes this one.
    AddFraction(Value),
    Insert(String, Value),
    Fill,
}

/// More items than any list of the revision may have.
const MANY: usize = 101;

/// Returns all changes; `names` are the members that are inserted where they are missing.
pub fn all(value: &Value, names: &[String]) -> Vec<Change> {
    let mut changes = Vec::new();
    collect(value, names, &mut Vec::new(), &mut changes);
    changes
}

fn collect(value: &Value, names: &[String], way: &mut Vec<Step>, changes: &mut Vec<Change>) {
    let mut push = |kind: Kind| {
        changes.push(Change {
            way: way.clone(),
            kind,
        })
    };
    let replacements = text::of_each_type()
        .into_iter()
        .chain(value.as_str().map(|text| json!(format!("{text}x"))));
    replacements
        .filter(|other| other != value)
        .for_each(|other| push(Kind::Replace(other)));
    match value {
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            push(Kind::AddFraction(json!(2.5)));
        }
        Value::Object(members) => {
            members
                .keys()
                .for_each(|name| push(Kind::Remove(Step::Member(name.clone()))));
            for name in names.iter().filter(|name| !members.contains_key(*name)) {
                for value in [json!("text"), json!(1), json!({})] {
                    push(Kind::Insert(name.clone(), value));
                }
            }
            for (name, member) in members {
                way.push(Step::Member(name.clone()));
                collect(member, names, way, changes);
                way.pop();
            }
        }
        Value::Array(items) => {
            if !items.is_empty() {
                push(Kind::Remove(Step::Item(0)));
                push(Kind::Fill);
            }
            for (index, item) in items.iter().enumerate() {
                way.push(Step::Item(index));
                collect(item, names, way, changes);
                way.pop();
            }
        }
        _ => {}
    }
}

impl Change {
    /// Returns true if it adds a member, which is usually legal.
    pub fn inserts(&self) -> bool {
        matches!(self.kind, Kind::Insert(..))
    }

    /// Returns true if it gives a whole number a fraction: few places of a message have one, and the
    /// specification's schemas differ on them.
    pub fn adds_a_fraction(&self) -> bool {
        matches!(self.kind, Kind::AddFraction(_))
    }

    /// Returns the value with this change.
    pub fn apply(&self, value: &Value) -> Value {
        let mut changed = value.clone();
        let mut place = &mut changed;
        for step in &self.way {
            place = match step {
                Step::Member(name) => &mut place[name.as_str()],
                Step::Item(index) => &mut place[*index],
            };
        }
        match (&self.kind, place) {
            (Kind::Replace(other) | Kind::AddFraction(other), place) => *place = other.clone(),
            (Kind::Remove(Step::Member(name)), Value::Object(members)) => {
                drop(members.remove(name))
            }
            (Kind::Remove(Step::Item(index)), Value::Array(items)) => drop(items.remove(*index)),
            (Kind::Insert(name, value), Value::Object(members)) => {
                members.insert(name.clone(), value.clone());
            }
            (Kind::Fill, Value::Array(items)) => {
                let item = items[0].clone();
                items.resize(MANY, item);
            }
            _ => unreachable!("a change fits the value that it was made for"),
        }
        changed
    }
}

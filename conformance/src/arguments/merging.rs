//! Merging of schemas that apply together, and resolution of references.

use serde_json::{Map, Value, json};

/// Resolves a reference within a document.
///
/// # Errors
///
/// When it points outside the document or to nothing.
pub fn resolve(root: &Value, reference: &str) -> Result<Value, String> {
    let own = root["$id"].as_str().unwrap_or_default();
    let fragment = reference
        .strip_prefix(own)
        .filter(|rest| rest.is_empty() || rest.starts_with('#'))
        .unwrap_or(reference);
    let fragment = match fragment.strip_prefix('#') {
        Some(fragment) => fragment,
        None if fragment.is_empty() => "",
        None => return Err(format!("`{reference}` points outside the schema")),
    };
    let found = if fragment.is_empty() || fragment.starts_with('/') {
        root.pointer(&decoded(fragment))
    } else {
        anchored(root, fragment)
    };
    found.cloned().ok_or(format!("`{reference}` leads nowhere"))
}

/// Decodes percent escapes of ASCII characters in a fragment.
fn decoded(fragment: &str) -> String {
    let mut parts = fragment.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code.filter(u8::is_ascii) {
            Some(code) => {
                text.push(char::from(code));
                text.push_str(&part[2..]);
            }
            None => {
                text.push('%');
                text.push_str(part);
            }
        }
    }
    text
}

fn anchored<'a>(schema: &'a Value, anchor: &str) -> Option<&'a Value> {
    let named = |members: &Map<String, Value>| {
        let is =
            |keyword: &str, name: &str| members.get(keyword).and_then(Value::as_str) == Some(name);
        is("$anchor", anchor) || is("$dynamicAnchor", anchor) || is("$id", &format!("#{anchor}"))
    };
    match schema {
        Value::Object(members) if named(members) => Some(schema),
        Value::Object(members) => members.values().find_map(|value| anchored(value, anchor)),
        Value::Array(items) => items.iter().find_map(|value| anchored(value, anchor)),
        _ => None,
    }
}

/// Merges another schema into this one so that both apply. Combinations that one schema cannot
/// express are left to the validator, which decides.
pub fn merge(whole: &mut Map<String, Value>, part: &Map<String, Value>) {
    for (name, value) in part {
        let merged = match whole.remove(name) {
            None => value.clone(),
            Some(old) => both(name, old, value),
        };
        whole.insert(name.clone(), merged);
    }
}

fn both(name: &str, old: Value, new: &Value) -> Value {
    match (name, old, new) {
        (_, old, new) if old == *new => old,
        (
            "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas",
            Value::Object(old),
            Value::Object(new),
        ) => members(old, new).into(),
        ("required", Value::Array(old), Value::Array(new)) => union(old, new).into(),
        ("dependentRequired", Value::Object(mut old), Value::Object(new)) => {
            for (name, names) in new {
                let known = old.remove(name).unwrap_or(json!([]));
                old.insert(name.clone(), both("required", known, names));
            }
            old.into()
        }
        ("enum", Value::Array(old), Value::Array(new)) => old
            .into_iter()
            .filter(|value| new.contains(value))
            .collect(),
        ("type", old, new) => types(&old, new),
        (
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties"
            | "minContains",
            old,
            new,
        ) => {
            if old.as_f64() >= new.as_f64() {
                old
            } else {
                new.clone()
            }
        }
        ("maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties", old, new) => {
            if old.as_f64() <= new.as_f64() {
                old
            } else {
                new.clone()
            }
        }
        ("allOf", Value::Array(old), Value::Array(new)) => union(old, new).into(),
        ("items" | "additionalProperties" | "propertyNames" | "contains", old, new) => {
            json!({"allOf": [old, new]})
        }
        ("anyOf" | "oneOf" | "pattern" | "format" | "if" | "then" | "else" | "not", old, _) => old,
        (_, _, new) => new.clone(),
    }
}

fn members(mut old: Map<String, Value>, new: &Map<String, Value>) -> Map<String, Value> {
    for (name, schema) in new {
        let merged = match old.remove(name) {
            Some(known) if known != *schema => json!({"allOf": [known, schema]}),
            _ => schema.clone(),
        };
        old.insert(name.clone(), merged);
    }
    old
}

fn union(mut old: Vec<Value>, new: &[Value]) -> Vec<Value> {
    for value in new {
        if !old.contains(value) {
            old.push(value.clone());
        }
    }
    old
}

/// Returns the types that both allow; an integer is a number.
fn types(old: &Value, new: &Value) -> Value {
    let list = |value: &Value| match value {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    let (old, new) = (list(old), list(new));
    let allows = |kinds: &[Value], kind: &Value| {
        kinds.contains(kind) || (kind == "integer" && kinds.iter().any(|other| other == "number"))
    };
    let mut common = union(old.clone(), &new);
    common.retain(|kind| allows(&old, kind) && allows(&new, kind));
    common.into()
}

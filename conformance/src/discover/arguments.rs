//! Arguments made from a JSON schema: some that it allows, some that it does
//! not. Always the same ones for the same schema.

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// How deep a schema is followed.
const DEPTH: usize = 16;
/// How many invalid arguments are made at most for one schema.
const MOST_MUTATIONS: usize = 24;

/// Compiles a schema. References out of the schema are never followed.
///
/// # Errors
///
/// When the schema is not valid, or refers to something outside.
pub fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::validator_for(schema).map_err(|error| error.to_string())
}

/// A value that the schema allows, with as few members as possible.
///
/// # Errors
///
/// When none could be made: why.
pub fn valid(schema: &Value) -> Result<Value, String> {
    first_valid(schema, &[Extent::Required, Extent::Everything])
}

/// A value that the schema allows, with all members that it names.
///
/// # Errors
///
/// When none could be made: why.
pub fn valid_with_everything(schema: &Value) -> Result<Value, String> {
    first_valid(schema, &[Extent::Everything, Extent::Required])
}

/// How many arguments are made at most to see a tool at its best.
const MOST_VARIANTS: usize = 16;

/// Different values that the schema of an object allows: the least, one with
/// all members, and one for each choice of each of its enumerations.
pub fn variants(schema: &Value) -> Vec<Value> {
    let Ok(validator) = compile(schema) else {
        return Vec::new();
    };
    let mut values: Vec<Value> = [valid(schema), valid_with_everything(schema)]
        .into_iter()
        .flatten()
        .collect();
    if let Some(Value::Object(base)) = values.first().cloned() {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            for choice in property["enum"].as_array().into_iter().flatten() {
                let mut members = base.clone();
                members.insert(name.clone(), choice.clone());
                values.push(members.into());
            }
        }
    }
    let mut different: Vec<Value> = Vec::new();
    for value in values {
        if validator.is_valid(&value) && !different.contains(&value) {
            different.push(value);
        }
    }
    different.truncate(MOST_VARIANTS);
    different
}

fn first_valid(schema: &Value, extents: &[Extent]) -> Result<Value, String> {
    let validator = compile(schema)?;
    let mut reason = String::new();
    for extent in extents {
        match (Generator {
            root: schema,
            extent: *extent,
        })
        .value(schema, DEPTH)
        {
            Ok(value) => match validator.validate(&value) {
                Ok(()) => return Ok(value),
                Err(error) => reason = format!("the value made, {value}, is not allowed: {error}"),
            },
            Err(why) => reason = why,
        }
    }
    Err(reason)
}

/// Arguments that break the schema, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Mutation {
    /// What is wrong with them.
    pub what: String,
    /// The arguments.
    pub arguments: Value,
}

/// Objects that the schema of an object does not allow; each has one fault.
pub fn invalid(schema: &Value) -> Vec<Mutation> {
    let (Ok(validator), Ok(Value::Object(base))) = (compile(schema), valid_with_everything(schema))
    else {
        return Vec::new();
    };
    let mut mutations = missing_members(schema, &base);
    mutations.extend(wrong_members(schema, &base));
    mutations.extend(further_member(schema, &base));
    // What looks wrong may be legal after all, by a reference or a union.
    mutations.retain(|mutation| !validator.is_valid(&mutation.arguments));
    mutations.truncate(MOST_MUTATIONS);
    mutations
}

fn missing_members(schema: &Value, base: &Map<String, Value>) -> Vec<Mutation> {
    let required = schema["required"].as_array().into_iter().flatten();
    let without = |name: &str| {
        let mut members = base.clone();
        members.remove(name);
        Mutation {
            what: format!("without the required `{name}`"),
            arguments: members.into(),
        }
    };
    required.filter_map(Value::as_str).map(without).collect()
}

fn wrong_members(schema: &Value, base: &Map<String, Value>) -> Vec<Mutation> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let mutate = |(name, property): (&String, &Value)| {
        let name = name.clone();
        let mutated = wrong_values(property)
            .into_iter()
            .map(move |value| (name.clone(), value));
        mutated.collect::<Vec<_>>()
    };
    let replaced = |(name, value): (String, Value)| {
        let mut members = base.clone();
        let what = format!("with `{name}` as {value}");
        members.insert(name, value);
        Mutation {
            what,
            arguments: members.into(),
        }
    };
    properties.flat_map(mutate).map(replaced).collect()
}

fn wrong_values(property: &Value) -> Vec<Value> {
    let mut values = vec![match property["type"].as_str() {
        Some("string") => json!({"not": "a string"}),
        Some("object") => json!("no object"),
        Some("array") => json!("no array"),
        Some("boolean") => json!("no boolean"),
        _ => json!(["no number"]),
    }];
    if property.get("enum").is_some() {
        values.push(json!("none of the allowed values"));
    }
    if let Some(minimum) = property["minimum"].as_f64() {
        values.push(number(minimum - 1.0));
    }
    if let Some(maximum) = property["maximum"].as_f64() {
        values.push(number(maximum + 1.0));
    }
    if property["type"] == "integer" {
        values.push(json!(0.5));
    }
    if property["minLength"]
        .as_u64()
        .is_some_and(|least| least > 0)
    {
        values.push(json!(""));
    }
    values
}

fn further_member(schema: &Value, base: &Map<String, Value>) -> Option<Mutation> {
    (schema.get("additionalProperties") == Some(&Value::Bool(false))).then(|| {
        let mut members = base.clone();
        members.insert("unexpectedMember".to_owned(), Value::Bool(true));
        Mutation {
            what: "with a further member".to_owned(),
            arguments: members.into(),
        }
    })
}

fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        json!(value as i64)
    } else {
        json!(value)
    }
}

/// Which members of an object are made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Required,
    Everything,
}

struct Generator<'a> {
    root: &'a Value,
    extent: Extent,
}

impl Generator<'_> {
    fn value(&self, schema: &Value, depth: usize) -> Result<Value, String> {
        let depth = depth
            .checked_sub(1)
            .ok_or("the schema is nested too deep")?;
        match schema {
            Value::Bool(true) => return Ok(json!("text")),
            Value::Object(_) => {}
            _ => return Err(format!("the schema {schema} allows nothing")),
        }
        if let Some(value) = preset(schema) {
            return Ok(value);
        }
        if let Some(reference) = schema["$ref"].as_str() {
            return self.value(&self.resolve(reference)?, depth);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return self.value(&self.merged(schema, "allOf", parts)?, depth);
        }
        for union in ["anyOf", "oneOf"] {
            if let Some(options) = schema[union].as_array() {
                return self.first_option(schema, union, options, depth);
            }
        }
        self.typed(schema, depth)
    }

    /// The first option for which a value can be made that the schema allows.
    fn first_option(
        &self,
        schema: &Value,
        union: &str,
        options: &[Value],
        depth: usize,
    ) -> Result<Value, String> {
        let mut reason = format!("{union} has no option");
        for option in options {
            let merged = self.merged(schema, union, std::slice::from_ref(option))?;
            match self.value(&merged, depth) {
                Ok(value) => return Ok(value),
                Err(why) => reason = why,
            }
        }
        Err(reason)
    }

    /// The schema with these parts in the place of the keyword.
    fn merged(&self, schema: &Value, keyword: &str, parts: &[Value]) -> Result<Value, String> {
        let mut whole = schema.as_object().cloned().unwrap_or_default();
        whole.remove(keyword);
        for part in parts {
            let part = match part["$ref"].as_str() {
                Some(reference) => self.resolve(reference)?,
                None => part.clone(),
            };
            for (name, value) in part.as_object().into_iter().flatten() {
                merge(&mut whole, name, value);
            }
        }
        Ok(whole.into())
    }

    fn resolve(&self, reference: &str) -> Result<Value, String> {
        let fragment = reference
            .strip_prefix('#')
            .ok_or(format!("`{reference}` leads out of the schema"))?;
        let found = if fragment.is_empty() || fragment.starts_with('/') {
            self.root.pointer(fragment)
        } else {
            anchored(self.root, fragment)
        };
        found.cloned().ok_or(format!("`{reference}` leads nowhere"))
    }

    fn typed(&self, schema: &Value, depth: usize) -> Result<Value, String> {
        let kind = match &schema["type"] {
            Value::String(kind) => Some(kind.as_str()),
            Value::Array(kinds) => kinds
                .iter()
                .filter_map(Value::as_str)
                .find(|kind| *kind != "null"),
            _ => None,
        };
        match kind.or_else(|| implied_type(schema)) {
            Some("object") => self.object(schema, depth),
            Some("array") => self.array(schema, depth),
            Some("integer") => Ok(integer(schema)),
            Some("number") => Ok(real(schema)),
            Some("boolean") => Ok(json!(true)),
            Some("null") => Ok(Value::Null),
            _ => text(schema),
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Result<Value, String> {
        let mut members = Map::new();
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let needed = required.contains(&name.as_str());
            if !needed && self.extent == Extent::Required {
                continue;
            }
            match self.value(property, depth) {
                Ok(value) => drop(members.insert(name.clone(), value)),
                Err(why) if needed => return Err(format!("`{name}`: {why}")),
                Err(_) => {}
            }
        }
        for name in required {
            members.entry(name).or_insert_with(|| json!("text"));
        }
        Ok(members.into())
    }

    fn array(&self, schema: &Value, depth: usize) -> Result<Value, String> {
        let first = schema["prefixItems"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let least = schema["minItems"].as_u64().unwrap_or(0) as usize;
        let least = if self.extent == Extent::Everything {
            least.max(1)
        } else {
            least
        };
        let most = schema["maxItems"]
            .as_u64()
            .map_or(usize::MAX, |most| most as usize);
        let open = Value::Bool(true);
        let rest = schema.get("items").unwrap_or(&open);
        let count = least.max(first.len()).min(most).min(1000);
        let unique = schema["uniqueItems"] == true;
        let mut items = Vec::with_capacity(count);
        for index in 0..count {
            let value = self.value(first.get(index).unwrap_or(rest), depth)?;
            items.push(if unique {
                distinct(value, rest, index)
            } else {
                value
            });
        }
        Ok(items.into())
    }
}

fn merge(whole: &mut Map<String, Value>, name: &str, value: &Value) {
    match (whole.get_mut(name), value) {
        (Some(Value::Object(old)), Value::Object(new)) => {
            old.extend(
                new.iter()
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
        }
        (Some(Value::Array(old)), Value::Array(new)) if name == "required" => {
            old.extend(new.iter().cloned())
        }
        _ => drop(whole.insert(name.to_owned(), value.clone())),
    }
}

/// A value that the author of the schema named.
fn preset(schema: &Value) -> Option<Value> {
    let first = |name: &str| {
        schema[name]
            .as_array()
            .and_then(|values| values.first())
            .cloned()
    };
    let constant = || schema.get("const").cloned();
    constant()
        .or_else(|| first("examples"))
        .or_else(|| schema.get("default").cloned())
        .or_else(|| first("enum"))
}

fn implied_type(schema: &Value) -> Option<&'static str> {
    let has = |names: &[&str]| names.iter().any(|name| schema.get(*name).is_some());
    if has(&["properties", "required", "additionalProperties"]) {
        Some("object")
    } else if has(&["items", "prefixItems", "minItems"]) {
        Some("array")
    } else if has(&[
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    ]) {
        Some("number")
    } else {
        None
    }
}

fn anchored<'a>(schema: &'a Value, anchor: &str) -> Option<&'a Value> {
    match schema {
        Value::Object(members)
            if members.get("$anchor").and_then(Value::as_str) == Some(anchor) =>
        {
            Some(schema)
        }
        Value::Object(members) => members.values().find_map(|value| anchored(value, anchor)),
        Value::Array(items) => items.iter().find_map(|value| anchored(value, anchor)),
        _ => None,
    }
}

fn distinct(value: Value, schema: &Value, index: usize) -> Value {
    if let Some(choice) = schema["enum"]
        .as_array()
        .and_then(|choices| choices.get(index))
    {
        return choice.clone();
    }
    match value {
        Value::String(text) if index > 0 => json!(format!("{text}{index}")),
        Value::Number(number) if index > 0 => {
            json!(number.as_f64().unwrap_or_default() as i64 + index as i64)
        }
        other => other,
    }
}

fn integer(schema: &Value) -> Value {
    json!(within_bounds(schema, true) as i64)
}

fn real(schema: &Value) -> Value {
    number(within_bounds(schema, false))
}

fn within_bounds(schema: &Value, whole: bool) -> f64 {
    let bound = |name: &str| schema[name].as_f64();
    let step = bound("multipleOf").filter(|step| *step > 0.0);
    let unit = if whole { 1.0 } else { 0.5 };
    let low = bound("minimum")
        .or_else(|| bound("exclusiveMinimum").map(|low| low + step.unwrap_or(unit)));
    let high = bound("maximum")
        .or_else(|| bound("exclusiveMaximum").map(|high| high - step.unwrap_or(unit)));
    let wanted = match (low, high) {
        (Some(low), _) if low > 1.0 => low,
        (Some(low), Some(high)) if high < 1.0 => low,
        (None, Some(high)) if high < 1.0 => high,
        _ => 1.0,
    };
    let wanted = if whole { wanted.ceil() } else { wanted };
    match step {
        Some(step) if wanted == 1.0 && low.is_none_or(|low| low <= step) => step,
        Some(step) => (wanted / step).ceil() * step,
        None => wanted,
    }
}

fn text(schema: &Value) -> Result<Value, String> {
    if let Some(pattern) = schema["pattern"].as_str() {
        return patterned(schema, pattern);
    }
    let base = match schema["format"].as_str() {
        Some("email" | "idn-email") => "person@example.com",
        Some("uri" | "iri" | "uri-reference" | "url") => "https://example.com/",
        Some("date") => "2025-06-18",
        Some("date-time") => "2025-06-18T12:00:00Z",
        Some("time") => "12:00:00Z",
        Some("duration") => "PT1S",
        Some("uuid") => "123e4567-e89b-12d3-a456-426614174000",
        Some("ipv4") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        Some("hostname" | "idn-hostname") => "example.com",
        Some("uri-template") => "https://example.com/{id}",
        Some("json-pointer") => "/a",
        Some("regex") => "a",
        _ => "text",
    };
    Ok(json!(fitted(schema, base)))
}

fn fitted(schema: &Value, base: &str) -> String {
    let least = schema["minLength"].as_u64().unwrap_or(0).min(100_000) as usize;
    let most = schema["maxLength"]
        .as_u64()
        .map_or(usize::MAX, |most| most as usize);
    let padding = least.saturating_sub(base.chars().count());
    base.chars()
        .chain(std::iter::repeat_n('x', padding))
        .take(most)
        .collect()
}

/// Texts that common patterns allow. A pattern is never solved, only tried.
fn patterned(schema: &Value, pattern: &str) -> Result<Value, String> {
    const CANDIDATES: &[&str] = &[
        "text",
        "Text",
        "TEXT",
        "a",
        "A",
        "1",
        "12",
        "123",
        "1234",
        "12345",
        "a1",
        "A1",
        "ABC123",
        "a-b",
        "a_b",
        "a.b",
        "a/b",
        "#ffffff",
        "ffffff",
        "0x1",
        "+1234567890",
        "555-1234",
        "1.0.0",
        "v1.0.0",
        "12:00",
        "2025-06-18",
        "2025-06-18T12:00:00Z",
        "person@example.com",
        "https://example.com/",
        "file:///a",
        "/a",
        "US",
        "en-US",
        "123e4567-e89b-12d3-a456-426614174000",
        "example.com",
        "",
    ];
    let validator = compile(schema)?;
    let fits = CANDIDATES
        .iter()
        .map(|text| json!(text))
        .find(|value| validator.is_valid(value));
    fits.ok_or(format!(
        "no text is known that the pattern `{pattern}` allows"
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_the_author_names_is_taken() {
        let schema = json!({"type": "object", "properties": {
            "a": {"type": "string", "examples": ["named"]},
            "b": {"type": "integer", "default": 7},
            "c": {"const": null},
            "d": {"enum": ["x", "y"]},
        }, "required": ["a", "b", "c", "d"]});
        assert_eq!(
            valid(&schema),
            Ok(json!({"a": "named", "b": 7, "c": null, "d": "x"}))
        );
    }

    #[test]
    fn references_unions_and_conditions_are_followed() {
        let schema = json!({
            "type": "object",
            "$defs": {"address": {"$anchor": "addressDef", "type": "object",
                "properties": {"street": {"type": "string"}}, "required": ["street"]}},
            "properties": {"address": {"$ref": "#/$defs/address"}, "other": {"$ref": "#addressDef"}},
            "required": ["address", "other"],
            "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["mail"]}]}],
            "additionalProperties": true,
        });
        let value = valid(&schema).expect("a value");
        assert_eq!(value["address"]["street"], "text");
        assert_eq!(value["other"]["street"], "text");
        assert_eq!(value["phone"], "text");
    }

    #[test]
    fn every_choice_is_a_variant() {
        let schema = json!({"type": "object", "properties": {
            "kind": {"enum": ["a", "b"]}, "note": {"type": "string"},
        }, "required": ["kind"]});
        assert_eq!(
            variants(&schema),
            [
                json!({"kind": "a"}),
                json!({"kind": "a", "note": "text"}),
                json!({"kind": "b"}),
            ]
        );
        assert!(variants(&json!({"type": "no type"})).is_empty());
    }

    #[test]
    fn what_cannot_be_made_has_a_reason() {
        let pattern = json!({"type": "object", "properties": {"a": {"type": "string", "pattern": "^zq{7}$"}}, "required": ["a"]});
        assert!(
            valid(&pattern)
                .expect_err("no such text")
                .contains("pattern")
        );
        let outside = json!({"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}, "required": ["a"]});
        assert!(valid(&outside).is_err());
        let circle = json!({"$ref": "#"});
        assert!(valid(&circle).is_err());
    }

    #[test]
    fn each_mutation_has_one_fault() {
        let schema = json!({"type": "object", "properties": {
            "text": {"type": "string", "minLength": 1},
            "level": {"enum": ["low", "high"]},
            "count": {"type": "integer", "minimum": 1, "maximum": 9},
        }, "required": ["text"], "additionalProperties": false});
        let faults: Vec<String> = invalid(&schema)
            .into_iter()
            .map(|mutation| mutation.what)
            .collect();
        for expected in [
            "without the required `text`",
            "with `text` as {\"not\":\"a string\"}",
            "with `text` as \"\"",
            "with `level` as \"none of the allowed values\"",
            "with `count` as 0",
            "with `count` as 10",
            "with `count` as 0.5",
            "with a further member",
        ] {
            assert!(
                faults.iter().any(|fault| fault == expected),
                "{expected} is missing in {faults:?}"
            );
        }
    }

    fn leaf() -> impl Strategy<Value = Value> {
        prop_oneof![
            (0u64..20, 0u64..20).prop_map(|(least, more)| json!({"type": "string", "minLength": least, "maxLength": least + more})),
            prop::sample::select(vec!["email", "uri", "date", "date-time", "uuid", "ipv4"])
                .prop_map(|format| json!({"type": "string", "format": format})),
            (-50i64..50, 0i64..50).prop_map(|(low, more)| json!({"type": "integer", "minimum": low, "maximum": low + more})),
            (-50i64..50).prop_map(|high| json!({"type": "integer", "exclusiveMaximum": high})),
            (-50i64..50).prop_map(|low| json!({"type": "number", "exclusiveMinimum": low})),
            (1u32..20).prop_map(|step| json!({"type": "integer", "multipleOf": step, "minimum": 3})),
            Just(json!({"type": "boolean"})),
            Just(json!({"type": ["null", "string"]})),
            Just(json!(true)),
            prop::collection::vec("[a-z]{1,3}", 1..4).prop_map(|words| json!({"enum": words})),
        ]
    }

    fn schema() -> impl Strategy<Value = Value> {
        leaf().prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                (inner.clone(), 0u64..4, 0u64..4)
                    .prop_map(|(items, least, more)| json!({"type": "array", "items": items, "minItems": least, "maxItems": least + more})),
                prop::collection::btree_map("[a-z]{1,4}", (inner.clone(), any::<bool>()), 0..4).prop_map(object),
                prop::collection::vec(inner.clone(), 1..3).prop_map(|options| json!({"anyOf": options})),
                inner.prop_map(|part| json!({"allOf": [part]})),
            ]
        })
    }

    fn object(properties: std::collections::BTreeMap<String, (Value, bool)>) -> Value {
        let required: Vec<&String> = properties
            .iter()
            .filter(|(_, (_, needed))| *needed)
            .map(|(name, _)| name)
            .collect();
        let members: Map<String, Value> = properties
            .iter()
            .map(|(name, (schema, _))| (name.clone(), schema.clone()))
            .collect();
        json!({"type": "object", "properties": members, "required": required, "additionalProperties": false})
    }

    proptest! {
        #[test]
        fn what_is_made_is_allowed(schema in schema()) {
            let validator = compile(&schema).expect("a generated schema is valid");
            for value in [valid(&schema), valid_with_everything(&schema)] {
                let value = value.map_err(TestCaseError::fail)?;
                prop_assert!(validator.is_valid(&value), "{value} for {schema}");
            }
            prop_assert_eq!(valid(&schema), valid(&schema));
        }

        #[test]
        fn what_is_made_to_be_invalid_is_not_allowed(
            properties in prop::collection::btree_map("[a-z]{1,4}", (schema(), any::<bool>()), 0..4)
        ) {
            let schema = object(properties);
            let validator = compile(&schema).expect("a generated schema is valid");
            let mutations = invalid(&schema);
            prop_assert!(!mutations.is_empty());
            for mutation in mutations {
                prop_assert!(!validator.is_valid(&mutation.arguments), "{} for {schema}", mutation.what);
            }
        }

        #[test]
        fn no_schema_makes_it_panic(text in ".{0,40}", keyword in "type|properties|required|items|\\$ref|allOf|anyOf|enum|minimum|minItems|minLength|pattern") {
            for value in [json!(text.clone()), json!([text.clone()]), json!({text.clone(): text.clone()}), json!(1e300), Value::Null] {
                let schema = json!({keyword.clone(): value});
                prop_assert!(valid(&schema).is_ok() || valid(&schema).is_err());
                prop_assert!(invalid(&schema).len() <= MOST_MUTATIONS);
            }
        }
    }
}

//! JSON Schemas from types.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

/// Returns the schema of a type in the dialect that MCP presumes, 2020-12, without its title.
pub fn of<T: JsonSchema>(deserialized: bool) -> Schema {
    let mut settings = SchemaSettings::draft2020_12();
    settings.meta_schema = None;
    let settings = if deserialized {
        settings.for_deserialize()
    } else {
        settings.for_serialize()
    };
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    // The name of a type says nothing to a model.
    schema.remove("title");
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.values_mut().for_each(make_object);
    }
    schema
}

/// Writes the schemas `true` and `false` as objects: MCP allows no others as properties.
fn make_object(schema: &mut Value) {
    match schema {
        Value::Bool(true) => *schema = json!({}),
        Value::Bool(false) => *schema = json!({ "not": {} }),
        _ => {}
    }
}

/// Returns the text of a schema, whose values must be objects: MCP requires `"type": "object"`.
pub fn object_text(schema: &Schema) -> Result<String, String> {
    match schema.get("type") {
        Some(Value::String(kind)) if kind == "object" => Ok(schema.as_value().to_string()),
        Some(kind) => Err(format!("its schema has the type {kind}")),
        None => Err("its schema has no type".into()),
    }
}

/// Returns the properties of a schema.
fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten()
}

/// Returns one message for each property whose default breaks a bound.
pub fn faulty_defaults(schema: &Schema) -> impl Iterator<Item = String> {
    properties(schema.as_value()).filter_map(|(name, property)| {
        let bound = broken_bound(property.get("default")?, property)?;
        Some(format!(
            "the default of `{name}` breaks its bound `{bound}`"
        ))
    })
}

/// Checks the arguments of a tool against the outermost object of its schema: its members, their types
/// and bounds. Deeper schemas and other keywords are not checked.
pub fn check_arguments(schema: &Value, arguments: &str) -> Result<(), String> {
    let arguments: Map<String, Value> =
        serde_json::from_str(arguments).map_err(|cause| cause.to_string())?;
    for (name, property) in properties(schema) {
        let Some(value) = arguments.get(name) else {
            continue;
        };
        if let Some(types) = missed_types(value, property) {
            return Err(format!("`{name}` has the wrong type: expected {types}"));
        }
        if let Some(bound) = broken_bound(value, property) {
            return Err(format!("`{name}` breaks its bound `{bound}`"));
        }
    }
    // In older drafts, nothing beside a reference counts.
    if schema.get("$ref").is_some() {
        return Ok(());
    }
    let required = schema.get("required").and_then(Value::as_array);
    let mut required = required.into_iter().flatten().filter_map(Value::as_str);
    if let Some(name) = required.find(|name| !arguments.contains_key(*name)) {
        return Err(format!("`{name}` is missing"));
    }
    let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false))
        && schema.get("patternProperties").is_none();
    let is_known = |name: &String| properties(schema).any(|(known, _)| known == name);
    match arguments.keys().find(|name| is_closed && !is_known(name)) {
        Some(name) => Err(format!("`{name}` is unknown")),
        None => Ok(()),
    }
}

/// Returns the types of a schema, such as `"string" or "null"`, where a value has none of them.
fn missed_types(value: &Value, schema: &Value) -> Option<String> {
    if schema.get("$ref").is_some() {
        return None;
    }
    let types = match schema.get("type")? {
        Value::Array(types) => types.as_slice(),
        single => std::slice::from_ref(single),
    };
    (!types.iter().any(|name| has_type(value, name))).then(|| {
        let names: Vec<_> = types.iter().map(Value::to_string).collect();
        names.join(" or ")
    })
}

/// Returns whether a value has a type of JSON Schema. Unknown types hold for every value.
fn has_type(value: &Value, name: &Value) -> bool {
    match name.as_str() {
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        // JSON Schema counts 1.0 as an integer.
        Some("integer") => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        Some("number") => value.is_number(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    }
}

/// A bound of JSON Schema, and what holds for a measure and the value of the keyword.
type Bound = (&'static str, fn(&f64, &f64) -> bool);

/// Returns the bound that a value breaks, such as `maximum: 9`.
fn broken_bound(value: &Value, schema: &Value) -> Option<String> {
    let (measure, bounds): (f64, &[Bound]) = match value {
        Value::Number(number) => (
            number.as_f64()?,
            &[
                ("minimum", f64::ge),
                ("maximum", f64::le),
                ("exclusiveMinimum", f64::gt),
                ("exclusiveMaximum", f64::lt),
            ],
        ),
        Value::String(text) => (
            text.chars().count() as f64,
            &[("minLength", f64::ge), ("maxLength", f64::le)],
        ),
        Value::Array(items) => (
            items.len() as f64,
            &[("minItems", f64::ge), ("maxItems", f64::le)],
        ),
        _ => return None,
    };
    bounds.iter().find_map(|(keyword, holds)| {
        let limit = schema.get(*keyword)?;
        (!holds(&measure, &limit.as_f64()?)).then(|| format!("{keyword}: {limit}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Address {
        /// The street.
        street: String,
        number: Option<u32>,
    }

    #[test]
    fn a_struct_is_an_object_without_title_and_dialect() {
        assert_eq!(
            object_text(&of::<Address>(true)).unwrap(),
            r#"{"type":"object","properties":{"street":{"type":"string","description":"The street."},"number":{"type":["integer","null"],"format":"uint32","minimum":0}},"required":["street"]}"#
        );
    }

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Anything {
        value: Value,
    }

    #[test]
    fn the_schema_of_a_property_is_an_object() {
        assert_eq!(
            object_text(&of::<Anything>(true)).unwrap(),
            r#"{"type":"object","properties":{"value":{}},"required":["value"]}"#
        );
    }

    #[test]
    fn a_bound_that_is_broken_is_named() {
        let check = |bounds: Value, value: Value| {
            let schema = json!({ "properties": { "a": bounds } });
            check_arguments(&schema, &json!({ "a": value }).to_string())
        };
        for (keyword, limit, inside, outside) in [
            ("minimum", 1, json!(1), json!(0)),
            ("maximum", 9, json!(9), json!(9.5)),
            ("exclusiveMinimum", 0, json!(0.1), json!(0)),
            ("exclusiveMaximum", 9, json!(8), json!(9)),
            ("minLength", 2, json!("ab"), json!("ü")),
            ("maxLength", 1, json!("ü"), json!("ab")),
            ("minItems", 1, json!([0]), json!([])),
            ("maxItems", 1, json!([0]), json!([0, 1])),
        ] {
            assert_eq!(check(json!({ keyword: limit }), inside), Ok(()));
            assert_eq!(
                check(json!({ keyword: limit }), outside),
                Err(format!("`a` breaks its bound `{keyword}: {limit}`"))
            );
        }
        assert_eq!(check(json!({ "minimum": 1 }), Value::Null), Ok(()));
        assert_eq!(check_arguments(&json!({}), r#"{"a": 1}"#), Ok(()));
    }

    #[test]
    fn a_type_that_is_missed_is_named() {
        let check = |ty: Value, value: Value| {
            let schema = json!({ "properties": { "a": { "type": ty } } });
            check_arguments(&schema, &json!({ "a": value }).to_string())
        };
        for (ty, inside, outside) in [
            ("string", json!("x"), json!(1)),
            ("boolean", json!(false), json!("false")),
            ("null", json!(null), json!(0)),
            ("integer", json!(1.0), json!(1.5)),
            ("integer", json!(-1), json!("1")),
            ("number", json!(1.5), json!("1.5")),
            ("array", json!([]), json!({})),
            ("object", json!({}), json!([])),
        ] {
            assert_eq!(check(json!(ty), inside), Ok(()));
            assert_eq!(
                check(json!(ty), outside),
                Err(format!("`a` has the wrong type: expected \"{ty}\""))
            );
        }
        let optional = || json!(["string", "null"]);
        assert_eq!(check(optional(), json!(null)), Ok(()));
        assert_eq!(
            check(optional(), json!(1)),
            Err(r#"`a` has the wrong type: expected "string" or "null""#.into())
        );
    }

    #[test]
    fn members_are_those_of_the_outermost_object() {
        let check = |schema: Value, arguments: &str| check_arguments(&schema, arguments);
        let required = || json!({ "required": ["a"] });
        assert_eq!(check(required(), r#"{"a": null, "b": 1}"#), Ok(()));
        assert_eq!(check(required(), "{}"), Err("`a` is missing".into()));
        let closed = || json!({ "properties": { "a": {} }, "additionalProperties": false });
        assert_eq!(check(closed(), r#"{"a": 1}"#), Ok(()));
        assert_eq!(check(closed(), r#"{"b": 1}"#), Err("`b` is unknown".into()));
        assert!(check(json!({}), "[]").is_err());
    }

    #[test]
    fn what_the_outermost_object_does_not_say_is_not_refused() {
        for schema in [
            json!(null),
            json!({ "$ref": "#/$defs/a", "required": ["b"], "additionalProperties": false }),
            json!({ "patternProperties": { "^a": {} }, "additionalProperties": false }),
            json!({ "additionalProperties": { "type": "string" } }),
            json!({ "properties": { "a": { "$ref": "#/$defs/a", "type": "string" } } }),
            json!({ "properties": { "a": { "type": "new" } } }),
            json!({ "properties": { "a": true } }),
        ] {
            assert_eq!(check_arguments(&schema, r#"{"a": 1}"#), Ok(()), "{schema}");
        }
    }

    #[test]
    fn other_types_are_refused() {
        assert_eq!(
            object_text(&of::<Vec<u8>>(false)).unwrap_err(),
            r#"its schema has the type "array""#
        );
        assert_eq!(
            object_text(&of::<Value>(false)).unwrap_err(),
            "its schema has no type"
        );
    }
}

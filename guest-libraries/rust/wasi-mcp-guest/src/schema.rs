//! JSON Schemas from types.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

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

/// Checks the arguments of a tool against the bounds in its schema. Texts that are not JSON have none.
pub fn check_bounds(schema: &str, arguments: &str) -> Result<(), String> {
    let (Ok(schema), Ok(arguments)) = (
        serde_json::from_str::<Value>(schema),
        serde_json::from_str::<Value>(arguments),
    ) else {
        return Ok(());
    };
    let broken = properties(&schema).find_map(|(name, property)| {
        let bound = broken_bound(arguments.get(name)?, property)?;
        Some(format!("`{name}` breaks its bound `{bound}`"))
    });
    broken.map_or(Ok(()), Err)
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
            let schema = json!({ "properties": { "a": bounds } }).to_string();
            check_bounds(&schema, &json!({ "a": value }).to_string())
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
        assert_eq!(check_bounds("{}", r#"{"a": 1}"#), Ok(()));
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

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

//! Dialects of schemas ([JSON Schema](https://json-schema.org/draft/2020-12)).

use jsonschema::Draft;
use serde_json::{Map, Value};

use super::schema::SchemaError;
use super::violations::short;

/// Returns the dialect by which a schema is compiled.
///
/// Compiling the first schema of a dialect compiles its meta-schema as well. The eight documents of
/// 2020-12 take three times as long as the one of draft 7, and most of the time in which a small
/// component starts. A schema that means the same in both is therefore compiled as one of draft 7.
///
/// # Errors
///
/// [`SchemaError::Invalid`] if `$schema` names no published dialect.
pub(super) fn of(schema: &Value) -> Result<Draft, SchemaError> {
    match Draft::default().detect(schema) {
        Draft::Unknown => Err(SchemaError::Invalid(format!(
            "at /$schema: expected the URI of a published dialect from draft-04 to 2020-12, such \
             as \"https://json-schema.org/draft/2020-12/schema\", found {}",
            short(&schema["$schema"])
        ))),
        Draft::Draft202012 if is_same_in_draft_7(schema) => Ok(Draft::Draft7),
        draft => Ok(draft),
    }
}

/// Returns true if a schema of 2020-12 certainly has the same validity and meaning in draft 7.
/// Keywords that are not listed count as different, as patterns do: the meta-schema of draft 7 refuses
/// some that that of 2020-12 accepts.
fn is_same_in_draft_7(schema: &Value) -> bool {
    match schema {
        Value::Bool(_) => true,
        Value::Object(members) => members.iter().all(is_same_member),
        // Both meta-schemas refuse it.
        _ => true,
    }
}

fn is_same_member((keyword, value): (&String, &Value)) -> bool {
    let all_same = |map: &Map<String, Value>| map.values().all(is_same_in_draft_7);
    match keyword.as_str() {
        // Annotations, and assertions without schemas in them.
        "title" | "description" | "default" | "examples" | "readOnly" | "writeOnly"
        | "$comment" | "format" | "type" | "enum" | "const" | "multipleOf" | "maximum"
        | "exclusiveMaximum" | "minimum" | "exclusiveMinimum" | "maxLength" | "minLength"
        | "maxItems" | "minItems" | "uniqueItems" | "maxProperties" | "minProperties"
        | "required" => true,
        "properties" => value.as_object().is_none_or(all_same),
        "additionalProperties" | "propertyNames" | "not" | "if" | "then" | "else" => {
            is_same_in_draft_7(value)
        }
        "allOf" | "anyOf" | "oneOf" => value
            .as_array()
            .is_none_or(|schemas| schemas.iter().all(is_same_in_draft_7)),
        // Draft 7 also has a list of schemas here.
        "items" => !value.is_array() && is_same_in_draft_7(value),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use jsonschema::Validator;
    use serde_json::json;

    use super::*;

    fn compiled(schema: &Value, draft: Draft) -> Option<Validator> {
        let options = jsonschema::options()
            .with_draft(draft)
            .should_validate_formats(false);
        options.build(schema).ok()
    }

    /// Schemas that are compiled as ones of draft 7 have the meaning of 2020-12, also where they are
    /// invalid.
    #[test]
    fn schemas_of_both_dialects_mean_the_same_in_both() {
        let values = [
            json!(null),
            json!(true),
            json!(1),
            json!(1.0),
            json!(1.5),
            json!(-7),
            json!("a"),
            json!("2020-01-01"),
            json!([]),
            json!([1, 1.0]),
            json!(["a", 2]),
            json!({}),
            json!({"a": 1}),
            json!({"a": "x", "b": [1]}),
        ];
        let parts = [
            json!(true),
            json!(false),
            json!({}),
            json!({"type": "integer"}),
            json!({"type": ["string", "null"], "format": "date"}),
            json!({"type": "nonsense"}),
            json!({"type": 5}),
            json!({"enum": [1, "a", {}]}),
            json!({"enum": []}),
            json!({"enum": 1}),
            json!({"const": 1.0}),
            json!({"multipleOf": 0.5, "exclusiveMinimum": 0}),
            json!({"multipleOf": 0}),
            json!({"exclusiveMaximum": true}),
            json!({"minLength": 2}),
            json!({"minLength": -1}),
            json!({"uniqueItems": true, "maxItems": 2}),
            json!({"required": ["a", "a"]}),
            json!({"required": ["a"], "maxProperties": 1}),
            json!({"readOnly": "yes"}),
            json!({"examples": 1}),
            json!(7),
        ];
        let mut schemas = parts.to_vec();
        for part in &parts {
            schemas.extend([
                json!({"items": part}),
                json!({"properties": {"a": part}}),
                json!({"additionalProperties": part, "properties": {"b": {}}}),
                json!({"propertyNames": part}),
                json!({"not": part}),
                json!({"anyOf": [part, {"type": "array"}]}),
                json!({"if": part, "then": {"type": "number"}, "else": {"type": "object"}}),
            ]);
        }
        let mut invalid = 0;
        for schema in schemas.iter().filter(|it| it.is_object()) {
            assert_eq!(of(schema), Ok(Draft::Draft7), "{schema}");
            let own = compiled(schema, Draft::Draft202012);
            let other = compiled(schema, Draft::Draft7);
            assert_eq!(own.is_some(), other.is_some(), "{schema}");
            let (Some(own), Some(other)) = (own, other) else {
                invalid += 1;
                continue;
            };
            for value in &values {
                let (own, other) = (own.is_valid(value), other.is_valid(value));
                assert_eq!(own, other, "{schema} and {value}");
            }
        }
        assert!(invalid > 50, "{invalid}");
    }

    #[test]
    fn what_differs_keeps_its_dialect() {
        for schema in [
            json!({"items": [{}]}),
            json!({"prefixItems": [{}]}),
            json!({"additionalItems": false}),
            json!({"contains": {}}),
            json!({"properties": {"a": {"pattern": "(?i)a"}}}),
            json!({"patternProperties": {"a}": {}}}),
            json!({"$ref": "#/$defs/a", "$defs": {"a": {}}}),
            json!({"properties": {"a": {"deprecated": "yes"}}}),
            json!({"anyOf": [{"dependentRequired": {"a": ["b"]}}]}),
            json!({"not": {"unevaluatedProperties": false}}),
            json!({"$id": "urn:a"}),
            json!({"$schema": "https://json-schema.org/draft/2020-12/schema"}),
        ] {
            assert_eq!(of(&schema), Ok(Draft::Draft202012), "{schema}");
        }
        let old = json!({"$schema": "http://json-schema.org/draft-04/schema#"});
        assert_eq!(of(&old), Ok(Draft::Draft4));
        assert!(of(&json!({"$schema": "urn:other"})).is_err());
    }
}

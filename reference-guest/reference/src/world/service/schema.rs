//! The subset of JSON Schema that the input schemas of this server's tools use.

use serde_json::{Map, Value};

/// Checks a value; the message gives the place and the expectation.
pub fn check(path: &str, value: &Value, schema: &Value) -> Result<(), String> {
    let Some(schema) = schema.as_object() else {
        return Ok(());
    };
    if let Some(name) = schema.get("type").and_then(Value::as_str)
        && !is_of_type(value, name)
    {
        return Err(format!("`{path}`: the type {name} is expected"));
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        return Err(format!(
            "`{path}`: one of {} is expected",
            Value::from(allowed.clone())
        ));
    }
    if let Some(number) = value.as_f64() {
        check_bounds(path, number, schema)?;
    }
    if let Some(object) = value.as_object() {
        check_object(path, object, schema)?;
    }
    if let (Some(array), Some(items)) = (value.as_array(), schema.get("items")) {
        for (index, item) in array.iter().enumerate() {
            check(&format!("{path}[{index}]"), item, items)?;
        }
    }
    Ok(())
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => true,
    }
}

fn check_bounds(path: &str, number: f64, schema: &Map<String, Value>) -> Result<(), String> {
    let bound = |name| schema.get(name).and_then(Value::as_f64);
    match (bound("minimum"), bound("maximum")) {
        (Some(minimum), _) if number < minimum => {
            Err(format!("`{path}`: at least {minimum} is expected"))
        }
        (_, Some(maximum)) if number > maximum => {
            Err(format!("`{path}`: at most {maximum} is expected"))
        }
        _ => Ok(()),
    }
}

fn check_object(
    path: &str,
    object: &Map<String, Value>,
    schema: &Map<String, Value>,
) -> Result<(), String> {
    let required = schema.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(name) {
            return Err(format!("`{path}.{name}`: is required"));
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    for (name, member) in object {
        match properties.and_then(|properties| properties.get(name)) {
            Some(schema) => check(&format!("{path}.{name}"), member, schema)?,
            None if closed => return Err(format!("`{path}.{name}`: no such argument")),
            None => {}
        }
    }
    Ok(())
}

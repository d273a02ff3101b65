//! Arguments and templates in words.

use serde_json::Value;

use crate::output::{first_line, visible};

/// One argument, or one member of a structured result.
#[derive(Debug, PartialEq)]
pub(super) struct Argument {
    pub(super) name: String,
    /// Its type and rules.
    pub(super) kind: String,
    pub(super) description: String,
}

/// Returns the arguments that a schema names, the required ones first.
pub(super) fn arguments(schema: &Value) -> Vec<Argument> {
    let required = schema["required"].as_array();
    let is_required =
        |name: &str| required.is_some_and(|names| names.iter().any(|required| required == name));
    let properties = schema["properties"].as_object().into_iter().flatten();
    let mut arguments: Vec<(bool, Argument)> = properties
        .map(|(name, definition)| {
            let required = is_required(name);
            let argument = Argument {
                name: first_line(name),
                kind: kind(schema, definition, required),
                description: first_line(definition["description"].as_str().unwrap_or_default()),
            };
            (required, argument)
        })
        .collect();
    arguments.sort_by_key(|(required, _)| !required);
    arguments
        .into_iter()
        .map(|(_, argument)| argument)
        .collect()
}

/// Describes the values of an argument of a schema.
fn kind(schema: &Value, definition: &Value, is_required: bool) -> String {
    let mut words = vec![type_of(schema, definition)];
    if let Some(format) = definition["format"].as_str() {
        words.push(format.to_owned());
    }
    if is_required {
        words.push("required".to_owned());
    }
    if let Some(default) = definition.get("default") {
        words.push(format!("default {default}"));
    }
    let (least, most, unit) = match definition["type"].as_str() {
        Some("string") => ("minLength", "maxLength", " characters"),
        Some("array") => ("minItems", "maxItems", " items"),
        _ => ("minimum", "maximum", ""),
    };
    match (definition.get(least), definition.get(most)) {
        (Some(least), Some(most)) => words.push(format!("{least} to {most}{unit}")),
        (Some(least), None) => words.push(format!("at least {least}{unit}")),
        (None, Some(most)) => words.push(format!("at most {most}{unit}")),
        (None, None) => {}
    }
    if let Some(pattern) = definition["pattern"].as_str() {
        words.push(format!("pattern {pattern}"));
    }
    visible(&words.join(", "))
}

/// Returns the type in words: `integer`, `array of string`, `"a" | "b"`. A definition elsewhere in the schema
/// has its name, unless it lists values.
fn type_of(schema: &Value, definition: &Value) -> String {
    if let Some(values) = definition["enum"].as_array() {
        return joined(values, Value::to_string);
    }
    if let Some(value) = definition.get("const") {
        return value.to_string();
    }
    if let Some(reference) = definition["$ref"].as_str() {
        let named = reference.rsplit('/').next().unwrap_or_default();
        let meant = reference
            .strip_prefix('#')
            .and_then(|it| schema.pointer(it));
        return match meant.filter(|meant| lists_values(meant)) {
            Some(meant) => type_of(schema, meant),
            None => named.to_owned(),
        };
    }
    for keyword in ["anyOf", "oneOf"] {
        if let Some(options) = definition[keyword].as_array() {
            return joined(options, |option| type_of(schema, option));
        }
    }
    match &definition["type"] {
        Value::String(name) if name == "array" && definition["items"].is_object() => {
            format!("array of {}", type_of(schema, &definition["items"]))
        }
        Value::String(name) => name.clone(),
        Value::Array(names) => joined(names, |name| name.as_str().unwrap_or_default().to_owned()),
        _ => "any value".to_owned(),
    }
}

/// Returns whether a definition is one of some values: an enumeration, as each language writes it.
fn lists_values(definition: &Value) -> bool {
    let options = definition["oneOf"].as_array().into_iter().flatten();
    let mut options = options.peekable();
    definition["enum"].is_array()
        || options.peek().is_some() && options.all(|option| option.get("const").is_some())
}

fn joined(values: &[Value], in_words: impl Fn(&Value) -> String) -> String {
    let words: Vec<String> = values.iter().map(in_words).collect();
    words.join(" | ")
}

/// Returns the variables of a URI template ([RFC 6570](https://www.rfc-editor.org/rfc/rfc6570)).
pub(crate) fn variables(template: &str) -> Vec<String> {
    let expressions = template.split('{').skip(1);
    let expressions = expressions.filter_map(|rest| Some(rest.split_once('}')?.0));
    let mut variables = Vec::new();
    for expression in expressions {
        // An operator, and a modifier of each variable.
        let list = expression.trim_start_matches(|letter| "+#./;?&=,!@|".contains(letter));
        for variable in list.split(',') {
            let name = variable.trim_end_matches('*').split(':').next();
            let name = first_line(name.unwrap_or_default());
            if !name.is_empty() && !variables.contains(&name) {
                variables.push(name);
            }
        }
    }
    variables
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_have_type_rules_and_description() {
        let schema = json!({
            "type": "object",
            "properties": {
                "a": { "type": "integer", "minimum": 0, "maximum": 9, "default": 3 },
                "b": { "type": "string", "description": "Of this\nand that", "format": "uri" },
                "c": { "enum": ["x", 1] },
                "i": { "$ref": "#/$defs/tone" },
                "j": { "$ref": "#/$defs/pace" },
                "k": { "$ref": "#/$defs/k" },
                "d": { "type": "array", "items": { "type": "string" }, "maxItems": 2 },
                "e": { "anyOf": [{ "type": "null" }, { "$ref": "#/$defs/place" }] },
                "f": { "type": ["string", "null"] },
                "g": true,
                "h\u{1b}": { "type": "string", "minLength": 1, "pattern": "^\u{1b}" },
            },
            "required": ["b"],
            "$defs": {
                "tone": { "enum": ["low", "high"] },
                "pace": { "oneOf": [{ "const": "slow" }, { "const": "fast" }] },
                "place": { "type": "object" },
                "k": { "$ref": "#/$defs/k" },
            },
        });
        let arguments = arguments(&schema);
        let lines: Vec<String> = arguments
            .iter()
            .map(|Argument { name, kind, .. }| format!("{name}: {kind}"))
            .collect();
        assert_eq!(
            lines,
            [
                "b: string, uri, required",
                "a: integer, default 3, 0 to 9",
                "c: \"x\" | 1",
                "d: array of string, at most 2 items",
                "e: null | place",
                "f: string | null",
                "g: any value",
                "h\\u{1b}: string, at least 1 characters, pattern ^\\u{1b}",
                "i: \"low\" | \"high\"",
                "j: \"slow\" | \"fast\"",
                "k: k",
            ]
        );
        assert_eq!(arguments[0].description, "Of this");
    }

    #[test]
    fn templates_name_their_variables_once() {
        for (template, names) in [
            ("x:/{a}/{b}", vec!["a", "b"]),
            ("x:{+path}{?q,page*}{&q:3}", vec!["path", "q", "page"]),
            ("x:/plain", vec![]),
            ("x:{", vec![]),
        ] {
            assert_eq!(variables(template), names, "{template}");
        }
    }
}

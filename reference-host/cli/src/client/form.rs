//! The forms of elicitation: fields, their values, and what is wrong with a value.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/client/elicitation#request-schema>

use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use wasi_mcp_host::protocol::wire;
use wasi_mcp_host::types::content::ElicitParams;

use crate::output::{first_line, visible};
use crate::similar;

/// The greatest whole number that JSON passes on exactly everywhere.
const GREATEST: i64 = (1 << 53) - 1;

/// A form, with its fields in the order in which the component gave them.
pub(crate) struct Form {
    pub(crate) message: String,
    pub(crate) fields: Vec<Field>,
    /// Checks all values together.
    schema: Validator,
}

/// A field of a form.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) is_required: bool,
    /// The value that is preset.
    pub(crate) default: Option<Value>,
    kind: Kind,
    definition: Value,
    schema: Validator,
}

/// The kinds of fields, by how a person gives their value.
#[derive(Debug, PartialEq)]
enum Kind {
    Text,
    Number,
    Integer,
    Boolean,
    /// One of these values, each with a name for people.
    Choice(Vec<(String, String)>),
    /// Any JSON value.
    Json,
}

impl Form {
    /// Reads the parameters of `elicitation/create`.
    ///
    /// # Errors
    ///
    /// A description, if they are malformed or their schema is not a JSON Schema.
    pub(crate) fn read(params: &RawValue) -> Result<Self, String> {
        let typed: ElicitParams =
            wire::from_json(params.get().as_bytes()).map_err(|fault| fault.to_string())?;
        let mut raw: Value =
            serde_json::from_str(params.get()).map_err(|error| error.to_string())?;
        let schema = raw["requestedSchema"].take();
        let required = typed.requested_schema.required.unwrap_or_default();
        // An object of serde_json does not keep the order.
        let fields = typed
            .requested_schema
            .properties
            .into_iter()
            .map(|(name, _)| {
                let definition = schema["properties"][&name].clone();
                Field::new(required.contains(&name), name, definition)
            });
        Ok(Self {
            message: typed.message,
            fields: fields.collect::<Result<_, _>>()?,
            schema: compile(&schema)?,
        })
    }

    /// Adds the defaults of omitted fields.
    pub(crate) fn with_defaults(&self, mut values: Map<String, Value>) -> Map<String, Value> {
        for field in &self.fields {
            if let Some(default) = &field.default
                && !values.contains_key(&field.name)
            {
                values.insert(field.name.clone(), default.clone());
            }
        }
        values
    }

    /// Returns what is wrong with the values, field by field.
    pub(crate) fn complaints(&self, values: &Map<String, Value>) -> Vec<String> {
        let mut complaints = Vec::new();
        for field in &self.fields {
            match values.get(&field.name) {
                Some(value) => {
                    if let Err(complaint) = field.check(value) {
                        complaints.push(format!(
                            "{}: {complaint}, found {}",
                            first_line(&field.name),
                            visible(&value.to_string())
                        ));
                    }
                }
                None if field.is_required => complaints.push(format!(
                    "{}: a value is required: {}",
                    first_line(&field.name),
                    field.wanted()
                )),
                None => {}
            }
        }
        let unknown = values
            .keys()
            .filter(|name| !self.fields.iter().any(|field| field.name == **name));
        let names: Vec<&str> = self.fields.iter().map(|field| &*field.name).collect();
        complaints.extend(unknown.map(|name| {
            let instead = similar::question(name, &names)
                .unwrap_or_else(|| format!("it has {}", similar::listed(&names)));
            format!("{name}: the form has no such field: {instead}")
        }));
        // Rules that concern several fields.
        if complaints.is_empty()
            && let Err(error) = self.schema.validate(&Value::Object(values.clone()))
        {
            complaints.push(visible(&error.to_string()));
        }
        complaints
    }
}

impl Field {
    fn new(is_required: bool, name: String, definition: Value) -> Result<Self, String> {
        let schema =
            compile(&definition).map_err(|error| format!("{}: {error}", first_line(&name)))?;
        let default = definition.get("default").cloned();
        Ok(Self {
            kind: Kind::of(&definition),
            is_required,
            default: default.filter(|default| schema.is_valid(default)),
            name,
            definition,
            schema,
        })
    }

    /// Returns the field's name, with its title if it has one.
    pub(crate) fn heading(&self) -> String {
        let name = first_line(&self.name);
        match self.definition["title"].as_str() {
            Some(title) => format!("{} ({name})", first_line(title)),
            None => name,
        }
    }

    /// Returns the field's description.
    pub(crate) fn description(&self) -> Option<String> {
        self.definition["description"].as_str().map(visible)
    }

    /// Describes the values that are expected, where the choices are listed below.
    pub(crate) fn expected(&self) -> String {
        let mut expected = match &self.kind {
            Kind::Choice(_) => "one of these".to_owned(),
            _ => self.wanted(),
        };
        if self.is_required {
            expected.push_str(", required");
        }
        expected
    }

    /// Describes the values that are expected, with their bounds.
    fn wanted(&self) -> String {
        let kind = match &self.kind {
            Kind::Text => match self.definition["format"].as_str() {
                Some(format) => format_in_words(format),
                None => "text",
            },
            Kind::Number => "a number",
            Kind::Integer => "a whole number",
            Kind::Boolean => "yes or no",
            Kind::Choice(choices) => {
                let values: Vec<&str> = choices.iter().map(|(value, _)| &**value).collect();
                return format!("one of {}", similar::listed(&values));
            }
            Kind::Json => "JSON",
        };
        visible(&format!("{kind}{}", self.bounds()))
    }

    /// Describes the bounds of the values, after a comma.
    fn bounds(&self) -> String {
        let bound = |keyword: &str| self.definition.get(keyword);
        let unit = |bound: &Value| match self.kind {
            Kind::Text if bound.as_f64() == Some(1.0) => " character",
            Kind::Text => " characters",
            _ => "",
        };
        let (least, most) = match self.kind {
            Kind::Text => ("minLength", "maxLength"),
            _ => ("minimum", "maximum"),
        };
        let mut bounds = match (bound(least), bound(most)) {
            (Some(least), Some(most)) => {
                format!(
                    ", {} to {}{}",
                    in_digits(least),
                    in_digits(most),
                    unit(most)
                )
            }
            (Some(least), None) => format!(", at least {}{}", in_digits(least), unit(least)),
            (None, Some(most)) => format!(", at most {}{}", in_digits(most), unit(most)),
            (None, None) => String::new(),
        };
        for (keyword, word) in [("exclusiveMinimum", "above"), ("exclusiveMaximum", "below")] {
            if let Some(bound) = bound(keyword) {
                bounds.push_str(&format!(", {word} {}", in_digits(bound)));
            }
        }
        bounds
    }

    /// Returns the lines of a choice.
    pub(crate) fn choices(&self) -> Vec<String> {
        let Kind::Choice(choices) = &self.kind else {
            return Vec::new();
        };
        let lines = choices.iter().enumerate().map(|(index, (value, name))| {
            let number = index + 1;
            if value == name {
                format!("{number}) {}", first_line(value))
            } else {
                format!("{number}) {} ({})", first_line(name), first_line(value))
            }
        });
        lines.collect()
    }

    /// Reads what a person typed.
    ///
    /// # Errors
    ///
    /// A description of the expected value.
    pub(crate) fn parse(&self, typed: &str) -> Result<Value, String> {
        let value = match &self.kind {
            Kind::Text => Value::from(typed),
            Kind::Number => number(typed).ok_or_else(|| match self.bounds().as_str() {
                "" => "expected a number, such as 2 or 0.5".to_owned(),
                _ => format!("expected {}", self.wanted()),
            })?,
            Kind::Integer => whole(typed).ok_or_else(|| match self.bounds().as_str() {
                "" => format!("expected a whole number from -{GREATEST} to {GREATEST}"),
                _ => format!("expected {}", self.wanted()),
            })?,
            Kind::Boolean => match typed.to_lowercase().as_str() {
                "y" | "yes" | "true" => true.into(),
                "n" | "no" | "false" => false.into(),
                _ => return Err("expected yes or no".to_owned()),
            },
            Kind::Choice(choices) => chosen(typed, choices)
                .ok_or_else(|| {
                    format!("expected a number from 1 to {}, or a value", choices.len())
                })?
                .into(),
            Kind::Json => {
                serde_json::from_str(typed).map_err(|error| format!("expected JSON: {error}"))?
            }
        };
        self.check(&value)?;
        Ok(value)
    }

    fn check(&self, value: &Value) -> Result<(), String> {
        self.schema
            .validate(value)
            .map_err(|error| self.complaint(&error))
    }

    /// Says what is wrong with a value.
    fn complaint(&self, error: &ValidationError<'_>) -> String {
        use ValidationErrorKind as Rule;

        match error.kind() {
            Rule::Type { .. }
            | Rule::Format { .. }
            | Rule::Minimum { .. }
            | Rule::Maximum { .. }
            | Rule::ExclusiveMinimum { .. }
            | Rule::ExclusiveMaximum { .. }
            | Rule::MinLength { .. }
            | Rule::MaxLength { .. }
            | Rule::Enum { .. } => format!("expected {}", self.wanted()),
            _ if matches!(self.kind, Kind::Choice(_)) => format!("expected {}", self.wanted()),
            _ => visible(&error.to_string()),
        }
    }
}

impl Kind {
    fn of(definition: &Value) -> Self {
        if let Some(choices) = choices(definition) {
            return Self::Choice(choices);
        }
        match definition["type"].as_str() {
            Some("string") => Self::Text,
            Some("number") => Self::Number,
            Some("integer") => Self::Integer,
            Some("boolean") => Self::Boolean,
            _ => Self::Json,
        }
    }
}

/// Returns the values and names of a choice: `enum` with `enumNames`, or constants with titles.
fn choices(definition: &Value) -> Option<Vec<(String, String)>> {
    if definition["type"] != "string" {
        return None;
    }
    if let Some(values) = definition["enum"].as_array() {
        let values: Vec<&str> = values.iter().map(Value::as_str).collect::<Option<_>>()?;
        let names = definition["enumNames"].as_array();
        let name = |index: usize| names.and_then(|names| names.get(index)?.as_str());
        let pairs = values.iter().enumerate().map(|(index, value)| {
            let name = name(index).unwrap_or(value);
            ((*value).to_owned(), name.to_owned())
        });
        return Some(pairs.collect());
    }
    let options = definition["oneOf"]
        .as_array()
        .or_else(|| definition["anyOf"].as_array())?;
    let pair = |option: &Value| {
        let value = option["const"].as_str()?;
        let name = option["title"].as_str().unwrap_or(value);
        Some((value.to_owned(), name.to_owned()))
    };
    options.iter().map(pair).collect()
}

/// Returns the value that was chosen by itself, its name or its number, in this order.
fn chosen(typed: &str, choices: &[(String, String)]) -> Option<String> {
    let by_value = choices.iter().find(|(value, _)| value == typed);
    let by_name = || choices.iter().find(|(_, name)| name == typed);
    let by_letters = || {
        let wanted = typed.to_lowercase();
        choices
            .iter()
            .find(|(value, name)| value.to_lowercase() == wanted || name.to_lowercase() == wanted)
    };
    let by_number = || choices.get(typed.parse::<usize>().ok()?.checked_sub(1)?);
    by_value
        .or_else(by_name)
        .or_else(by_letters)
        .or_else(by_number)
        .map(|(value, _)| value.clone())
}

fn number(typed: &str) -> Option<Value> {
    if let Some(whole) = whole(typed) {
        return Some(whole);
    }
    let number: f64 = typed.parse().ok()?;
    number.is_finite().then(|| json!(number))
}

fn whole(typed: &str) -> Option<Value> {
    let number: i64 = typed.parse().ok()?;
    (-GREATEST..=GREATEST)
        .contains(&number)
        .then(|| number.into())
}

fn format_in_words(format: &str) -> &str {
    match format {
        "email" => "an email address",
        "uri" => "a URI, such as https://example.com",
        "date" => "a date, such as 2025-06-18",
        "date-time" => "date and time, such as 2025-06-18T12:00:00Z",
        _ => "text",
    }
}

/// Writes a whole number without a fraction, however the component wrote it.
fn in_digits(number: &Value) -> String {
    match number.as_f64() {
        Some(whole) if whole.fract() == 0.0 && whole.abs() < GREATEST as f64 => {
            format!("{whole:.0}")
        }
        _ => number.to_string(),
    }
}

/// Compiles a schema whose formats are asserted: a form is filled by a person.
fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .offline()
        .should_validate_formats(true)
        // Linear in time, whatever a component asks for.
        .with_pattern_options(PatternOptions::regex())
        .build(schema)
        .map_err(|error| format!("the form is not valid: {}", visible(&error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(schema: Value) -> Form {
        let params = json!({ "message": "Please", "requestedSchema": schema });
        Form::read(&RawValue::from_string(params.to_string()).unwrap())
            .unwrap_or_else(|error| panic!("{error}"))
    }

    fn field(definition: Value) -> Field {
        let schema = json!({ "type": "object", "properties": { "it": definition } });
        form(schema).fields.remove(0)
    }

    #[test]
    fn fields_keep_the_order_of_the_component() {
        let params = r#"{"message": "m", "requestedSchema": {"type": "object", "properties":
            {"z": {"type": "string"}, "a": {"type": "boolean"}, "m": {"type": "number"}}}}"#;
        let form = Form::read(&RawValue::from_string(params.into()).unwrap()).unwrap();
        let names: Vec<_> = form.fields.iter().map(|field| &*field.name).collect();
        assert_eq!(names, ["z", "a", "m"]);
    }

    #[test]
    fn values_are_read_by_kind() {
        for (definition, typed, value) in [
            (json!({ "type": "string" }), " spaced ", json!(" spaced ")),
            (json!({ "type": "number" }), "0.5", json!(0.5)),
            (json!({ "type": "number" }), "-3", json!(-3)),
            (json!({ "type": "integer" }), "42", json!(42)),
            (
                json!({ "type": "integer" }),
                "9007199254740991",
                json!(9_007_199_254_740_991_i64),
            ),
            (json!({ "type": "boolean" }), "Yes", json!(true)),
            (json!({ "type": "boolean" }), "n", json!(false)),
            (
                json!({ "type": "string", "format": "email" }),
                "a@example.com",
                json!("a@example.com"),
            ),
            (
                json!({ "type": "string", "format": "date-time" }),
                "2025-06-18T12:00:00Z",
                json!("2025-06-18T12:00:00Z"),
            ),
            (json!({ "type": "array" }), "[1]", json!([1])),
        ] {
            assert_eq!(
                field(definition.clone()).parse(typed),
                Ok(value),
                "{definition}"
            );
        }
    }

    #[test]
    fn wrong_values_are_refused_with_what_is_expected() {
        for (definition, typed, part) in [
            (json!({ "type": "number" }), "ten", "a number"),
            (json!({ "type": "number" }), "NaN", "a number"),
            (json!({ "type": "number" }), "1e999", "a number"),
            (
                json!({ "type": "number", "maximum": 5 }),
                "6",
                "expected a number, at most 5",
            ),
            (
                json!({ "type": "number", "minimum": 0.5, "maximum": 5.0 }),
                "ten",
                "expected a number, 0.5 to 5",
            ),
            (
                json!({ "type": "integer", "minimum": 0, "maximum": 150.0 }),
                "151",
                "expected a whole number, 0 to 150",
            ),
            (
                json!({ "type": "integer", "minimum": 0, "maximum": 150 }),
                "1.5",
                "expected a whole number, 0 to 150",
            ),
            (
                json!({ "type": "integer", "exclusiveMinimum": 0 }),
                "0",
                "expected a whole number, above 0",
            ),
            (json!({ "type": "integer" }), "1.5", "a whole number"),
            (
                json!({ "type": "integer" }),
                "9007199254740993",
                "9007199254740991",
            ),
            (json!({ "type": "boolean" }), "maybe", "yes or no"),
            (
                json!({ "type": "string", "minLength": 2 }),
                "a",
                "expected text, at least 2 characters",
            ),
            (
                json!({ "type": "string", "maxLength": 1 }),
                "abc",
                "expected text, at most 1 character",
            ),
            (
                json!({ "type": "string", "format": "email" }),
                "nobody",
                "an email address",
            ),
            (
                json!({ "type": "string", "format": "uri" }),
                "no uri",
                "a URI",
            ),
            (
                json!({ "type": "string", "format": "date" }),
                "18.6.2025",
                "a date",
            ),
            (
                json!({ "type": "string", "format": "date-time" }),
                "2025-06-18",
                "date and time",
            ),
            (
                json!({ "type": "string", "enum": ["a", "b"] }),
                "3",
                "1 to 2",
            ),
            (
                json!({ "type": "string", "enum": ["a", "b"] }),
                "c",
                "1 to 2",
            ),
            (json!({ "type": "array" }), "[", "JSON"),
        ] {
            let refused = field(definition.clone()).parse(typed).unwrap_err();
            assert!(refused.contains(part), "{definition} {typed}: {refused}");
        }
    }

    #[test]
    fn choices_are_made_by_value_name_or_number() {
        let named = json!({ "type": "string", "enum": ["r", "g"], "enumNames": ["Red", "Green"] });
        let titled = json!({ "type": "string", "oneOf": [
            { "const": "r", "title": "Red" }, { "const": "g", "title": "Green" },
        ] });
        for definition in [named, titled] {
            let field = field(definition);
            assert_eq!(field.choices(), ["1) Red (r)", "2) Green (g)"]);
            for typed in ["g", "Green", "green", "2"] {
                assert_eq!(field.parse(typed), Ok(json!("g")), "{typed}");
            }
        }
        let numerals = field(json!({ "type": "string", "enum": ["3", "1", "2"] }));
        assert_eq!(numerals.parse("1"), Ok(json!("1")), "values come first");
    }

    #[test]
    fn defaults_fill_what_is_left_out_unless_they_break_their_own_rule() {
        let form = form(json!({ "type": "object", "properties": {
            "name": { "type": "string", "default": "Ada" },
            "age": { "type": "integer", "default": "old" },
        }, "required": ["age"] }));
        let values = form.with_defaults(Map::new());
        assert_eq!(Value::Object(values.clone()), json!({ "name": "Ada" }));
        assert_eq!(
            form.complaints(&values),
            ["age: a value is required: a whole number"]
        );
    }

    #[test]
    fn complaints_name_the_field() {
        let form = form(json!({ "type": "object", "properties": {
            "mail": { "type": "string", "format": "email" },
            "age": { "type": "integer", "maximum": 150 },
            "size": { "type": "string", "enum": ["s", "m"] },
        } }));
        let Value::Object(values) =
            json!({ "mail": "x", "age": "y", "size": "l", "agee": 1, "other": 1 })
        else {
            unreachable!()
        };
        let complaints = form.complaints(&values);
        assert_eq!(
            complaints,
            [
                "age: expected a whole number, at most 150, found \"y\"",
                "mail: expected an email address, found \"x\"",
                "size: expected one of `s`, `m`, found \"l\"",
                "agee: the form has no such field: did you mean `age`?",
                "other: the form has no such field: it has `age`, `mail`, `size`",
            ]
        );
    }
}

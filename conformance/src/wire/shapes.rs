//! The language that describes the messages of a revision, and the comparison of JSON values with
//! such descriptions.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::formats::{self, MetaKeyFault};
use crate::model::visible::in_one_line;

/// The expected form of a JSON value.
#[derive(Debug)]
pub enum Shape {
    /// Any JSON value.
    Any,
    /// A string.
    Text,
    /// A string in a format.
    Formatted(Format),
    /// A string or an integer: a request id or a progress token.
    Identifier,
    /// A number without a fraction.
    Integer,
    /// A number.
    Number,
    /// A number from 0 to 1.
    Priority,
    /// A boolean.
    Boolean,
    /// An object with any members.
    Object,
    /// The `_meta` of a revision's object, whose keys have a certain form.
    Meta,
    /// One of these strings.
    Word(&'static [&'static str]),
    /// An array.
    List(&'static Shape),
    /// An array with a maximum number of items.
    Bounded(&'static Shape, usize),
    /// An object whose members all have this shape.
    Map(&'static Shape),
    /// An object that the revision defines.
    Record(&'static Record),
    /// An object discriminated by its member `type`.
    ByType(&'static [(&'static str, &'static Record)]),
    /// The contents of a resource: text or binary.
    Contents,
    /// A property of an elicitation form.
    FormField,
    /// A string, an integer, a number or a boolean: an answer in an elicitation form.
    FormAnswer,
}

/// The format of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 3986.
    Uri,
    /// RFC 6570.
    UriTemplate,
    /// Base64 in the standard alphabet with padding.
    Base64,
    /// A media type.
    MediaType,
    /// ISO 8601.
    Timestamp,
}

/// An object that the revision defines. Additional members are always legal.
#[derive(Debug)]
pub struct Record {
    /// Its name in the official schema; inline objects are named by their path, as in
    /// `Tool.inputSchema`.
    pub name: &'static str,
    /// Its members.
    pub members: &'static [Member],
    /// A rule about members that belong together.
    pub rule: Option<MemberRule>,
}

/// A rule about members that belong together. Returns the breach.
pub type MemberRule = fn(&Map<String, Value>) -> Option<Breach>;

/// A member of an object.
#[derive(Debug)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// The shape of its value.
    pub shape: Shape,
    /// True if it is required.
    pub required: bool,
}

/// Describes a required member.
pub const fn required(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        shape,
        required: true,
    }
}

/// Describes an optional member, which must not be `null`.
pub const fn optional(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        shape,
        required: false,
    }
}

/// The kind of a broken rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A member is missing or has the wrong type.
    Type,
    /// A word is not among the defined ones.
    Word,
    /// A string is not a URI.
    Uri,
    /// A string is not a URI template.
    UriTemplate,
    /// A string is not base64.
    Base64,
    /// A string is not a media type.
    MediaType,
    /// A string is not a timestamp.
    Timestamp,
    /// A priority is not a number from 0 to 1.
    Priority,
    /// An array is longer than allowed.
    Limit,
    /// Contents have neither text nor blob.
    NoBody,
    /// Contents have text and blob.
    TwoBodies,
    /// `_meta` is not an object.
    Meta,
    /// A key of `_meta` is malformed.
    MetaKey(MetaKeyFault),
    /// A form field is nested or not a primitive.
    NotFlat,
    /// A form field uses a feature of JSON Schema beyond what the revision supports.
    Keyword,
    /// A form field's `enum` or `enumNames` is malformed.
    Enumeration,
    /// A form requires a field that it does not have.
    UnknownRequired,
    /// An empty result has members.
    NotEmpty,
    /// A count contradicts the values that it counts.
    Count,
    /// Annotations appear where the revision defines none.
    Placement,
}

/// A broken rule, not yet located.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The rule.
    pub rule: Rule,
    /// The member concerned; empty for the object itself.
    pub member: &'static str,
    /// A description of the breach.
    pub text: String,
}

/// A broken rule and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The definition in which it was found.
    pub definition: &'static str,
    /// The rule.
    pub rule: Rule,
    /// The path to the value: `result.tools[0].name`.
    pub path: String,
    /// A description of the fault.
    pub text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` {}", self.path, self.text)
    }
}

/// The result of comparing a value with its description.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// All faults.
    pub faults: Vec<Fault>,
    /// The number of values seen of each definition.
    pub seen: BTreeMap<&'static str, usize>,
}

impl Inspection {
    /// Compares a value with a shape; `path` is the position of the value.
    pub fn of(value: &Value, shape: &'static Shape, path: &str) -> Self {
        let mut walk = Walk {
            inspection: Self::default(),
            definition: "message",
        };
        walk.visit(value, shape, path);
        walk.inspection
    }

    /// Adds the result of another comparison.
    pub fn merge(&mut self, other: Self) {
        self.faults.extend(other.faults);
        for (definition, count) in other.seen {
            *self.seen.entry(definition).or_default() += count;
        }
    }
}

/// The definition of the form that elicitation asks for.
const FORM: &str = "ElicitRequest.params.requestedSchema";

/// The keywords that only some kinds of form fields have, and `enum`, which is judged separately.
const FIELD_KEYWORDS: [&str; 6] = [
    "minLength",
    "maxLength",
    "format",
    "minimum",
    "maximum",
    "enumNames",
];

struct Walk {
    inspection: Inspection,
    definition: &'static str,
}

impl Walk {
    fn visit(&mut self, value: &Value, shape: &'static Shape, path: &str) {
        match shape {
            Shape::Any => {}
            Shape::Text => self.expect(value.is_string(), Rule::Type, "a string", value, path),
            Shape::Formatted(format) => self.formatted(value, *format, path),
            Shape::Identifier => {
                self.expect(
                    is_identifier(value),
                    Rule::Type,
                    "a string or an integer",
                    value,
                    path,
                );
            }
            Shape::Integer => self.expect(is_integer(value), Rule::Type, "an integer", value, path),
            Shape::Number => self.expect(value.is_number(), Rule::Type, "a number", value, path),
            Shape::Priority => self.expect(
                is_priority(value),
                Rule::Priority,
                "a number from 0 to 1",
                value,
                path,
            ),
            Shape::Boolean => self.expect(value.is_boolean(), Rule::Type, "a boolean", value, path),
            Shape::Object => self.expect(value.is_object(), Rule::Type, "an object", value, path),
            Shape::Meta => self.meta(value, path),
            Shape::Word(words) => self.word(value, words, path),
            Shape::List(item) => self.list(value, item, path),
            Shape::Bounded(item, most) => self.bounded(value, item, *most, path),
            Shape::Map(item) => self.map(value, item, path),
            Shape::Record(record) => self.record(value, record, path),
            Shape::ByType(cases) => self.by_type(value, cases, path),
            Shape::Contents => self.contents(value, path),
            Shape::FormField => self.form_field(value, path),
            Shape::FormAnswer => {
                let flat = value.is_string() || value.is_number() || value.is_boolean();
                self.expect(
                    flat,
                    Rule::NotFlat,
                    "a string, a number or a boolean",
                    value,
                    path,
                );
            }
        }
    }

    fn formatted(&mut self, value: &Value, format: Format, path: &str) {
        let Some(text) = value.as_str() else {
            return self.expect(false, Rule::Type, "a string", value, path);
        };
        let (holds, rule, wanted) = match format {
            Format::Uri if !text.is_ascii() => (
                false,
                Rule::Uri,
                "a URI, in which letters beyond ASCII are percent-encoded",
            ),
            Format::Uri => (formats::is_uri(text), Rule::Uri, "a URI"),
            Format::UriTemplate => (
                formats::is_uri_template(text),
                Rule::UriTemplate,
                "a URI template",
            ),
            Format::Base64 => (formats::is_base64(text), Rule::Base64, "base64"),
            Format::MediaType => (
                formats::is_media_type(text),
                Rule::MediaType,
                "a media type",
            ),
            Format::Timestamp => (
                formats::is_timestamp(text),
                Rule::Timestamp,
                "an ISO 8601 timestamp",
            ),
        };
        self.expect(holds, rule, wanted, value, path);
    }

    fn word(&mut self, value: &Value, words: &[&str], path: &str) {
        match value.as_str() {
            None => self.expect(false, Rule::Type, "a string", value, path),
            Some(text) if words.contains(&text) => {}
            Some(_) => self.expect(
                false,
                Rule::Word,
                &format!("one of {}", words.join(", ")),
                value,
                path,
            ),
        }
    }

    fn list(&mut self, value: &Value, item: &'static Shape, path: &str) {
        let Some(items) = value.as_array() else {
            return self.expect(false, Rule::Type, "an array", value, path);
        };
        for (index, value) in items.iter().enumerate() {
            self.visit(value, item, &format!("{path}[{index}]"));
        }
    }

    fn bounded(&mut self, value: &Value, item: &'static Shape, most: usize, path: &str) {
        self.list(value, item, path);
        let length = value.as_array().map_or(0, Vec::len);
        if length > most {
            self.fault(
                Rule::Limit,
                path,
                format!("has {length} items, more than {most}"),
            );
        }
    }

    fn map(&mut self, value: &Value, item: &'static Shape, path: &str) {
        let Some(members) = value.as_object() else {
            return self.expect(false, Rule::Type, "an object", value, path);
        };
        for (name, value) in members {
            self.visit(value, item, &format!("{path}.{name}"));
        }
    }

    fn record(&mut self, value: &Value, record: &'static Record, path: &str) {
        if record.name == FORM {
            self.form(value, path);
        }
        let outer = std::mem::replace(&mut self.definition, record.name);
        *self.inspection.seen.entry(record.name).or_default() += 1;
        match value.as_object() {
            None => self.expect(false, Rule::Type, "an object", value, path),
            Some(members) => self.members(members, record, path),
        }
        self.definition = outer;
    }

    fn members(&mut self, members: &Map<String, Value>, record: &'static Record, path: &str) {
        for member in record.members {
            let path = format!("{path}.{}", member.name);
            match members.get(member.name) {
                Some(value) => self.visit(value, &member.shape, &path),
                None if member.required => self.fault(Rule::Type, &path, "is missing".to_owned()),
                None => {}
            }
        }
        if let Some(breach) = record.rule.and_then(|rule| rule(members)) {
            let path = if breach.member.is_empty() {
                path.to_owned()
            } else {
                format!("{path}.{}", breach.member)
            };
            self.fault(breach.rule, &path, breach.text);
        }
    }

    fn meta(&mut self, meta: &Value, path: &str) {
        let Some(members) = meta.as_object() else {
            return self.expect(false, Rule::Meta, "an object", meta, path);
        };
        for key in members.keys() {
            if let Some(fault) = formats::meta_key_fault(key) {
                self.fault(
                    Rule::MetaKey(fault),
                    path,
                    format!("has the malformed key `{key}` ({fault:?})"),
                );
            }
        }
    }

    fn by_type(
        &mut self,
        value: &Value,
        cases: &'static [(&'static str, &'static Record)],
        path: &str,
    ) {
        let Some(members) = value.as_object() else {
            return self.expect(false, Rule::Type, "an object", value, path);
        };
        let name = members.get("type").and_then(Value::as_str);
        match cases.iter().find(|(word, _)| Some(*word) == name) {
            Some((_, record)) => self.record(value, record, path),
            None => {
                let words: Vec<&str> = cases.iter().map(|(word, _)| *word).collect();
                let found = members
                    .get("type")
                    .map_or("absent".to_owned(), Value::to_string);
                let text = format!("is {found}, expected one of {}", words.join(", "));
                self.fault(Rule::Word, &format!("{path}.type"), text);
            }
        }
    }

    fn contents(&mut self, value: &Value, path: &str) {
        use super::definitions::{
            BLOB_RESOURCE_CONTENTS, RESOURCE_CONTENTS, TEXT_RESOURCE_CONTENTS,
        };
        let has = |name| value.get(name).is_some();
        match (has("text"), has("blob")) {
            (true, false) => self.record(value, &TEXT_RESOURCE_CONTENTS, path),
            (false, true) => self.record(value, &BLOB_RESOURCE_CONTENTS, path),
            (true, true) => {
                self.record(value, &TEXT_RESOURCE_CONTENTS, path);
                self.fault_in(
                    "ResourceContents",
                    Rule::TwoBodies,
                    path,
                    "has both `text` and `blob`",
                );
            }
            (false, false) => {
                self.record(value, &RESOURCE_CONTENTS, path);
                self.fault_in(
                    "ResourceContents",
                    Rule::NoBody,
                    path,
                    "has neither `text` nor `blob`",
                );
            }
        }
    }

    fn form_field(&mut self, value: &Value, path: &str) {
        use super::definitions::{BOOLEAN_SCHEMA, ENUM_SCHEMA, NUMBER_SCHEMA, STRING_SCHEMA};
        let Some(members) = value.as_object() else {
            return self.expect(false, Rule::NotFlat, "an object", value, path);
        };
        let record = match members.get("type").and_then(Value::as_str) {
            Some("string") if members.contains_key("enum") => &ENUM_SCHEMA,
            Some("string") => &STRING_SCHEMA,
            Some("number" | "integer") => &NUMBER_SCHEMA,
            Some("boolean") => &BOOLEAN_SCHEMA,
            _ => {
                let found = members
                    .get("type")
                    .map_or("absent".to_owned(), Value::to_string);
                let text = format!("is {found}, expected string, number, integer or boolean");
                return self.fault_in(
                    "PrimitiveSchemaDefinition",
                    Rule::NotFlat,
                    &format!("{path}.type"),
                    &text,
                );
            }
        };
        self.record(value, record, path);
        if members.contains_key("enum") && !std::ptr::eq(record, &ENUM_SCHEMA) {
            let kind = members.get("type").and_then(Value::as_str);
            let text = format!(
                "offers a choice of the type {}, and choices are strings",
                kind.unwrap_or_default()
            );
            self.fault_in("EnumSchema", Rule::Enumeration, path, &text);
        }
        if let Some(doubt) = members.get("enum").and_then(doubtful_choices) {
            self.fault_in("PrimitiveSchemaDefinition", Rule::Keyword, path, &doubt);
        }
        for (name, value) in members {
            let listed = record.members.iter().any(|member| member.name == name);
            let of_another_kind = FIELD_KEYWORDS.contains(&name.as_str());
            if !listed && (of_another_kind || formats::is_advanced_keyword(name, value)) {
                let text = format!(
                    "has the keyword `{name}`, which {} does not list",
                    record.name
                );
                self.fault_in("PrimitiveSchemaDefinition", Rule::Keyword, path, &text);
            }
        }
    }

    /// Looks for keywords of the form itself that a flat form cannot have.
    fn form(&mut self, value: &Value, path: &str) {
        for (name, value) in value.as_object().into_iter().flatten() {
            let harmless = [
                "properties",
                "additionalProperties",
                "unevaluatedProperties",
            ];
            if !harmless.contains(&name.as_str()) && formats::is_advanced_keyword(name, value) {
                let text = format!("has the keyword `{name}`, which a form does not have");
                self.fault_in(FORM, Rule::Keyword, path, &text);
            }
        }
    }

    fn expect(&mut self, holds: bool, rule: Rule, wanted: &str, value: &Value, path: &str) {
        if !holds {
            self.fault(
                rule,
                path,
                format!("is {}, expected {wanted}", excerpt(value)),
            );
        }
    }

    fn fault(&mut self, rule: Rule, path: &str, text: String) {
        let definition = self.definition;
        self.inspection.faults.push(Fault {
            definition,
            rule,
            path: path.to_owned(),
            text,
        });
    }

    fn fault_in(&mut self, definition: &'static str, rule: Rule, path: &str, text: &str) {
        let outer = std::mem::replace(&mut self.definition, definition);
        self.fault(rule, path, text.to_owned());
        self.definition = outer;
    }
}

/// Describes the values of the keyword `enum` if they break a SHOULD of JSON Schema: none, or one
/// twice.
///
/// <https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.2>
pub fn doubtful_choices(choices: &Value) -> Option<String> {
    let choices = choices.as_array()?;
    if choices.is_empty() {
        return Some("offers no choice: JSON Schema says that `enum` should have one".to_owned());
    }
    let mut seen = Vec::new();
    let twice = choices.iter().find(|choice| {
        let known = seen.contains(choice);
        seen.push(choice);
        known
    })?;
    Some(format!(
        "offers {} twice: JSON Schema says that the values of `enum` should be unique",
        excerpt(twice)
    ))
}

/// Returns true for a number without a fraction (`1.0` has none).
pub fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

fn is_identifier(value: &Value) -> bool {
    value.is_string() || is_integer(value)
}

fn is_priority(value: &Value) -> bool {
    value
        .as_f64()
        .is_some_and(|number| (0.0..=1.0).contains(&number))
}

/// Formats JSON text, cut to a length that fits into a message.
pub fn excerpt(value: &Value) -> String {
    shorten(&value.to_string(), 160)
}

/// Quotes text of a server in one line of a message: hidden characters are made visible, and the end
/// after this many characters is cut.
pub fn quoted(text: &str, most: usize) -> String {
    in_one_line(&shorten(text, most))
}

/// Cuts text after this many characters.
pub fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

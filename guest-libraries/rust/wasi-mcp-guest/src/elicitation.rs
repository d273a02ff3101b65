//! Forms for the client's user.
//!
//! MCP allows flat forms only: texts, numbers, yes or no, and a choice of one. The derive macros
//! [`Form`](derive@Form) and [`Choice`](derive@Choice) accept no others, so that a form that a client
//! could not show does not compile.
//!
//! ```
//! use wasi_mcp_guest::{Choice, Form};
//!
//! #[derive(Form)]
//! struct Booking {
//!     /// The name on the door.
//!     #[form(title = "Name", min_length = 1)]
//!     name: String,
//!     #[form(minimum = 1, maximum = 14)]
//!     nights: u32,
//!     bed: Option<Bed>,
//! }
//!
//! #[derive(Choice)]
//! enum Bed {
//!     Single,
//!     #[choice(value = "double", title = "Two persons")]
//!     Double,
//! }
//! # use wasi_mcp_guest::elicitation::Form as _;
//! # assert_eq!(Booking::requested_schema().required.unwrap(), ["name", "nights"]);
//! ```
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/client/elicitation>

use std::marker::PhantomData;

use serde_json::json;
use wasi_mcp_types::content::{
    BooleanSchema, ElicitAction, ElicitResult, ElicitValue, EnumSchema, NumberSchema, NumberType,
    PrimitiveSchema, RequestedSchema, StringFormat, StringSchema,
};
use wasi_mcp_types::types::Error;

use crate::errors::internal;

pub use wasi_mcp_guest_macros::{Choice, Form};

/// A struct that a user fills in. Implemented by `#[derive(Form)]`.
///
/// The comment at a field is its description. The attribute `#[form(...)]` takes `name`, `title` and
/// `default`, of texts `min_length`, `max_length` and `format` (`"email"`, `"uri"`, `"date"` or
/// `"date-time"`), and of numbers `minimum` and `maximum`. A field that is an `Option` may stay empty.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a form",
    label = "not a form",
    note = "derive it: `#[derive(wasi_mcp_guest::Form)]` on a struct with named fields"
)]
pub trait Form: Sized {
    /// Returns the fields of the form.
    fn requested_schema() -> RequestedSchema;

    /// Returns the values of a submitted form, or what is wrong with them.
    fn read(values: Vec<(String, ElicitValue)>) -> Result<Self, String>;
}

/// A type that a field of a form can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a form",
    label = "not a field that MCP allows",
    note = "use `String`, `bool`, a number, an enum with `#[derive(wasi_mcp_guest::Choice)]`, or an `Option` of one of these: forms are flat"
)]
pub trait FormField: Sized {
    /// The field must be filled in.
    const REQUIRED: bool = true;

    /// Returns the schema without the attributes of the field.
    fn schema() -> PrimitiveSchema;

    /// Returns a value, or what was expected. `None` stands for an empty field.
    fn read(value: Option<ElicitValue>) -> Result<Self, String>;
}

/// A field with text: `min_length`, `max_length` and `format` apply.
#[diagnostic::on_unimplemented(
    message = "`min_length`, `max_length` and `format` apply to fields with text, not to `{Self}`",
    label = "not a field with text"
)]
pub trait TextField: FormField {}

/// A field with a number: `minimum` and `maximum` apply.
#[diagnostic::on_unimplemented(
    message = "`minimum` and `maximum` apply to fields with a number, not to `{Self}`",
    label = "not a field with a number"
)]
pub trait NumberField: FormField {}

/// The user's answer to a form.
#[derive(Debug, Clone, PartialEq)]
pub enum Elicited<T> {
    /// The user submitted the form.
    Accepted(T),
    /// The user declined.
    Declined,
    /// The user dismissed the form without a choice.
    Cancelled,
}

impl<T> Elicited<T> {
    /// Returns the values of a submitted form.
    pub fn accepted(self) -> Option<T> {
        match self {
            Self::Accepted(values) => Some(values),
            Self::Declined | Self::Cancelled => None,
        }
    }
}

impl<T: Form> Elicited<T> {
    pub(crate) fn read(result: ElicitResult) -> Result<Self, Error> {
        match result.action {
            ElicitAction::Accept => T::read(result.content.unwrap_or_default())
                .map(Self::Accepted)
                .map_err(|fault| internal(format!("the answer does not fit the form: {fault}"))),
            ElicitAction::Decline => Ok(Self::Declined),
            ElicitAction::Cancel => Ok(Self::Cancelled),
        }
    }
}

fn text_schema() -> PrimitiveSchema {
    PrimitiveSchema::Text(StringSchema::default())
}

impl FormField for String {
    fn schema() -> PrimitiveSchema {
        text_schema()
    }

    fn read(value: Option<ElicitValue>) -> Result<Self, String> {
        match value {
            Some(ElicitValue::Text(text)) => Ok(text),
            _ => Err("text is expected".into()),
        }
    }
}
impl TextField for String {}

impl FormField for bool {
    fn schema() -> PrimitiveSchema {
        PrimitiveSchema::Boolean(BooleanSchema::default())
    }

    fn read(value: Option<ElicitValue>) -> Result<Self, String> {
        match value {
            Some(ElicitValue::Boolean(value)) => Ok(value),
            _ => Err("yes or no is expected".into()),
        }
    }
}

fn number_schema(type_: NumberType) -> PrimitiveSchema {
    PrimitiveSchema::Number(NumberSchema {
        type_,
        title: None,
        description: None,
        minimum: None,
        maximum: None,
        extra: None,
    })
}

impl FormField for f64 {
    fn schema() -> PrimitiveSchema {
        number_schema(NumberType::Number)
    }

    fn read(value: Option<ElicitValue>) -> Result<Self, String> {
        match value {
            Some(ElicitValue::Number(value)) => Ok(value),
            _ => Err("a number is expected".into()),
        }
    }
}
impl NumberField for f64 {}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl FormField for $integer {
            fn schema() -> PrimitiveSchema {
                number_schema(NumberType::Integer)
            }

            fn read(value: Option<ElicitValue>) -> Result<Self, String> {
                let value = f64::read(value)?;
                let integer = value as Self;
                if integer as f64 == value {
                    Ok(integer)
                } else {
                    Err(format!(
                        "a whole number from {} to {} is expected",
                        Self::MIN,
                        Self::MAX
                    ))
                }
            }
        }
        impl NumberField for $integer {}
    )*};
}
// Those that a 64-bit float holds exactly.
integers!(i8 i16 i32 u8 u16 u32);

impl<T: FormField> FormField for Option<T> {
    const REQUIRED: bool = false;

    fn schema() -> PrimitiveSchema {
        T::schema()
    }

    fn read(value: Option<ElicitValue>) -> Result<Self, String> {
        value.map(|value| T::read(Some(value))).transpose()
    }
}
impl<T: TextField> TextField for Option<T> {}
impl<T: NumberField> NumberField for Option<T> {}

/// The description of one field, with what its attributes say.
pub struct Field<T> {
    name: &'static str,
    schema: PrimitiveSchema,
    kind: PhantomData<T>,
}

// The bounds are at the functions, because the compiler then says why a type has none of them.
impl<T> Field<T> {
    /// Returns a field without attributes.
    pub fn new(name: &'static str) -> Self
    where
        T: FormField,
    {
        Self {
            name,
            schema: T::schema(),
            kind: PhantomData,
        }
    }

    /// Sets the name for people.
    pub fn title(mut self, text: &str) -> Self {
        let title = match &mut self.schema {
            PrimitiveSchema::Text(schema) => &mut schema.title,
            PrimitiveSchema::Number(schema) => &mut schema.title,
            PrimitiveSchema::Boolean(schema) => &mut schema.title,
            PrimitiveSchema::Enumeration(schema) => &mut schema.title,
            PrimitiveSchema::Other(_) => return self,
        };
        *title = Some(text.into());
        self
    }

    /// Sets the description of the expected value.
    pub fn description(mut self, text: &str) -> Self {
        let description = match &mut self.schema {
            PrimitiveSchema::Text(schema) => &mut schema.description,
            PrimitiveSchema::Number(schema) => &mut schema.description,
            PrimitiveSchema::Boolean(schema) => &mut schema.description,
            PrimitiveSchema::Enumeration(schema) => &mut schema.description,
            PrimitiveSchema::Other(_) => return self,
        };
        *description = Some(text.into());
        self
    }

    /// Sets the value that the form has at first.
    pub fn default(mut self, value: impl Into<serde_json::Value>) -> Self {
        let value = value.into();
        // MCP 2025-06-18 has defaults for yes or no alone. Later revisions have them everywhere.
        let extra = Some(json!({ "default": value }).to_string());
        match &mut self.schema {
            PrimitiveSchema::Boolean(schema) => schema.default = value.as_bool(),
            PrimitiveSchema::Text(schema) => schema.extra = extra,
            PrimitiveSchema::Number(schema) => schema.extra = extra,
            PrimitiveSchema::Enumeration(schema) => schema.extra = extra,
            PrimitiveSchema::Other(_) => {}
        }
        self
    }

    /// Adds the field to a form.
    pub fn add_to(self, form: &mut RequestedSchema)
    where
        T: FormField,
    {
        if T::REQUIRED {
            form.required
                .get_or_insert_default()
                .push(self.name.to_owned());
        }
        form.properties.push((self.name.to_owned(), self.schema));
    }

    /// Takes the field's value out of a submitted form, and checks it.
    pub fn take(self, values: &mut Vec<(String, ElicitValue)>) -> Result<T, String>
    where
        T: FormField,
    {
        let found = values.iter().position(|(name, _)| name == self.name);
        let value = found.map(|index| values.swap_remove(index).1);
        value
            .as_ref()
            .map_or(Ok(()), |value| check(&self.schema, value))
            .and_then(|()| T::read(value))
            .map_err(|fault| format!("`{}`: {fault}", self.name))
    }

    fn text(mut self, change: impl FnOnce(&mut StringSchema)) -> Self {
        if let PrimitiveSchema::Text(schema) = &mut self.schema {
            change(schema);
        }
        self
    }

    /// Sets the minimum number of characters.
    pub fn min_length(self, characters: u32) -> Self
    where
        T: TextField,
    {
        self.text(|schema| schema.min_length = Some(characters))
    }

    /// Sets the maximum number of characters.
    pub fn max_length(self, characters: u32) -> Self
    where
        T: TextField,
    {
        self.text(|schema| schema.max_length = Some(characters))
    }

    /// Sets the format of the text.
    pub fn format(self, format: StringFormat) -> Self
    where
        T: TextField,
    {
        self.text(|schema| schema.format = Some(format))
    }

    fn number(mut self, change: impl FnOnce(&mut NumberSchema)) -> Self {
        if let PrimitiveSchema::Number(schema) = &mut self.schema {
            change(schema);
        }
        self
    }

    /// Sets the minimum value.
    pub fn minimum(self, value: f64) -> Self
    where
        T: NumberField,
    {
        self.number(|schema| schema.minimum = Some(value))
    }

    /// Sets the maximum value.
    pub fn maximum(self, value: f64) -> Self
    where
        T: NumberField,
    {
        self.number(|schema| schema.maximum = Some(value))
    }
}

/// Returns the schema of a choice: its values, with the names for people where there are any.
pub fn choice(options: &[(&str, Option<&str>)]) -> PrimitiveSchema {
    let named = options.iter().any(|(_, title)| title.is_some());
    let names = || options.iter().map(|(value, title)| title.unwrap_or(value));
    PrimitiveSchema::Enumeration(EnumSchema {
        enum_: options.iter().map(|(value, _)| (*value).into()).collect(),
        enum_names: named.then(|| names().map(Into::into).collect()),
        ..EnumSchema::default()
    })
}

/// Checks the bounds of a value. The host has not, and a client need not.
fn check(schema: &PrimitiveSchema, value: &ElicitValue) -> Result<(), String> {
    match (schema, value) {
        (PrimitiveSchema::Text(schema), ElicitValue::Text(text)) => {
            let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
            is_within(length, schema.min_length, schema.max_length)
                .then_some(())
                .ok_or_else(|| format!("the text has {length} characters"))
        }
        (PrimitiveSchema::Number(schema), ElicitValue::Number(number)) => {
            is_within(*number, schema.minimum, schema.maximum)
                .then_some(())
                .ok_or_else(|| format!("{number} is out of range"))
        }
        _ => Ok(()),
    }
}

fn is_within<T: PartialOrd>(value: T, minimum: Option<T>, maximum: Option<T>) -> bool {
    minimum.is_none_or(|minimum| minimum <= value) && maximum.is_none_or(|maximum| value <= maximum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Form)]
    struct Everything {
        /// A name to call you by.
        #[form(title = "Name", min_length = 1, max_length = 4, default = "Ada")]
        name: String,
        #[form(minimum = 0.5, maximum = 99.5)]
        ratio: f64,
        #[form(name = "age", maximum = 150)]
        years: Option<u8>,
        #[form(default = false)]
        agreed: bool,
        colour: Option<Colour>,
        #[form(format = "date-time")]
        appointment: Option<String>,
    }

    #[derive(Debug, PartialEq, Choice)]
    enum Colour {
        #[choice(value = "r", title = "Red")]
        Red,
        Green,
    }

    fn submitted(values: &[(&str, ElicitValue)]) -> Result<Everything, String> {
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        Everything::read(values.collect())
    }

    fn text(text: &str) -> ElicitValue {
        ElicitValue::Text(text.into())
    }

    #[test]
    fn a_form_has_the_fields_of_the_struct() {
        let form = Everything::requested_schema();
        assert_eq!(form.required.unwrap(), ["name", "ratio", "agreed"]);
        let names: Vec<_> = form.properties.iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            ["name", "ratio", "age", "agreed", "colour", "appointment"]
        );
        assert_eq!(
            form.properties[0].1,
            PrimitiveSchema::Text(StringSchema {
                title: Some("Name".into()),
                description: Some("A name to call you by.".into()),
                min_length: Some(1),
                max_length: Some(4),
                format: None,
                extra: Some(r#"{"default":"Ada"}"#.into()),
            })
        );
        assert_eq!(
            form.properties[3].1,
            PrimitiveSchema::Boolean(BooleanSchema {
                default: Some(false),
                ..BooleanSchema::default()
            })
        );
        assert_eq!(
            form.properties[4].1,
            PrimitiveSchema::Enumeration(EnumSchema {
                enum_: vec!["r".into(), "Green".into()],
                enum_names: Some(vec!["Red".into(), "Green".into()]),
                ..EnumSchema::default()
            })
        );
    }

    #[test]
    fn a_submitted_form_is_read() {
        let read = submitted(&[
            ("ratio", ElicitValue::Number(0.5)),
            ("name", text("Ada")),
            ("age", ElicitValue::Number(36.0)),
            ("agreed", ElicitValue::Boolean(true)),
            ("colour", text("r")),
        ]);
        assert_eq!(
            read,
            Ok(Everything {
                name: "Ada".into(),
                ratio: 0.5,
                years: Some(36),
                agreed: true,
                colour: Some(Colour::Red),
                appointment: None,
            })
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let number = ElicitValue::Number;
        for (name, value, fault) in [
            ("name", number(1.0), "`name`: text is expected"),
            ("name", text(""), "`name`: the text has 0 characters"),
            ("name", text("Agnes"), "`name`: the text has 5 characters"),
            ("ratio", number(0.4), "`ratio`: 0.4 is out of range"),
            ("age", number(151.0), "`age`: 151 is out of range"),
            (
                "age",
                number(1.5),
                "`age`: a whole number from 0 to 255 is expected",
            ),
            ("agreed", text("yes"), "`agreed`: yes or no is expected"),
            (
                "colour",
                text("Red"),
                "`colour`: one of `r`, `Green` is expected",
            ),
        ] {
            let mut values = vec![
                ("name", text("Ada")),
                ("ratio", number(1.0)),
                ("agreed", ElicitValue::Boolean(true)),
            ];
            values.retain(|(other, _)| *other != name);
            values.push((name, value));
            assert_eq!(submitted(&values).unwrap_err(), fault);
        }
        assert_eq!(submitted(&[]).unwrap_err(), "`name`: text is expected");
    }
}

//! [Elicitation](https://modelcontextprotocol.io/specification/2025-06-18/client/elicitation).

use crate::json::{self, Fault, Kind, Object, RawValue, Writer};
use crate::wire::codec::{Codec, Json, JsonObject, Map, write_extra};
use crate::wire::keyword::keyword;
use crate::wire::open::write_untagged;
use crate::wire::record::{object, record};
use crate::wire::tagged::{TAG, has_tag};
use crate::wire::{FromJson, Record, ToJson};
use wasi_mcp_types::content::{
    BooleanSchema, ElicitAction, ElicitParams, ElicitResult, ElicitValue, EnumSchema, NumberSchema,
    NumberType, PrimitiveSchema, RequestedSchema, StringFormat, StringSchema,
};

keyword! {
    StringFormat {
        Email => "email",
        Uri => "uri",
        Date => "date",
        DateTime => "date-time",
    }

    NumberType {
        Number => "number",
        Integer => "integer",
    }

    ElicitAction {
        Accept => "accept",
        Decline => "decline",
        Cancel => "cancel",
    }
}

record! {
    StringSchema tagged "string" without "enum" {
        title: Option<String>,
        description: Option<String>,
        min_length => "minLength": Option<u32>,
        max_length => "maxLength": Option<u32>,
        format: Option<StringFormat>,
        ..extra
    }

    NumberSchema {
        type_ => "type": NumberType,
        title: Option<String>,
        description: Option<String>,
        minimum: Option<f64>,
        maximum: Option<f64>,
        ..extra
    }

    BooleanSchema tagged "boolean" {
        title: Option<String>,
        description: Option<String>,
        default: Option<bool>,
        ..extra
    }

    EnumSchema tagged "string" {
        title: Option<String>,
        description: Option<String>,
        enum_ => "enum": Vec<String>,
        enum_names => "enumNames": Option<Vec<String>>,
        ..extra
    }

    RequestedSchema tagged "object" {
        properties: Map<PrimitiveSchema>,
        required: Option<Vec<String>>,
        ..extra
    }

    ElicitParams {
        message: String,
        requested_schema => "requestedSchema": RequestedSchema,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

}

/// The values of `type` that the cases of a primitive schema represent.
const NAMED_TYPES: [&str; 4] = ["string", "number", "integer", "boolean"];

const ACTION: &str = "action";
const CONTENT: &str = "content";
const META: &str = "_meta";

type Content = Option<Map<ElicitValue>>;

/// Reads `content` with `accept` only. With another action it is ignored: a user's "no" must not be
/// lost because a client sends `null` or an empty form along.
impl Record for ElicitResult {
    const MEMBERS: &'static [&'static str] = &[ACTION, CONTENT, META];

    fn from_object(mut object: Object<'_>) -> Result<Self, Fault> {
        let action = ElicitAction::read_member(&mut object, ACTION)?;
        let content = if action == ElicitAction::Accept {
            Content::read_member(&mut object, CONTENT)?
        } else {
            object.take(CONTENT);
            None
        };
        Ok(Self {
            action,
            content,
            meta: Option::<JsonObject>::read_member(&mut object, META)?,
            extra: object.rest_to_json(),
        })
    }

    fn write_members(&self, writer: &mut Writer) -> Result<(), Fault> {
        ElicitAction::write_member(&self.action, ACTION, writer)?;
        if self.action == ElicitAction::Accept {
            Content::write_member(&self.content, CONTENT, writer)?;
        }
        Option::<JsonObject>::write_member(&self.meta, META, writer)?;
        write_extra(self.extra.as_deref(), Self::MEMBERS, writer)
    }
}

object!(ElicitResult);

impl ToJson for PrimitiveSchema {
    fn write(&self, writer: &mut Writer) -> Result<(), Fault> {
        match self {
            Self::Text(schema) => schema.write(writer),
            Self::Number(schema) => schema.write(writer),
            Self::Boolean(schema) => schema.write(writer),
            Self::Enumeration(schema) => schema.write(writer),
            Self::Other(text) => write_untagged(text, &NAMED_TYPES, writer),
        }
    }
}

/// Distinguishes the two definitions with the `type` `string` by their member `enum`, since the
/// schema's own union accepts either for both.
impl FromJson for PrimitiveSchema {
    const EXPECTED: &'static str = "an object";

    fn read(value: &RawValue) -> Result<Self, Fault> {
        let object = json::object(value)?;
        let is_number = object
            .get(TAG)
            .is_some_and(|value| <NumberType as FromJson>::read(value).is_ok());
        if is_number {
            NumberSchema::from_object(object).map(Self::Number)
        } else if has_tag::<BooleanSchema>(&object) {
            BooleanSchema::from_object(object).map(Self::Boolean)
        } else if !has_tag::<StringSchema>(&object) {
            object.optional(TAG, json::string)?;
            Ok(Self::Other(value.get().to_owned()))
        } else if object.get("enum").is_some() {
            EnumSchema::from_object(object).map(Self::Enumeration)
        } else {
            StringSchema::from_object(object).map(Self::Text)
        }
    }
}

impl ToJson for ElicitValue {
    fn write(&self, writer: &mut Writer) -> Result<(), Fault> {
        match self {
            Self::Text(text) => String::write(text, writer),
            Self::Number(number) => f64::write(number, writer),
            Self::Boolean(boolean) => bool::write(boolean, writer),
            Self::Other(text) => write_other_value(text, writer),
        }
    }
}

/// Writes a value that is neither text nor a number nor a boolean.
fn write_other_value(text: &str, writer: &mut Writer) -> Result<(), Fault> {
    let text = Json::check(text)?;
    if text.starts_with(['[', '{', 'n']) {
        writer.raw(text);
        Ok(())
    } else {
        Err(Fault::new("an array, an object or null"))
    }
}

impl FromJson for ElicitValue {
    const EXPECTED: &'static str = "a JSON value";

    fn read(value: &RawValue) -> Result<Self, Fault> {
        match Kind::of(value) {
            Kind::String => json::string(value).map(|text| Self::Text(text.into_owned())),
            Kind::Number => json::number(value).map(Self::Number),
            Kind::Boolean => json::boolean(value).map(Self::Boolean),
            Kind::Null | Kind::Array | Kind::Object => Ok(Self::Other(value.get().to_owned())),
        }
    }
}

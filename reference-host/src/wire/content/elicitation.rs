//! [Elicitation](https://modelcontextprotocol.io/specification/2025-06-18/client/elicitation).

use crate::component::bindings::content::{
    BooleanSchema, ElicitAction, ElicitParams, ElicitResult, ElicitValue, EnumSchema, NumberSchema,
    NumberType, PrimitiveSchema, RequestedSchema, StringFormat, StringSchema,
};
use crate::json::{self, Fault, Kind, RawValue, Writer};
use crate::wire::codec::{Codec, JsonObject, Map};
use crate::wire::keyword::keyword;
use crate::wire::record::record;
use crate::wire::tagged::{TAG, Tagged, has_tag, unknown_tag};
use crate::wire::{FromJson, Keyword as _, Record as _, ToJson};

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

    ElicitResult {
        action: ElicitAction,
        content: Option<Map<ElicitValue>>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }
}

impl ToJson for PrimitiveSchema {
    fn write(&self, writer: &mut Writer) -> Result<(), Fault> {
        match self {
            Self::Text(schema) => schema.write(writer),
            Self::Number(schema) => schema.write(writer),
            Self::Boolean(schema) => schema.write(writer),
            Self::Enumeration(schema) => schema.write(writer),
        }
    }
}

/// Two of the definitions have the `type` `string`; a member `enum` makes the
/// difference, for the schema's own union accepts either for both.
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
            Err(unknown_tag(&[
                StringSchema::EXPECTED_TAG,
                &format!("`{}`", NumberType::Number.word()),
                &format!("`{}`", NumberType::Integer.word()),
                BooleanSchema::EXPECTED_TAG,
            ]))
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
        }
    }
}

impl FromJson for ElicitValue {
    const EXPECTED: &'static str = "a string, a number or a boolean";

    fn read(value: &RawValue) -> Result<Self, Fault> {
        match Kind::of(value) {
            Kind::String => json::string(value).map(|text| Self::Text(text.into_owned())),
            Kind::Number => json::number(value).map(Self::Number),
            Kind::Boolean => json::boolean(value).map(Self::Boolean),
            Kind::Null | Kind::Array | Kind::Object => {
                Err(Fault::new(<Self as FromJson>::EXPECTED))
            }
        }
    }
}

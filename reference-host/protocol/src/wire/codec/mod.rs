//! Codecs for single members, of which a record's table consists.
//!
//! `String`, `bool`, numbers, `Option` and `Vec` are their own codecs, as is each record, so a
//! table reads like the record's declaration. If WIT's type is too general (`json` is a string
//! there), a dedicated codec is used.

mod bytes;
mod json_text;
mod map;
mod numbers;

pub(super) use bytes::Base64;
pub(super) use json_text::{Json, JsonObject, write_extra};
pub(super) use map::Map;
pub(super) use numbers::{Priority, Size};

use super::{FromJson, ToJson};
use crate::json::{self, Fault, Object, RawValue, Writer};

/// One way to write values as JSON and to read them.
pub(super) trait Codec {
    /// The type of the values.
    type Value;

    /// The expected kind in an error message: `a string`.
    const EXPECTED: &'static str;

    fn write(value: &Self::Value, writer: &mut Writer) -> Result<(), Fault>;

    fn read(value: &RawValue) -> Result<Self::Value, Fault>;

    fn write_member(
        value: &Self::Value,
        name: &'static str,
        writer: &mut Writer,
    ) -> Result<(), Fault> {
        writer.key(name);
        Self::write(value, writer).map_err(|fault| fault.within(name))
    }

    /// Takes the member, so that the rest of the object is `extra`.
    fn read_member(object: &mut Object<'_>, name: &'static str) -> Result<Self::Value, Fault> {
        let value = object
            .take(name)
            .ok_or_else(|| Fault::new(Self::EXPECTED).within(name))?;
        Self::read(value).map_err(|fault| fault.within(name))
    }
}

impl<T: ToJson + FromJson> Codec for T {
    type Value = T;

    const EXPECTED: &'static str = T::EXPECTED;

    fn write(value: &T, writer: &mut Writer) -> Result<(), Fault> {
        value.write(writer)
    }

    fn read(value: &RawValue) -> Result<T, Fault> {
        T::read(value)
    }
}

/// Omits the member for `none`: MCP's schema does not allow `null`.
impl<C: Codec> Codec for Option<C> {
    type Value = Option<C::Value>;

    const EXPECTED: &'static str = C::EXPECTED;

    fn write(value: &Self::Value, writer: &mut Writer) -> Result<(), Fault> {
        match value {
            Some(value) => C::write(value, writer),
            None => Err(Fault::new(C::EXPECTED)),
        }
    }

    fn read(value: &RawValue) -> Result<Self::Value, Fault> {
        C::read(value).map(Some)
    }

    fn write_member(
        value: &Self::Value,
        name: &'static str,
        writer: &mut Writer,
    ) -> Result<(), Fault> {
        match value {
            Some(value) => C::write_member(value, name, writer),
            None => Ok(()),
        }
    }

    fn read_member(object: &mut Object<'_>, name: &'static str) -> Result<Self::Value, Fault> {
        match object.take(name) {
            Some(value) => C::read(value).map(Some).map_err(|fault| fault.within(name)),
            None => Ok(None),
        }
    }
}

impl<C: Codec> Codec for Vec<C> {
    type Value = Vec<C::Value>;

    const EXPECTED: &'static str = "an array";

    fn write(value: &Self::Value, writer: &mut Writer) -> Result<(), Fault> {
        writer.begin_array();
        for (index, item) in value.iter().enumerate() {
            if writer.is_over() {
                break;
            }
            C::write(item, writer).map_err(|fault| fault.at(index))?;
        }
        writer.end_array();
        Ok(())
    }

    fn read(value: &RawValue) -> Result<Self::Value, Fault> {
        json::array(value)?
            .into_iter()
            .enumerate()
            .map(|(index, item)| C::read(item).map_err(|fault| fault.at(index)))
            .collect()
    }
}

impl Codec for String {
    type Value = String;

    const EXPECTED: &'static str = "a string";

    fn write(value: &String, writer: &mut Writer) -> Result<(), Fault> {
        writer.string(value);
        Ok(())
    }

    fn read(value: &RawValue) -> Result<String, Fault> {
        json::string(value).map(Into::into)
    }
}

impl Codec for bool {
    type Value = bool;

    const EXPECTED: &'static str = "a boolean";

    fn write(value: &bool, writer: &mut Writer) -> Result<(), Fault> {
        writer.bool(*value);
        Ok(())
    }

    fn read(value: &RawValue) -> Result<bool, Fault> {
        json::boolean(value)
    }
}

//! JSON that is passed on as text.

use super::Codec;
use crate::json::{self, Fault, Kind, Object, RawValue, Writer};
use crate::wire::{MAX_DEPTH, invalid};

/// `json`: any value.
pub(in crate::wire) enum Json {}

impl Json {
    /// Returns the text of one valid value, without the white space around it.
    pub(in crate::wire) fn check(text: &str) -> Result<&str, Fault> {
        check(text)
    }

    /// Returns the checked text on one line.
    pub(in crate::wire) fn to_line(text: &str) -> Result<String, Fault> {
        check(text).map(|text| json::strip_line_breaks(text).into_owned())
    }
}

impl Codec for Json {
    type Value = String;

    const EXPECTED: &'static str = "a JSON value";

    fn write(value: &String, writer: &mut Writer) -> Result<(), Fault> {
        if writer.skips(value) {
            return Ok(());
        }
        writer.raw(check(value)?);
        Ok(())
    }

    fn read(value: &RawValue) -> Result<String, Fault> {
        Ok(value.get().to_owned())
    }
}

/// `json` for a member that is an object in MCP.
pub(in crate::wire) enum JsonObject {}

impl Codec for JsonObject {
    type Value = String;

    const EXPECTED: &'static str = "an object";

    fn write(value: &String, writer: &mut Writer) -> Result<(), Fault> {
        if writer.skips(value) {
            return Ok(());
        }
        let text = check(value)?;
        if !text.starts_with('{') {
            return Err(Fault::new(Self::EXPECTED));
        }
        writer.raw(text);
        Ok(())
    }

    fn read(value: &RawValue) -> Result<String, Fault> {
        if Kind::of(value) == Kind::Object {
            Ok(value.get().to_owned())
        } else {
            Err(Fault::new(Self::EXPECTED))
        }
    }
}

/// Writes the members of `extra` whose names are not `taken` into the open object.
pub(in crate::wire) fn write_extra(
    extra: Option<&str>,
    taken: &[&str],
    writer: &mut Writer,
) -> Result<(), Fault> {
    let Some(extra) = extra else {
        return Ok(());
    };
    if writer.skips(extra) {
        return Ok(());
    }
    let object = check(extra)
        .and_then(|text| Object::parse(text).map_err(|_| Fault::new(JsonObject::EXPECTED)))
        .map_err(|fault| fault.within("extra"))?;
    for (name, value) in object.iter() {
        if !taken.contains(&name.as_ref()) {
            writer.key(&name).raw(value.get());
        }
    }
    Ok(())
}

/// Returns the text of one valid value, without the white space around it.
fn check(text: &str) -> Result<&str, Fault> {
    json::check(text.as_bytes(), MAX_DEPTH)
        .map(|text| text.trim_matches([' ', '\t', '\n', '\r']))
        .map_err(invalid)
}

//! Open variants: values of an unknown kind are passed on whole, as JSON text.

use super::codec::Json;
use super::tagged::TAG;
use crate::json::{self, Fault, Object, RawValue, Writer};

/// Returns the text of an object whose `type` is an unknown string, which the caller has checked.
pub(super) fn read_tagged(value: &RawValue, object: &Object<'_>) -> Result<String, Fault> {
    object.required(TAG, json::string)?;
    Ok(value.get().to_owned())
}

/// Writes the text of an object whose `type` is a string other than those in `named`.
pub(super) fn write_tagged(text: &str, named: &[&str], writer: &mut Writer) -> Result<(), Fault> {
    let object = parse(text)?;
    let tag = object.required(TAG, json::string)?;
    reject_named(&tag, named)?;
    writer.raw(Json::check(text)?);
    Ok(())
}

/// Writes like [`write_tagged`], for definitions that may have no `type` at all.
pub(super) fn write_untagged(text: &str, named: &[&str], writer: &mut Writer) -> Result<(), Fault> {
    let object = parse(text)?;
    if let Some(tag) = object.optional(TAG, json::string)? {
        reject_named(&tag, named)?;
    }
    writer.raw(Json::check(text)?);
    Ok(())
}

fn parse(text: &str) -> Result<Object<'_>, Fault> {
    Object::parse(Json::check(text)?).map_err(|_| Fault::new("an object"))
}

fn reject_named(tag: &str, named: &[&str]) -> Result<(), Fault> {
    if named.contains(&tag) {
        Err(Fault::new("a kind without a case of its own").within(TAG))
    } else {
        Ok(())
    }
}

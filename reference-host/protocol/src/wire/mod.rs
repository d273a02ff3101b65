//! The one mapping between the records of the WIT packages and MCP's JSON.
//!
//! It is mechanical:
//!
//! | WIT | JSON |
//! |---|---|
//! | `kebab-case` field | `camelCase` member |
//! | `none` | no member, never `null` |
//! | `meta` | `_meta`, an object |
//! | `extra` | its members are written beside the named ones; a name that the record or its `type` uses is dropped, as is `_meta` of a request's parameters |
//! | `variant` of records | the record's object, distinguished by `type` |
//! | `enum` case | the specification's keyword |
//! | `list<u8>` | a string in base64, standard alphabet with padding |
//! | `list<tuple<string, T>>` | an object, in the order of the list; a name may occur once |
//! | `f64` | a number, without a fraction if it is whole; NaN and the infinities are refused |
//! | `json` | that JSON text without line breaks, otherwise untouched, so that numbers stay exact |
//!
//! Three shapes differ, since WIT has no anonymous records: the
//! [`CompleteResult`](wasi_mcp_types::content::CompleteResult)'s members `values`, `total` and
//! `has-more` are in an object `completion`; the argument `context-arguments` of `complete` is in
//! `context.arguments`; a completion reference to a resource template is its `uri` alone.
//!
//! A round trip gives the same record, with three normalizations: an empty `extra` becomes none,
//! members of `extra` keep their text but lose white space between them, and an error code that
//! exists only in WIT becomes the code that was on the wire.
//!
//! Each file here belongs to the WIT file of the same name, `content` being split by feature. A
//! member's name is written once, in the table of its record, and serves reading and writing.

mod capabilities;
mod client;
mod codec;
mod content;
mod error;
mod keyword;
mod open;
mod record;
mod server;
mod streamed;
mod tagged;
mod types;

#[cfg(test)]
mod tests;

pub use client::{client_from_initialize, initialize_params};
pub use error::{error_from_wire, error_to_wire};
pub use keyword::Keyword;
pub use record::Record;
pub use server::{ServerDeclaration, declare_server, server_from_initialize};
pub use streamed::{BlobEncoder, StreamedResult, streamed_result};

use crate::json::{self, Defect, Fault, RawValue, Writer};

/// The maximum nesting of arrays and objects in JSON text from a guest.
pub const MAX_DEPTH: usize = 128;

/// A value of the WIT packages that has a form in JSON.
pub trait ToJson {
    /// Writes the value.
    ///
    /// # Errors
    ///
    /// A [`Fault`] if the value breaks a rule of MCP that its WIT type does not express: JSON text
    /// that is invalid or not an object where one is required, a number out of range, a duplicate
    /// name. The path uses MCP's names. The partial output is then unusable.
    fn write(&self, writer: &mut Writer) -> Result<(), Fault>;
}

/// A value of the WIT packages that can be read from JSON.
pub trait FromJson: Sized {
    /// The expected kind in an error message: `an object`.
    const EXPECTED: &'static str;

    /// Reads the value. Depth and surrogates must have been checked with [`json::check`], as for
    /// all input.
    ///
    /// # Errors
    ///
    /// A [`Fault`] that names the first member that is missing or mistyped.
    fn read(value: &RawValue) -> Result<Self, Fault>;
}

/// Returns the JSON text of a value.
///
/// # Errors
///
/// As [`ToJson::write`].
pub fn to_json(value: &impl ToJson) -> Result<Vec<u8>, Fault> {
    written(value).map(Writer::into_bytes)
}

/// A bound on the JSON of a component's value.
#[derive(Clone, Copy)]
pub struct Bound<'a> {
    /// The maximum size in bytes.
    pub bytes: usize,
    /// Called when the value exceeds it.
    pub exceeded: &'a dyn Fn(),
}

impl Bound<'_> {
    /// Reports that the bound was exceeded and returns the fault.
    #[must_use]
    pub fn exceed(self) -> Fault {
        (self.exceeded)();
        Fault::new(format!("JSON of at most {} bytes", self.bytes))
    }
}

/// Returns the parameters of `roots/list`: `_meta` alone, a JSON object.
///
/// # Errors
///
/// The reason, if it is not an object or longer than the bound.
pub fn list_roots_params(meta: Option<&str>, bound: Bound<'_>) -> Result<Option<String>, String> {
    let Some(meta) = meta else {
        return Ok(None);
    };
    if meta.len() > bound.bytes {
        return Err(bound.exceed().within("meta").to_string());
    }
    let meta = json::check(meta.as_bytes(), MAX_DEPTH).map_err(|defect| defect.to_string())?;
    if !meta.trim_start().starts_with('{') {
        return Err(Fault::new("an object").within("meta").to_string());
    }
    Ok(Some(format!(r#"{{"_meta":{meta}}}"#)))
}

/// Returns the JSON text of a value, within bounds.
///
/// # Errors
///
/// As [`ToJson::write`], and a [`Fault`] that names the bound if the text would be longer; writing
/// stops there.
pub fn to_json_within(value: &(impl ToJson + ?Sized), bound: Bound<'_>) -> Result<Vec<u8>, Fault> {
    let mut writer = Writer::with_capacity(256).limited(bound.bytes);
    value.write(&mut writer)?;
    if writer.is_over() {
        return Err(bound.exceed());
    }
    Ok(writer.into_bytes())
}

/// Returns the JSON text of a value if it is short, having at most `bytes` bytes. Returns `None` if
/// it is longer, with little more work than writing that many.
///
/// # Errors
///
/// As [`ToJson::write`].
pub fn to_short_json(
    value: &(impl ToJson + ?Sized),
    bytes: usize,
) -> Option<Result<Vec<u8>, Fault>> {
    let mut writer = Writer::with_capacity(256).limited(bytes).hasty();
    let written = value.write(&mut writer);
    (!writer.is_over()).then(|| written.map(|()| writer.into_bytes()))
}

/// Returns about the number of bytes of a value's JSON text, without looking at its strings: escapes
/// are not counted.
#[must_use]
pub fn size(value: &(impl ToJson + ?Sized)) -> usize {
    let mut writer = Writer::counting();
    // A value that cannot be written has no further size.
    let _ = value.write(&mut writer);
    writer.counted()
}

/// Returns the JSON text of a value, as a string.
///
/// # Errors
///
/// As [`ToJson::write`].
pub fn to_json_string(value: &impl ToJson) -> Result<String, Fault> {
    written(value).map(Writer::into_string)
}

fn written(value: &impl ToJson) -> Result<Writer, Fault> {
    let mut writer = Writer::with_capacity(256);
    value.write(&mut writer)?;
    Ok(writer)
}

/// Checks JSON text from any source and reads a value from it.
///
/// # Errors
///
/// A [`Fault`] if the text is not JSON, and as [`FromJson::read`].
pub fn from_json<T: FromJson>(json: &[u8]) -> Result<T, Fault> {
    let text = json::check(json, MAX_DEPTH).map_err(invalid)?;
    let value: &RawValue =
        serde_json::from_str(text).map_err(|error| invalid(Defect::Syntax(error.to_string())))?;
    T::read(value)
}

fn invalid(defect: Defect) -> Fault {
    Fault::new(format!("valid JSON ({defect})"))
}

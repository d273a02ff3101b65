//! JSON text: checking it, reading one level of it, writing it.
//!
//! The host passes most JSON on without inspecting it, so nothing here builds a tree. Text is
//! checked once ([`check`]), read one level at a time ([`Object`]), and written by appending to a
//! buffer ([`Writer`]). Numbers and unknown members keep the exact text in which they came.

mod check;
mod object;
mod read;
mod text;
mod writer;

#[cfg(test)]
mod tests;

pub(crate) use check::check_structure;
pub use check::{Defect, check};
pub use object::{NotAnObject, Object};
pub use read::{Fault, Kind, array, base64, boolean, integer, number, object, string, unsigned};
pub use text::strip_line_breaks;
pub use writer::{LONGEST_ESCAPE, NotFinite, Writer};

/// A borrowed piece of JSON text that holds exactly one value.
pub use serde_json::value::RawValue;

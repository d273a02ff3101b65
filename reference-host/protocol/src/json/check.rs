//! Checks that text is JSON and safe to pass on.

use memchr::memchr2;
use serde_json::value::RawValue;

/// Reasons why bytes are refused as JSON text ([RFC 8259](https://www.rfc-editor.org/rfc/rfc8259)).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// The bytes are not UTF-8.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// The text breaks the JSON grammar, or holds more than one value.
    #[error("the text is not JSON: {0}")]
    Syntax(String),
    /// A `\uD800` to `\uDFFF` escape without its other half, which is not Unicode text.
    #[error("a string holds half of a surrogate pair")]
    LoneSurrogate,
    /// Arrays and objects exceed the accepted nesting.
    #[error("the value is nested more than {limit} levels deep")]
    TooDeep {
        /// The number of levels that are accepted.
        limit: usize,
    },
}

impl From<serde_json::Error> for Defect {
    fn from(error: serde_json::Error) -> Self {
        Self::Syntax(error.to_string())
    }
}

/// Checks that `bytes` are one JSON value with nothing but white space around it: UTF-8, grammar,
/// whole surrogate pairs, and at most `max_depth` levels of arrays and objects (`0` accepts scalars
/// only).
///
/// Time and memory are linear in the length, whatever the nesting.
///
/// # Errors
///
/// The first [`Defect`] found.
pub fn check(bytes: &[u8], max_depth: usize) -> Result<&str, Defect> {
    let text = std::str::from_utf8(bytes).map_err(|_| Defect::NotUtf8)?;
    serde_json::from_str::<&RawValue>(text)?;
    check_structure(text, max_depth)?;
    Ok(text)
}

/// Performs the part of [`check`] that the grammar does not cover, on text that is known to follow
/// the grammar.
pub(crate) fn check_structure(text: &str, max_depth: usize) -> Result<(), Defect> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut position = 0;
    while let Some(&byte) = bytes.get(position) {
        position += 1;
        match byte {
            b'"' => position = check_string(bytes, position)?,
            b'{' | b'[' => {
                depth += 1;
                if depth > max_depth {
                    return Err(Defect::TooDeep { limit: max_depth });
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Skips from behind a string's opening quote to behind its closing one.
fn check_string(bytes: &[u8], mut position: usize) -> Result<usize, Defect> {
    while let Some(offset) = bytes
        .get(position..)
        .and_then(|rest| memchr2(b'"', b'\\', rest))
    {
        position += offset;
        if bytes[position] == b'"' {
            return Ok(position + 1);
        }
        match code_unit(bytes, position) {
            Some(0xD800..=0xDBFF) => match code_unit(bytes, position + 6) {
                Some(0xDC00..=0xDFFF) => position += 12,
                _ => return Err(Defect::LoneSurrogate),
            },
            Some(0xDC00..=0xDFFF) => return Err(Defect::LoneSurrogate),
            Some(_) => position += 6,
            None => position += 2,
        }
    }
    Ok(bytes.len())
}

/// Returns the value of the `\u` escape, four hexadecimal digits, that starts at `position`.
fn code_unit(bytes: &[u8], position: usize) -> Option<u32> {
    let escape = bytes.get(position..position + 6)?;
    let digits = escape.strip_prefix(b"\\u")?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

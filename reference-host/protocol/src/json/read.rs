//! Reading single values out of their text.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memchr;
use serde_json::value::RawValue;

use super::object::Object;

/// A value that differs from what is expected in its place. Displays as "`params.name`: a string is
/// expected".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The path of the value, present or missing: `arguments.items[3]`; empty for the value itself.
    pub path: String,
    /// The expected kind, with its article: `a string`.
    pub expected: String,
}

impl Fault {
    /// Creates a fault of the value itself.
    #[must_use]
    pub fn new(expected: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            expected: expected.into(),
        }
    }

    /// Prefixes the path with the member `name` of the object that holds the value.
    #[must_use]
    pub fn within(mut self, name: &str) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        self.path = format!("{name}{separator}{}", self.path);
        self
    }

    /// Prefixes the path with the `index` in the array that holds the value.
    #[must_use]
    pub fn at(self, index: usize) -> Self {
        self.within(&format!("[{index}]"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(formatter, "`{}`: ", self.path)?;
        }
        write!(formatter, "{} is expected", self.expected)
    }
}

impl std::error::Error for Fault {}

/// The kinds of JSON values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// a number
    Number,
    /// a string
    String,
    /// an array
    Array,
    /// an object
    Object,
}

impl Kind {
    /// Returns the kind of `value`.
    #[must_use]
    pub fn of(value: &RawValue) -> Self {
        // A RawValue is never empty and never starts with anything else.
        Self::of_text(value.get()).unwrap_or(Self::Number)
    }

    /// Returns the kind that the first character of JSON text indicates.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let start = text.trim_start_matches([' ', '\t', '\n', '\r']);
        Some(match start.as_bytes().first()? {
            b'{' => Self::Object,
            b'[' => Self::Array,
            b'"' => Self::String,
            b't' | b'f' => Self::Boolean,
            b'n' => Self::Null,
            _ => Self::Number,
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

/// Reads a string; borrowed if it has no escapes.
///
/// # Errors
///
/// A [`Fault`] for any other kind, and for a string with half of a surrogate pair.
pub fn string(value: &RawValue) -> Result<Cow<'_, str>, Fault> {
    let text = value.get();
    let fault = || Fault::new("a string");
    let inner = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .ok_or_else(fault)?;
    if memchr(b'\\', inner.as_bytes()).is_none() {
        return Ok(Cow::Borrowed(inner));
    }
    serde_json::from_str(text)
        .map(Cow::Owned)
        .map_err(|_| fault())
}

/// Reads a number.
///
/// # Errors
///
/// A [`Fault`] for any other kind, and for a number beyond the range of `f64`.
pub fn number(value: &RawValue) -> Result<f64, Fault> {
    if Kind::of(value) != Kind::Number {
        return Err(Fault::new("a number"));
    }
    match value.get().parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(Fault::new("a number in the range of 64-bit floating point")),
    }
}

/// Reads an integer of 64 bits. As in JSON Schema, `2.0` and `2e0` are integers.
///
/// # Errors
///
/// A [`Fault`] for any other kind, a fraction, and beyond the range.
pub fn integer(value: &RawValue) -> Result<i64, Fault> {
    let fault = || Fault::new("an integer");
    if let Ok(integer) = value.get().parse::<i64>() {
        return Ok(integer);
    }
    let number = number(value).map_err(|_| fault())?;
    // Up to 2^53 a whole number in floating point is exact.
    if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 {
        return Ok(number as i64);
    }
    Err(fault())
}

/// Reads an integer from 0 to 4294967295.
///
/// # Errors
///
/// A [`Fault`] for any other kind, a fraction, and beyond the range.
pub fn unsigned(value: &RawValue) -> Result<u32, Fault> {
    integer(value)
        .ok()
        .and_then(|integer| u32::try_from(integer).ok())
        .ok_or_else(|| Fault::new("an integer from 0 to 4294967295"))
}

/// Reads `true` or `false`.
///
/// # Errors
///
/// A [`Fault`] for any other kind.
pub fn boolean(value: &RawValue) -> Result<bool, Fault> {
    match value.get() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Fault::new("a boolean")),
    }
}

/// Reads one level of an object.
///
/// # Errors
///
/// A [`Fault`] for any other kind.
pub fn object(value: &RawValue) -> Result<Object<'_>, Fault> {
    Object::parse(value.get()).map_err(|_| Fault::new("an object"))
}

/// Reads the items of an array.
///
/// # Errors
///
/// A [`Fault`] for any other kind.
pub fn array(value: &RawValue) -> Result<Vec<&RawValue>, Fault> {
    if Kind::of(value) != Kind::Array {
        return Err(Fault::new("an array"));
    }
    serde_json::from_str(value.get()).map_err(|_| Fault::new("an array"))
}

/// Reads bytes from a string in base64, standard alphabet with padding.
///
/// # Errors
///
/// A [`Fault`] for any other kind and other text.
pub fn base64(value: &RawValue) -> Result<Vec<u8>, Fault> {
    let fault = || Fault::new("a string in base64");
    let text = string(value).map_err(|_| fault())?;
    STANDARD.decode(text.as_bytes()).map_err(|_| fault())
}

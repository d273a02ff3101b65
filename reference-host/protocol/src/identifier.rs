//! [Request ids](https://modelcontextprotocol.io/specification/2025-06-18/basic#requests).

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::json::{self, Kind, RawValue};

/// The id of a request: a string or an integer.
///
/// It is echoed exactly as it came and compared by kind and value, so `"1"` is not `1`, while
/// `"\u0031"` is `"1"`. Integers span 64 bits, signed and unsigned. A number with a fraction or an
/// exponent is an id if its value is whole and no larger than 2^53: `1.0` and `1` are the same id,
/// `-0` is `0`, `1e2` is `100`, and `1.5` is invalid.
#[derive(Debug, Clone)]
pub struct RequestId {
    json: Arc<str>,
    identity: Identity,
}

#[derive(Debug, Clone)]
enum Identity {
    Integer(i128),
    /// A string without escapes: the JSON text is enough.
    Plain,
    /// A string with escapes, without its quotes.
    Unescaped(Box<str>),
}

#[derive(PartialEq, Eq, Hash)]
enum Value<'a> {
    Integer(i128),
    String(&'a str),
}

impl RequestId {
    /// Reads an id. Returns `None` if the value cannot be one.
    #[must_use]
    pub fn from_json(value: &RawValue) -> Option<Self> {
        let json = value.get();
        let identity = match Kind::of(value) {
            Kind::String => match json::string(value).ok()? {
                std::borrow::Cow::Borrowed(_) => Identity::Plain,
                std::borrow::Cow::Owned(text) => Identity::Unescaped(text.into()),
            },
            Kind::Number => Identity::Integer(integer(value)?),
            _ => return None,
        };
        Some(Self {
            json: json.into(),
            identity,
        })
    }

    /// Returns the id as the JSON text in which it came.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }

    /// Returns the value of an id that is a non-negative integer.
    pub(super) fn as_u64(&self) -> Option<u64> {
        match self.identity {
            Identity::Integer(integer) => u64::try_from(integer).ok(),
            _ => None,
        }
    }

    fn value(&self) -> Value<'_> {
        match &self.identity {
            Identity::Integer(integer) => Value::Integer(*integer),
            Identity::Plain => Value::String(&self.json[1..self.json.len() - 1]),
            Identity::Unescaped(text) => Value::String(text),
        }
    }
}

fn integer(value: &RawValue) -> Option<i128> {
    let text = value.get();
    if text.contains(['.', 'e', 'E']) {
        return json::integer(value).ok().map(i128::from);
    }
    let integer = text.parse::<i128>().ok()?;
    (i128::from(i64::MIN)..=i128::from(u64::MAX))
        .contains(&integer)
        .then_some(integer)
}

impl PartialEq for RequestId {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}

impl Eq for RequestId {}

impl Hash for RequestId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value().hash(state);
    }
}

/// Returns whether this is a [progress
/// token](https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/progress): a
/// string, or an integer of any size.
pub(super) fn is_progress_token(value: &RawValue) -> bool {
    match Kind::of(value) {
        Kind::String => json::string(value).is_ok(),
        Kind::Number => !value.get().contains(['.', 'e', 'E']) || json::integer(value).is_ok(),
        _ => false,
    }
}

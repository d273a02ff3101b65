//! Request ids and progress tokens, compared by kind and by value.

use std::fmt;

use serde_json::{Number, Value};

/// The kind of a JSON value in the position of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string: legal.
    Text,
    /// A number without a fraction: legal.
    Integer,
    /// A number with a fraction: not legal in MCP.
    Fraction,
    /// `null`: not legal in a request, and in a response only where the
    /// request's id could not be read.
    Null,
    /// A boolean, an array or an object: never legal.
    Other,
}

/// An id or a token, kept as JSON text so that `7` and `"7"` differ and no digit is lost.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identifier(String);

impl Identifier {
    /// Creates an integer id.
    pub fn integer(number: i64) -> Self {
        Self(number.to_string())
    }

    /// Creates a string id.
    pub fn text(text: &str) -> Self {
        Self(Value::from(text).to_string())
    }

    /// Creates the id with this JSON text. Escapes in strings and the spelling `1.0` for `1` are
    /// normalized, the rest is kept.
    pub fn from_json(text: &str) -> Self {
        match serde_json::from_str::<Value>(text) {
            Ok(Value::String(string)) => Self::text(&string),
            Ok(Value::Number(number)) => Self(whole(text, number.as_f64())),
            _ => Self(text.trim().to_owned()),
        }
    }

    /// Creates the id that a JSON value represents.
    pub fn from_value(value: &Value) -> Self {
        Self::from_json(&value.to_string())
    }

    /// Returns the kind of the value.
    pub fn kind(&self) -> Kind {
        match serde_json::from_str::<Value>(&self.0) {
            Ok(Value::String(_)) => Kind::Text,
            Ok(Value::Null) => Kind::Null,
            Ok(Value::Number(number)) if has_fraction(&number) => Kind::Fraction,
            Ok(Value::Number(_)) => Kind::Integer,
            _ => Kind::Other,
        }
    }

    /// Returns true if MCP allows it as the id of a request.
    pub fn is_legal(&self) -> bool {
        matches!(self.kind(), Kind::Text | Kind::Integer)
    }

    /// Returns its JSON text.
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn has_fraction(number: &Number) -> bool {
    number.as_f64().is_some_and(|number| number.fract() != 0.0)
}

/// Drops a fraction of zero from the text of a number if no digit is lost.
fn whole(text: &str, number: Option<f64>) -> String {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let text = text.trim();
    match number {
        Some(number)
            if text.contains(['.', 'e', 'E']) && number.fract() == 0.0 && number.abs() < EXACT =>
        {
            format!("{number:.0}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_and_value_both_count() {
        assert_ne!(Identifier::integer(1), Identifier::text("1"));
        assert_eq!(Identifier::from_json("1.0"), Identifier::integer(1));
        assert_eq!(Identifier::from_json(r#""\u00fc""#), Identifier::text("ü"));
        assert_ne!(
            Identifier::from_json("9007199254740993"),
            Identifier::from_json("9007199254740992")
        );
    }

    #[test]
    fn only_strings_and_integers_are_legal() {
        for legal in [
            "0",
            "-1",
            "\"\"",
            "\"1\"",
            "123456789012345678901234567890",
            "1e300",
        ] {
            assert!(Identifier::from_json(legal).is_legal(), "{legal}");
        }
        for illegal in ["null", "1.5", "true", "[]", "{}"] {
            assert!(!Identifier::from_json(illegal).is_legal(), "{illegal}");
        }
    }
}

//! [Session
//! ids](https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#session-management).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes from a secure random source in one id.
pub const RANDOM_BYTES: usize = 24;
/// Characters of an id.
const LENGTH: usize = RANDOM_BYTES / 3 * 4;
/// Characters of an id that a log shows.
const SHOWN: usize = 6;

/// The session that the fields `Mcp-Session-Id` of a request name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named<T> {
    /// The field is absent.
    Missing,
    /// There are several, so the intended one is ambiguous.
    Several,
    /// There is one, of whatever form.
    One(T),
}

impl<T> Named<T> {
    /// Reads the values of the field.
    pub fn by(values: impl IntoIterator<Item = T>) -> Self {
        let mut values = values.into_iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Missing,
            (Some(value), None) => Self::One(value),
            (Some(_), Some(_)) => Self::Several,
        }
    }
}

/// The id of a session that this project issued: 192 random bits in visible ASCII. Anyone who knows
/// it can act as the client, so it is never logged whole.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SessionId(String);

impl SessionId {
    /// Makes an id of bytes from a secure random source.
    #[must_use]
    pub fn from_random(bytes: [u8; RANDOM_BYTES]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads an id that a client sent. Returns `None` if it cannot have been issued.
    #[must_use]
    pub fn read(value: &[u8]) -> Option<Self> {
        let is_of_alphabet =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if value.len() != LENGTH || !value.iter().all(is_of_alphabet) {
            return None;
        }
        String::from_utf8(value.to_owned()).ok().map(Self)
    }

    /// Returns the id as the value of `Mcp-Session-Id`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Shortens the id wherever a text of another origin quotes it, so that the text can be logged.
    #[must_use]
    pub fn shorten_in(&self, text: &str) -> String {
        text.replace(&self.0, &format!("{self:?}"))
    }
}

/// The id as [`LoggedId`] shows it.
impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&LoggedId(self.0.as_bytes()), f)
    }
}

/// An id of any form in a log. Displays enough to tell sessions apart, not enough to use one.
#[derive(Clone, Copy)]
pub struct LoggedId<'a>(pub &'a [u8]);

impl fmt::Display for LoggedId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.0[..self.0.len().min(SHOWN)];
        write!(f, "{}…", shown.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_the_issued_form_are_read() {
        let id = SessionId::from_random([0xfb; RANDOM_BYTES]);
        assert_eq!(id.as_str().len(), 32);
        assert_eq!(SessionId::read(id.as_str().as_bytes()), Some(id.clone()));
        let text = id.as_str();
        for malformed in [
            "",
            "a",
            &text[1..],
            &format!("{text}A"),
            &text.replacen('-', ".", 1),
            &text.replacen('-', "/", 1),
            &text.replacen('-', " ", 1),
        ] {
            assert_eq!(SessionId::read(malformed.as_bytes()), None, "{malformed:?}");
        }
        assert_eq!(SessionId::read(&[0xff; LENGTH]), None);
    }

    #[test]
    fn a_log_shows_only_the_beginning() {
        let id = SessionId::from_random([0; RANDOM_BYTES]);
        assert_eq!(format!("{id:?}"), "AAAAAA…");
        let text = format!("SET {0}.level: {0} failed", id.as_str());
        assert_eq!(id.shorten_in(&text), "SET AAAAAA….level: AAAAAA… failed");
        assert_eq!(LoggedId(b"a\x1b\xffdefgh").to_string(), "a\\x1b\\xffdef…");
        assert_eq!(LoggedId(b"").to_string(), "…");
    }

    #[test]
    fn several_ids_are_told_from_one() {
        assert_eq!(Named::<u8>::by([]), Named::Missing);
        assert_eq!(Named::by([1]), Named::One(1));
        assert_eq!(Named::by([1, 1]), Named::Several);
    }
}

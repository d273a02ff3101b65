//! The names that an operator may choose.

/// The claims that a component sees in fields of their own.
const NAMED_CLAIMS: [&str; 4] = ["iss", "sub", "client_id", "scope"];

/// Returns whether this is one scope: <https://www.rfc-editor.org/rfc/rfc6749#section-3.3>.
#[must_use]
pub fn is_scope(text: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    !text.is_empty() && text.bytes().all(is_plain)
}

/// Returns whether this is a claim that can be granted: not one that the component sees anyway.
#[must_use]
pub fn is_claim(text: &str) -> bool {
    !text.is_empty() && !NAMED_CLAIMS.contains(&text)
}

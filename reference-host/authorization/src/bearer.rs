//! The token of a request: <https://www.rfc-editor.org/rfc/rfc6750#section-2.1>.

/// The longest token that is examined, in bytes.
const LONGEST: usize = 16 << 10;

/// The credentials of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Credentials<'a> {
    /// No credentials of this kind.
    None,
    /// A token.
    Token(&'a str),
    /// Credentials that are meant to be a token but are malformed.
    Malformed(&'static str),
}

/// Returns the token in the fields `Authorization`. Tokens are accepted nowhere else: in a query they would
/// end up in logs.
pub(super) fn credentials<'a>(fields: impl IntoIterator<Item = &'a [u8]>) -> Credentials<'a> {
    let mut values = fields.into_iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Credentials::None,
        (Some(value), None) => value,
        (Some(_), Some(_)) => return Credentials::Malformed("one Authorization is allowed"),
    };
    let is_text = |byte: &u8| *byte == b'\t' || (b' '..=b'~').contains(byte);
    let text = std::str::from_utf8(value).ok();
    let Some(text) = text.filter(|_| value.iter().all(is_text)) else {
        return Credentials::Malformed("Authorization is not ASCII text");
    };
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Credentials::None;
    }
    let token = token.trim_matches(' ');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if token.is_empty() {
        Credentials::Malformed("the token is missing")
    } else if token.len() > LONGEST {
        Credentials::Malformed("the token is too long")
    } else if token.bytes().all(is_plain) {
        Credentials::Token(token)
    } else {
        Credentials::Malformed("the token has characters that no token has")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_token_in_one_field() {
        let read = |values: &'static [&str]| credentials(values.iter().map(|it| it.as_bytes()));
        for values in [
            &["Bearer a.b-c_d"],
            &["bearer a.b-c_d"],
            &["BEARER   a.b-c_d "],
        ] {
            assert_eq!(read(values), Credentials::Token("a.b-c_d"), "{values:?}");
        }
        for values in [&[][..], &["Basic YTpi"], &["Bearertoken"]] {
            assert_eq!(read(values), Credentials::None, "{values:?}");
        }
        for values in [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer a b"],
            &["Bearer a,b"],
            &["Bearer \u{e9}"],
            &["Bearer a", "Bearer a"],
        ] {
            let read = read(values);
            assert!(matches!(read, Credentials::Malformed(_)), "{values:?}");
        }
        let long = format!("Bearer {}", "a".repeat(LONGEST + 1));
        let read = credentials([long.as_bytes()]);
        assert!(matches!(read, Credentials::Malformed(_)));
    }
}

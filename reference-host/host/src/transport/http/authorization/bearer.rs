//! The token of a request: <https://www.rfc-editor.org/rfc/rfc6750#section-2.1>.

use http::header::{AUTHORIZATION, HeaderMap};

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

/// Returns the token in `Authorization`. Tokens are accepted nowhere else: in a query they would
/// end up in logs.
pub(super) fn credentials(headers: &HeaderMap) -> Credentials<'_> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Credentials::None,
        (Some(value), None) => value,
        (Some(_), Some(_)) => return Credentials::Malformed("one Authorization is allowed"),
    };
    let Ok(text) = value.to_str() else {
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
        let malformed = |values: &[&str]| {
            let headers = fields(values);
            matches!(credentials(&headers), Credentials::Malformed(_))
        };
        for token in ["Bearer a.b-c_d", "bearer a.b-c_d", "BEARER   a.b-c_d "] {
            let headers = fields(&[token]);
            assert_eq!(
                credentials(&headers),
                Credentials::Token("a.b-c_d"),
                "{token}"
            );
        }
        for other in [&[][..], &["Basic YTpi"], &["Bearertoken"]] {
            assert_eq!(credentials(&fields(other)), Credentials::None, "{other:?}");
        }
        assert!(malformed(&["Bearer"]));
        assert!(malformed(&["Bearer "]));
        assert!(malformed(&["Bearer a b"]));
        assert!(malformed(&["Bearer a,b"]));
        assert!(malformed(&["Bearer a", "Bearer a"]));
        assert!(malformed(&[&format!("Bearer {}", "a".repeat(LONGEST + 1))]));
    }

    fn fields(values: &[&str]) -> HeaderMap {
        let values = values.iter();
        values
            .map(|value| (AUTHORIZATION, value.parse().expect("a value")))
            .collect()
    }
}

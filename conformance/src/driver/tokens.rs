//! Access tokens for a protected server: the valid one, and tokens that it must reject.

use anyhow::Context;
use http::HeaderValue;
use serde::Deserialize;

/// Access tokens. Checks without their token are skipped.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tokens {
    /// The valid token: issued for this server, with every scope.
    pub valid: Option<String>,
    /// A valid token of another user.
    pub other_user: Option<String>,
    /// An expired token, valid otherwise.
    pub expired: Option<String>,
    /// Issued by the same authority for another server.
    pub wrong_audience: Option<String>,
    /// Issued by the same authority for no server in particular.
    pub no_audience: Option<String>,
    /// Issued for this server without a required scope.
    pub insufficient_scope: Option<String>,
}

impl Tokens {
    /// Parses a TOML file with a line for each token.
    ///
    /// # Errors
    ///
    /// When it is malformed, or a token is not a legal header value.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let tokens: Self = toml::from_str(text).context("the tokens are malformed")?;
        for token in tokens.all() {
            bearer(token).context("a token is not a legal header value")?;
        }
        Ok(tokens)
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        let all = [
            &self.valid,
            &self.other_user,
            &self.expired,
            &self.wrong_audience,
            &self.no_audience,
            &self.insufficient_scope,
        ];
        all.into_iter().filter_map(Option::as_deref)
    }

    /// Replaces each token in the text with `[token]`, as readers of reports must not see them. A
    /// token that was cut or altered after its beginning is hidden as far as it matches.
    pub fn hide(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for token in self.all().filter(|token| token.len() >= TELLING) {
            shown = hide(&shown, token);
        }
        shown
    }
}

/// The length below which a token is not a secret and may be part of any word.
const TELLING: usize = 4;

/// The number of leading characters that identify a token.
const BEGINNING: usize = 12;

fn hide(text: &str, token: &str) -> String {
    // Tokens are ASCII, as they are legal header values.
    let beginning = token.get(..BEGINNING).unwrap_or(token);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, found)) = rest.split_once(beginning) {
        shown.push_str(before);
        shown.push_str("[token]");
        let further = token[beginning.len()..].chars().zip(found.chars());
        let same = further.take_while(|(one, other)| one == other);
        rest = &found[same.map(|(_, other)| other.len_utf8()).sum::<usize>()..];
    }
    shown + rest
}

/// Returns the header value for a token.
///
/// # Errors
///
/// When the token is not a legal header value.
pub fn bearer(token: &str) -> anyhow::Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_some_tokens_and_nothing_else() {
        let tokens = Tokens::parse("valid = 'a'\nwrong-audience = 'b'").expect("well-formed");
        assert_eq!(tokens.valid.as_deref(), Some("a"));
        assert_eq!(tokens.wrong_audience.as_deref(), Some("b"));
        assert_eq!(tokens.expired, None);
        assert!(Tokens::parse("vaild = 'a'").is_err());
        assert!(Tokens::parse("valid = \"a\\nb\"").is_err());
    }

    #[test]
    fn a_token_is_hidden_whole_or_cut() {
        let text = "valid = 'abcdefghijklmnop'\nexpired = 'abcdefghijkl.past'\nother-user = 'b'";
        let tokens = Tokens::parse(text).expect("well-formed");
        for (text, shown) in [
            ("Bearer abcdefghijklmnop, b", "Bearer [token], b"),
            ("abcdefghijklmn…", "[token]…"),
            ("abcdefghijklmnoX", "[token]X"),
            ("abcdefghijk", "abcdefghijk"),
            ("abcdefghijklmnopabcdefghijklmnopq", "[token][token]q"),
        ] {
            assert_eq!(tokens.hide(text), shown);
        }
        assert!(!tokens.hide("ä abcdefghijkl.past ä").contains("abc"));
    }
}

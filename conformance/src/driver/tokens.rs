//! Access tokens for a server that protects itself: the one to work with, and
//! those that it has to turn down.

use anyhow::Context;
use http::HeaderValue;
use serde::Deserialize;

/// Access tokens. Each that is missing leaves its checks without an answer.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tokens {
    /// The token to work with: issued for this server, with every scope.
    pub valid: Option<String>,
    /// As valid, but of another user.
    pub other_user: Option<String>,
    /// Expired, and good otherwise.
    pub expired: Option<String>,
    /// Issued by the same authority for another server.
    pub wrong_audience: Option<String>,
    /// Issued by the same authority for no server in particular.
    pub no_audience: Option<String>,
    /// Issued for this server without a scope that it wants.
    pub insufficient_scope: Option<String>,
}

impl Tokens {
    /// Reads a file of TOML with a line for each token.
    ///
    /// # Errors
    ///
    /// When it is malformed, or a token cannot stand in a header.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let tokens: Self = toml::from_str(text).context("the tokens are malformed")?;
        let all = [
            &tokens.valid,
            &tokens.other_user,
            &tokens.expired,
            &tokens.wrong_audience,
            &tokens.no_audience,
            &tokens.insufficient_scope,
        ];
        for token in all.into_iter().flatten() {
            bearer(token).context("a token cannot stand in a header")?;
        }
        Ok(tokens)
    }
}

/// The header's value for a token.
///
/// # Errors
///
/// When the token cannot stand in a header.
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
}

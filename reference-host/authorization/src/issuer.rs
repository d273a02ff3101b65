//! The issuer whose tokens are accepted: <https://www.rfc-editor.org/rfc/rfc8414#section-2>.

use std::fmt;
use std::str::FromStr;

use http::Uri;

use super::secure::is_secure;

/// The identifier of an authorization server: an `https` URL (or an `http` one of this machine)
/// without query and fragment. Tokens name it in `iss`, character for character.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Issuer(String);

/// The text is not an issuer identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an issuer: expected https://host/path, or http on this machine, without query and fragment"
)]
pub struct NotAnIssuer(String);

impl FromStr for Issuer {
    type Err = NotAnIssuer;

    fn from_str(text: &str) -> Result<Self, NotAnIssuer> {
        let is_plain = text.is_ascii() && !text.contains(['#', '?']);
        let is_address = text.parse::<Uri>().is_ok_and(|uri| is_secure(&uri));
        let issuer = (is_plain && is_address).then(|| Self(text.to_owned()));
        issuer.ok_or_else(|| NotAnIssuer(text.to_owned()))
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_keep_their_spelling() {
        for good in [
            "https://A.example/",
            "https://a.example/b",
            "http://localhost:1",
        ] {
            let issuer = good.parse::<Issuer>().map(|issuer| issuer.to_string());
            assert_eq!(issuer.as_deref(), Ok(good));
        }
        for bad in [
            "a.example",
            "",
            "http://a.example",
            "https://a?b",
            "https://a#b",
        ] {
            assert!(bad.parse::<Issuer>().is_err(), "{bad}");
        }
    }
}

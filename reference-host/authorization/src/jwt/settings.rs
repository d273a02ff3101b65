//! The configuration of a server whose settings are named texts, such as the variables of its
//! environment.

use http::Uri;

use super::keys::{Keys, LARGEST};
use super::token::Rules;
use crate::{Issuer, Policy, Resource, is_claim, is_scope, is_secure};

const ISSUER: &str = "WASI_MCP_AUTH_ISSUER";
const AUDIENCE: &str = "WASI_MCP_AUTH_AUDIENCE";
const JWKS: &str = "WASI_MCP_AUTH_JWKS";
const SCOPES: &str = "WASI_MCP_AUTH_SCOPES";
const CLAIMS: &str = "WASI_MCP_AUTH_CLAIMS";

/// The names of all settings.
pub const VARIABLES: [&str; 5] = [ISSUER, AUDIENCE, JWKS, SCOPES, CLAIMS];

/// Requirements for tokens of one issuer.
#[derive(Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The canonical URI of the endpoint, which tokens name as their audience.
    pub resource: Resource,
    /// The issuer of accepted tokens.
    pub issuer: Issuer,
    /// The source of the issuer's keys.
    pub keys: SettingsKeys,
    /// Scopes that every request needs, all of them.
    pub scopes: Vec<String>,
    /// Claims of tokens that the component may see, in addition to those that the interface names.
    pub claims: Vec<String>,
}

/// The source of keys.
#[derive(Debug)]
pub enum SettingsKeys {
    /// The keys themselves.
    Text(Keys),
    /// An `https` URL, or an `http` one of this machine.
    Url(Uri),
}

/// A setting is missing or malformed. The text is for the operator. It does not quote the value, which
/// may hold a secret by mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {reason}")]
pub struct Misconfigured {
    name: &'static str,
    reason: String,
}

impl Misconfigured {
    fn new(name: &'static str, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { name, reason }
    }
}

const URL: &str = "expected https://host/path, or http on this machine, without query, fragment and \
                   user name";

impl Settings {
    /// Reads the settings. An empty text counts as missing.
    ///
    /// # Errors
    ///
    /// [`Misconfigured`], which names the first setting that is missing or malformed.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, Misconfigured> {
        let optional = |name| get(name).map(|text| text.trim().to_owned());
        let required = |name, expected: &str| {
            let text = optional(name).filter(|text| !text.is_empty());
            text.ok_or_else(|| Misconfigured::new(name, format!("it is not set: {expected}")))
        };
        let issuer = required(ISSUER, URL)?;
        let issuer = issuer
            .parse()
            .map_err(|_| Misconfigured::new(ISSUER, URL))?;
        let resource = required(AUDIENCE, URL)?;
        let resource = resource
            .parse()
            .map_err(|_| Misconfigured::new(AUDIENCE, URL))?;
        let keys = keys(&required(
            JWKS,
            "expected a JSON Web Key Set, or the URL of one",
        )?)?;
        let words = |name, is_word: fn(&str) -> bool, expected: &str| {
            let text = optional(name).unwrap_or_default();
            let words = text.split_ascii_whitespace();
            let read = words.map(|word| is_word(word).then(|| word.to_owned()));
            let read: Option<Vec<String>> = read.collect();
            read.ok_or_else(|| Misconfigured::new(name, expected))
        };
        Ok(Self {
            resource,
            issuer,
            keys,
            scopes: words(
                SCOPES,
                is_scope,
                "expected scopes, separated by spaces, without quotes",
            )?,
            claims: words(
                CLAIMS,
                is_claim,
                "expected names of claims, separated by spaces, other than iss, sub, client_id and \
                 scope, which the component always sees",
            )?,
        })
    }

    /// Returns the requirements for requests.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy::new(&self.resource, &self.issuer, self.scopes.clone())
    }

    /// Returns the requirements for tokens.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules::new(
            self.issuer.clone(),
            self.resource.clone(),
            self.claims.clone(),
        )
    }
}

fn keys(text: &str) -> Result<SettingsKeys, Misconfigured> {
    if text.starts_with('{') {
        if text.len() > LARGEST {
            let reason = format!("it is larger than {LARGEST} bytes");
            return Err(Misconfigured::new(JWKS, reason));
        }
        let keys = Keys::read(text.as_bytes());
        let keys = keys.map_err(|error| Misconfigured::new(JWKS, error.to_string()))?;
        return Ok(SettingsKeys::Text(keys));
    }
    let url = text.parse().ok().filter(is_secure);
    let expected = "expected a JSON Web Key Set, an https URL, or an http URL of this machine, \
                    without a user's name";
    url.map(SettingsKeys::Url)
        .ok_or_else(|| Misconfigured::new(JWKS, expected))
}

//! The requirements for a token.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;
use serde_json::value::RawValue;
use wasi_mcp_types::types::Principal;

use super::keys::Keys;
use crate::{Issuer, Resource, TokenError};

/// The tolerated clock difference between issuer and server, in seconds.
const LEEWAY: f64 = 30.0;

/// The supported algorithms: only signatures that are verified with a public key. A shared secret
/// must not appear in a published set, where it would let its readers sign.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// The length of the base64 text of the smallest permitted modulus, 2048 bits:
/// <https://www.rfc-editor.org/rfc/rfc7518#section-3.3>.
const LEAST_MODULUS: usize = 342;

/// The rules for accepting tokens.
#[derive(Debug)]
pub struct Rules {
    issuer: Issuer,
    audience: Resource,
    /// Further claims that the component may see.
    granted_claims: Vec<String>,
}

#[derive(Deserialize)]
struct Claims {
    /// A string: <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1>.
    #[serde(rename = "iss")]
    _issuer: String,
    #[serde(default)]
    aud: Audience,
    sub: Option<String>,
    client_id: Option<String>,
    #[serde(default)]
    scope: String,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
}

/// Seconds since 1970, perhaps with a fraction: <https://www.rfc-editor.org/rfc/rfc7519#section-2>.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
struct NumericDate(f64);

impl TryFrom<f64> for NumericDate {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        let is_date = seconds.is_finite() && seconds >= 0.0;
        is_date.then_some(Self(seconds)).ok_or("not a date")
    }
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Audience {
    #[default]
    None,
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn includes(&self, resource: &Resource) -> bool {
        let is = |text: &String| resource.is_named(text);
        match self {
            Self::None => false,
            Self::One(one) => is(one),
            Self::Several(all) => all.iter().any(is),
        }
    }
}

/// The header of a token, by which the keys that may have signed it are selected.
#[derive(Debug)]
pub struct TokenHeader(Header);

impl TokenHeader {
    /// Reads the header of a token that may be acceptable.
    ///
    /// # Errors
    ///
    /// [`TokenError::Invalid`] if no key could make it acceptable.
    pub fn read(token: &str) -> Result<Self, TokenError> {
        let header = jsonwebtoken::decode_header(token);
        let header = header.map_err(|_| invalid("the token is malformed"))?;
        // Critical extensions have to be understood, and none is supported:
        // https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11
        if header.crit.is_some() || !ALGORITHMS.contains(&header.alg) {
            return Err(invalid("the token has an unsupported signature algorithm"));
        }
        if !header.typ.as_deref().is_none_or(is_access_token) {
            return Err(invalid("the token is not an access token"));
        }
        Ok(Self(header))
    }

    /// Returns whether one of these keys may have signed the token.
    pub(super) fn is_for(&self, keys: &Keys) -> bool {
        self.candidates(keys).next().is_some()
    }

    /// Returns the keys that may have signed the token.
    fn candidates<'a>(&'a self, keys: &'a Keys) -> impl Iterator<Item = &'a Jwk> {
        let Self(header) = self;
        let fits = |key: &&Jwk| {
            let common = &key.common;
            let named = match (&header.kid, &common.key_id) {
                (Some(wanted), Some(id)) => wanted == id,
                (Some(_), None) => false,
                (None, _) => true,
            };
            let algorithm = common.key_algorithm.is_none_or(|algorithm| {
                Algorithm::try_from(algorithm).is_ok_and(|it| it == header.alg)
            });
            named && algorithm && is_of_kind(key, header.alg)
        };
        keys.0.iter().filter(fits)
    }
}

/// Returns whether tokens of this type may be access tokens: those of the profile for them
/// (<https://www.rfc-editor.org/rfc/rfc9068#section-2.1>), and those of no particular type. Others,
/// such as `id+jwt` and `logout+jwt`, are meant for others.
fn is_access_token(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    let kind = kind.strip_prefix("application/").unwrap_or(&kind);
    matches!(kind, "jwt" | "at+jwt")
}

fn invalid(reason: &'static str) -> TokenError {
    TokenError::Invalid(reason.into())
}

/// Returns whether this key can verify any token.
pub(super) fn is_usable(key: &Jwk) -> bool {
    let common = &key.common;
    let signs = common
        .public_key_use
        .as_ref()
        .is_none_or(|usage| *usage == PublicKeyUse::Signature);
    let verifies = common
        .key_operations
        .as_ref()
        .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    let is_strong = match &key.algorithm {
        AlgorithmParameters::RSA(key) => key.n.trim_end_matches('=').len() >= LEAST_MODULUS,
        _ => true,
    };
    let is_of_kind = |algorithm: &Algorithm| is_of_kind(key, *algorithm);
    signs && verifies && is_strong && ALGORITHMS.iter().any(is_of_kind)
}

/// Returns whether the key is of the kind that the algorithm requires. A header chooses among the
/// algorithms of the key, never another kind of key.
fn is_of_kind(key: &Jwk, algorithm: Algorithm) -> bool {
    match (&key.algorithm, algorithm) {
        (
            AlgorithmParameters::RSA(_),
            Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512,
        ) => true,
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES256) => {
            key.curve == EllipticCurve::P256
        }
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES384) => {
            key.curve == EllipticCurve::P384
        }
        (AlgorithmParameters::OctetKeyPair(key), Algorithm::EdDSA) => {
            key.curve == EllipticCurve::Ed25519
        }
        _ => false,
    }
}

impl Rules {
    /// Accepts tokens of this issuer for this audience, and shows the component these claims.
    #[must_use]
    pub fn new(issuer: Issuer, audience: Resource, granted_claims: Vec<String>) -> Self {
        Self {
            issuer,
            audience,
            granted_claims,
        }
    }

    /// Returns the party of a token with this header that one of these keys has signed and that is
    /// valid here and now.
    ///
    /// # Errors
    ///
    /// [`TokenError::Invalid`] with the reason, which never quotes the token.
    pub fn verify(
        &self,
        token: &str,
        header: &TokenHeader,
        keys: &Keys,
        now: SystemTime,
    ) -> Result<Principal, TokenError> {
        let mut reason = "the token is signed with a key that is not known";
        for key in header.candidates(keys) {
            let Ok(key) = DecodingKey::from_jwk(key) else {
                continue;
            };
            let validation = self.validation(header.0.alg);
            match jsonwebtoken::decode::<Claims>(token, &key, &validation) {
                Ok(data) => return self.admit(token, data.claims, now),
                Err(error) => reason = why(&error),
            }
        }
        Err(invalid(reason))
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        // The time is compared below: the clock is the driver's.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&[self.issuer.to_string()]);
        // The audience is compared below.
        validation.validate_aud = false;
        validation
    }

    fn admit(&self, token: &str, claims: Claims, now: SystemTime) -> Result<Principal, TokenError> {
        check_time(&claims, now)?;
        if !claims.aud.includes(&self.audience) {
            return Err(invalid("the token was issued for another server"));
        }
        // An empty name does not count.
        let named = |claim: Option<String>| claim.filter(|name| !name.is_empty());
        Ok(Principal {
            issuer: self.issuer.to_string(),
            subject: named(claims.sub),
            client_id: named(claims.client_id),
            scopes: distinct(claims.scope.split(' ')),
            claims: self.granted(token)?,
        })
    }

    /// Returns the granted claims that a verified token has, with the text of their values.
    fn granted(&self, token: &str) -> Result<Vec<(String, String)>, TokenError> {
        if self.granted_claims.is_empty() {
            return Ok(Vec::new());
        }
        let malformed = || invalid("the token is malformed");
        let payload = token.split('.').nth(1).ok_or_else(malformed)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| malformed())?;
        let claims: HashMap<String, &RawValue> =
            serde_json::from_slice(&payload).map_err(|_| malformed())?;
        let granted = self.granted_claims.iter();
        Ok(granted
            .filter_map(|name| Some((name.clone(), claims.get(name)?.get().to_owned())))
            .collect())
    }
}

/// Checks that the time of a token has come and not passed. A clock before 1970 accepts none.
fn check_time(claims: &Claims, now: SystemTime) -> Result<(), TokenError> {
    let since = now.duration_since(UNIX_EPOCH);
    let now = since.map_err(|_| invalid("the token does not hold yet"))?;
    let now = now.as_secs_f64();
    match claims.exp {
        None => return Err(invalid("the token lacks a claim that it needs")),
        Some(NumericDate(end)) if end < now - LEEWAY => {
            return Err(invalid("the token has expired"));
        }
        Some(_) => {}
    }
    match claims.nbf {
        Some(NumericDate(start)) if start > now + LEEWAY => {
            Err(invalid("the token does not hold yet"))
        }
        _ => Ok(()),
    }
}

/// Returns the non-empty words, each once.
fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for word in words.filter(|word| !word.is_empty()) {
        if !distinct.iter().any(|known| known == word) {
            distinct.push(word.to_owned());
        }
    }
    distinct
}

fn why(error: &jsonwebtoken::errors::Error) -> &'static str {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidIssuer => "the token is of an issuer that is not trusted here",
        ErrorKind::InvalidSignature => "the token's signature is wrong",
        ErrorKind::MissingRequiredClaim(_) => "the token lacks a claim that it needs",
        _ => "the token is malformed",
    }
}

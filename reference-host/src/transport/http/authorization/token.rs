//! What a token has to be.

use jsonwebtoken::jwk::{Jwk, JwkSet, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;

use super::keys::KeysUnavailable;
use super::metadata::Resource;

/// How far the clocks of issuer and server may differ, in seconds.
const LEEWAY: u64 = 30;

/// Only signatures that are checked with a public key: a shared secret has no
/// place in a published set, and would let its readers sign.
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

/// Who uses the server: the issuer's name, and the user's name there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::transport::http) struct User {
    issuer: String,
    subject: String,
}

/// Why a token is not taken. The texts are for the client.
#[derive(Debug)]
pub(super) enum Refusal {
    Invalid(&'static str),
    Scope,
    Keys(KeysUnavailable),
}

/// What tokens are taken.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) issuers: Vec<String>,
    pub(super) audience: Resource,
    pub(super) scopes: Vec<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    #[serde(default)]
    aud: Audience,
    sub: Option<String>,
    client_id: Option<String>,
    #[serde(default)]
    scope: String,
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
        let is = |text: &String| text.parse::<Resource>().as_ref() == Ok(resource);
        match self {
            Self::None => false,
            Self::One(one) => is(one),
            Self::Several(all) => all.iter().any(is),
        }
    }
}

/// What the header of a token says; the set of keys is looked through for it.
pub(super) fn header(token: &str) -> Result<Header, Refusal> {
    let header = jsonwebtoken::decode_header(token);
    let header = header.map_err(|_| Refusal::Invalid("the token is malformed"))?;
    if ALGORITHMS.contains(&header.alg) {
        Ok(header)
    } else {
        Err(Refusal::Invalid(
            "the token is signed in a way that is not taken",
        ))
    }
}

/// The keys that may have signed a token with this header.
pub(super) fn candidates<'a>(keys: &'a JwkSet, header: &Header) -> Vec<&'a Jwk> {
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
        let signs = common
            .public_key_use
            .as_ref()
            .is_none_or(|usage| *usage == PublicKeyUse::Signature);
        let verifies = common
            .key_operations
            .as_ref()
            .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
        named && algorithm && signs && verifies
    };
    keys.keys.iter().filter(fits).collect()
}

impl Rules {
    /// The user of a token that one of these keys has signed and that holds here.
    pub(super) fn verify(
        &self,
        token: &str,
        header: &Header,
        keys: &[&Jwk],
    ) -> Result<User, Refusal> {
        let mut reason = "the token is signed with a key that is not known";
        for key in keys {
            let Ok(key) = DecodingKey::from_jwk(key) else {
                continue;
            };
            match jsonwebtoken::decode::<Claims>(token, &key, &self.validation(header.alg)) {
                Ok(data) => return self.admit(data.claims),
                Err(error) => reason = why(&error),
            }
        }
        Err(Refusal::Invalid(reason))
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&self.issuers);
        // Spellings of a URI differ: compared below.
        validation.validate_aud = false;
        validation
    }

    fn admit(&self, claims: Claims) -> Result<User, Refusal> {
        if !claims.aud.includes(&self.audience) {
            return Err(Refusal::Invalid("the token was issued for another server"));
        }
        // A service that acts for itself may have no other name than the client's.
        let Some(subject) = claims.sub.or(claims.client_id) else {
            return Err(Refusal::Invalid("the token does not say whose it is"));
        };
        let granted = |wanted: &String| claims.scope.split(' ').any(|scope| scope == wanted);
        if !self.scopes.iter().all(granted) {
            return Err(Refusal::Scope);
        }
        Ok(User {
            issuer: claims.iss,
            subject,
        })
    }
}

fn why(error: &jsonwebtoken::errors::Error) -> &'static str {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::ExpiredSignature => "the token has expired",
        ErrorKind::ImmatureSignature => "the token does not hold yet",
        ErrorKind::InvalidIssuer => "the token is of an issuer that is not trusted here",
        ErrorKind::InvalidSignature => "the token's signature is wrong",
        ErrorKind::MissingRequiredClaim(_) => "the token lacks a claim that it needs",
        _ => "the token is malformed",
    }
}

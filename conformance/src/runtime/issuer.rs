//! An issuer of access tokens, for runtimes that authenticate their clients.
//!
//! The key is made up for each run, so that no token is of any use elsewhere.

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use http::HeaderValue;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::driver::bearer;

/// The issuer, as tokens and runtimes name it.
pub const ISSUER: &str = "https://issuer.conformance.example";

/// The claim that the operator of a protected runtime grants to the component.
pub const GRANTED: &str = "org";

const LIFETIME_SECONDS: u64 = 3600;

static KEY: LazyLock<EncodingKey> = LazyLock::new(|| {
    // PKCS #8 of an Ed25519 key: a fixed head, then the seed.
    const HEAD: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    let seed: [u8; 32] = rand::random();
    EncodingKey::from_ed_der(&[&HEAD[..], &seed].concat())
});

/// The public keys: a JSON Web Key Set.
///
/// # Errors
///
/// When the key cannot be written.
pub fn keys() -> anyhow::Result<String> {
    let key = Jwk::from_encoding_key(&KEY, Algorithm::EdDSA).context("the key has no JWK")?;
    Ok(serde_json::to_string(&JwkSet { keys: vec![key] })?)
}

/// The header `Authorization` with a token for this audience, with these claims beside `iss`, `aud`
/// and `exp`.
///
/// # Errors
///
/// When the token cannot be signed.
pub fn authorization(audience: &str, claims: &Value) -> anyhow::Result<HeaderValue> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let mut token = json!({"iss": ISSUER, "aud": audience, "exp": now + LIFETIME_SECONDS});
    for (name, value) in claims.as_object().into_iter().flatten() {
        token[name] = value.clone();
    }
    bearer(&jsonwebtoken::encode(
        &Header::new(Algorithm::EdDSA),
        &token,
        &KEY,
    )?)
}

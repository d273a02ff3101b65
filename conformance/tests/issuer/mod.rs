//! An authorization server as far as a resource server sees one: keys, and tokens that they sign.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use wasi_mcp_conformance::driver::Tokens;

/// The issuer's identifier.
pub const ISSUER: &str = "https://login.example.com";

/// Signs tokens.
pub struct Issuer {
    key: EncodingKey,
    id: &'static str,
}

impl Issuer {
    /// Makes an issuer whose key has this id, and depends on the seed.
    pub fn new(id: &'static str, seed: u8) -> Self {
        // PKCS #8 of an Ed25519 key: a fixed head, then the seed.
        let mut der = vec![
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        der.extend([seed; 32]);
        let key = EncodingKey::from_ed_der(&der);
        Self { key, id }
    }

    /// Returns the public key, as a set.
    pub fn keys(&self) -> JwkSet {
        let key = Jwk::from_encoding_key(&self.key, Algorithm::EdDSA);
        let mut key = key.expect("a public key");
        key.common.key_id = Some(self.id.to_owned());
        JwkSet { keys: vec![key] }
    }

    /// Returns a token for this resource with these changes; null removes a claim.
    pub fn token(&self, resource: &str, changes: Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.id.to_owned());
        let claims = claims(resource, changes);
        jsonwebtoken::encode(&header, &claims, &self.key).expect("a token")
    }

    /// Returns the tokens for the checks of authorization.
    pub fn tokens(&self, resource: &str) -> Tokens {
        let token = |changes| Some(self.token(resource, changes));
        Tokens {
            valid: token(json!({})),
            other_user: token(json!({"sub": "bob"})),
            expired: token(json!({"exp": "an hour ago"})),
            wrong_audience: token(json!({"aud": "https://elsewhere.example/mcp"})),
            no_audience: token(json!({"aud": null})),
            insufficient_scope: token(json!({"scope": "other"})),
        }
    }
}

/// Returns valid claims with these changes; null removes one.
pub fn claims(resource: &str, changes: Value) -> Value {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = since.expect("after 1970").as_secs();
    let mut claims = json!({
        "iss": ISSUER, "aud": resource, "sub": "alice", "exp": now + 3600, "scope": "mcp",
    });
    if let Value::Object(changes) = changes {
        for (name, value) in changes {
            claims[name] = match value.as_str() {
                Some("an hour ago") => json!(now - 3600),
                Some("in an hour") => json!(now + 3600),
                _ => value,
            };
        }
    }
    let all = claims.as_object_mut().expect("an object");
    all.retain(|_, value| !value.is_null());
    claims
}

//! Tokens, keys and settings, at times of the tests' own.

use std::time::{Duration, Instant, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{KeyCache, Keys, Need, NotAKeySet, Rules, Settings, SettingsKeys, TokenHeader};
use crate::{Challenge, TokenError, VerifierUnavailable};

const ISSUER: &str = "https://login.example.com";
const RESOURCE: &str = "https://mcp.example.com/mcp";
const NOW: u64 = 1_800_000_000;

/// An issuer with a key of its own.
struct Signer {
    key: EncodingKey,
    id: &'static str,
}

impl Signer {
    fn new(id: &'static str, seed: u8) -> Self {
        // PKCS #8 of an Ed25519 key: a fixed head, then the seed.
        let mut der = vec![
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        der.extend([seed; 32]);
        let key = EncodingKey::from_ed_der(&der);
        Self { key, id }
    }

    fn public(&self) -> Value {
        let mut key = Jwk::from_encoding_key(&self.key, Algorithm::EdDSA).unwrap();
        key.common.key_id = Some(self.id.to_owned());
        serde_json::to_value(key).unwrap()
    }

    fn keys(&self) -> Keys {
        Keys::read(json!({ "keys": [self.public()] }).to_string().as_bytes()).unwrap()
    }

    fn token(&self, changes: Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.id.to_owned());
        jsonwebtoken::encode(&header, &claims(changes), &self.key).unwrap()
    }
}

/// Returns valid claims with these changes; null removes one.
fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": RESOURCE, "sub": "alice", "exp": NOW + 600, "scope": "mcp  mcp read",
    });
    let all = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        all.insert(name.clone(), value.clone());
    }
    all.retain(|_, value| !value.is_null());
    claims
}

fn rules() -> Rules {
    Rules::new(
        ISSUER.parse().unwrap(),
        RESOURCE.parse().unwrap(),
        vec!["org".to_owned()],
    )
}

fn verify_at(
    token: &str,
    keys: &Keys,
    seconds: u64,
) -> Result<wasi_mcp_types::types::Principal, TokenError> {
    let header = TokenHeader::read(token)?;
    let now = UNIX_EPOCH + Duration::from_secs(seconds);
    rules().verify(token, &header, keys, now)
}

/// Returns the reason for which a token is refused.
fn refused(token: &str, keys: &Keys) -> String {
    match verify_at(token, keys, NOW) {
        Err(TokenError::Invalid(reason)) => reason.into_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_token_shows_its_party() {
    let signer = Signer::new("one", 7);
    let token = signer.token(json!({ "org": { "id": 7 }, "email": "a@b", "client_id": "app" }));
    let principal = verify_at(&token, &signer.keys(), NOW).unwrap();
    assert_eq!(principal.issuer, ISSUER);
    assert_eq!(principal.subject.as_deref(), Some("alice"));
    assert_eq!(principal.client_id.as_deref(), Some("app"));
    assert_eq!(principal.scopes, ["mcp", "read"]);
    assert_eq!(
        principal.claims,
        [("org".to_owned(), r#"{"id":7}"#.to_owned())]
    );
}

#[test]
fn tokens_hold_for_their_time() {
    let signer = Signer::new("one", 7);
    let keys = signer.keys();
    let token = signer.token(json!({ "nbf": NOW, "exp": NOW + 600 }));
    for (seconds, expected) in [
        (NOW - 31, Err("the token does not hold yet")),
        (NOW - 30, Ok(())),
        (NOW + 630, Ok(())),
        (NOW + 631, Err("the token has expired")),
    ] {
        let result = verify_at(&token, &keys, seconds);
        let result = result.map(drop).map_err(|error| error.to_string());
        assert_eq!(result, expected.map_err(str::to_owned), "{seconds}");
    }
    let header = TokenHeader::read(&token).unwrap();
    let before = UNIX_EPOCH - Duration::from_secs(1);
    assert!(rules().verify(&token, &header, &keys, before).is_err());
    // Fractions are allowed, words are not.
    let fraction = signer.token(json!({ "exp": 1_800_000_000.5 }));
    assert!(verify_at(&fraction, &keys, NOW + 30).is_ok());
    for exp in [json!(null), json!("tomorrow"), json!(-1), json!({})] {
        let token = signer.token(json!({ "exp": exp }));
        let reason = refused(&token, &keys);
        let expected = ["lacks a claim", "malformed"];
        assert!(expected.iter().any(|it| reason.contains(it)), "{reason}");
    }
}

#[test]
fn other_tokens_are_refused() {
    let signer = Signer::new("one", 7);
    let keys = signer.keys();
    for (changes, reason) in [
        (
            json!({ "aud": "https://mcp.example.com" }),
            "the token was issued for another server",
        ),
        (
            json!({ "aud": ["https://elsewhere.example/mcp"] }),
            "the token was issued for another server",
        ),
        (
            json!({ "iss": "https://evil.example" }),
            "the token is of an issuer that is not trusted here",
        ),
        (
            json!({ "aud": null }),
            "the token lacks a claim that it needs",
        ),
    ] {
        assert_eq!(refused(&signer.token(changes), &keys), reason);
    }
    let good = signer.token(json!({}));
    let unsupported = "the token has an unsupported signature algorithm";
    let (_, rest) = good.split_once('.').unwrap();
    let with_header = |header: &str| format!("{}.{rest}", BASE64_URL_SAFE_NO_PAD.encode(header));
    let payload = rest.split_once('.').unwrap().0;
    let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    assert_eq!(
        refused(&with_header(r#"{"alg":"HS256","kid":"one"}"#), &keys),
        unsupported
    );
    assert_eq!(
        refused(&format!("{none}.{payload}."), &keys),
        "the token is malformed"
    );
    assert_eq!(
        refused(&with_header(r#"{"alg":"EdDSA","crit":["exp"]}"#), &keys),
        unsupported
    );
    let unknown = "the token is signed with a key that is not known";
    assert_eq!(
        refused(&with_header(r#"{"alg":"ES256","kid":"one"}"#), &keys),
        unknown
    );
    assert_eq!(
        refused(&Signer::new("two", 7).token(json!({})), &keys),
        unknown
    );
    assert_eq!(
        refused(&Signer::new("one", 8).token(json!({})), &keys),
        "the token's signature is wrong"
    );
    for malformed in ["", "a.b.c", "a", &good[..good.len() / 2]] {
        assert_eq!(
            refused(malformed, &keys),
            "the token is malformed",
            "{malformed}"
        );
    }
}

#[test]
fn a_public_key_is_no_secret() {
    let signer = Signer::new("one", 7);
    let public = signer.public()["x"].as_str().unwrap().to_owned();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("one".to_owned());
    for secret in [
        public.as_bytes().to_owned(),
        BASE64_URL_SAFE_NO_PAD.decode(&public).unwrap(),
    ] {
        let key = EncodingKey::from_secret(&secret);
        let token = jsonwebtoken::encode(&header, &claims(json!({})), &key).unwrap();
        assert_eq!(
            refused(&token, &signer.keys()),
            "the token has an unsupported signature algorithm"
        );
    }
}

#[test]
fn texts_without_keys_are_not_quoted() {
    let secret = r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#;
    assert_eq!(Keys::read(secret.as_bytes()), Err(NotAKeySet::NoUsableKey));
    for text in [
        "c2VjcmV0",
        r#"{"keys":"c2VjcmV0"}"#,
        r#"{"c2VjcmV0":[]}"#,
        "[]",
    ] {
        let error = Keys::read(text.as_bytes()).unwrap_err();
        assert!(matches!(error, NotAKeySet::Malformed { .. }), "{text}");
        assert!(!error.to_string().contains("c2VjcmV0"), "{error}");
    }
}

#[test]
fn unknown_keys_cause_bounded_reads() {
    let (old, new) = (Signer::new("old", 7), Signer::new("new", 8));
    let header = |signer: &Signer| TokenHeader::read(&signer.token(json!({}))).unwrap();
    let (old_header, new_header) = (header(&old), header(&new));
    let start = Instant::now();
    let after = |seconds| start + Duration::from_secs(seconds);
    let mut cache = KeyCache::new();
    assert_eq!(cache.need(&old_header, start), Need::Wait);
    assert!(
        cache.keys(&old_header, start).is_err(),
        "closed without keys"
    );
    assert!(cache.begin(start));
    assert!(!cache.begin(start), "one read");
    let failure = VerifierUnavailable("down".to_owned());
    cache.finish(start, Err(failure.clone()));
    assert_eq!(cache.keys(&old_header, start).unwrap_err(), failure);
    assert!(!cache.begin(after(29)));
    assert!(cache.begin(after(30)));
    cache.finish(after(30), Ok(old.keys()));
    assert_eq!(cache.need(&old_header, after(31)), Need::None);
    assert_eq!(cache.need(&new_header, after(31)), Need::Wait);
    assert!(!cache.begin(after(59)), "too soon for an unknown key");
    // Without a failure, it is the token that is wrong.
    assert!(cache.keys(&new_header, after(59)).is_ok());
    assert_eq!(cache.need(&old_header, after(629)), Need::None);
    assert_eq!(cache.need(&old_header, after(630)), Need::Refresh);
    assert!(cache.begin(after(630)));
    cache.finish(after(630), Err(failure.clone()));
    assert!(cache.keys(&old_header, after(3629)).is_ok());
    assert_eq!(cache.need(&old_header, after(3630)), Need::Wait);
    assert_eq!(cache.keys(&old_header, after(3630)).unwrap_err(), failure);
}

#[test]
fn keys_that_came_as_text_are_never_read_again() {
    let (one, two) = (Signer::new("one", 7), Signer::new("two", 8));
    let cache = KeyCache::fixed(one.keys());
    let later = Instant::now() + Duration::from_hours(24);
    for signer in [one, two] {
        let header = TokenHeader::read(&signer.token(json!({}))).unwrap();
        assert_eq!(cache.need(&header, later), Need::None);
        assert!(cache.keys(&header, later).is_ok());
    }
}

/// Reads settings; null is a missing one.
fn settings(changes: Value) -> Result<Settings, String> {
    let key = Signer::new("one", 7).public();
    let mut all = json!({
        "WASI_MCP_AUTH_ISSUER": ISSUER,
        "WASI_MCP_AUTH_AUDIENCE": RESOURCE,
        "WASI_MCP_AUTH_JWKS": json!({ "keys": [key] }).to_string(),
    });
    for (name, value) in changes.as_object().unwrap() {
        all[format!("WASI_MCP_AUTH_{name}")] = value.clone();
    }
    let read = Settings::read(|name| all[name].as_str().map(str::to_owned));
    read.map_err(|error| error.to_string())
}

#[test]
fn settings_are_read() {
    let read = settings(json!({})).unwrap();
    assert!(matches!(&read.keys, SettingsKeys::Text(keys) if keys.len() == 1));
    assert!(read.scopes.is_empty() && read.claims.is_empty());
    let read = settings(json!({
        "ISSUER": format!(" {ISSUER}\n"), "JWKS": " https://login.example.com/jwks\n",
        "SCOPES": "mcp  files:read", "CLAIMS": "email",
    }));
    let read = read.unwrap();
    assert!(matches!(&read.keys, SettingsKeys::Url(url) if url.path() == "/jwks"));
    assert_eq!(read.scopes, ["mcp", "files:read"]);
    assert_eq!(read.claims, ["email"]);
    assert_eq!(read.issuer.to_string(), ISSUER);
}

#[test]
fn wrong_settings_are_refused_and_not_quoted() {
    for (name, values) in [
        (
            "ISSUER",
            &[
                json!(null),
                json!(" "),
                json!("http://c2VjcmV0"),
                json!("https://c2VjcmV0@a"),
            ][..],
        ),
        (
            "AUDIENCE",
            &[
                json!(null),
                json!(""),
                json!("c2VjcmV0"),
                json!("https://a/?c2VjcmV0"),
            ],
        ),
        (
            "JWKS",
            &[
                json!(null),
                json!(""),
                json!("{}"),
                json!(r#"{"keys":[]}"#),
                json!(r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#),
                json!("http://elsewhere.example/c2VjcmV0"),
                json!("https://c2VjcmV0@a/"),
                json!("keys.json"),
            ],
        ),
        ("SCOPES", &[json!("\"c2VjcmV0\"")]),
        ("CLAIMS", &[json!("sub")]),
    ] {
        for value in values {
            let error = settings(json!({ name: value })).unwrap_err();
            assert!(
                error.starts_with(&format!("WASI_MCP_AUTH_{name}: ")),
                "{error}"
            );
            assert!(!error.contains("c2VjcmV0"), "{error}");
        }
    }
}

#[test]
fn a_policy_tells_what_it_wants() {
    let policy = settings(json!({ "SCOPES": "mcp" })).unwrap().policy();
    let header = "Bearer resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource/mcp\"";
    assert_eq!(policy.token([]), Err(Challenge::Missing));
    assert_eq!(policy.header(&Challenge::Missing), header);
    assert_eq!(policy.token([&b"Bearer a.b"[..]]), Ok("a.b"));
    let signer = Signer::new("one", 7);
    let party = |changes| verify_at(&signer.token(changes), &signer.keys(), NOW).unwrap();
    assert!(policy.admit(party(json!({}))).is_ok());
    assert_eq!(
        policy.admit(party(json!({ "scope": "other" }))),
        Err(Challenge::Scope)
    );
    assert_eq!(Challenge::Scope.status(), 403);
    let nobody = policy.admit(party(json!({ "sub": null })));
    assert!(matches!(nobody, Err(Challenge::Invalid(_))));
    let metadata = policy.metadata("/.well-known/oauth-protected-resource/mcp");
    let metadata: Value = serde_json::from_slice(metadata.unwrap()).unwrap();
    assert_eq!(metadata["resource"], RESOURCE);
    assert_eq!(metadata["authorization_servers"], json!([ISSUER]));
    assert_eq!(metadata["scopes_supported"], json!(["mcp"]));
    assert!(policy.metadata("/mcp").is_none());
}

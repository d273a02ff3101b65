//! Admission by token.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures::future::BoxFuture;
use http::{Method, StatusCode};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::{Client, PATIENCE, Service, initialize, ping};
use crate::transport::http::authorization::Guard;
use crate::transport::http::{
    Authorization, HttpOptions, JwtOptions, JwtVerifier, KeySource, TokenError, TokenVerifier,
    VerifierUnavailable,
};
use wasi_mcp_types::types::Principal;

const ISSUER: &str = "https://login.example.com";
const RESOURCE: &str = "https://mcp.example.com/mcp";

/// An issuer with a key of its own.
struct Issuer {
    key: EncodingKey,
    id: &'static str,
}

impl Issuer {
    fn new(id: &'static str, seed: u8) -> Self {
        // PKCS #8 of an Ed25519 key: a fixed head, then the seed.
        let mut der = vec![
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        der.extend([seed; 32]);
        Self {
            key: EncodingKey::from_ed_der(&der),
            id,
        }
    }

    fn public(&self) -> Jwk {
        let mut key = Jwk::from_encoding_key(&self.key, Algorithm::EdDSA).expect("a public key");
        key.common.key_id = Some(self.id.to_owned());
        key
    }

    fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.id.to_owned());
        jsonwebtoken::encode(&header, claims, &self.key).expect("a token")
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("after 1970").as_secs()
}

/// Returns valid claims with these changes; null removes one.
fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": RESOURCE, "sub": "alice", "exp": now() + 600, "scope": "mcp other",
    });
    for (name, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            claims.as_object_mut().expect("an object").remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

fn publish(issuers: &[&Issuer], file: &Path) {
    let keys = issuers.iter().map(|issuer| issuer.public()).collect();
    let set = serde_json::to_vec(&JwkSet { keys }).expect("JSON");
    std::fs::write(file, set).expect("it is written");
}

/// Creates a guard that accepts tokens of this issuer, whose keys are in the folder.
async fn guard(issuer: &Issuer, folder: &TempDir) -> Guard {
    let file = folder.path().join("keys.json");
    publish(&[issuer], &file);
    let guard = Guard::new(options(file).into());
    guard.await.expect("the keys are read")
}

/// Accepts tokens of an issuer whose keys are in this file.
fn options(keys: PathBuf) -> JwtOptions {
    JwtOptions {
        resource: RESOURCE.parse().expect("a resource"),
        issuer: ISSUER.parse().expect("an issuer"),
        keys: KeySource::File(keys),
        scopes: vec!["mcp".to_owned()],
        claims: Vec::new(),
    }
}

async fn service(issuer: &Issuer) -> Service {
    let folder = tempfile::tempdir().expect("a folder");
    let guard = guard(issuer, &folder).await;
    Service::guarded(HttpOptions::default(), Some(guard)).await
}

/// Returns a token signed with the public key as if it were a secret.
fn shared_secret(issuer: &Issuer) -> String {
    let public = serde_json::to_value(issuer.public()).expect("JSON");
    let secret = public["x"].as_str().expect("base64");
    let key = EncodingKey::from_base64_secret(&secret.replace('-', "+").replace('_', "/"));
    let key = key.unwrap_or_else(|_| EncodingKey::from_secret(secret.as_bytes()));
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(issuer.id.to_owned());
    jsonwebtoken::encode(&header, &claims(&json!({})), &key).expect("a token")
}

/// Returns a token with another header, which its signature does not cover.
fn resigned(token: &str, header: &str) -> String {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    let (_, rest) = token.split_once('.').expect("parts");
    format!("{}.{rest}", BASE64_URL_SAFE_NO_PAD.encode(header))
}

/// Returns a token that is valid except for a critical extension.
fn critical(issuer: &Issuer) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(issuer.id.to_owned());
    header.crit = Some(vec!["exp".to_owned()]);
    jsonwebtoken::encode(&header, &claims(&json!({})), &issuer.key).expect("a token")
}

async fn knock(client: &Client, token: Option<&str>) -> (StatusCode, Option<String>) {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<(&str, &str)> = bearer
        .iter()
        .map(|bearer| ("authorization", bearer.as_str()))
        .collect();
    let body = initialize(json!({})).to_string();
    let answer = client.request(Method::POST, &headers, body).await;
    (
        answer.status,
        answer.header("www-authenticate").map(str::to_owned),
    )
}

#[tokio::test]
async fn a_good_token_lets_in() {
    let issuer = Issuer::new("one", 7);
    let service = service(&issuer).await;
    let client = service.stranger();
    for good in [
        json!({}),
        json!({"aud": ["https://elsewhere.example", "HTTPS://MCP.example.com/mcp"]}),
        json!({"sub": null, "client_id": "robot"}),
        json!({"sub": "", "client_id": "robot"}),
        json!({"scope": "mcp"}),
        // Clocks differ a little.
        json!({"exp": now() - 5, "nbf": now() + 5}),
    ] {
        let token = issuer.sign(&claims(&good));
        assert_eq!(
            knock(&client, Some(&token)).await.0,
            StatusCode::OK,
            "{good}"
        );
    }
}

#[tokio::test]
async fn a_bad_token_is_challenged() {
    let issuer = Issuer::new("one", 7);
    let service = service(&issuer).await;
    let client = service.stranger();
    let mut tokens: Vec<(String, String)> = [
        json!({"exp": now() - 120}),
        json!({"exp": null}),
        json!({"exp": "tomorrow"}),
        json!({"nbf": now() + 120}),
        json!({"iss": "https://evil.example"}),
        json!({"iss": null}),
        json!({"aud": "https://mcp.example.com/other"}),
        json!({"aud": "https://mcp.example.com"}),
        json!({"aud": "https://mcp.example.com/mcp/"}),
        json!({"aud": "https://mcp.example.com/mcp//"}),
        json!({"aud": ["https://mcp.example.com/MCP"]}),
        json!({"aud": []}),
        json!({"iss": [ISSUER]}),
        json!({"iss": [ISSUER, "https://evil.example"]}),
        json!({"iss": {}}),
        json!({"sub": ""}),
        json!({"sub": "", "client_id": ""}),
        json!({"aud": null}),
        json!({"sub": null}),
        json!({"sub": 7}),
    ]
    .iter()
    .map(|bad| (bad.to_string(), issuer.sign(&claims(bad))))
    .collect();
    let good = issuer.sign(&claims(&json!({})));
    let (signed, signature) = good.rsplit_once('.').expect("three parts");
    let unsigned = "eyJhbGciOiJub25lIn0";
    let payload = signed.split_once('.').expect("two parts").1;
    tokens.extend(
        [
            (
                "another key",
                Issuer::new("one", 8).sign(&claims(&json!({}))),
            ),
            (
                "an unknown key",
                Issuer::new("two", 7).sign(&claims(&json!({}))),
            ),
            ("no signature", format!("{signed}.")),
            ("half a signature", format!("{signed}.{}", &signature[..40])),
            ("no algorithm", format!("{unsigned}.{payload}.")),
            ("no token", "abc".to_owned()),
            ("a shared secret", shared_secret(&issuer)),
            (
                "another kind of key",
                resigned(&good, r#"{"alg":"RS256","kid":"one"}"#),
            ),
            (
                "another curve",
                resigned(&good, r#"{"alg":"ES256","kid":"one"}"#),
            ),
            ("something critical", critical(&issuer)),
        ]
        .map(|(what, token)| (what.to_owned(), token)),
    );
    for (what, token) in tokens {
        let (status, challenge) = knock(&client, Some(&token)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{what}");
        let challenge = challenge.expect("a challenge");
        assert!(
            challenge.contains("error=\"invalid_token\""),
            "{what}: {challenge}"
        );
        assert!(
            !challenge.contains(&token),
            "{what}: the token is not repeated"
        );
    }
    assert_eq!(service.host.begun(), 0, "nobody got as far as a session");
}

#[tokio::test]
async fn only_access_tokens_are_taken_as_such() {
    let issuer = Issuer::new("one", 7);
    let service = service(&issuer).await;
    let client = service.stranger();
    for (kind, status) in [
        (None, StatusCode::OK),
        (Some("JWT"), StatusCode::OK),
        (Some("jwt"), StatusCode::OK),
        (Some("at+jwt"), StatusCode::OK),
        (Some("AT+JWT"), StatusCode::OK),
        (Some("application/at+jwt"), StatusCode::OK),
        (Some("Application/JWT"), StatusCode::OK),
        (Some("id+jwt"), StatusCode::UNAUTHORIZED),
        (Some("logout+jwt"), StatusCode::UNAUTHORIZED),
        (Some("dpop+jwt"), StatusCode::UNAUTHORIZED),
        (Some("text/jwt"), StatusCode::UNAUTHORIZED),
        (Some("at+jwt "), StatusCode::UNAUTHORIZED),
        (Some(""), StatusCode::UNAUTHORIZED),
    ] {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(issuer.id.to_owned());
        header.typ = kind.map(str::to_owned);
        let token = jsonwebtoken::encode(&header, &claims(&json!({})), &issuer.key);
        let token = token.expect("a token");
        assert_eq!(knock(&client, Some(&token)).await.0, status, "{kind:?}");
    }
}

/// Accepts tokens that name a subject, and nothing else.
#[derive(Debug)]
struct Plain;

impl TokenVerifier for Plain {
    fn verify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Principal, TokenError>> {
        let verified = match token {
            "down" => Err(VerifierUnavailable("it is night".to_owned()).into()),
            "bad" => Err(TokenError::Invalid("\"bad\"\n".into())),
            _ => Ok(Principal {
                issuer: ISSUER.to_owned(),
                subject: Some(token.to_owned()).filter(|token| token != "nobody"),
                client_id: None,
                scopes: vec!["mcp".to_owned(); usize::from(token != "narrow")],
                claims: Vec::new(),
            }),
        };
        Box::pin(async move { verified })
    }
}

#[tokio::test]
async fn an_embedder_can_verify_tokens() {
    let guard = Guard::new(Authorization {
        resource: RESOURCE.parse().expect("a resource"),
        issuer: ISSUER.parse().expect("an issuer"),
        scopes: vec!["mcp".to_owned()],
        verifier: Arc::new(Plain),
    });
    let guard = guard.await.expect("it needs nothing");
    let service = Service::guarded(HttpOptions::default(), Some(guard)).await;
    let client = service.stranger();
    for (token, status) in [
        (Some("alice"), StatusCode::OK),
        (None, StatusCode::UNAUTHORIZED),
        (Some("bad"), StatusCode::UNAUTHORIZED),
        (Some("nobody"), StatusCode::UNAUTHORIZED),
        (Some("narrow"), StatusCode::FORBIDDEN),
        (Some("down"), StatusCode::SERVICE_UNAVAILABLE),
    ] {
        let (answered, challenge) = knock(&client, token).await;
        assert_eq!(answered, status, "{token:?}");
        if token == Some("bad") {
            let challenge = challenge.expect("a challenge");
            assert!(
                challenge.ends_with("error_description=\"?bad??\""),
                "{challenge}"
            );
        }
    }
}

#[tokio::test]
async fn no_token_a_broken_one_and_a_narrow_one_are_told_apart() {
    let issuer = Issuer::new("one", 7);
    let service = service(&issuer).await;
    let client = service.stranger();
    let (status, challenge) = knock(&client, None).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        challenge.as_deref(),
        Some(
            "Bearer resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource/mcp\""
        )
    );
    let (status, challenge) = knock(&client, Some("")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(challenge.is_some_and(|challenge| challenge.contains("error=\"invalid_request\"")));
    let narrow = issuer.sign(&claims(&json!({"scope": "other"})));
    let (status, challenge) = knock(&client, Some(&narrow)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let challenge = challenge.expect("a challenge");
    assert!(
        challenge.contains("error=\"insufficient_scope\""),
        "{challenge}"
    );
    assert!(challenge.ends_with("scope=\"mcp\""), "{challenge}");
    // A token in the address is ignored.
    let token = issuer.sign(&claims(&json!({})));
    let path = format!("/mcp?access_token={token}");
    let body = initialize(json!({})).to_string();
    let answer = client.request_to(&path, Method::POST, &[], body).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn every_method_needs_a_token_but_the_question_of_a_browser() {
    let issuer = Issuer::new("one", 7);
    let service = service(&issuer).await;
    let client = service.stranger();
    for method in [Method::POST, Method::GET, Method::DELETE, Method::PUT] {
        let answer = client
            .request(method.clone(), &[], ping(1).to_string())
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method}");
    }
    let answer = client.request(Method::OPTIONS, &[], "").await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_session_is_its_users_alone() {
    let issuer = Issuer::new("one", 7);
    let service = service(&issuer).await;
    let bearer = |changes: Value| format!("Bearer {}", issuer.sign(&claims(&changes)));
    let (alice, bob) = (bearer(json!({})), bearer(json!({"sub": "bob"})));
    let mut client = service.stranger();
    let body = initialize(json!({})).to_string();
    let answer = client
        .request(Method::POST, &[("authorization", &alice)], body)
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    client.session = answer.header("mcp-session-id").map(str::to_owned);
    for method in [Method::POST, Method::GET, Method::DELETE] {
        let body = ping(1).to_string();
        let stolen = client
            .request(method.clone(), &[("authorization", &bob)], body)
            .await;
        assert_eq!(stolen.status, StatusCode::NOT_FOUND, "{method} as bob");
        let body = ping(1).to_string();
        let bare = client.request(method.clone(), &[], body).await;
        assert_eq!(bare.status, StatusCode::UNAUTHORIZED, "{method} as nobody");
    }
    // A client of the same name as a user is not that user.
    let robot = bearer(json!({"sub": null, "client_id": "alice"}));
    let body = ping(1).to_string();
    let stolen = client
        .request(Method::POST, &[("authorization", &robot)], body)
        .await;
    assert_eq!(
        stolen.status,
        StatusCode::NOT_FOUND,
        "a client called alice"
    );
    let renewed = bearer(json!({"exp": now() + 900}));
    let answer = client
        .request(Method::DELETE, &[("authorization", &renewed)], "")
        .await;
    assert_eq!(
        answer.status,
        StatusCode::NO_CONTENT,
        "a new token of the same user"
    );
}

#[tokio::test]
async fn metadata_are_for_everybody() {
    let issuer = Issuer::new("one", 7);
    let service = service(&issuer).await;
    let client = service.stranger();
    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
    ] {
        let answer = client.request_to(path, Method::GET, &[], "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let metadata = answer.whole().await.json();
        assert_eq!(metadata["resource"], RESOURCE);
        assert_eq!(metadata["authorization_servers"], json!([ISSUER]));
        assert_eq!(metadata["scopes_supported"], json!(["mcp"]));
    }
    let path = "/.well-known/oauth-protected-resource/mcp";
    let page = [
        ("origin", "http://localhost:6274"),
        ("access-control-request-method", "GET"),
    ];
    let answer = client.request_to(path, Method::OPTIONS, &page, "").await;
    assert_eq!(
        answer.status,
        StatusCode::NO_CONTENT,
        "a page may read them"
    );
    let answer = client.request_to(path, Method::POST, &[], "{}").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    let path = "/.well-known/oauth-protected-resource/other";
    let answer = client.request_to(path, Method::GET, &[], "").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_server_answers_by_the_name_of_its_resource() {
    let issuer = Issuer::new("one", 7);
    let folder = tempfile::tempdir().expect("a folder");
    let guard = guard(&issuer, &folder).await;
    let http_options = HttpOptions {
        authorization: Some(options(folder.path().join("keys.json")).into()),
        ..HttpOptions::default()
    };
    let service = Service::guarded(http_options, Some(guard)).await;
    let client = service.stranger();
    for (host, status) in [
        ("MCP.example.com", StatusCode::UNAUTHORIZED),
        ("evil.example.com", StatusCode::FORBIDDEN),
    ] {
        let body = initialize(json!({})).to_string();
        let answer = client.request(Method::POST, &[("host", host)], body).await;
        assert_eq!(answer.status, status, "{host}");
    }
}

/// A verifier with a clock that is advanced by hand.
struct Later {
    verifier: JwtVerifier,
    since: Instant,
    folder: TempDir,
}

impl Later {
    async fn new(issuer: &Issuer) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("keys.json");
        publish(&[issuer], &file);
        let (verifier, since) = (JwtVerifier::new(&options(file)), Instant::now());
        verifier.prepare_at(since).await.expect("the keys are read");
        Self {
            verifier,
            since,
            folder,
        }
    }

    fn publish(&self, issuers: &[&Issuer]) {
        publish(issuers, &self.folder.path().join("keys.json"));
    }

    /// Returns the status after these seconds.
    async fn says(&self, seconds: u64, issuer: &Issuer) -> StatusCode {
        let token = issuer.sign(&claims(&json!({})));
        let now = self.since + Duration::from_secs(seconds);
        match self.verifier.verify_at(&token, now).await {
            Ok(_) => StatusCode::OK,
            Err(TokenError::Invalid(_)) => REFUSED,
            Err(TokenError::Unavailable(_)) => UNAVAILABLE,
            Err(other) => panic!("{other:?}"),
        }
    }
}

const REFUSED: StatusCode = StatusCode::UNAUTHORIZED;
const UNAVAILABLE: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

#[tokio::test]
async fn keys_are_read_again_when_an_unknown_one_is_named_but_not_at_once() {
    let (old, new) = (Issuer::new("old", 7), Issuer::new("new", 8));
    let later = Later::new(&old).await;
    later.publish(&[&old, &new]);
    assert_eq!(later.says(20, &new).await, REFUSED);
    assert_eq!(later.says(31, &new).await, StatusCode::OK);
    assert_eq!(later.says(31, &old).await, StatusCode::OK);
    // Unknown keys do not cause repeated reads.
    later.publish(&[&new]);
    let nobody = Issuer::new("nobody", 9);
    assert_eq!(later.says(50, &nobody).await, REFUSED);
    assert_eq!(later.says(50, &old).await, StatusCode::OK, "not read yet");
    assert_eq!(later.says(62, &nobody).await, REFUSED);
    assert_eq!(later.says(62, &old).await, REFUSED, "read again");
}

#[tokio::test]
async fn a_key_that_was_withdrawn_ceases_to_hold() {
    let (old, new) = (Issuer::new("old", 7), Issuer::new("new", 8));
    let later = Later::new(&old).await;
    later.publish(&[&new]);
    assert_eq!(later.says(599, &old).await, StatusCode::OK);
    assert_eq!(
        later.says(601, &old).await,
        StatusCode::OK,
        "nobody waits for the reading"
    );
    let withdrawn = async {
        while later.says(601, &old).await == StatusCode::OK {
            tokio::task::yield_now().await;
        }
    };
    let withdrawn = tokio::time::timeout(PATIENCE, withdrawn);
    withdrawn
        .await
        .expect("the keys are read in the background");
    assert_eq!(later.says(601, &old).await, REFUSED);
}

#[tokio::test]
async fn keys_hold_for_a_while_when_they_cannot_be_read() {
    let (known, unknown) = (Issuer::new("one", 7), Issuer::new("two", 8));
    let later = Later::new(&known).await;
    let file = later.folder.path().join("keys.json");
    std::fs::remove_file(&file).expect("it was there");
    assert_eq!(later.says(1800, &unknown).await, UNAVAILABLE);
    assert_eq!(later.says(1800, &known).await, StatusCode::OK);
    assert_eq!(later.says(3601, &known).await, UNAVAILABLE);
    later.publish(&[&known]);
    assert_eq!(later.says(3601, &known).await, UNAVAILABLE, "not so soon");
    assert_eq!(later.says(3632, &known).await, StatusCode::OK);
}

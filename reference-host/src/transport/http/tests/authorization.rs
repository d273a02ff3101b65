//! Who is let in with which token.

use std::time::{SystemTime, UNIX_EPOCH};

use http::{Method, StatusCode};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::client::{Client, Service, initialize, ping};
use crate::transport::http::authorization::Guard;
use crate::transport::http::{Authorization, HttpOptions, KeySource};

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

/// Good claims with these changes; null takes one away.
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

async fn service(issuer: &Issuer) -> Service {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("keys.json");
    let keys = JwkSet {
        keys: vec![issuer.public()],
    };
    std::fs::write(&file, serde_json::to_vec(&keys).expect("JSON")).expect("it is written");
    let guard = Guard::new(Authorization {
        resource: RESOURCE.parse().expect("a resource"),
        issuers: vec![ISSUER.to_owned()],
        keys: KeySource::File(file),
        scopes: vec!["mcp".to_owned()],
    });
    let guard = guard.await.expect("the keys are read");
    Service::guarded(HttpOptions::default(), Some(guard)).await
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
        json!({"aud": ["https://elsewhere.example", "HTTPS://MCP.example.com/mcp/"]}),
        json!({"sub": null, "client_id": "robot"}),
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
        json!({"aud": []}),
        json!({"aud": null}),
        json!({"sub": null}),
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
    // A token in the address is none.
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
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let metadata = answer.whole().await.json();
        assert_eq!(metadata["resource"], RESOURCE);
        assert_eq!(metadata["authorization_servers"], json!([ISSUER]));
        assert_eq!(metadata["scopes_supported"], json!(["mcp"]));
    }
    let path = "/.well-known/oauth-protected-resource/other";
    let answer = client.request_to(path, Method::GET, &[], "").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

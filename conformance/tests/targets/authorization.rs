//! Compositions that require tokens, under `wasmtime serve`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use wasi_mcp_compose::{Settings, Target, TargetOptions};
use wasi_mcp_conformance::driver::Timing;
use wasi_mcp_conformance::model::Status;
use wasi_mcp_conformance::runner::{NoWatcher, RunOptions, Selection, run};
use wasi_mcp_conformance::runtime::port::ReservedPort;
use wasi_mcp_conformance::targets::url;

use super::issuer::{ISSUER, Issuer, claims};
use super::{Served, serve_with, served_with};

/// The endpoint as clients know it, behind a proxy that is not there.
const RESOURCE: &str = "https://mcp.example.com/mcp";
const METADATA: &str = "/.well-known/oauth-protected-resource/mcp";

const MISCONFIGURED: &str = "every request is refused: authorization is not configured: ";

fn authorized() -> TargetOptions {
    let mut options = TargetOptions::new(Target::Http);
    options.authorization = true;
    options
}

/// Settings of a server.
#[derive(Clone)]
struct Environment(Vec<(&'static str, String)>);

impl Environment {
    fn new(keys: impl ToString) -> Self {
        let settings = [
            ("ISSUER", ISSUER.to_owned()),
            ("AUDIENCE", RESOURCE.to_owned()),
            ("JWKS", keys.to_string()),
            ("SCOPES", "mcp".to_owned()),
            ("CLAIMS", "org".to_owned()),
        ];
        Self(settings.into())
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.retain(|(other, _)| *other != name);
        self.0.push((name, value.to_owned()));
        self
    }

    /// Returns the options of wasmtime for variables of the environment.
    fn variables(&self) -> Vec<String> {
        let settings = self.0.iter();
        settings
            .flat_map(|(name, value)| ["--env".to_owned(), format!("WASI_MCP_AUTH_{name}={value}")])
            .collect()
    }

    /// Returns the options of wasmtime for settings of `wasi:config`.
    fn config(&self) -> Vec<String> {
        let settings = self.0.iter();
        let settings = settings.flat_map(|(name, value)| {
            let name = name.to_ascii_lowercase();
            let setting = format!("config-var=wasi_mcp_auth_{name}={value}");
            ["-S".to_owned(), setting]
        });
        ["-S".to_owned(), "config".to_owned()]
            .into_iter()
            .chain(settings)
            .collect()
    }
}

/// A server that requires tokens.
struct Protected {
    served: Served,
    host: String,
}

struct Reply {
    status: u16,
    head: String,
    body: Value,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (field, value) = line.split_once(": ")?;
            field.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

impl Protected {
    fn serve(component: &Path, options: &[String]) -> Self {
        let (served, url) = serve_with(component, 0, options);
        let host = url.trim_start_matches("http://").trim_end_matches("/mcp");
        Self {
            host: host.to_owned(),
            served,
        }
    }

    fn send(&self, method: &str, path: &str, fields: &str, body: &str) -> Reply {
        let host = &self.host;
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
             MCP-Protocol-Version: 2025-06-18\r\n{fields}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, rest) = text.split_once("\r\n\r\n").expect("a head and a body");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let json = rest.find('{').map(|at| &rest[at..]).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(json).into_iter::<Value>();
        Reply {
            status: status.expect("a status"),
            head: head.to_owned(),
            body: values
                .next()
                .map_or(Value::Null, |value| value.expect("JSON")),
        }
    }

    fn post(&self, fields: &str) -> Reply {
        let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami"}}"#;
        self.send("POST", "/mcp", fields, call)
    }

    /// Calls a tool with a token.
    fn with(&self, token: &str) -> Reply {
        self.post(&format!("Authorization: Bearer {token}\r\n"))
    }

    /// Returns the party that the component sees.
    fn whoami(&self, token: &str) -> Value {
        let reply = self.with(token);
        assert_eq!(reply.status, 200, "{} {}", reply.head, reply.body);
        reply.body["result"]["structuredContent"]["principal"].clone()
    }

    fn refuses(&self, token: &str, reason: &str) {
        let reply = self.with(token);
        assert_eq!(reply.status, 401, "{reason}: {} {}", reply.head, reply.body);
        assert_eq!(reply.body["error"]["message"], reason, "{}", reply.body);
        let challenge = reply.header("www-authenticate").expect("a challenge");
        let begin = format!("Bearer resource_metadata=\"https://mcp.example.com{METADATA}\"");
        assert!(challenge.starts_with(&begin), "{challenge}");
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        assert!(!reply.head.contains(token) && !reply.body.to_string().contains(token));
    }
}

/// Returns a token with the public key as a shared secret.
fn shared_secret(issuer: &Issuer) -> String {
    let keys = serde_json::to_value(issuer.keys()).unwrap();
    let public = keys["keys"][0]["x"].as_str().unwrap();
    let secret = BASE64_URL_SAFE_NO_PAD.decode(public).unwrap();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("one".to_owned());
    let key = EncodingKey::from_secret(&secret);
    jsonwebtoken::encode(&header, &claims(RESOURCE, json!({})), &key).unwrap()
}

/// Keys as text: requests that are refused, and those that are not.
fn requests_need_a_token(component: &Path) {
    let issuer = Issuer::new("one", 7);
    let keys = serde_json::to_string(&issuer.keys()).unwrap();
    let server = Protected::serve(component, &Environment::new(keys).variables());
    let token = |changes| issuer.token(RESOURCE, changes);

    let alice = token(json!({ "scope": "mcp  read mcp", "org": { "id": 7 }, "email": "a@b" }));
    assert_eq!(
        server.whoami(&alice),
        json!({
            "issuer": ISSUER, "subject": "alice", "clientId": null,
            "scopes": ["mcp", "read"], "claims": { "org": { "id": 7 } },
        })
    );
    // Each request shows the party of its own token, also in an instance that serves several.
    let bob = token(json!({ "sub": "bob", "client_id": "app" }));
    let (seen, again) = (server.whoami(&bob), server.whoami(&alice));
    assert_eq!(
        (&seen["subject"], &seen["clientId"]),
        (&json!("bob"), &json!("app"))
    );
    assert_eq!(seen["claims"], json!({}));
    assert_eq!(again["subject"], "alice");

    let missing = server.post("");
    assert_eq!(missing.status, 401);
    let challenge = format!("Bearer resource_metadata=\"https://mcp.example.com{METADATA}\"");
    assert_eq!(missing.header("www-authenticate"), Some(&*challenge));
    for method in ["GET", "DELETE", "PUT"] {
        assert_eq!(server.send(method, "/mcp", "", "").status, 401, "{method}");
    }
    assert_eq!(server.send("OPTIONS", "/mcp", "", "").status, 204);
    assert_eq!(server.post("Authorization: Bearer\r\n").status, 400);
    let twice = format!("Authorization: Bearer {alice}\r\n").repeat(2);
    assert_eq!(server.post(&twice).status, 400);
    let in_query = server.send("POST", &format!("/mcp?access_token={alice}"), "", "{}");
    assert_eq!(in_query.status, 401);
    let narrow = server.with(&token(json!({ "scope": "other" })));
    assert_eq!(narrow.status, 403);
    let challenge = narrow.header("www-authenticate").unwrap();
    assert!(
        challenge.contains("error=\"insufficient_scope\""),
        "{challenge}"
    );

    let header = |text: &str| {
        let (_, rest) = alice.split_once('.').unwrap();
        format!("{}.{rest}", BASE64_URL_SAFE_NO_PAD.encode(text))
    };
    let unsupported = "the token has an unsupported signature algorithm";
    let refused = [
        (header(r#"{"alg":"none"}"#), "the token is malformed"),
        (shared_secret(&issuer), unsupported),
        (header(r#"{"alg":"HS256","kid":"one"}"#), unsupported),
        (
            token(json!({ "aud": "https://elsewhere.example/mcp" })),
            "the token was issued for another server",
        ),
        (
            token(json!({ "exp": "an hour ago" })),
            "the token has expired",
        ),
        (
            token(json!({ "nbf": "in an hour" })),
            "the token does not hold yet",
        ),
        (
            token(json!({ "iss": "https://evil.example" })),
            "the token is of an issuer that is not trusted here",
        ),
        (
            Issuer::new("two", 7).token(RESOURCE, json!({})),
            "the token is signed with a key that is not known",
        ),
        (
            Issuer::new("one", 8).token(RESOURCE, json!({})),
            "the token's signature is wrong",
        ),
        (
            token(json!({ "sub": null })),
            "the token names neither user nor client",
        ),
    ];
    for (token, reason) in &refused {
        server.refuses(token, reason);
    }

    let metadata = server.send("GET", METADATA, "", "");
    assert_eq!(metadata.status, 200);
    assert_eq!(metadata.body["resource"], RESOURCE);
    assert_eq!(metadata.body["authorization_servers"], json!([ISSUER]));
    assert_eq!(metadata.body["scopes_supported"], json!(["mcp"]));
    assert_eq!(server.send("POST", METADATA, "", "{}").status, 405);

    let log = server.served.log().concat();
    let tokens = refused.iter().map(|(token, _)| token).chain([&alice, &bob]);
    for token in tokens {
        let parts = token.split('.').filter(|part| !part.is_empty());
        assert!(parts.into_iter().all(|part| !log.contains(part)), "{log}");
    }
}

/// Serves the keys of an issuer, and counts the requests for them.
struct KeyServer {
    url: String,
    /// The body of answers, or nothing for status 500.
    keys: Arc<Mutex<Option<String>>>,
    fetched: Arc<AtomicUsize>,
}

impl KeyServer {
    fn serve(issuer: &Issuer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let keys = serde_json::to_string(&issuer.keys()).unwrap();
        let server = Self {
            url: format!("http://{address}/keys?set=1"),
            keys: Arc::new(Mutex::new(Some(keys))),
            fetched: Arc::default(),
        };
        let (keys, fetched) = (Arc::clone(&server.keys), Arc::clone(&server.fetched));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(mut client) = client else { break };
                let mut lines = BufReader::new(client.try_clone().unwrap()).lines();
                let first = lines.next().and_then(Result::ok).unwrap_or_default();
                // The rest of the head.
                while lines
                    .next()
                    .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
                {}
                fetched.fetch_add(1, Ordering::SeqCst);
                let keys = keys.lock().unwrap().clone();
                let (status, body) = match keys {
                    Some(keys) if first.starts_with("GET /keys?set=1 ") => ("200 OK", keys),
                    _ => ("500 Oops", String::new()),
                };
                let _ = write!(
                    client,
                    "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        server
    }

    fn fetched(&self) -> usize {
        self.fetched.load(Ordering::SeqCst)
    }
}

/// Keys that are fetched: as seldom as the instances allow, and once for a request at most.
fn keys_are_fetched(component: &Path, is_shared: bool) {
    let (issuer, stranger) = (Issuer::new("one", 7), Issuer::new("two", 8));
    let keys = KeyServer::serve(&issuer);
    let environment = Environment::new(&keys.url);
    let server = Protected::serve(component, &environment.variables());

    // Nothing is fetched for what no key could make valid.
    assert_eq!(server.post("").status, 401);
    server.refuses("abc", "the token is malformed");
    server.refuses(
        &shared_secret(&issuer),
        "the token has an unsupported signature algorithm",
    );
    assert_eq!(keys.fetched(), 0);

    const REQUESTS: usize = 6;
    for _ in 0..REQUESTS / 2 {
        assert_eq!(
            server.whoami(&issuer.token(RESOURCE, json!({})))["subject"],
            "alice"
        );
        server.refuses(
            &stranger.token(RESOURCE, json!({})),
            "the token is signed with a key that is not known",
        );
    }
    let fetched = keys.fetched();
    if is_shared {
        assert!((1..REQUESTS).contains(&fetched), "{fetched}");
    } else {
        assert_eq!(fetched, REQUESTS, "once for each request");
    }

    // Without keys, nobody is let in.
    for answer in [
        None,
        Some("[]"),
        Some(r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#),
    ] {
        *keys.keys.lock().unwrap() = answer.map(str::to_owned);
        let server = Protected::serve(component, &environment.variables());
        let token = issuer.token(RESOURCE, json!({}));
        let reply = server.with(&token);
        assert_eq!(reply.status, 503, "{}", reply.body);
        assert_eq!(reply.header("retry-after"), Some("30"));
        let message = &reply.body["error"]["message"];
        assert_eq!(message, "tokens cannot be checked at the moment");
        let log = server.served.log().concat();
        let cause = format!(
            "tokens cannot be checked: the keys at {} cannot be read",
            keys.url
        );
        assert!(log.contains(&cause), "{log}");
        assert!(!log.contains("c2VjcmV0") && !log.contains(&token), "{log}");
    }
}

/// Wrong settings refuse every request, and the log says why.
fn wrong_settings_let_nobody_in(component: &Path) {
    let issuer = Issuer::new("one", 7);
    let token = issuer.token(RESOURCE, json!({}));
    let keys = serde_json::to_string(&issuer.keys()).unwrap();
    let good = Environment::new(keys);
    let secret = r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#;
    for (environment, fault) in [
        (
            Environment(Vec::new()),
            "WASI_MCP_AUTH_ISSUER: it is not set",
        ),
        (
            good.clone().with("JWKS", ""),
            "WASI_MCP_AUTH_JWKS: it is not set",
        ),
        (
            good.with("JWKS", secret),
            "WASI_MCP_AUTH_JWKS: there is no public key",
        ),
    ] {
        let server = Protected::serve(component, &environment.variables());
        let replies = [
            server.with(&token),
            server.post(""),
            server.send("OPTIONS", "/mcp", "", ""),
            server.send("GET", METADATA, "", ""),
        ];
        for reply in replies {
            assert_eq!(reply.status, 500, "{fault}: {}", reply.head);
            assert_eq!(
                reply.body["error"]["message"],
                "authorization is not configured: see the log of the server"
            );
        }
        let log = server.served.log().concat();
        assert!(log.contains(&format!("{MISCONFIGURED}{fault}")), "{log}");
        assert!(!log.contains("c2VjcmV0") && !log.contains(&token), "{log}");
    }
}

/// The checks of authorization that need a session.
const NEED_SESSIONS: &[&str] = &[
    "authorization/validate-first",
    "authorization/session-of-another",
];

/// The checks of authorization pass.
async fn the_checks_pass(component: &Path) {
    let issuer = Issuer::new("one", 7);
    let keys = serde_json::to_string(&issuer.keys()).unwrap();
    let port = ReservedPort::find().expect("a free port").number();
    // By name, so that it has letters to capitalize.
    let resource = format!("http://localhost:{port}/mcp");
    let environment = Environment::new(keys).with("AUDIENCE", &resource);
    let (_server, _) = serve_with(component, port, &environment.variables());
    let mut target = url::target(&resource, &[], Some(issuer.tokens(&resource))).unwrap();
    target.timing = Timing {
        peer_timeout: None,
        ..Timing::NEAR
    };
    let options = RunOptions {
        strict: true,
        jobs: Some(1),
        selection: Selection::of(["authorization/*"]).unwrap(),
        ..RunOptions::default()
    };
    let run = run(&target, &options, &NoWatcher).await.expect("it runs");
    let others: Vec<_> = run
        .results
        .iter()
        .filter(|verdict| verdict.status != Status::Pass)
        .filter(|verdict| !NEED_SESSIONS.contains(&&*verdict.check))
        .map(|verdict| (&verdict.check, verdict.status, &verdict.message))
        .collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(run.results.len() >= 8, "{}", run.results.len());
}

/// Everything with one component, which is compiled once.
async fn is_protected(guest: &str, is_shared: bool) {
    let folder = tempfile::tempdir().unwrap();
    let component = served_with(guest, authorized(), folder.path());
    requests_need_a_token(&component);
    keys_are_fetched(&component, is_shared);
    wrong_settings_let_nobody_in(&component);
    the_checks_pass(&component).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs wasmtime, which WASI_MCP_WASMTIME names and .ci/run installs"]
async fn a_service_for_0_2_is_protected() {
    is_protected("reference-service-0.2", false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs wasmtime, which WASI_MCP_WASMTIME names and .ci/run installs"]
async fn a_service_for_0_3_is_protected() {
    is_protected("reference-service-0.3", true).await;
}

#[test]
#[ignore = "needs wasmtime, which WASI_MCP_WASMTIME names and .ci/run installs"]
fn settings_come_from_wasi_config() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = authorized();
    options.settings = Settings::Config;
    let component = served_with("reference-service-0.2", options, folder.path());
    let issuer = Issuer::new("one", 7);
    let keys = serde_json::to_string(&issuer.keys()).unwrap();
    let environment = |changes: &[(&'static str, &str)]| {
        let changes = changes.iter();
        Environment(
            changes
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
        )
    };
    let names = [("ISSUER", ISSUER), ("AUDIENCE", RESOURCE)];
    // What the configuration lacks comes from the environment, such as the text of keys: wasmtime
    // divides its options at commas. What the configuration has wins.
    let mut arguments = environment(&[names[0], names[1], ("CLAIMS", "email")]).config();
    arguments.extend(environment(&[("JWKS", &*keys), ("CLAIMS", "org")]).variables());
    let server = Protected::serve(&component, &arguments);
    let token = issuer.token(RESOURCE, json!({ "org": 7, "email": "a@b" }));
    let seen = server.whoami(&token);
    assert_eq!(seen["claims"], json!({ "email": "a@b" }));
    assert_eq!(server.post("").status, 401);

    let mut arguments = vec!["-S".to_owned(), "config".to_owned()];
    arguments.extend(Environment::new(keys).variables());
    let server = Protected::serve(&component, &arguments);
    assert_eq!(server.whoami(&token)["claims"], json!({ "org": 7 }));
}

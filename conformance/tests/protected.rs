//! The reference host as an OAuth resource server. The checks of authorization run, and all other
//! checks pass with a token.

mod issuer;

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wasi_mcp_conformance::driver::Timing;
use wasi_mcp_conformance::model::{Run, Status};
use wasi_mcp_conformance::runner::{NoWatcher, RunOptions, run};
use wasi_mcp_conformance::targets::{Target, url};
use wasi_mcp_embedded_guests::find;
use wasi_mcp_host::component::{Engine, EngineOptions, Source};
use wasi_mcp_host::session::{Server, ServerOptions};
use wasi_mcp_host::transport::http::{self, HttpOptions, JwtOptions, KeySource};

use issuer::{ISSUER, Issuer};

/// Serves a guest that requires tokens. Returns the issuer, and the address as named in tokens.
async fn serve(name: &str) -> (Issuer, String) {
    let issuer = Issuer::new("one", 42);
    let engine = Engine::new(EngineOptions::default()).expect("an engine");
    let guest = find(name).expect("it is embedded");
    let component = engine.load(Source::Bytes(guest.bytes)).expect("it loads");
    let server = Arc::new(Server::new(component, ServerOptions::default()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address: SocketAddr = listener.local_addr().expect("an address");
    // By name, so that it has letters to capitalize.
    let resource = format!("http://localhost:{}/mcp", address.port());
    let keys = tempfile::NamedTempFile::new().expect("a file");
    serde_json::to_writer(&keys, &issuer.keys()).expect("it is written");
    let mut authorization = JwtOptions::new(
        resource.parse().expect("a resource"),
        ISSUER.parse().expect("an issuer"),
        KeySource::File(keys.path().to_owned()),
    );
    authorization.scopes = vec!["mcp".to_owned()];
    authorization.claims = vec!["org".to_owned()];
    let mut options = HttpOptions::default();
    options.authorization = Some(authorization.into());
    tokio::spawn(async move {
        // The keys are read when serving begins.
        let _keys = keys;
        http::serve(server, listener, options, std::future::pending()).await
    });
    (issuer, resource)
}

async fn protected(name: &str) -> Target {
    let (issuer, resource) = serve(name).await;
    let tokens = issuer.tokens(&resource);
    let mut target = url::target(&resource, &[], Some(tokens)).expect("a target");
    // The server runs in this process.
    target.timing = Timing {
        peer_timeout: None,
        ..Timing::NEAR
    };
    target.jobs = 4;
    target
}

async fn judged(name: &str) -> Run {
    let options = RunOptions {
        strict: true,
        ..RunOptions::default()
    };
    run(&protected(name).await, &options, &NoWatcher)
        .await
        .expect("it runs")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_host_passes_with_authorization() {
    let run = judged("reference-backend-0.3").await;
    let failed = run
        .results
        .iter()
        .filter(|verdict| verdict.status.is_failure());
    let failed: Vec<String> = failed
        .map(|verdict| format!("{}: {}", verdict.check, verdict.message))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let skipped = run.results.iter().filter(|verdict| {
        verdict.status == Status::Skip
            && (verdict.page() == "authorization" || verdict.check == "http/authenticated")
    });
    let skipped: Vec<String> = skipped
        .map(|verdict| format!("{}: {:?}", verdict.check, verdict.reason))
        .collect();
    assert!(skipped.is_empty(), "{}", skipped.join("\n"));
}

/// Makes one HTTP/1.1 exchange with a token. Returns the response's head and body.
async fn post(
    resource: &str,
    token: &str,
    session: Option<&str>,
    message: &Value,
) -> (String, String) {
    let authority = resource
        .strip_prefix("http://")
        .and_then(|rest| rest.strip_suffix("/mcp"))
        .expect("the resource is of this test");
    let body = message.to_string();
    let session = session.map_or_else(String::new, |id| format!("Mcp-Session-Id: {id}\r\n"));
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {token}\r\n{session}\
         MCP-Protocol-Version: 2025-06-18\r\nAccept: application/json, text/event-stream\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(authority.replace("localhost", "127.0.0.1"))
        .await
        .expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut response = String::new();
    stream.read_to_string(&mut response).await.expect("read");
    let (head, body) = response.split_once("\r\n\r\n").expect("a head and a body");
    (head.to_owned(), body.to_owned())
}

/// Begins a session and returns its id.
async fn begin(resource: &str, token: &str) -> String {
    let initialize = json!({
        "jsonrpc": "2.0", "id": 0, "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        },
    });
    let (head, _) = post(resource, token, None, &initialize).await;
    let id = head
        .lines()
        .find_map(|line| {
            line.split_once(": ")
                .filter(|(name, _)| name.eq_ignore_ascii_case("mcp-session-id"))
        })
        .unwrap_or_else(|| panic!("{head}"));
    id.1.to_owned()
}

/// The principal that the component sees.
async fn whoami(resource: &str, token: &str, session: &str) -> Value {
    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "whoami", "arguments": {} },
    });
    let (head, body) = post(resource, token, Some(session), &call).await;
    let json = body.trim_start_matches(|c| c != '{');
    let mut values = serde_json::Deserializer::from_str(json).into_iter::<Value>();
    let answer = values
        .next()
        .unwrap_or_else(|| panic!("{head}\n{body}"))
        .expect("the answer is JSON");
    answer["result"]["structuredContent"]["principal"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_request_shows_the_principal_of_its_own_token() {
    for name in ["reference-backend-0.2", "reference-service-0.3"] {
        let (issuer, resource) = serve(name).await;
        let token = |changes| issuer.token(&resource, changes);
        let alice = token(json!({ "scope": "mcp  read mcp", "org": { "id": 7 }, "email": "a@b" }));
        let bob = token(json!({ "sub": "bob", "client_id": "app" }));
        let (first, second) = (begin(&resource, &alice).await, begin(&resource, &bob).await);
        assert_eq!(
            whoami(&resource, &alice, &first).await,
            json!({
                "issuer": ISSUER, "subject": "alice", "clientId": null,
                "scopes": ["mcp", "read"], "claims": { "org": { "id": 7 } },
            }),
            "{name}: the granted claim is there, and no other"
        );
        assert_eq!(
            whoami(&resource, &bob, &second).await,
            json!({
                "issuer": ISSUER, "subject": "bob", "clientId": "app",
                "scopes": ["mcp"], "claims": {},
            }),
            "{name}"
        );
        // A session outlives its tokens: the next one counts at once.
        let renewed = token(json!({ "scope": "mcp write" }));
        let seen = whoami(&resource, &renewed, &first).await;
        assert_eq!(seen["scopes"], json!(["mcp", "write"]), "{name}");
        assert_eq!(seen["claims"], json!({}), "{name}");
        // A client without a user, and an empty subject.
        let machine = token(json!({ "sub": "", "client_id": "app" }));
        let third = begin(&resource, &machine).await;
        let seen = whoami(&resource, &machine, &third).await;
        assert_eq!(seen["subject"], Value::Null, "{name}");
        assert_eq!(seen["clientId"], "app", "{name}");
    }
}

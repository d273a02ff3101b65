//! Hostile guests, seen from the client: their text stays text, the contexts they keep are useless,
//! and faults stay in their own session.

mod command;
#[path = "../../host/tests/messages/mod.rs"]
mod messages;
#[path = "../../host/tests/support/mod.rs"]
mod support;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use command::{GuestFile, StdioClient, wasi_mcp};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use support::{Client, PROBES, methods, server, server_with};
use wasi_mcp_host::session::{Server, ServerOptions};
use wasi_mcp_host::transport::http::{self, HttpOptions};

/// Texts that would be interpreted if they were not escaped.
const TEXTS: [&str; 8] = [
    "\n{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}\n",
    "\r\n\r\ndata: {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}\r\n\r\n",
    "\n\nevent: message\nid: 1\ndata: {}\n\n",
    "\"},\"id\":7,\"result\":{\"x\":\"",
    "a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f",
    "\0\u{1b}[2J\u{7f}\u{feff}",
    "\\u000a\\",
    "HTTP/1.1 200 OK\r\nMcp-Session-Id: mine\r\n\r\n",
];

/// JSON that would change its message if its members were a level higher, with line breaks of every
/// kind that JSON allows.
const JSON: &str = "\r\n{\n\"jsonrpc\":\r\"1.0\",\n\n\"id\":7,\r\n\r\n\"method\":\"ping\",\
                    \"params\":{},\"error\":{\"code\":1,\"message\":\"\"},\"result\":{},\n\
                    \"content\":[],\"structuredContent\":[],\"isError\":true,\"type\":\"image\",\
                    \"text\":\"forged\",\"_meta\":[],\"annotations\":1,\"data: \":\"\\n\\n\",\
                    \"\u{2028}\":1.10\n}\n\n";

/// Checks the output of `say` as the client must see it: the messages before the response.
fn judge_said(text: &str, id: u64, messages: &[Value]) {
    let said: Value = serde_json::from_str(JSON).unwrap();
    for message in messages {
        let members: Vec<&str> = message
            .as_object()
            .unwrap()
            .keys()
            .map(|it| &**it)
            .collect();
        let expected: &[&str] = match message.get("method") {
            Some(_) => &["jsonrpc", "method", "params"],
            None if message.get("error").is_some() => &["error", "id", "jsonrpc"],
            None => &["id", "jsonrpc", "result"],
        };
        assert_eq!(members, expected, "{message}");
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
        if message.get("method").is_none() {
            assert_eq!(message["id"], id, "{message}");
        }
        match message["method"].as_str() {
            Some("notifications/progress") => {
                assert_eq!(
                    message["params"],
                    json!({ "progressToken": "mine", "progress": 1, "message": text })
                );
            }
            Some("notifications/message") => {
                assert_eq!(
                    message["params"],
                    json!({ "level": "emergency", "logger": text, "data": said })
                );
            }
            Some(other) => panic!("{other}: {message}"),
            None if message.get("error").is_some() => {
                assert_eq!(
                    message["error"],
                    json!({ "code": -1, "message": text, "data": said })
                );
            }
            None => {
                let result = &message["result"];
                assert_eq!(result["structuredContent"], said, "{message}");
                assert_eq!(result["_meta"], said, "{message}");
                assert_eq!(result.get("isError"), None, "{message}");
                let block = &result["content"][0];
                assert_eq!(result["content"].as_array().unwrap().len(), 1, "{message}");
                assert_eq!(block["type"], "text", "{message}");
                assert_eq!(block["text"], text, "{message}");
                assert_eq!(block["_meta"], said, "{message}");
                assert_eq!(block.get("annotations"), None, "{message}");
            }
        }
    }
}

fn say(tool: &str, text: &str) -> Value {
    json!({
        "name": tool,
        "arguments": { "text": text, "json": JSON },
        "_meta": { "progressToken": "mine" },
    })
}

#[tokio::test]
async fn what_a_guest_says_stays_within_its_lines() {
    for name in PROBES {
        let mut client = Client::connect(&server(name)).await;
        for text in TEXTS {
            let id = client.start("tools/call", say("say", text)).await;
            let mut messages = Vec::new();
            for _ in 0..4 {
                messages.push(client.next().await.unwrap());
            }
            judge_said(text, id, &messages);
            assert_eq!(
                methods(&messages),
                [
                    "notifications/progress",
                    "notifications/message",
                    "notifications/message"
                ],
                "{name}"
            );
            let id = client.start("tools/call", say("say-as-error", text)).await;
            let failed = client.next().await.unwrap();
            assert!(failed.get("error").is_some(), "{name}: {failed}");
            judge_said(text, id, &[failed]);
        }
        // And no other messages.
        let ping = client.start("ping", json!({})).await;
        assert_eq!(client.next().await.unwrap()["id"], ping, "{name}");
    }
}

/// Starts a server on a free port.
async fn served(server: Arc<Server>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let serving = http::serve(
        server,
        listener,
        HttpOptions::default(),
        std::future::pending(),
    );
    tokio::spawn(serving);
    url
}

/// Posts a message and returns the answer's session, type and body.
async fn post(url: &str, session: Option<&str>, message: &Value) -> (String, String, String) {
    let mut request = hyper::Request::post(url)
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream");
    if let Some(session) = session {
        request = request.header("mcp-session-id", session);
    }
    let body = Full::<bytes::Bytes>::from(message.to_string());
    let client = HttpClient::builder(TokioExecutor::new()).build_http();
    let response = client.request(request.body(body).unwrap()).await.unwrap();
    let header = |name: &str| {
        let value = response.headers().get(name);
        value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    };
    let (session, kind) = (header("mcp-session-id"), header("content-type"));
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (session, kind, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn what_a_guest_says_stays_within_its_events() {
    for name in PROBES {
        let url = served(server(name)).await;
        let initialize = messages::request(0, "initialize", messages::initialize(json!({})));
        let (session, ..) = post(&url, None, &initialize).await;
        let session = Some(session.as_str());
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        post(&url, session, &initialized).await;
        for text in TEXTS {
            let call = |tool: &str| json!({ "jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": say(tool, text) });
            let (_, kind, body) = post(&url, session, &call("say")).await;
            assert_eq!(kind, "text/event-stream", "{name}");
            let blocks = body.strip_suffix("\n\n").expect("whole events");
            let events: Vec<Value> = blocks
                .split("\n\n")
                .map(|block| {
                    let (id, data) = block.split_once('\n').expect("two lines");
                    assert!(id.starts_with("id: "), "{block:?}");
                    let data = data.strip_prefix("data: ").expect("data");
                    assert!(!data.contains(['\n', '\r']), "{data:?}");
                    serde_json::from_str(data).expect("one message")
                })
                .collect();
            // The session's own log message belongs on a listening stream.
            assert_eq!(
                methods(&events),
                ["notifications/progress", "notifications/message"],
                "{name}"
            );
            judge_said(text, 5, &events);
            let (_, kind, body) = post(&url, session, &call("say-as-error")).await;
            assert_eq!(kind, "application/json", "{name}");
            judge_said(text, 5, &[serde_json::from_str(&body).unwrap()]);
        }
    }
}

#[tokio::test]
async fn a_context_is_of_no_use_after_its_request_nor_in_another_session() {
    for name in PROBES {
        let server = server(name);
        let mut keeper = Client::connect(&server).await;
        let mut other = Client::connect(&server).await;
        let kept = keeper.tool("keep-context", json!({})).await;
        assert!(kept["result"].is_object(), "{name}: {kept}");

        let nothing = other.tool("use-kept-context", json!({})).await;
        assert_eq!(
            nothing["result"]["content"][0]["text"], "Call keep-context before",
            "{name}: {nothing}"
        );
        let params = json!({ "name": "use-kept-context", "_meta": { "progressToken": 1 } });
        let used = keeper.request("tools/call", params).await;
        let report = used["result"]["structuredContent"].as_object().unwrap();
        for (step, answer) in report {
            let expected = match step.as_str() {
                "getters" => json!("ok"),
                // A context tells these after its end too: nobody was authenticated, and nothing
                // was cancelled.
                "cancelled" => json!(false),
                "id" | "clone-id" => json!("2"),
                "principal" | "reason" => Value::Null,
                _ => json!("invalid-state"),
            };
            assert_eq!(*answer, expected, "{name} {step}: {used}");
        }
        assert!(keeper.interim.is_empty(), "{name}: {:?}", keeper.interim);
        let told = keeper.tool("tell-instance", json!({})).await;
        assert_eq!(
            told["result"]["structuredContent"]["calls"], 3,
            "{name}: the instance is the same: {told}"
        );
        assert!(other.interim.is_empty(), "{name}: {:?}", other.interim);
    }
}

/// Returns the parts that no error may contain: paths of the component and its grants, the user and
/// the project.
fn secrets(paths: &[PathBuf]) -> Vec<String> {
    let mut secrets: Vec<String> = paths
        .iter()
        .cloned()
        .chain(std::env::home_dir())
        .chain(std::env::current_dir())
        .map(|path| path.to_str().unwrap().to_owned())
        .filter(|path| path.len() > 1)
        .collect();
    for part in [
        ".cargo",
        ".rs:",
        "wasmtime",
        "cranelift",
        "backtrace",
        ".wasm",
    ] {
        secrets.push(part.to_owned());
    }
    secrets
}

fn assert_tells_none(name: &str, secrets: &[String], said: &str) {
    for secret in secrets {
        assert!(!said.contains(secret), "{name} says {secret:?}: {said}");
    }
}

#[tokio::test]
async fn no_error_tells_where_things_are_on_the_host() {
    let granted = tempfile::tempdir().unwrap();
    for name in PROBES {
        let guest = GuestFile::write(name);
        let secrets = secrets(&[guest.path().parent().unwrap().to_owned()]);
        let mut command = wasi_mcp();
        command.arg("serve").arg(guest.path());
        command.args(["--computing-timeout", "0.5", "--max-memory", "16MiB"]);
        command.args(["--max-result", "100KiB", "--max-catalog", "1MiB"]);
        let mut client = StdioClient::connect(&mut command).await;
        let kinds = |kinds: &[&str]| -> Vec<Value> {
            kinds.iter().map(|kind| json!({ "kind": kind })).collect()
        };
        let nothing = vec![json!({})];
        let hostile = [
            ("trap", nothing.clone()),
            ("exit", nothing.clone()),
            ("overflow", nothing.clone()),
            ("spin", nothing.clone()),
            ("eat-memory", nothing.clone()),
            ("hoard-contexts", nothing.clone()),
            ("no-such-tool", nothing.clone()),
            ("error", nothing),
            (
                "result",
                kinds(&["mismatch", "missing", "no-json", "meta-no-json", "size-nan"]),
            ),
            (
                "large-result",
                vec![json!({ "kind": "text", "bytes": 1 << 20 })],
            ),
            ("say", vec![json!({ "text": "", "json": "{" })]),
        ];
        for (tool, arguments) in hostile {
            for arguments in arguments {
                let params = json!({ "name": tool, "arguments": arguments });
                // A new instance logs its start.
                let answer = client.request_amid("tools/call", params).await;
                assert!(answer.get("error").is_some(), "{name} {tool}: {answer}");
                assert_tells_none(name, &secrets, &answer.to_string());
            }
        }
        let read = client
            .request("resources/read", json!({ "uri": "probe:///missing" }))
            .await;
        assert_tells_none(name, &secrets, &read.to_string());
    }
    for name in ["explorer-0.2", "explorer-0.3"] {
        let guest = GuestFile::write(name);
        let folder = guest.path().parent().unwrap().to_owned();
        let secrets = secrets(&[folder, granted.path().to_owned()]);
        let mut command = wasi_mcp();
        command.arg("serve").arg(guest.path());
        command
            .arg("--dir")
            .arg(format!("{}::/data", granted.path().display()));
        command.args(["--allow-http", "127.0.0.1:1"]);
        let mut client = StdioClient::connect(&mut command).await;
        for (tool, arguments) in [
            ("read-file", json!({ "path": "/data/missing" })),
            ("read-file", json!({ "path": "/data/../missing" })),
            ("read-file", json!({ "path": "/missing" })),
            ("write-file", json!({ "path": "/data/a/b", "text": "" })),
            ("list-folder", json!({ "path": "/data/missing" })),
            (
                "make-hard-link",
                json!({ "target": "/data/a", "path": "/data/b" }),
            ),
            ("connect", json!({ "address": "127.0.0.1:1" })),
            ("resolve", json!({ "name": "localhost" })),
            ("fetch", json!({ "url": "http://127.0.0.1:1/" })),
            ("fetch", json!({ "url": "http://example.com/" })),
        ] {
            let params = json!({ "name": tool, "arguments": arguments });
            let answer = client.request("tools/call", params).await;
            assert_eq!(answer["result"]["isError"], true, "{name} {tool}: {answer}");
            assert_tells_none(name, &secrets, &answer.to_string());
        }
    }
}

#[tokio::test]
async fn no_hostile_session_touches_its_neighbour() {
    let mut options = ServerOptions::default();
    options.instance.computing = Duration::from_millis(500);
    options.instance.memory_bytes = 16 << 20;
    options.instance.catalog_bytes = 1 << 20;
    options.limits.result_bytes = 1 << 20;
    for name in PROBES {
        let server = server_with(name, options.clone());
        let mut healthy = Client::connect(&server).await;
        let mut calls = 0;
        for (tool, arguments) in [
            ("trap", json!({})),
            ("exit", json!({})),
            ("overflow", json!({})),
            ("spin", json!({})),
            ("eat-memory", json!({})),
            ("hoard-contexts", json!({})),
            (
                "large-result",
                json!({ "kind": "escaped", "bytes": 1 << 20 }),
            ),
            ("register-much", json!({ "bytes": 100_000 })),
            ("say", json!({ "text": TEXTS[0], "json": JSON })),
        ] {
            let mut hostile = Client::connect(&server).await;
            let id = hostile.start_tool(tool, arguments).await;
            let mut is_over = false;
            while !is_over {
                // The one continues while the other misbehaves.
                let echo = json!({ "beside": tool });
                let (echoed, over) = tokio::join!(healthy.tool("echo", echo.clone()), async {
                    let moment = Duration::from_millis(20);
                    tokio::time::timeout(moment, hostile.response(id))
                        .await
                        .is_ok()
                });
                assert_eq!(
                    echoed["result"]["structuredContent"], echo,
                    "{name} {tool}: {echoed}"
                );
                calls += 1;
                is_over = over;
            }
        }
        let told = healthy.tool("tell-instance", json!({})).await;
        let report = &told["result"]["structuredContent"];
        assert_eq!(report["calls"], calls + 1, "{name}: {told}");
        assert_eq!(report["starts"], 1, "{name}: {told}");
        assert!(healthy.interim.is_empty(), "{name}: {:?}", healthy.interim);
    }
}

#[tokio::test]
async fn sessions_are_answered_while_a_neighbour_computes_without_end() {
    let mut options = ServerOptions::default();
    // Never reached: the neighbour computes for as long as this test runs.
    options.instance.computing = Duration::from_secs(3_600);
    for name in PROBES {
        let server = server_with(name, options.clone());
        let mut healthy = Client::connect(&server).await;
        let mut hog = Client::connect(&server).await;
        let spinning = hog.start_tool("spin", json!({})).await;
        // On the single thread of this test.
        for number in 0..3 {
            let echoed = healthy.tool("echo", json!({ "number": number })).await;
            assert_eq!(
                echoed["result"]["structuredContent"]["number"], number,
                "{name}: {echoed}"
            );
        }
        let ping = hog.start("ping", json!({})).await;
        let answer = hog.next().await.unwrap();
        assert_eq!(answer["id"], ping, "{name}: {spinning} goes on: {answer}");
    }
}

//! Resources that a component streams, over both transports.

mod messages;
mod support;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wasi_mcp_host::component::Isolation;
use wasi_mcp_host::session::{ClientError, InProcessClient, Server, ServerOptions};
use wasi_mcp_host::telemetry::Limit;
use wasi_mcp_host::transport::http::{self, HttpOptions};

use support::{Client, server, server_with};

const GUEST: &str = "streams-0.3";
/// Long, for slow machines: no test waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(60);

fn expected(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|position| (position % 251) as u8).collect()
}

/// Returns the bytes of a result's only contents.
fn blob(answer: &Value) -> Vec<u8> {
    let contents = &answer["result"]["contents"];
    assert_eq!(contents.as_array().map(Vec::len), Some(1), "{answer}");
    let blob = contents[0]["blob"].as_str().expect("a blob");
    STANDARD.decode(blob).expect("base64 with padding")
}

fn read(uri: &str) -> Value {
    json!({ "uri": uri })
}

fn limited(change: impl FnOnce(&mut ServerOptions)) -> Arc<Server> {
    let mut options = ServerOptions::default();
    change(&mut options);
    server_with(GUEST, options)
}

#[tokio::test]
async fn all_bytes_arrive_over_stdio_whatever_their_number() {
    let mut client = Client::connect(&server(GUEST)).await;
    for bytes in [0, 1, 2, 3, 65_535, 65_536, 65_537, 1_000_000] {
        let uri = format!("stream:{bytes}");
        let answer = client.request("resources/read", read(&uri)).await;
        assert_eq!(blob(&answer), expected(bytes), "{uri}");
        let contents = &answer["result"]["contents"][0];
        assert_eq!(contents["uri"], uri);
        assert_eq!(contents["mimeType"], "application/octet-stream");
    }
}

#[tokio::test]
async fn bytes_of_the_result_precede_those_of_the_stream() {
    let mut client = Client::connect(&server(GUEST)).await;
    for begun in [0, 1, 2, 3, 4, 99, 100] {
        let uri = format!("stream:100?begun={begun}");
        let answer = client.request("resources/read", read(&uri)).await;
        assert_eq!(blob(&answer), expected(100), "{uri}");
    }
}

#[tokio::test]
async fn other_resources_are_read_as_before() {
    let mut client = Client::connect(&server(GUEST)).await;
    let answer = client.request("resources/read", read("plain:text")).await;
    assert_eq!(answer["result"]["contents"][0]["text"], "text", "{answer}");
    let answer = client.request("resources/read", read("nothing:")).await;
    assert_eq!(answer["error"]["code"], -32002, "{answer}");
    assert_eq!(answer["error"]["data"]["uri"], "nothing:", "{answer}");
}

#[tokio::test]
async fn streams_run_side_by_side_and_with_an_instance_each() {
    let apart = limited(|options| options.isolation = Isolation::Call);
    for server in [server(GUEST), apart] {
        let mut client = Client::connect(&server).await;
        let mut ids = Vec::new();
        for _ in 0..5 {
            ids.push(client.start("resources/read", read("stream:300000")).await);
        }
        for id in ids {
            assert_eq!(blob(&client.response(id).await), expected(300_000));
        }
    }
}

#[tokio::test]
async fn a_failure_before_the_first_byte_is_an_ordinary_error() {
    let mut client = Client::connect(&server(GUEST)).await;
    let answer = client
        .request("resources/read", read("stream:10?fail=0"))
        .await;
    assert_eq!(answer["error"]["message"], "the resource ends here");
    let answer = client.request("resources/read", read("stream:3")).await;
    assert_eq!(blob(&answer), expected(3));
}

#[tokio::test]
async fn in_the_middle_the_client_is_not_asked_and_gets_no_log_messages() {
    let mut client = Client::connect(&server(GUEST)).await;
    let answer = client
        .request("resources/read", read("stream:9000?ask=4000"))
        .await;
    assert_eq!(blob(&answer), expected(9000));
    let rest = client.close().await;
    assert_eq!(support::methods(&rest), [""; 0], "{rest:?}");
}

#[tokio::test]
async fn a_failure_in_the_middle_ends_a_session_on_stdio() {
    for (uri, change) in [
        ("stream:100000?fail=70000", None),
        ("stream:100000", Some(Limit::StreamBytes)),
        ("stream:100000?stall=70000", Some(Limit::StreamIdle)),
    ] {
        let server = limited(|options| match change {
            Some(Limit::StreamBytes) => options.instance.streams.bytes = 80_000,
            Some(_) => options.instance.streams.idle = Duration::from_millis(200),
            None => {}
        });
        let mut client = Client::connect(&server).await;
        client.start("resources/read", read(uri)).await;
        let line = client.rest().await;
        assert!(line.starts_with(r#"{"jsonrpc":"2.0","id":"#), "{line}");
        assert!(!line.ends_with('}'), "the line is not a message");
        if let Some(limit) = change {
            assert_eq!(server.telemetry().limits.get(limit), 1, "{uri}");
        }
    }
}

#[tokio::test]
async fn a_cancelled_stream_on_stdio_completes_its_line_and_the_session_goes_on() {
    let mut client = Client::connect(&server(GUEST)).await;
    let id = client
        .start("resources/read", read("stream:100000?stall=70000"))
        .await;
    // The head is written, so the stream has begun.
    client.begun().await;
    client
        .notify("notifications/cancelled", json!({ "requestId": id }))
        .await;
    let short = client.response(id).await;
    assert!(blob(&short).len() <= 70_000);
    let answer = client.request("resources/read", read("stream:3")).await;
    assert_eq!(blob(&answer), expected(3));
}

#[tokio::test]
async fn an_empty_stream_that_is_never_resolved_ends_in_time() {
    let server = limited(|options| options.instance.streams.idle = Duration::from_millis(200));
    let mut client = Client::connect(&server).await;
    let answer = client
        .request("resources/read", read("stream:0?hang=0"))
        .await;
    let message = "the future of the stream was not resolved in time";
    assert_eq!(answer["error"]["message"], message, "{answer}");
    assert_eq!(server.telemetry().limits.get(Limit::StreamIdle), 1);
}

#[tokio::test]
async fn an_empty_stream_that_is_never_resolved_can_be_cancelled() {
    // Cancelled calls that go on count as in flight.
    let server = limited(|options| options.limits.requests_in_flight = 1);
    let mut client = Client::connect(&server).await;
    for _ in 0..3 {
        let id = client
            .start("resources/read", read("stream:0?hang=0"))
            .await;
        client
            .notify("notifications/cancelled", json!({ "requestId": id }))
            .await;
        let ends = async {
            loop {
                let answer = client.request("resources/read", read("plain:text")).await;
                if answer.get("result").is_some() {
                    break;
                }
            }
        };
        let ended = tokio::time::timeout(PATIENCE, ends).await;
        assert!(ended.is_ok(), "the cancelled call ends");
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_loses_its_response() {
    let server = limited(|options| {
        options.instance.streams.client_idle = Duration::from_millis(200);
    });
    let mut client = Client::connect(&server).await;
    client
        .start("resources/read", read("stream:50000000"))
        .await;
    let limit = async {
        while server.telemetry().limits.get(Limit::StreamRead) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let reached = tokio::time::timeout(PATIENCE, limit).await;
    assert!(reached.is_ok(), "the limit is reached");
    let line = client.rest().await;
    assert!(!line.ends_with('}'), "the line is not a message");
}

#[tokio::test]
async fn a_client_in_this_process_takes_no_more_than_a_result_may_have() {
    let server = limited(|options| options.limits.result_bytes = 50_000);
    let client = InProcessClient::builder().connect(&server).await.unwrap();
    let large = client
        .request("resources/read", &read("stream:100000"))
        .await;
    assert!(
        matches!(large, Err(ClientError::TooLarge(50_000))),
        "{large:?}"
    );
    let small = client
        .request("resources/read", &read("stream:30000"))
        .await;
    assert!(small.is_ok(), "{small:?}");
}

#[tokio::test]
async fn a_client_in_this_process_gets_the_whole() {
    let server = server(GUEST);
    let client = InProcessClient::builder().connect(&server).await.unwrap();
    let result = client
        .request("resources/read", &read("stream:100000"))
        .await
        .unwrap();
    let result: Value = serde_json::from_str(result.get()).unwrap();
    assert_eq!(blob(&json!({ "result": result })), expected(100_000));
    let failed = client
        .request("resources/read", &read("stream:100000?fail=70000"))
        .await;
    assert!(
        matches!(failed, Err(ClientError::Incomplete(_))),
        "{failed:?}"
    );
}

/// A session over plain HTTP.
struct Http {
    address: std::net::SocketAddr,
    session: String,
}

impl Http {
    async fn connect(server: Arc<Server>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serve = http::serve(
            server,
            listener,
            HttpOptions::default(),
            std::future::pending(),
        );
        tokio::spawn(serve);
        let mut client = Self {
            address,
            session: String::new(),
        };
        let initialize = messages::request(0, "initialize", messages::initialize(json!({})));
        let (head, _) = client.post(&initialize).await;
        let session = head
            .lines()
            .find_map(|line| line.strip_prefix("mcp-session-id: "))
            .expect("a session");
        client.session = format!("Mcp-Session-Id: {session}\r\n");
        client
            .post(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
            .await;
        client
    }

    async fn open(&self, message: &Value) -> TcpStream {
        let body = message.to_string();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Content-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\n{}Content-Length: {}\r\n\r\n{body}",
            self.address,
            self.session,
            body.len()
        );
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    /// Posts a message and returns the head of the response and its body as sent.
    async fn post(&self, message: &Value) -> (String, String) {
        let mut stream = self.open(message).await;
        let mut response = String::new();
        // An aborted body may end with a connection error.
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut response))
            .await
            .expect("the response ends in time");
        let (head, body) = response.split_once("\r\n\r\n").expect("a header");
        (head.to_owned(), body.to_owned())
    }

    async fn read(&self, uri: &str, meta: Value) -> (String, Body) {
        let params = json!({ "uri": uri, "_meta": meta });
        let message = messages::request(1, "resources/read", params);
        let (head, body) = self.post(&message).await;
        (head, Body::of(&body))
    }
}

/// A chunked body ([RFC 9112, section 7.1](https://www.rfc-editor.org/rfc/rfc9112#section-7.1)).
struct Body {
    text: String,
    is_complete: bool,
}

impl Body {
    fn of(mut encoded: &str) -> Self {
        let mut text = String::new();
        while let Some((size, rest)) = encoded.split_once("\r\n") {
            let size = usize::from_str_radix(size, 16).expect("a chunk's size");
            if size == 0 {
                return Self {
                    text,
                    is_complete: true,
                };
            }
            let Some(chunk) = rest.get(..size) else {
                text += rest;
                break;
            };
            text += chunk;
            encoded = rest.get(size + 2..).unwrap_or_default();
        }
        Self {
            text,
            is_complete: false,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_http_a_streamed_resource_is_one_json_body() {
    let client = Http::connect(server(GUEST)).await;
    let (head, body) = client.read("stream:1000000", json!({})).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    assert!(body.is_complete);
    let answer: Value = serde_json::from_str(&body.text).unwrap();
    assert_eq!(answer["id"], 1);
    assert_eq!(blob(&answer), expected(1_000_000));
    let (_, plain) = client.read("plain:text", json!({})).await;
    assert!(!plain.is_complete, "it has a length instead of chunks");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_http_a_failure_in_the_middle_aborts_the_body_and_nothing_else() {
    let client = Http::connect(server(GUEST)).await;
    let (head, body) = client.read("stream:1000000?fail=700000", json!({})).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(!body.is_complete, "the client sees that it is cut short");
    let (_, body) = client.read("stream:70000", json!({})).await;
    let answer: Value = serde_json::from_str(&body.text).unwrap();
    assert_eq!(blob(&answer), expected(70_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_http_a_client_that_leaves_frees_the_component() {
    let server = server(GUEST);
    let client = Http::connect(Arc::clone(&server)).await;
    let params = read("stream:1000000000");
    let mut stream = client
        .open(&messages::request(1, "resources/read", params))
        .await;
    let mut some = [0; 1000];
    stream.read_exact(&mut some).await.unwrap();
    drop(stream);
    let ends = async {
        while server.telemetry().requests.in_flight.get() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let ended = tokio::time::timeout(PATIENCE, ends).await;
    assert!(ended.is_ok(), "the request ends with its client");
    let (_, body) = client.read("stream:3000", json!({})).await;
    assert!(body.is_complete);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_reads_slowly_does_not_keep_a_worn_instance() {
    let server = limited(|options| {
        options.instance.calls = Some(3);
        options.instance.streams.recycle_grace = Duration::from_secs(2);
    });
    let client = Http::connect(Arc::clone(&server)).await;
    let params = read("stream:1000000000");
    // It stays in flight, and `Http::read` uses the id 1.
    let mut stream = client
        .open(&messages::request(2, "resources/read", params))
        .await;
    let mut some = [0; 1000];
    stream.read_exact(&mut some).await.unwrap();
    // The client stays connected and reads nothing more, while other calls wear the instance out.
    for _ in 0..3 {
        let (_, body) = client.read("stream:3000", json!({})).await;
        assert!(body.is_complete);
    }
    let replaced = async {
        while server.live_counts().instances_replaced() == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let replaced = tokio::time::timeout(PATIENCE, replaced).await;
    assert!(replaced.is_ok(), "the instance is replaced");
    assert_eq!(server.telemetry().limits.get(Limit::StreamRead), 1);
    let (_, body) = client.read("stream:3000", json!({})).await;
    assert!(body.is_complete, "the new instance serves");
    drop(stream);
}

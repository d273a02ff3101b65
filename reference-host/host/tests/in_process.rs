//! The client in the same process: cancelling, streams, answers as JSON text.

mod messages;
mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use wasi_mcp_host::protocol::RpcError;
use wasi_mcp_host::session::{ClientError, InProcessClient, ReadAnswer, ServerOptions};

use support::{server, server_with};

/// Long, for slow machines: no test waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(60);

async fn call(client: &InProcessClient, tool: &str, arguments: Value) -> Value {
    let params = json!({ "name": tool, "arguments": arguments });
    let result = client.request("tools/call", &params).await.unwrap();
    serde_json::from_str(result.get()).unwrap()
}

#[tokio::test]
async fn a_dropped_request_is_cancelled() {
    for (name, reason) in [
        ("reference-backend-0.2", Value::Null),
        (
            "reference-backend-0.3",
            json!("the client no longer waits for the answer"),
        ),
    ] {
        let client = InProcessClient::builder()
            .connect(&server(name))
            .await
            .unwrap();
        let params = json!({ "name": "wait-until-cancelled" });
        let never = client.request("tools/call", &params);
        let waited = tokio::time::timeout(Duration::from_millis(500), never).await;
        assert!(waited.is_err(), "{name}: it waits");
        let described = call(&client, "describe-instance", json!({})).await;
        let cancellations = &described["structuredContent"]["cancellations"];
        assert_eq!(*cancellations, json!([reason]), "{name}");
    }
}

#[tokio::test]
async fn an_answered_request_is_not_cancelled() {
    let client = InProcessClient::builder()
        .connect(&server("reference-backend-0.3"))
        .await
        .unwrap();
    call(&client, "echo", json!({ "text": "a" })).await;
    let described = call(&client, "describe-instance", json!({})).await;
    assert_eq!(described["structuredContent"]["cancellations"], json!([]));
}

/// Returns the JSON text and the bytes of a streamed resource, read piece by piece.
async fn streamed(client: &InProcessClient, uri: &str) -> (Vec<u8>, Vec<u8>) {
    let answer = client.read_streamed(&json!({ "uri": uri })).await.unwrap();
    let ReadAnswer::Streamed(mut read) = answer else {
        panic!("{uri}: {answer:?}");
    };
    let beginning = [read.head(), read.tail()].concat();
    let beginning: Value = serde_json::from_slice(&beginning).unwrap();
    let blob = beginning["contents"][0]["blob"].as_str().unwrap();
    let mut bytes = STANDARD.decode(blob).unwrap();
    let mut text = read.head().to_vec();
    while let Some(piece) = read.piece().await.unwrap() {
        bytes.extend(STANDARD.decode(&piece).unwrap());
        text.extend_from_slice(&piece);
    }
    text.extend_from_slice(read.tail());
    (text, bytes)
}

#[tokio::test]
async fn a_stream_is_read_piece_by_piece() {
    let client = InProcessClient::builder()
        .connect(&server("streams-0.3"))
        .await
        .unwrap();
    for uri in [
        "stream:1",
        "stream:3",
        "stream:200000",
        "stream:200000?begun=5",
    ] {
        let (text, bytes) = streamed(&client, uri).await;
        let params = json!({ "uri": uri });
        let whole = client.request("resources/read", &params).await.unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), whole.get(), "{uri}");
        let whole: Value = serde_json::from_str(whole.get()).unwrap();
        let blob = whole["contents"][0]["blob"].as_str().unwrap();
        assert!(bytes == STANDARD.decode(blob).unwrap(), "{uri}");
    }
    let plain = client.read_streamed(&json!({ "uri": "plain:a" })).await;
    assert!(matches!(plain, Ok(ReadAnswer::Whole(_))), "{plain:?}");
    let unknown = client.read_streamed(&json!({ "uri": "x:y" })).await;
    assert!(
        matches!(unknown, Err(ClientError::Answered { code: -32002, .. })),
        "{unknown:?}"
    );

    let uri = "stream:300000?fail=200000";
    let answer = client.read_streamed(&json!({ "uri": uri })).await.unwrap();
    let ReadAnswer::Streamed(mut read) = answer else {
        panic!("{answer:?}");
    };
    let end = loop {
        match read.piece().await {
            Ok(Some(_)) => {}
            end => break end,
        }
    };
    assert!(end.is_err(), "it is incomplete");
}

#[tokio::test]
async fn answers_are_json_text() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let params_seen = Arc::clone(&seen);
    let client = InProcessClient::builder()
        .on_request("elicitation", "elicitation/create", move |params| {
            params_seen.lock().unwrap().push(params.get().to_owned());
            async {
                let text = r#"{"action":"accept","content":{"name":"Ada","age":36}}"#;
                Ok(RawValue::from_string(text.to_owned()).unwrap())
            }
        })
        .on_request("sampling", "sampling/createMessage", |_| async {
            Err(RpcError::new(-1, "no model today"))
        })
        .connect(&server("reference-backend-0.3"))
        .await
        .unwrap();
    let answered = call(&client, "elicit", json!({})).await;
    assert_eq!(
        answered["structuredContent"],
        json!({ "action": "accept", "content": { "name": "Ada", "age": 36 } })
    );
    let params: Value = serde_json::from_str(&seen.lock().unwrap()[0]).unwrap();
    assert_eq!(params["message"], "Please fill in the form.");
    let refused = call(&client, "sample", json!({ "prompt": "a" })).await;
    assert_eq!(refused["isError"], true);
    let text = refused["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("no model today"), "{text}");
}

/// A handler that never answers: tells when it begins and when its future is dropped.
struct Endless {
    began: mpsc::UnboundedSender<()>,
    dropped: mpsc::UnboundedSender<()>,
}

impl Endless {
    /// Returns it with what it tells: its beginnings and its ends.
    fn new() -> (Arc<Self>, Told, Told) {
        let (began, beginnings) = mpsc::unbounded_channel();
        let (dropped, ends) = mpsc::unbounded_channel();
        (
            Arc::new(Self { began, dropped }),
            Told(beginnings),
            Told(ends),
        )
    }

    async fn run<T>(self: Arc<Self>) -> T {
        struct Guard(Arc<Endless>);
        impl Drop for Guard {
            fn drop(&mut self) {
                let _ = self.0.dropped.send(());
            }
        }
        let guard = Guard(self);
        let _ = guard.0.began.send(());
        std::future::pending().await
    }
}

/// The times at which something happened.
struct Told(mpsc::UnboundedReceiver<()>);

impl Told {
    async fn next(&mut self, what: &str) {
        let told = tokio::time::timeout(PATIENCE, self.0.recv()).await;
        assert_eq!(told, Ok(Some(())), "{what}");
    }
}

/// The tools that ask, with their arguments, and the capability and the request of each.
fn asking() -> [(&'static str, Value, &'static str, &'static str); 3] {
    [
        ("elicit", json!({}), "elicitation", "elicitation/create"),
        (
            "sample",
            json!({ "prompt": "a" }),
            "sampling",
            "sampling/createMessage",
        ),
        ("list-roots", json!({}), "roots", "roots/list"),
    ]
}

#[tokio::test]
async fn a_handler_ends_with_the_request_that_asked() {
    for name in [
        "reference-backend-0.2",
        "reference-service-0.2",
        "reference-backend-0.3",
        "reference-service-0.3",
    ] {
        // Without roots, which the component also lists by itself when the session begins.
        for (tool, arguments, capability, method) in asking().into_iter().take(2) {
            let (endless, mut beginnings, mut ends) = Endless::new();
            let client = InProcessClient::builder()
                .on_request(capability, method, move |_| Arc::clone(&endless).run())
                .connect(&server(name))
                .await
                .unwrap();
            // Twice: an instance of 0.2 is free for the next call only then.
            for _ in 0..2 {
                tokio::select! {
                    _ = call(&client, tool, arguments.clone()) => unreachable!("{name} {tool}"),
                    () = beginnings.next(tool) => {}
                }
                ends.next(&format!("{name} {tool}")).await;
            }
            assert!(ends.0.is_empty(), "{name} {tool}: one end each");
        }
    }
}

#[tokio::test]
async fn a_handler_ends_when_its_time_is_over() {
    for name in ["reference-backend-0.2", "reference-backend-0.3"] {
        for (tool, arguments, capability, method) in asking() {
            let mut options = ServerOptions::default();
            options.limits.ask_time = Duration::from_millis(50);
            let (endless, _, mut ends) = Endless::new();
            let client = InProcessClient::builder()
                .on_request(capability, method, move |_| Arc::clone(&endless).run())
                .connect(&server_with(name, options))
                .await
                .unwrap();
            let failed = call(&client, tool, arguments).await;
            assert_eq!(failed["structuredContent"]["code"], "timeout", "{failed}");
            ends.next(&format!("{name} {tool}")).await;
        }
    }
}

#[tokio::test]
async fn a_handler_ends_when_the_component_drops_its_question() {
    for name in ["reference-backend-0.3", "reference-service-0.3"] {
        // The handlers of the quicker party wait until that of the other one is asked and, the
        // second time, has ended.
        let (endless, beginnings, ends) = Endless::new();
        let signs = Arc::new(tokio::sync::Mutex::new((beginnings, ends)));
        let client = InProcessClient::builder()
            .on_request("sampling", "sampling/createMessage", move |_| {
                Arc::clone(&endless).run()
            })
            .on_request("elicitation", "elicitation/create", move |params| {
                let signs = Arc::clone(&signs);
                async move {
                    let (beginnings, ends) = &mut *signs.lock().await;
                    let text = if params.get().contains("Is the user right?") {
                        ends.next("the model's end").await;
                        r#"{"action":"accept","content":{"agreed":true}}"#
                    } else {
                        beginnings.next("the model's beginning").await;
                        r#"{"action":"accept","content":{"answer":"42"}}"#
                    };
                    Ok(RawValue::from_string(text.to_owned()).unwrap())
                }
            })
            .connect(&server(name))
            .await
            .unwrap();
        let answered = call(&client, "ask-user-and-model", json!({})).await;
        assert_eq!(
            answered["structuredContent"],
            json!({
                "first": "user",
                "confirmation": { "action": "accept", "content": { "agreed": true } },
            }),
            "{name}"
        );

        let (endless, beginnings, ends) = Endless::new();
        let beginnings = Arc::new(tokio::sync::Mutex::new(beginnings));
        let ends = Arc::new(tokio::sync::Mutex::new(ends));
        let client = InProcessClient::builder()
            .on_request("sampling", "sampling/createMessage", move |_| {
                let beginnings = Arc::clone(&beginnings);
                async move {
                    beginnings.lock().await.next("the user's beginning").await;
                    let content = json!({ "type": "text", "text": "42" });
                    let result = json!({ "role": "assistant", "model": "m", "content": content });
                    Ok(RawValue::from_string(result.to_string()).unwrap())
                }
            })
            .on_request("elicitation", "elicitation/create", move |params| {
                let (endless, ends) = (Arc::clone(&endless), Arc::clone(&ends));
                async move {
                    if !params.get().contains("Is the model right?") {
                        return endless.run().await;
                    }
                    ends.lock().await.next("the user's end").await;
                    Ok(RawValue::from_string(r#"{"action":"decline"}"#.to_owned()).unwrap())
                }
            })
            .connect(&server(name))
            .await
            .unwrap();
        let answered = call(&client, "ask-user-and-model", json!({})).await;
        assert_eq!(
            answered["structuredContent"],
            json!({
                "first": "model",
                "confirmation": { "action": "decline", "content": null },
            }),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_client_ends_its_session_gracefully() {
    let server = server("reference-backend-0.3");
    let client = InProcessClient::builder().connect(&server).await.unwrap();
    let ended = tokio::time::timeout(PATIENCE, client.finish(PATIENCE)).await;
    assert!(ended.is_ok(), "an idle session ends at once");
}

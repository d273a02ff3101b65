//! Each limit, once reached: a clear error, and everything else continues.

mod messages;
mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use support::{Client, PROBES, REFERENCE, server_with};
use tokio::sync::Notify;
use wasi_mcp_host::component::instance::InstanceLimits;
use wasi_mcp_host::protocol::{Framing, Limits, Outgoing, Route, StreamId};
use wasi_mcp_host::session::{Outlet, Receipt, Server, ServerOptions, Session, StreamedResponse};
use wasi_mcp_host::telemetry::{Limit, SessionEnd};

fn with_limits(limits: Limits) -> ServerOptions {
    let mut options = ServerOptions::default();
    options.limits = limits;
    options
}

fn with_instance(instance: InstanceLimits) -> ServerOptions {
    let mut options = ServerOptions::default();
    options.instance = instance;
    options
}

/// Asserts that this is an error of this code, with these parts in its message.
fn assert_error(answer: &Value, code: i32, parts: &[&str]) {
    assert_eq!(answer["error"]["code"], code, "{answer}");
    let message = answer["error"]["message"].as_str().unwrap();
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
}

/// The time after which a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Retries until the answer is a result.
async fn in_the_end(mut client: impl AsyncFnMut() -> Value) -> Value {
    let asking = async {
        loop {
            let answer = client().await;
            if answer.get("error").is_none() {
                break answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let answer = tokio::time::timeout(PATIENCE, asking).await;
    answer.expect("a result in time")
}

/// A session whose client reads nothing until it is told to.
struct Hoarder {
    session: Session,
    outbox: Arc<Outbox>,
    next: u64,
}

#[derive(Default)]
struct Outbox {
    messages: Mutex<Vec<Vec<u8>>>,
    sent: Notify,
}

impl Outlet for Outbox {
    fn send(&self, _route: Route, message: Outgoing) {
        self.messages.lock().unwrap().push(message.text);
        self.sent.notify_one();
    }

    fn send_streamed(&self, _stream: StreamId, _response: StreamedResponse) {
        unreachable!("no resource is streamed");
    }

    fn unread_bytes(&self) -> usize {
        self.messages.lock().unwrap().iter().map(Vec::len).sum()
    }

    fn end(&self, _stream: StreamId) {}
}

impl Hoarder {
    async fn connect(server: &Arc<Server>) -> Self {
        let outbox = Arc::new(Outbox::default());
        let session = server.open(Framing::Stdio, Arc::<Outbox>::clone(&outbox));
        let mut hoarder = Self {
            session,
            outbox,
            next: 1,
        };
        let params = messages::initialize(json!({ "elicitation": {} }));
        hoarder.send(&messages::request(0, "initialize", params));
        let initialized = hoarder.wait_for(0).await;
        assert!(initialized["result"].is_object(), "{initialized}");
        hoarder.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        hoarder.take();
        hoarder
    }

    fn send(&mut self, message: &Value) {
        let stream = StreamId(self.next);
        let receipt = self.session.receive(stream, message.to_string().as_bytes());
        assert!(
            matches!(receipt, Receipt::Pending | Receipt::Accepted),
            "{receipt:?}"
        );
    }

    fn call(&mut self, tool: &str, arguments: Value) -> u64 {
        let id = self.next;
        self.send(&json!({
            "jsonrpc": "2.0",
            "id": id,
            "method": "tools/call",
            "params": { "name": tool, "arguments": arguments },
        }));
        self.next += 1;
        id
    }

    /// Waits until the response with this id has arrived, and leaves it unread.
    async fn wait_for(&self, id: u64) -> Value {
        let waiting = tokio::time::timeout(PATIENCE, self.response(id));
        waiting.await.expect("a response in time")
    }

    async fn response(&self, id: u64) -> Value {
        loop {
            let found = self
                .messages()
                .into_iter()
                .find(|message| message["id"] == id && message.get("method").is_none());
            match found {
                Some(found) => return found,
                None => self.outbox.sent.notified().await,
            }
        }
    }

    fn messages(&self) -> Vec<Value> {
        let messages = self.outbox.messages.lock().unwrap();
        let parsed = messages
            .iter()
            .map(|message| serde_json::from_slice(message));
        parsed.map(Result::unwrap).collect()
    }

    /// Lets the client read everything.
    fn take(&self) {
        self.outbox.messages.lock().unwrap().clear();
    }
}

#[tokio::test]
async fn a_session_computes_no_longer_in_all_than_it_may() {
    let mut limits = InstanceLimits::default();
    limits.computing_in_all = Some(Duration::from_millis(500));
    let options = with_instance(limits);
    for name in REFERENCE {
        let server = server_with(name, options.clone());
        let mut spendthrift = Client::connect(&server).await;
        let stopped = spendthrift.tool("spin", json!({})).await;
        assert_error(&stopped, -32603, &["used up", "500ms"]);
        // A further instance does not extend the budget.
        for _ in 0..2 {
            let refused = spendthrift.tool("echo", json!({ "text": "?" })).await;
            assert_error(&refused, -32603, &["used up", "500ms"]);
        }
        let ping = spendthrift.request("ping", json!({})).await;
        assert_eq!(ping["result"], json!({}), "{name}: {ping}");
        Client::connect(&server).await.assert_alive().await;
    }
}

#[tokio::test]
async fn waiting_is_no_computing() {
    let mut limits = InstanceLimits::default();
    limits.computing_in_all = Some(Duration::from_secs(2));
    let options = with_instance(limits);
    for name in ["reference-backend-0.2", "reference-backend-0.3"] {
        let mut client = Client::connect(&server_with(name, options.clone())).await;
        let slept = client.tool("sleep", json!({ "milliseconds": 2_100 })).await;
        assert!(slept["result"].is_object(), "{name}: {slept}");
        client.assert_alive().await;
    }
}

#[tokio::test]
async fn there_are_no_more_instances_than_there_may_be() {
    let mut options = ServerOptions::default();
    options.max_instances = 1;
    for name in ["reference-backend-0.2", "reference-service-0.3"] {
        let server = server_with(name, options.clone());
        let mut first = Client::connect(&server).await;
        let mut second = Client::open(&server);
        let initialize = messages::initialize(json!({}));
        for _ in 0..2 {
            let refused = second.request("initialize", initialize.clone()).await;
            assert_error(&refused, -32603, &["as many instances", "try again"]);
        }
        // A lost instance keeps its permit for the next one of its session, however long that
        // takes: one that has done no work is not replaced at once.
        first.tool("trap", json!({})).await;
        let refused = second.request("initialize", initialize.clone()).await;
        assert_error(&refused, -32603, &["as many instances", "try again"]);
        first.assert_alive().await;
        first.close().await;
        // Its permit is free once the task behind it has ended.
        let again = async || second.request("initialize", initialize.clone()).await;
        let accepted = in_the_end(again).await;
        assert!(accepted["result"].is_object(), "{name}: {accepted}");
    }
}

#[tokio::test]
async fn requests_in_work_are_bounded_in_a_session_and_overall() {
    let mut overall = ServerOptions::default();
    overall.max_requests = 2;
    let mut limits = Limits::default();
    limits.requests_in_flight = 2;
    let in_a_session = with_limits(limits);
    for (options, is_overall) in [(overall, true), (in_a_session, false)] {
        let server = server_with("reference-backend-0.3", options);
        let mut busy = Client::connect(&server).await;
        let mut other = Client::connect(&server).await;
        let mut waiting = Vec::new();
        for _ in 0..2 {
            waiting.push(busy.start_tool("wait-until-cancelled", json!({})).await);
        }
        let refused = busy.tool("echo", json!({ "text": "?" })).await;
        assert_error(&refused, -32000, &["try again later"]);
        let ping = busy.request("ping", json!({})).await;
        assert_eq!(ping["result"], json!({}), "what needs no work is answered");
        if is_overall {
            let refused = other.tool("echo", json!({ "text": "?" })).await;
            assert_error(&refused, -32000, &["try again later"]);
        } else {
            other.assert_alive().await;
        }
        for id in waiting {
            busy.notify("notifications/cancelled", json!({ "requestId": id }))
                .await;
        }
        // The guest has not returned from either yet.
        for client in [&mut busy, &mut other] {
            in_the_end(async || client.tool("echo", json!({ "text": "!" })).await).await;
        }
    }
}

#[tokio::test]
async fn a_session_that_ends_gives_its_places_back() {
    let mut options = ServerOptions::default();
    options.max_requests = 1;
    let server = server_with("reference-backend-0.3", options);
    let mut first = Hoarder::connect(&server).await;
    first.call("wait-until-cancelled", json!({}));
    let mut second = Client::connect(&server).await;
    let refused = second.tool("echo", json!({ "text": "?" })).await;
    assert_error(&refused, -32000, &["try again later"]);
    first.session.close(SessionEnd::Client);
    second.assert_alive().await;
}

#[tokio::test]
async fn the_text_of_requests_in_flight_is_bounded() {
    // A guest for 0.2 handles one call at a time, and leaves the others in the queue.
    for name in ["reference-backend-0.2", "reference-service-0.2"] {
        let mut options = ServerOptions::default();
        options.max_requests_bytes = 100_000;
        let server = server_with(name, options);
        let mut busy = Client::connect(&server).await;
        let text = "x".repeat(60_000);
        let waiting = busy.start_tool("wait-until-cancelled", json!({})).await;
        let queued = busy.start_tool("echo", json!({ "text": text })).await;
        // It is answered at once, so what was sent before it has arrived.
        busy.request("ping", json!({})).await;
        let mut other = Client::connect(&server).await;
        let refused = other.tool("echo", json!({ "text": text })).await;
        assert_error(&refused, -32000, &["try again later"]);
        assert!(server.telemetry().limits.get(Limit::RequestMemory) > 0);
        other.assert_alive().await;
        busy.notify("notifications/cancelled", json!({ "requestId": waiting }))
            .await;
        busy.response(queued).await;
        in_the_end(async || other.tool("echo", json!({ "text": text })).await).await;
    }
}

#[tokio::test]
async fn a_result_is_no_larger_than_it_may_be() {
    const LIMIT: usize = 100_000;
    let mut limits = Limits::default();
    limits.result_bytes = LIMIT;
    let options = with_limits(limits);
    for name in PROBES {
        let server = server_with(name, options.clone());
        let mut client = Client::connect(&server).await;
        let reached = || server.telemetry().limits.get(Limit::ResultBytes);
        for (kind, too_many) in [
            ("text", LIMIT),
            ("escaped", LIMIT / 6),
            ("binary", LIMIT / 4 * 3),
            ("blocks", LIMIT / 24),
            ("json", LIMIT),
            ("error", LIMIT),
        ] {
            let large = |bytes: usize| json!({ "kind": kind, "bytes": bytes });
            let before = reached();
            let refused = client.tool("large-result", large(too_many)).await;
            assert_error(&refused, -32603, &["at most 100000 bytes"]);
            assert_eq!(reached(), before + 1, "{name} {kind}");
            let answer = client.tool("large-result", large(too_many / 10)).await;
            let is_there = answer.get("result").is_some() || kind == "error";
            assert!(is_there, "{name} {kind}: {answer}");
            assert!(
                !answer.to_string().contains("at most"),
                "{name} {kind}: {answer}"
            );
        }
        for (bytes, expected) in [(LIMIT, "invalid-params"), (LIMIT / 10, "ok")] {
            let told = client.tool("large-log", json!({ "bytes": bytes })).await;
            let answer = &told["result"]["structuredContent"]["log"];
            assert_eq!(answer, expected, "{name}: {told}");
        }
        let before = reached();
        let asked = client
            .tool("ask-much", json!({ "bytes": LIMIT, "count": 1 }))
            .await;
        assert_eq!(reached(), before + 1, "{name}");
        let answer = &asked["result"]["structuredContent"]["refused"];
        assert_eq!(answer, "invalid-params", "{name}: {asked}");
    }
}

#[tokio::test]
async fn a_component_registers_no_more_than_it_may() {
    let mut limits = InstanceLimits::default();
    limits.catalog_bytes = 1 << 20;
    let options = with_instance(limits);
    for name in PROBES {
        let mut client = Client::connect(&server_with(name, options.clone())).await;
        for _ in 0..2 {
            let told = client
                .tool("register-much", json!({ "bytes": 100_000 }))
                .await;
            let report = &told["result"]["structuredContent"];
            assert_eq!(report["answer"], "invalid-params", "{name}: {told}");
            assert_eq!(report["registered"], 10, "{name}: {told}");
        }
    }
}

#[tokio::test]
async fn a_component_holds_no_more_handles_than_it_may() {
    for name in PROBES {
        let mut client = Client::connect(&server_with(name, ServerOptions::default())).await;
        let hoarded = client.tool("hoard-contexts", json!({})).await;
        assert_error(&hoarded, -32603, &["the component"]);
        let echoed = client.tool("echo", json!({ "text": "still here" })).await;
        assert!(echoed["result"].is_object(), "{name}: {echoed}");
    }
}

#[tokio::test]
async fn what_a_client_does_not_take_is_bounded_by_bytes() {
    const LIMIT: usize = 1 << 20;
    let mut limits = Limits::default();
    limits.unread_bytes = LIMIT;
    let options = with_limits(limits);
    for name in PROBES {
        let mut client = Hoarder::connect(&server_with(name, options.clone())).await;
        let large = json!({ "kind": "text", "bytes": LIMIT / 2 });
        let mut answers = Vec::new();
        for _ in 0..20 {
            let id = client.call("large-result", large.clone());
            answers.push(client.wait_for(id).await);
        }
        assert!(
            client.outbox.unread_bytes() < 2 * LIMIT,
            "{name}: no more is kept than the limit and one result"
        );
        let (results, errors) = answers.split_at(3);
        let is_result = |answer: &Value| answer.get("result").is_some();
        // Two are just below the limit.
        assert!(results[..2].iter().all(is_result), "{name}");
        for error in errors {
            assert_error(error, -32000, &["yet to take", "1048576"]);
        }
        client.take();
        let id = client.call("large-result", large);
        assert!(is_result(&client.wait_for(id).await), "{name}");
    }
}

#[tokio::test]
async fn a_component_asks_nothing_while_the_client_takes_nothing() {
    const LIMIT: usize = 1 << 20;
    let mut limits = Limits::default();
    limits.unread_bytes = LIMIT;
    let options = with_limits(limits);
    let server = server_with("probes-backend-0.3", options);
    let mut client = Hoarder::connect(&server).await;
    let id = client.call("ask-much", json!({ "bytes": LIMIT / 4, "count": 50 }));
    let told = client.wait_for(id).await;
    let report = &told["result"]["structuredContent"];
    // The report itself is a result that is not sent meanwhile.
    assert_error(&told, -32000, &["yet to take"]);
    assert_eq!(report, &Value::Null, "{told}");
    let asked = client.messages();
    let asked = asked
        .iter()
        .filter(|message| message["method"] == "elicitation/create");
    assert!((4..=5).contains(&asked.count()), "the others were refused");
    assert!(client.outbox.unread_bytes() < LIMIT + LIMIT / 2);
    client.take();
    let id = client.call("echo", json!({ "text": "!" }));
    let echoed = client.wait_for(id).await;
    assert!(echoed["result"].is_object(), "{echoed}");
}

#[tokio::test]
async fn the_number_of_requests_to_the_client_is_bounded() {
    let mut limits = Limits::default();
    limits.asks_in_flight = 3;
    let options = with_limits(limits);
    let server = server_with("probes-backend-0.3", options);
    let mut client = Client::connect(&server).await;
    let told = client
        .tool("ask-much", json!({ "bytes": 10, "count": 50 }))
        .await;
    let report = &told["result"]["structuredContent"];
    assert_eq!(report["refused"], "internal-error", "{told}");
    let asked = support::methods(&client.interim);
    let asked = asked
        .iter()
        .filter(|method| **method == "elicitation/create");
    assert_eq!(asked.count(), 3);
}

#[tokio::test]
async fn lines_and_levels_are_bounded() {
    let mut limits = Limits::default();
    limits.message_bytes = 1000;
    limits.depth = 10;
    let options = with_limits(limits);
    let server = server_with("reference-backend-0.3", options);
    let mut client = Client::connect(&server).await;
    let reached = |limit| server.telemetry().limits.get(limit);
    let text = "x".repeat(1000);
    client
        .send(&json!({ "jsonrpc": "2.0", "id": 99, "method": "ping", "params": { "x": text } }))
        .await;
    let refused = client.next().await.unwrap();
    assert_error(&refused, -32600, &["larger than 1000 bytes"]);
    assert_eq!(reached(Limit::MessageBytes), 1);
    let deep = format!("{}{}", "[".repeat(10), "]".repeat(10));
    let line = format!(r#"{{"jsonrpc":"2.0","id":98,"method":"ping","params":{{"x":{deep}}}}}"#);
    client.send_line(line.as_bytes()).await;
    let refused = client.next().await.unwrap();
    assert_error(&refused, -32700, &["10 levels"]);
    client.send_line(deep.as_bytes()).await;
    let refused = client.next().await.unwrap();
    assert_error(&refused, -32600, &["batches"]);
    assert_eq!(reached(Limit::MessageDepth), 1);
    client.send_line(format!("[{deep}]").as_bytes()).await;
    let refused = client.next().await.unwrap();
    assert_error(&refused, -32700, &["10 levels"]);
    assert_eq!(reached(Limit::MessageDepth), 2);
    client.assert_alive().await;
}

#[tokio::test]
async fn subscriptions_are_bounded_in_number_and_in_bytes() {
    let change_limits: [fn(&mut Limits); 2] = [
        |limits| limits.subscriptions = 2,
        |limits| limits.subscription_bytes = 2 * "probe:///a".len(),
    ];
    for change in change_limits {
        let mut options = ServerOptions::default();
        change(&mut options.limits);
        let server = server_with("probes-backend-0.3", options);
        let mut client = Client::connect(&server).await;
        let uri = |name: &str| json!({ "uri": format!("probe:///{name}") });
        for name in ["a", "b", "a"] {
            let answer = client.request("resources/subscribe", uri(name)).await;
            assert_eq!(answer["result"], json!({}), "{name}: {answer}");
        }
        let refused = client.request("resources/subscribe", uri("c")).await;
        assert_error(&refused, -32000, &["subscriptions"]);
        client.request("resources/unsubscribe", uri("a")).await;
        let answer = client.request("resources/subscribe", uri("c")).await;
        assert_eq!(answer["result"], json!({}), "{answer}");
    }
}

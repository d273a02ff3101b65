//! `--isolation call`: an instance for each call.

mod messages;
mod support;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use support::{Client, REFERENCE, server_with};
use wasi_mcp_host::component::Isolation;
use wasi_mcp_host::protocol::{Framing, Outgoing, Route, StreamId};
use wasi_mcp_host::session::{Outlet, Receipt, Server, ServerOptions, StreamedResponse};
use wasi_mcp_host::telemetry::Limit;

fn options() -> ServerOptions {
    let mut options = ServerOptions::default();
    options.isolation = Isolation::Call;
    options
}

/// A client that reads nothing.
struct Nowhere;

impl Outlet for Nowhere {
    fn send(&self, _route: Route, _message: Outgoing) {}
    fn end(&self, _stream: StreamId) {}

    fn send_streamed(&self, _stream: StreamId, _response: StreamedResponse) {
        unreachable!("no resource is streamed");
    }

    fn unread_bytes(&self) -> usize {
        0
    }
}

fn server(name: &str) -> Arc<Server> {
    server_with(name, options())
}

/// Opens a session and returns it with the answer to `initialize`.
async fn connected(server: &Arc<Server>) -> (Client, Value) {
    let mut client = Client::open(server);
    let capabilities = json!({ "sampling": {}, "elicitation": {}, "roots": {} });
    let params = messages::initialize(capabilities);
    let answer = client.request("initialize", params).await;
    client.notify("notifications/initialized", json!({})).await;
    (client, answer["result"].clone())
}

#[tokio::test]
async fn no_call_sees_what_another_left() {
    for name in REFERENCE {
        let server = server(name);
        let mut client = Client::connect(&server).await;
        for _ in 0..3 {
            client.tool("touch-resource", json!({})).await;
            let told = client.tool("describe-instance", json!({})).await;
            let told = &told["result"]["structuredContent"];
            assert_eq!(told["calls"], 1, "{name}: its own call alone: {told}");
            assert_eq!(told["watchedVersion"], 0, "{name}: {told}");
            assert_eq!(told["initialized"], 0, "{name}: no client events: {told}");
        }
        assert_eq!(server.live_counts().instances(), 0, "{name}");
        // The first instance declared the server; then one for each call.
        assert_eq!(server.live_counts().instances_made(), 7, "{name}");
    }
}

#[tokio::test]
async fn the_session_keeps_lists_and_log_level() {
    for name in REFERENCE {
        let mut client = Client::connect(&server(name)).await;
        let listed = client.request("tools/list", json!({})).await;
        let tools = listed["result"]["tools"].as_array().unwrap();
        assert!(tools.len() > 20, "{name}: {listed}");
        let set = client
            .request("logging/setLevel", json!({ "level": "error" }))
            .await;
        assert_eq!(set["result"], json!({}), "{name}");
        let told = client.tool("describe-request", json!({})).await;
        let level = &told["result"]["structuredContent"]["client"]["logLevel"];
        assert_eq!(level, "error", "{name}: {told}");
        let unknown = client.tool("no-such-tool", json!({})).await;
        assert_eq!(unknown["error"]["code"], -32602, "{name}: {unknown}");
    }
}

#[tokio::test]
async fn what_an_instance_cannot_keep_is_not_declared() {
    for name in REFERENCE {
        let (mut client, initialized) = connected(&server(name)).await;
        let declared = &initialized["capabilities"];
        assert!(declared["resources"].is_object(), "{name}: {declared}");
        assert!(
            declared["resources"].get("subscribe").is_none(),
            "{name}: {declared}"
        );
        for list in ["tools", "resources", "prompts"] {
            // A service lists its own items.
            let is_declared = declared[list].get("listChanged").is_some();
            assert_eq!(is_declared, name.contains("service"), "{name}: {declared}");
        }
        let refused = client
            .request(
                "resources/subscribe",
                json!({ "uri": "test://watched-resource" }),
            )
            .await;
        assert_eq!(refused["error"]["code"], -32601, "{name}: {refused}");
    }
}

#[tokio::test]
async fn registering_after_serve_is_refused() {
    for name in ["reference-backend-0.2", "reference-backend-0.3"] {
        let mut client = Client::connect(&server(name)).await;
        let refused = client.tool("add-entries", json!({})).await;
        assert_eq!(refused["result"]["isError"], true, "{name}: {refused}");
        let text = refused["result"]["content"][0]["text"].as_str().unwrap();
        assert!(text.contains("instance of its own"), "{name}: {text}");
    }
}

#[tokio::test]
async fn calls_run_side_by_side_also_where_the_guest_blocks() {
    for name in REFERENCE {
        let mut client = Client::connect(&server(name)).await;
        let long = client
            .start_tool("sleep", json!({ "milliseconds": 600_000 }))
            .await;
        client.assert_alive().await;
        client
            .notify("notifications/cancelled", json!({ "requestId": long }))
            .await;
        client.assert_alive().await;
    }
}

#[tokio::test]
async fn no_more_instances_than_allowed_and_the_rest_waits() {
    for name in REFERENCE {
        let mut options = options();
        options.instances_per_session = 2;
        let server = server_with(name, options);
        let mut client = Client::connect(&server).await;
        let mut calls = Vec::new();
        for _ in 0..2 {
            calls.push(client.start_tool("wait-until-cancelled", json!({})).await);
        }
        let third = client.start_tool("echo", json!({ "text": "late" })).await;
        // The host answers this once all calls before it have started, or wait.
        client.request("ping", json!({})).await;
        while server.live_counts().calls() < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(server.live_counts().instances(), 2, "{name}");
        let reached = || server.telemetry().limits.get(Limit::SessionInstances);
        assert_eq!(reached(), 0, "{name}");
        client
            .notify("notifications/cancelled", json!({ "requestId": calls[0] }))
            .await;
        let answer = client.response(third).await;
        assert_eq!(answer["result"]["content"][0]["text"], "late", "{name}");
        assert_eq!(reached(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_fault_costs_its_call_alone() {
    for name in REFERENCE {
        let server = server(name);
        let mut client = Client::connect(&server).await;
        let waiting = client
            .start_tool("sleep", json!({ "milliseconds": 300 }))
            .await;
        for tool in ["trap", "panic", "exit", "recurse"] {
            let answer = client.tool(tool, json!({})).await;
            assert_eq!(answer["error"]["code"], -32603, "{name} {tool}: {answer}");
            let message = answer["error"]["message"].as_str().unwrap();
            let says_what = message.contains("trapped") || message.contains("exited with status");
            let says_where = message.ends_with(&format!("while it ran the tool \"{tool}\""));
            assert!(says_what && says_where, "{name} {tool}: {message}");
        }
        let slept = client.response(waiting).await;
        assert_eq!(
            slept["result"]["content"][0]["text"], "Slept 300 ms",
            "{name}: {slept}"
        );
        assert_eq!(server.live_counts().instances_lost(), 4, "{name}");
        assert_eq!(server.live_counts().instances(), 0, "{name}");
    }
}

#[tokio::test]
async fn limits_of_time_and_memory_hold_for_each_call() {
    let mut options = options();
    options.instance.computing = Duration::from_millis(200);
    options.instance.memory_bytes = 16 << 20;
    for name in REFERENCE {
        let mut client = Client::connect(&server_with(name, options.clone())).await;
        let spinning = client.start_tool("spin", json!({})).await;
        client.assert_alive().await;
        let stopped = client.response(spinning).await;
        let message = stopped["error"]["message"].as_str().unwrap();
        assert!(message.contains("without yielding"), "{name}: {message}");
        let refused = client.tool("allocate", json!({ "megabytes": 64 })).await;
        assert_eq!(refused["error"]["code"], -32603, "{name}: {refused}");
        client.assert_alive().await;
    }
}

#[tokio::test]
async fn an_instance_whose_call_goes_on_past_its_time_is_dropped() {
    for name in REFERENCE {
        let mut options = options();
        options.limits.request_time = Duration::from_millis(200);
        options.cancelled_call_grace = Duration::from_millis(100);
        let server = server_with(name, options);
        let mut client = Client::connect(&server).await;
        let sleeping = client
            .start_tool("sleep", json!({ "milliseconds": 600_000 }))
            .await;
        let timed_out = client.response(sleeping).await;
        let message = timed_out["error"]["message"].as_str().unwrap();
        assert!(message.contains("timed out"), "{name}: {message}");
        // Nothing waits for the instance, and yet it is dropped.
        while server.live_counts().instances() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(server.live_counts().instances_lost(), 1, "{name}");
        assert!(client.interim.is_empty(), "{name}: {:?}", client.interim);
    }
}

#[tokio::test]
async fn the_guest_asks_its_client_and_reports_as_ever() {
    for name in REFERENCE {
        let mut client = Client::connect(&server(name)).await;
        let sampling = client
            .start_tool("test_sampling", json!({ "prompt": "?" }))
            .await;
        let asked = client.asked("sampling/createMessage").await;
        let content = json!({ "type": "text", "text": "forty-two" });
        let result = json!({ "role": "assistant", "content": content, "model": "m" });
        client
            .send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": result }))
            .await;
        let answer = client.response(sampling).await;
        assert!(answer.to_string().contains("forty-two"), "{name}: {answer}");
    }
}

#[tokio::test]
async fn a_session_that_ends_takes_its_instances_with_it() {
    for name in REFERENCE {
        let server = server(name);
        let session = server.open(Framing::Http, Arc::new(Nowhere));
        let params = messages::initialize(json!({}));
        let send = |id: u64, method: &str, params: Value| {
            let request = messages::request(id, method, params);
            session.receive(StreamId(id), request.to_string().as_bytes())
        };
        assert_eq!(send(1, "initialize", params), Receipt::Pending);
        while session.in_flight() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let call = json!({ "name": "wait-until-cancelled", "arguments": {} });
        assert_eq!(send(2, "tools/call", call), Receipt::Pending);
        let live_counts = server.live_counts();
        while live_counts.calls() < 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(
            (live_counts.instances(), live_counts.sessions()),
            (1, 1),
            "{name}"
        );
        drop(session);
        while live_counts.instances() + live_counts.sessions() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

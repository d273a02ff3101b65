//! Exhausted instances are replaced between calls.

mod messages;
mod support;

use serde_json::json;
use support::{Client, REFERENCE, server_with};
use wasi_mcp_host::session::ServerOptions;

fn options(calls: Option<u64>, table_entries: usize) -> ServerOptions {
    let mut options = ServerOptions::default();
    options.instance.calls = calls;
    options.instance.table_entries = table_entries;
    options
}

async fn calls_seen(client: &mut Client) -> u64 {
    let told = client.tool("describe-instance", json!({})).await;
    told["result"]["structuredContent"]["calls"]
        .as_u64()
        .unwrap()
}

#[tokio::test]
async fn an_instance_goes_after_so_many_calls_and_its_subscriptions_stay() {
    for name in ["reference-backend-0.2", "reference-backend-0.3"] {
        let server = server_with(name, options(Some(3), 10_000));
        let mut client = Client::connect(&server).await;
        let uri = "test://watched-resource";
        // The client's first notification counted as a call, and so does this.
        client
            .request("resources/subscribe", json!({ "uri": uri }))
            .await;
        let mut seen = Vec::new();
        for _ in 0..6 {
            seen.push(calls_seen(&mut client).await);
        }
        assert_eq!(seen, [1, 1, 2, 3, 1, 2], "{name}");
        let told = client.tool("describe-instance", json!({})).await;
        assert_eq!(
            told["result"]["structuredContent"]["subscriptions"],
            json!([uri]),
            "{name}"
        );
        client.tool("touch-resource", json!({})).await;
        client.notified("notifications/resources/updated").await;
        assert!(server.live_counts().instances_replaced() >= 2, "{name}");
        assert_eq!(server.live_counts().instances_lost(), 0, "{name}");
    }
}

#[tokio::test]
async fn an_instance_with_calls_in_it_is_not_replaced() {
    let name = "reference-backend-0.3";
    let server = server_with(name, options(Some(4), 10_000));
    let mut client = Client::connect(&server).await;
    let waiting = client.start_tool("wait-until-cancelled", json!({})).await;
    for _ in 0..4 {
        client.assert_alive().await;
    }
    assert_eq!(server.live_counts().instances_replaced(), 0);
    // At twice the calls it accepts no more, and waits for the one in flight.
    let mut calls = Vec::new();
    for _ in 0..4 {
        calls.push(client.start_tool("echo", json!({ "text": "?" })).await);
    }
    client
        .notify("notifications/cancelled", json!({ "requestId": waiting }))
        .await;
    for call in calls {
        let answer = client.response(call).await;
        assert_eq!(answer["result"]["content"][0]["text"], "?", "{answer}");
    }
    client.assert_alive().await;
    assert_eq!(server.live_counts().instances_replaced(), 1);
}

#[tokio::test]
async fn an_instance_that_leaves_entries_behind_is_replaced() {
    // It releases everything it is given; in a composition, the engine keeps an entry for each
    // call.
    for (name, is_replaced) in [
        ("reference-service-0.2", false),
        ("reference-service-0.3", false),
        ("composed-0.2", false),
        ("composed-0.3", true),
    ] {
        let server = server_with(name, options(None, 64));
        let mut client = Client::connect(&server).await;
        for _ in 0..200 {
            client.assert_alive().await;
        }
        let live_counts = server.live_counts();
        let growth = live_counts.most_table_entries();
        assert_eq!(
            live_counts.instances_replaced() > 0,
            is_replaced,
            "{name}: grew by {growth}"
        );
        let most = if is_replaced { 2 * 64 } else { 4 };
        assert!(growth <= most, "{name}: grew by {growth}");
        assert_eq!(live_counts.instances(), 1, "{name}");
    }
}

#[tokio::test]
async fn an_instance_without_limits_reached_stays() {
    for name in REFERENCE {
        let server = server_with(name, ServerOptions::default());
        let mut client = Client::connect(&server).await;
        for calls in 1..=50 {
            assert_eq!(calls_seen(&mut client).await, calls, "{name}");
        }
        assert_eq!(server.live_counts().instances_made(), 1, "{name}");
    }
}

//! The cost of a misbehaving guest: its own calls in flight, and nothing else.

mod messages;
mod support;

use std::time::Duration;

use serde_json::json;
use support::{Client, REFERENCE, methods, server, server_with};
use wasi_mcp_host::session::ServerOptions;

#[tokio::test]
async fn a_trap_costs_its_call_and_neither_its_session_nor_its_neighbours() {
    for name in REFERENCE {
        let server = server(name);
        let mut neighbour = Client::connect(&server).await;
        let waiting = neighbour
            .start_tool("sleep", json!({ "milliseconds": 200 }))
            .await;
        let mut client = Client::connect(&server).await;

        for tool in ["trap", "panic", "exit", "recurse"] {
            let answer = client.tool(tool, json!({})).await;
            assert_eq!(answer["error"]["code"], -32603, "{name} {tool}: {answer}");
            let message = answer["error"]["message"].as_str().unwrap();
            assert!(
                message.contains("trapped") || message.contains("exited with status"),
                "{name} {tool}: {message}"
            );
            assert!(
                !message.contains('/'),
                "{name} {tool} names a path: {message}"
            );
            client.assert_alive().await;
        }
        let slept = neighbour.response(waiting).await;
        assert_eq!(
            slept["result"]["content"][0]["text"], "Slept 200 ms",
            "{name}: {slept}"
        );
        neighbour.assert_alive().await;
    }
}

#[tokio::test]
async fn a_trap_takes_the_calls_of_its_instance_with_it() {
    let mut client = Client::connect(&server("reference-backend-0.3")).await;
    let waiting = client.start_tool("wait-until-cancelled", json!({})).await;
    let trapping = client.start_tool("trap", json!({})).await;
    let mut answered = Vec::new();
    while answered.len() < 2 {
        let message = client.next().await.unwrap();
        assert_eq!(message["error"]["code"], -32603, "{message}");
        answered.push(message["id"].as_u64().unwrap());
    }
    answered.sort_unstable();
    assert_eq!(answered, [waiting, trapping]);
    client.assert_alive().await;
}

#[tokio::test]
async fn a_trap_with_no_call_in_flight_is_noticed() {
    let mut client = Client::connect(&server("reference-backend-0.3")).await;
    client.tool("add-entries", json!({})).await;
    let answer = client
        .tool("background-trap", json!({ "milliseconds": 50 }))
        .await;
    assert!(answer["result"].is_object(), "{answer}");
    client.interim.clear();
    // Nothing is sent from here on: the new instance has fewer tools, and the client is notified
    // unasked.
    client.notified("notifications/tools/list_changed").await;
    client.assert_alive().await;
}

#[tokio::test]
async fn a_new_instance_has_the_subscriptions_and_tells_of_other_lists() {
    for name in ["reference-backend-0.2", "reference-backend-0.3"] {
        let mut client = Client::connect(&server(name)).await;
        let uri = "test://watched-resource";
        let subscribed = client
            .request("resources/subscribe", json!({ "uri": uri }))
            .await;
        assert_eq!(subscribed["result"], json!({}), "{name}");
        client.tool("add-entries", json!({})).await;
        client.tool("trap", json!({})).await;
        client.interim.clear();

        let described = client.tool("describe-instance", json!({})).await;
        assert_eq!(
            described["result"]["structuredContent"]["subscriptions"],
            json!([uri]),
            "{name}: the subscription is repeated"
        );
        // The new instance has fewer tools.
        client.notified("notifications/tools/list_changed").await;
        client.tool("touch-resource", json!({})).await;
        client.notified("notifications/resources/updated").await;
    }
}

#[tokio::test]
async fn a_guest_that_computes_without_end_is_stopped_while_ping_is_answered() {
    let mut options = ServerOptions::default();
    options.instance.computing = Duration::from_millis(500);
    for name in REFERENCE {
        let mut client = Client::connect(&server_with(name, options.clone())).await;
        let spinning = client.start_tool("spin", json!({})).await;
        let ping = client.start("ping", json!({})).await;
        let first = client.next().await.unwrap();
        assert_eq!(
            first["id"], ping,
            "{name}: the ping is answered first: {first}"
        );
        let stopped = client.response(spinning).await;
        assert_eq!(stopped["error"]["code"], -32603, "{name}: {stopped}");
        let message = stopped["error"]["message"].as_str().unwrap();
        assert!(message.contains("without yielding"), "{name}: {message}");
        client.assert_alive().await;
    }
}

#[tokio::test]
async fn a_guest_cannot_have_more_memory_than_its_limit() {
    let mut options = ServerOptions::default();
    options.instance.memory_bytes = 16 << 20;
    for name in REFERENCE {
        let mut client = Client::connect(&server_with(name, options.clone())).await;
        let answer = client.tool("allocate", json!({ "megabytes": 64 })).await;
        assert_eq!(answer["error"]["code"], -32603, "{name}: {answer}");
        client.assert_alive().await;
        let answer = client.tool("allocate", json!({ "megabytes": 1 })).await;
        assert!(
            answer["result"].is_object(),
            "{name}: within the limit: {answer}"
        );
    }
}

#[tokio::test]
async fn a_blocking_guest_that_ignores_its_timeout_is_replaced_when_others_wait() {
    let mut options = ServerOptions::default();
    options.limits.request_time = Duration::from_millis(200);
    options.cancelled_call_grace = Duration::from_millis(100);
    let mut client = Client::connect(&server_with("reference-backend-0.2", options)).await;
    let sleeping = client
        .start_tool("sleep", json!({ "milliseconds": 600_000 }))
        .await;
    let timed_out = client.response(sleeping).await;
    assert_eq!(timed_out["error"]["code"], -32603, "{timed_out}");
    assert!(
        timed_out["error"]["message"]
            .as_str()
            .unwrap()
            .contains("timed out"),
        "{timed_out}"
    );
    client.assert_alive().await;
}

#[tokio::test]
async fn a_cancelled_call_that_goes_on_costs_the_instance_only_where_it_holds_others_up() {
    let mut options = ServerOptions::default();
    options.cancelled_call_grace = Duration::from_millis(200);
    for (name, calls) in [("probes-blocking-0.3", 1), ("probes-backend-0.3", 3)] {
        let mut client = Client::connect(&server_with(name, options.clone())).await;
        let never = client.start_tool("never-return", json!({})).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        client
            .notify("notifications/cancelled", json!({ "requestId": never }))
            .await;
        if name == "probes-backend-0.3" {
            tokio::time::sleep(Duration::from_millis(400)).await;
            let slow = client.tool("sleep", json!({ "milliseconds": 600 })).await;
            assert!(slow["result"].is_object(), "{name}: {slow}");
        }
        let told = client.tool("tell-instance", json!({})).await;
        assert_eq!(
            told["result"]["structuredContent"]["calls"], calls,
            "{name}: {told}"
        );
    }
}

#[tokio::test]
async fn a_hundred_calls_of_one_instance_wait_at_the_same_time() {
    for name in ["reference-backend-0.3", "reference-service-0.3"] {
        let mut client = Client::connect(&server(name)).await;
        // Each call returns only when all hundred are inside the instance.
        for _ in 0..100 {
            client
                .start_tool("barrier", json!({ "parties": 100 }))
                .await;
        }
        for _ in 0..100 {
            let answer = client.next().await.unwrap();
            assert_eq!(
                answer["result"]["content"][0]["text"], "100 calls met",
                "{name}: {answer}"
            );
        }
    }
}

#[tokio::test]
async fn ping_is_answered_while_a_blocking_tool_waits() {
    let mut client = Client::connect(&server("reference-backend-0.2")).await;
    let waiting = client.start_tool("wait-until-cancelled", json!({})).await;
    let ping = client.start("ping", json!({})).await;
    let first = client.next().await.unwrap();
    assert_eq!((&first["id"], &first["result"]), (&json!(ping), &json!({})));

    client
        .notify("notifications/cancelled", json!({ "requestId": waiting }))
        .await;
    let described = client.tool("describe-instance", json!({})).await;
    assert_eq!(
        described["result"]["structuredContent"]["cancellations"],
        json!([null]),
        "the guest saw the cancellation, and no response came: {described}"
    );
}

#[tokio::test]
async fn what_the_client_asks_for_and_never_answers_does_not_hold_up_the_end() {
    for name in REFERENCE {
        let mut client = Client::connect(&server(name)).await;
        let sampling = client
            .start_tool("test_sampling", json!({ "prompt": "?" }))
            .await;
        client.asked("sampling/createMessage").await;
        let rest = client.close().await;
        let answer = rest
            .iter()
            .find(|message| message["id"] == sampling)
            .unwrap_or_else(|| panic!("{name}: the call is answered before the end: {rest:?}"));
        assert_eq!(answer["result"]["isError"], true, "{name}: {answer}");
    }
}

#[tokio::test]
async fn a_guest_may_wait_for_longer_than_it_may_compute() {
    let mut options = ServerOptions::default();
    options.instance.computing = Duration::from_millis(100);
    for name in REFERENCE {
        let mut client = Client::connect(&server_with(name, options.clone())).await;
        // The 0.2 guest polls every few milliseconds for cancellation.
        let waiting = client.start_tool("wait-until-cancelled", json!({})).await;
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        client
            .notify("notifications/cancelled", json!({ "requestId": waiting }))
            .await;
        let described = client.tool("describe-instance", json!({})).await;
        assert!(
            described["result"]["structuredContent"]["calls"].as_u64() >= Some(1),
            "{name}: the instance is the same: {described}"
        );
        assert!(client.interim.is_empty(), "{name}: {:?}", client.interim);
    }
}

#[tokio::test]
async fn a_call_that_is_cancelled_while_it_waits_its_turn_is_never_made() {
    let mut client = Client::connect(&server("reference-backend-0.2")).await;
    let sleeping = client
        .start_tool("sleep", json!({ "milliseconds": 300 }))
        .await;
    let queued = client.start_tool("touch-resource", json!({})).await;
    client
        .notify("notifications/cancelled", json!({ "requestId": queued }))
        .await;
    client.response(sleeping).await;
    let described = client.tool("describe-instance", json!({})).await;
    assert_eq!(
        described["result"]["structuredContent"]["watchedVersion"], 0,
        "{described}"
    );
}

#[tokio::test]
async fn a_guest_that_asks_is_told_that_the_host_stops() {
    let mut client = Client::connect(&server("reference-backend-0.3")).await;
    let answer = client.tool("log-when-stopped", json!({})).await;
    assert!(answer["result"].is_object(), "{answer}");
    let rest = client.close().await;
    assert_eq!(methods(&rest), ["notifications/message"], "{rest:?}");
}

#[tokio::test]
async fn a_subscription_that_ends_each_instance_does_not_cost_its_neighbours_theirs() {
    for name in [
        "probes-backend-0.2",
        "probes-backend-0.3",
        "probes-blocking-0.3",
    ] {
        let server = server(name);
        let mut client = Client::connect(&server).await;
        for uri in ["probe:///a", "probe:///fatal", "probe:///z"] {
            let subscribed = client
                .request("resources/subscribe", json!({ "uri": uri }))
                .await;
            assert_eq!(subscribed["result"], json!({}), "{name}: {subscribed}");
        }
        client.tool("trap", json!({})).await;
        let told = client.tool("tell-instance", json!({})).await;
        // The call may have been lost with an instance that the subscription ended.
        let told = match told.get("error") {
            None => told,
            Some(_) => {
                while server.live_counts().instances_lost() < 3 {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                client.tool("tell-instance", json!({})).await
            }
        };
        let told = &told["result"]["structuredContent"];
        let mut uris: Vec<&str> = told["subscriptions"]
            .as_array()
            .unwrap_or_else(|| panic!("{name}: {told}"))
            .iter()
            .map(|uri| uri.as_str().unwrap())
            .collect();
        uris.sort_unstable();
        assert_eq!(uris, ["probe:///a", "probe:///z"], "{name}");
        assert_eq!(server.live_counts().instances_lost(), 3, "{name}");
    }
}

#[tokio::test]
async fn the_calls_that_a_lost_instance_ran_are_named() {
    let mut client = Client::connect(&server("reference-backend-0.3")).await;
    let waiting = client.start_tool("wait-until-cancelled", json!({})).await;
    let read = client
        .start("resources/read", json!({ "uri": "test://static-text" }))
        .await;
    client.response(read).await;
    let trapped = client.tool("trap", json!({})).await;
    let message = trapped["error"]["message"].as_str().unwrap();
    assert!(
        message.ends_with(r#"while it ran the tool "trap" and another call"#),
        "{message}"
    );
    let lost = client.response(waiting).await;
    let message = lost["error"]["message"].as_str().unwrap();
    assert!(
        message.contains(r#"while it ran the tool "wait-until-cancelled" and another call"#),
        "{message}"
    );
}

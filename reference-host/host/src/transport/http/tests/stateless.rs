//! A transport that keeps no sessions.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::client::{Client, Service, call, eventually, initialize, ping};
use crate::transport::http::HttpOptions;

async fn service() -> Service {
    let options = HttpOptions {
        stateless: true,
        ..HttpOptions::default()
    };
    Service::with(options).await
}

/// Waits until every session of a message has ended.
async fn ended(service: &Service) {
    eventually("the session ends", || service.endpoint.sessions.len() == 0).await;
}

/// Posts a call and waits until the component has it.
async fn calling(
    service: &Service,
    client: &Client,
) -> (
    tokio::task::JoinHandle<super::client::Streaming>,
    super::fake::FakeCall,
) {
    let begun = service.host.begun();
    let answer = client.posting(call(1));
    eventually("the call arrives", || service.host.begun() > begun).await;
    let running = service.host.newest().call().await;
    (answer, running)
}

#[tokio::test]
async fn each_message_gets_a_session_that_no_client_can_name() {
    let service = service().await;
    let client = service.stranger();
    let answer = client.post(&initialize(json!({}))).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("mcp-session-id"), None);
    assert!(service.host.newest().assumed().is_empty());

    let notification = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(
        client.post(&notification).await.status,
        StatusCode::ACCEPTED
    );
    let response = json!({"jsonrpc": "2.0", "id": 1, "result": {}});
    assert_eq!(client.post(&response).await.status, StatusCode::ACCEPTED);
    assert_eq!(client.post(&ping(1)).await.json()["id"], 1);
    let (answer, running) = calling(&service, &client).await;
    running.respond();
    let answer = answer.await.expect("an answer").whole().await;
    assert_eq!(answer.json()["id"], 1);
    assert_eq!(answer.header("mcp-session-id"), None);
    assert_eq!(service.host.begun(), 5);
    ended(&service).await;
    assert!(service.host.newest().is_closed());
}

#[tokio::test]
async fn a_message_is_for_the_revision_that_it_names() {
    let service = service().await;
    let client = service.stranger();
    for (version, revision) in [("2025-06-18", "2025-06-18"), ("", "2025-03-26")] {
        let changes = [("mcp-protocol-version", version)];
        let body = ping(1).to_string();
        let answer = client.request(Method::POST, &changes, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{version:?}");
        let assumed = service.host.newest().assumed();
        assert_eq!(assumed.len(), 1);
        assert_eq!(assumed[0].revision, revision);
        assert!(!assumed[0].needs_component, "a ping needs none");
    }
    for version in ["2025-03-26", "2026-07-28", "x"] {
        let begun = service.host.begun();
        let changes = [("mcp-protocol-version", version)];
        let answer = client.request(Method::POST, &changes, call(1).to_string());
        assert_eq!(answer.await.status, StatusCode::BAD_REQUEST, "{version}");
        assert_eq!(service.host.begun(), begun, "{version}");
        // `initialize` negotiates it.
        let first = initialize(json!({})).to_string();
        let answer = client.request(Method::POST, &changes, first).await;
        assert_eq!(answer.status, StatusCode::OK, "{version}");
    }
}

#[tokio::test]
async fn what_needs_a_session_is_refused() {
    let service = service().await;
    let mut client = service.stranger();
    for method in [Method::GET, Method::DELETE] {
        let answer = client.request(method.clone(), &[], "").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
    }
    client.session = Some("of-another-time".to_owned());
    for message in [initialize(json!({})), ping(1), call(2)] {
        assert_eq!(client.post(&message).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(service.host.begun(), 0);
}

#[tokio::test]
async fn text_that_is_no_message_is_refused_without_a_session() {
    let service = service().await;
    let client = service.stranger();
    for text in ["", "[]", "{"] {
        let answer = client.request(Method::POST, &[], text).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{text:?}");
    }
    assert_eq!(service.host.begun(), 0);
}

#[tokio::test]
async fn messages_of_a_request_come_on_its_stream_without_ids() {
    let service = service().await;
    let client = service.stranger();
    let (answer, running) = calling(&service, &client).await;
    running.notify("working");
    let mut answer = answer.await.expect("an answer");
    let block = answer.block().await.expect("an event");
    let data = block.strip_prefix("data: ").expect("no id comes first");
    let event: Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(event["params"]["data"], "working");
    // It belongs to no request, and no stream is for it.
    service.host.newest().announce("notifications/x", json!({}));
    running.respond();
    let rest = answer.whole().await.body;
    let data = rest.trim().strip_prefix("data: ").expect("one event");
    let response: Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(response["id"], 1);
    ended(&service).await;
}

#[tokio::test]
async fn a_request_goes_on_when_its_client_has_disconnected() {
    let service = service().await;
    let client = service.stranger();
    let (answer, running) = calling(&service, &client).await;
    let session = service.host.newest();
    answer.abort();
    drop(client);
    // Another request shows that the transport goes on.
    let other = service.stranger();
    assert_eq!(other.post(&ping(2)).await.status, StatusCode::OK);
    eventually("its own session ends", || {
        service.endpoint.sessions.len() == 1
    })
    .await;
    assert!(!session.is_closed(), "the request is in flight");
    running.respond();
    ended(&service).await;
    assert!(session.is_closed());
}

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_end() {
    let service = service().await;
    let client = service.stranger();
    let (answer, running) = calling(&service, &client).await;
    let session = service.host.newest();
    let stopped = tokio::spawn(service.stop());
    eventually("it is told", || session.is_finished()).await;
    running.respond();
    let answer = answer.await.expect("an answer").whole().await;
    assert_eq!(answer.json()["id"], 1);
    stopped.await.expect("it stops");
}

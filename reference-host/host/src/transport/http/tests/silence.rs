//! Requests that are silent for some time.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use super::client::{Client, Service, call, eventually, initialize, ping};
use super::fake::FakeCall;
use crate::transport::http::HttpOptions;

async fn service() -> Service {
    Service::with(HttpOptions {
        silence_time: Duration::from_millis(50),
        ..HttpOptions::default()
    })
    .await
}

#[tokio::test]
async fn the_answer_to_a_silent_request_begins_and_can_be_resumed() {
    let service = service().await;
    let (client, session) = service.client().await;
    let answer = client.posting(call(1));
    let running = session.call().await;
    let mut stream = answer.await.expect("an answer begins");
    assert_eq!(stream.header("content-type"), Some("text/event-stream"));
    let comment = stream.block().await.expect("a comment");
    assert!(comment.starts_with(':'), "{comment}");
    let beginning = stream.block().await.expect("an id");
    let id = beginning.lines().find_map(|line| line.strip_prefix("id: "));
    let id = id.expect("an id").to_owned();
    assert!(
        beginning.starts_with("event: begin\n"),
        "not a message: {beginning}"
    );
    assert!(beginning.ends_with("\ndata:"), "{beginning}");

    let streams = service.streams(&client);
    drop(stream);
    eventually("nobody reads", || streams.readers() == 0).await;
    running.notify("meanwhile");
    running.respond();
    let missed = client.resume(&id).await.events().await;
    assert_eq!(missed.len(), 2);
    assert_eq!(missed[0].text(), "meanwhile");
    assert_eq!(missed[1].message["id"], json!(1));
}

#[tokio::test]
async fn a_silent_request_is_answered_on_its_stream() {
    let service = service().await;
    let (client, session) = service.client().await;
    let answer = client.posting(call(1));
    let running = session.call().await;
    let stream = answer.await.expect("an answer begins");
    running.notify("a");
    running.respond();
    let events = stream.events().await;
    assert_eq!(events.len(), 2);
    assert_eq!(events[1].message["id"], json!(1));

    let mut newcomer = service.stranger();
    let answer = newcomer.posting(initialize(json!({"wait": true})));
    eventually("the session is begun", || service.host.begun() == 2).await;
    let running = service.host.newest().call().await;
    let stream = answer.await.expect("an answer begins");
    newcomer.session = stream.header("mcp-session-id").map(str::to_owned);
    running.respond();
    assert_eq!(stream.events().await.len(), 1);
    assert_eq!(newcomer.post(&ping(1)).await.status, StatusCode::OK);
}

/// Begins a silent `initialize` and loses its connection. Returns the client, which knows its
/// session, with the event to resume from.
async fn broken_initialize(service: &Service) -> (Client, FakeCall, String) {
    let mut client = service.stranger();
    let begun = service.host.begun();
    let answer = client.posting(initialize(json!({"wait": true})));
    eventually("the session is begun", || service.host.begun() > begun).await;
    let running = service.host.newest().call().await;
    let mut stream = answer.await.expect("an answer begins");
    client.session = stream.header("mcp-session-id").map(str::to_owned);
    assert!(stream.block().await.expect("a comment").starts_with(':'));
    let beginning = stream.block().await.expect("an id");
    let id = beginning.lines().find_map(|line| line.strip_prefix("id: "));
    let id = id.expect("an id").to_owned();
    let streams = service.streams(&client);
    drop(stream);
    eventually("nobody reads", || streams.readers() == 0).await;
    (client, running, id)
}

#[tokio::test]
async fn a_silent_initialize_can_be_resumed() {
    let service = service().await;
    for is_answered_first in [false, true] {
        let (client, running, id) = broken_initialize(&service).await;
        let resumed = if is_answered_first {
            running.respond();
            client.resume(&id).await
        } else {
            let resumed = client.resume(&id).await;
            running.respond();
            resumed
        };
        assert_eq!(resumed.header("mcp-session-id"), client.session.as_deref());
        let missed = resumed.events().await;
        assert_eq!(missed.len(), 1);
        assert_eq!(missed[0].message["id"], json!(0));
        assert_eq!(client.post(&ping(1)).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_silent_initialize_that_fails_is_resumed_and_leaves_no_session_behind() {
    let service = service().await;
    let (client, running, id) = broken_initialize(&service).await;
    running.fail();
    let missed = client.resume(&id).await.events().await;
    assert_eq!(missed[0].message["error"]["code"], json!(-32603));
    eventually("no session is left", || {
        service.endpoint.sessions.len() == 0
    })
    .await;
    assert_eq!(client.post(&ping(1)).await.status, StatusCode::NOT_FOUND);
}

/// The client resumes before the host has noticed that the first connection is lost.
#[tokio::test]
async fn a_silent_initialize_is_resumed_beside_its_lost_connection() {
    let service = service().await;
    let mut client = service.stranger();
    let answer = client.posting(initialize(json!({"wait": true})));
    eventually("the session is begun", || service.host.begun() == 1).await;
    let running = service.host.newest().call().await;
    let mut stream = answer.await.expect("an answer begins");
    client.session = stream.header("mcp-session-id").map(str::to_owned);
    let _comment = stream.block().await;
    let beginning = stream.block().await.expect("an id");
    let id = beginning.lines().find_map(|line| line.strip_prefix("id: "));
    let resumed = client.resume(id.expect("an id")).await;
    assert_eq!(stream.events().await, [], "the first stream ends");
    running.respond();
    assert_eq!(resumed.events().await.len(), 1);
    assert_eq!(client.post(&ping(1)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_request_that_is_answered_soon_is_answered_with_json() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let answer = client.posting(call(1));
    let running = session.call().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!answer.is_finished());
    running.respond();
    let answer = answer.await.expect("an answer").whole().await;
    assert_eq!(answer.json()["id"], json!(1));
}

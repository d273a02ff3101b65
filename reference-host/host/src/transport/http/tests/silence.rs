//! Requests that are silent for some time.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use super::client::{Service, call, eventually, initialize, ping};
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

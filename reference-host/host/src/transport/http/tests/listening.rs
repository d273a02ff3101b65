//! GET: streams for messages that belong to no request.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

use super::client::{Service, call, eventually, ping};
use crate::transport::http::HttpOptions;

const LISTENING: &str = "listening: []";

fn log(text: &str) -> Value {
    json!({"level": "info", "data": text})
}

#[tokio::test]
async fn a_listening_stream_brings_what_belongs_to_no_request() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let mut listener = client.listen().await;
    session.announce("notifications/message", log("a"));
    session.announce("notifications/message", log("b"));
    assert_eq!(listener.event().await.expect("an event").text(), "a");
    assert_eq!(listener.event().await.expect("an event").text(), "b");
}

#[tokio::test]
async fn each_message_goes_to_the_newest_stream_alone() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let mut first = client.listen().await;
    let mut second = client.listen().await;
    session.announce("notifications/message", log("a"));
    assert_eq!(second.event().await.expect("an event").text(), "a");
    assert!(first.is_silent().await);

    let streams = service.streams(&client);
    drop(second);
    eventually("the second stream has lost its reader", || {
        !format!("{streams:?}").contains("listening: [2, 3]")
    })
    .await;
    session.announce("notifications/message", log("b"));
    assert_eq!(first.event().await.expect("an event").text(), "b");
}

#[tokio::test]
async fn with_no_stream_open_messages_wait_and_changes_coalesce() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    session.announce("notifications/tools/list_changed", json!({}));
    session.announce("notifications/message", log("same"));
    session.announce("notifications/tools/list_changed", json!({}));
    session.announce("notifications/message", log("same"));
    session.announce("notifications/prompts/list_changed", json!({}));
    let mut listener = client.listen().await;
    let mut methods = Vec::new();
    for _ in 0..4 {
        let event = listener.event().await.expect("an event");
        methods.push(
            event.message["method"]
                .as_str()
                .expect("a method")
                .to_owned(),
        );
    }
    assert_eq!(
        methods,
        [
            "notifications/tools/list_changed",
            "notifications/message",
            "notifications/message",
            "notifications/prompts/list_changed",
        ]
    );
    assert!(listener.is_silent().await);
}

#[tokio::test]
async fn what_waits_is_bounded() {
    let service = Service::with(HttpOptions {
        max_stream_events: 3,
        ..HttpOptions::default()
    })
    .await;
    let (client, session) = service.client().await;
    for number in 0..100 {
        session.announce("notifications/message", log(&number.to_string()));
    }
    let mut listener = client.listen().await;
    for number in ["97", "98", "99"] {
        assert_eq!(listener.event().await.expect("an event").text(), number);
    }
    assert!(listener.is_silent().await);
}

#[tokio::test]
async fn get_needs_events_to_be_acceptable() {
    let service = Service::start().await;
    let (client, _session) = service.client().await;
    for (accept, status) in [
        ("application/json", StatusCode::NOT_ACCEPTABLE),
        ("text/event-stream", StatusCode::OK),
        ("*/*", StatusCode::OK),
    ] {
        let answer = client.request(Method::GET, &[("accept", accept)], "").await;
        assert_eq!(answer.status, status, "{accept}");
    }
}

#[tokio::test]
async fn a_client_may_close_its_stream_and_open_another() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let streams = service.streams(&client);
    drop(client.listen().await);
    eventually("nobody listens", || {
        format!("{streams:?}").contains(LISTENING)
    })
    .await;
    session.announce("notifications/message", log("meanwhile"));
    assert_eq!(client.post(&ping(1)).await.status, StatusCode::OK);
    let mut listener = client.listen().await;
    assert_eq!(
        listener.event().await.expect("an event").text(),
        "meanwhile"
    );
}

#[tokio::test]
async fn beyond_the_limit_the_oldest_stream_closes() {
    let service = Service::with(HttpOptions {
        max_listening_streams: 2,
        ..HttpOptions::default()
    })
    .await;
    let (client, session) = service.client().await;
    let oldest = client.listen().await;
    let mut second = client.listen().await;
    let mut third = client.listen().await;
    assert_eq!(oldest.events().await, []);
    session.announce("notifications/message", log("a"));
    assert_eq!(third.event().await.expect("an event").text(), "a");
    assert!(second.is_silent().await);
}

#[tokio::test]
async fn a_silent_stream_shows_that_it_is_alive() {
    let service = Service::with(HttpOptions {
        keep_alive: Duration::from_millis(20),
        ..HttpOptions::default()
    })
    .await;
    let (client, session) = service.client().await;
    let mut listener = client.listen().await;
    for _ in 0..2 {
        let block = listener.block().await.expect("a comment");
        assert!(block.starts_with(':'), "{block}");
    }
    let answer = client.posting(call(1));
    let running = session.call().await;
    running.notify("a");
    let mut stream = answer.await.expect("an answer");
    stream.block().await.expect("the event");
    assert!(stream.block().await.expect("a comment").starts_with(':'));
    running.respond();
    assert_eq!(stream.events().await.len(), 1);
}

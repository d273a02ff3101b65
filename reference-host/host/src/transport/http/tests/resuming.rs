//! GET with `Last-Event-ID`: resuming a stream after a lost connection.

use serde_json::{Value, json};

use super::client::{Client, Event, Service, Streaming, call, eventually};
use super::fake::{FakeCall, FakeSession};
use crate::transport::http::HttpOptions;
use std::sync::Arc;

/// Begins a call and reads its first event.
async fn begin(
    client: &Client,
    session: &Arc<FakeSession>,
    id: u32,
) -> (FakeCall, Streaming, Event) {
    let answer = client.posting(call(id));
    let running = session.call().await;
    running.notify(&format!("{id}: first"));
    let mut stream = answer.await.expect("an answer");
    let first = stream.event().await.expect("an event");
    (running, stream, first)
}

/// Returns the texts of notifications, and `response` for the response.
fn summary(events: &[Event]) -> Vec<&str> {
    let text = |event: &Event| event.message.get("method").is_some();
    events
        .iter()
        .map(|event| {
            if text(event) {
                event.text()
            } else {
                "response"
            }
        })
        .collect()
}

#[tokio::test]
async fn a_stream_that_ended_meanwhile_is_replayed_behind_the_last_event() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let (running, stream, first) = begin(&client, &session, 1).await;
    drop(stream);
    running.notify("second");
    running.notify("third");
    running.respond();
    let missed = client.resume(&first.id).await.events().await;
    assert_eq!(summary(&missed), ["second", "third", "response"]);

    let again = client.resume(&missed[0].id).await.events().await;
    assert_eq!(again, missed[1..], "the same events with the same ids");
    let nothing = client.resume(&missed[2].id).await.events().await;
    assert_eq!(nothing, [], "nothing was missed");
}

#[tokio::test]
async fn a_running_stream_goes_on_on_the_new_connection() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let (running, stream, first) = begin(&client, &session, 1).await;
    drop(stream);
    running.notify("second");
    let mut resumed = client.resume(&first.id).await;
    assert_eq!(resumed.event().await.expect("an event").text(), "second");
    assert!(resumed.is_silent().await);
    session.announce("notifications/message", json!({"data": "unrelated"}));
    running.notify("third");
    running.respond();
    let rest = resumed.events().await;
    assert_eq!(summary(&rest), ["third", "response"]);
}

#[tokio::test]
async fn a_connection_that_is_still_there_gives_way() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let (running, stream, first) = begin(&client, &session, 1).await;
    let mut resumed = client.resume(&first.id).await;
    assert_eq!(stream.events().await, [], "the old connection ends");
    running.notify("second");
    assert_eq!(resumed.event().await.expect("an event").text(), "second");
    running.respond();
    assert_eq!(summary(&resumed.events().await), ["response"]);
}

#[tokio::test]
async fn replay_has_no_events_of_other_streams_or_sessions() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let (one, one_stream, one_first) = begin(&client, &session, 1).await;
    let (two, two_stream, two_first) = begin(&client, &session, 2).await;
    drop((one_stream, two_stream));
    for round in ["a", "b"] {
        one.notify(&format!("one {round}"));
        two.notify(&format!("two {round}"));
    }
    one.respond();
    two.respond();
    let missed = client.resume(&one_first.id).await.events().await;
    assert_eq!(summary(&missed), ["one a", "one b", "response"]);
    let missed = client.resume(&two_first.id).await.events().await;
    assert_eq!(summary(&missed), ["two a", "two b", "response"]);

    let (other, _) = service.client().await;
    let foreign = other.resume(&one_first.id).await.events().await;
    assert_eq!(foreign, [], "another session knows no such event");
}

#[tokio::test]
async fn an_unknown_event_starts_a_fresh_stream() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let (running, _stream, _first) = begin(&client, &session, 1).await;
    running.notify("not to be seen");
    for unknown in [
        "g99-0",
        "nonsense",
        "g2-999",
        "g2-0",
        "-",
        "c18446744073709551616-1",
    ] {
        let mut fresh = client.resume(unknown).await;
        session.announce("notifications/message", json!({"data": unknown}));
        assert_eq!(fresh.event().await.expect("an event").text(), unknown);
    }
}

#[tokio::test]
async fn the_stream_of_a_request_that_is_unknown_ends_at_once() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let mut listener = client.listen().await;
    let (running, stream, _first) = begin(&client, &session, 1).await;
    for unknown in ["c99-0", "c1-0", "c3-999"] {
        let events = client.resume(unknown).await.events().await;
        assert_eq!(events, [], "{unknown}");
        session.announce("notifications/message", json!({"data": unknown}));
        let event = listener.event().await.expect("an event");
        assert_eq!(event.text(), unknown, "the open stream keeps its messages");
    }
    running.respond();
    assert_eq!(summary(&stream.events().await), ["response"]);
}

#[tokio::test]
async fn a_listening_stream_is_resumed_too() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let announce = |text: &str| session.announce("notifications/message", json!({"data": text}));
    let mut listener = client.listen().await;
    announce("a");
    announce("b");
    let first = listener.event().await.expect("an event");
    assert_eq!(listener.event().await.expect("an event").text(), "b");
    let streams = service.streams(&client);
    drop(listener);
    eventually("nobody listens", || {
        format!("{streams:?}").contains("listening: []")
    })
    .await;
    announce("c");
    let mut resumed = client.resume(&first.id).await;
    for text in ["b", "c"] {
        assert_eq!(resumed.event().await.expect("an event").text(), text);
    }
    announce("d");
    assert_eq!(resumed.event().await.expect("an event").text(), "d");
}

#[tokio::test]
async fn what_can_be_resumed_is_bounded() {
    let service = Service::with(HttpOptions {
        max_resumable_streams: 2,
        max_stream_events: 4,
        ..HttpOptions::default()
    })
    .await;
    let (client, session) = service.client().await;
    let mut firsts = Vec::new();
    for id in 0..4 {
        let (running, stream, first) = begin(&client, &session, id).await;
        drop(stream);
        firsts.push(first);
        for number in 0..50 {
            running.notify(&number.to_string());
        }
        running.respond();
    }
    let streams = service.streams(&client);
    eventually("two streams are left", || {
        format!("{streams:?}").matches("purpose: Call").count() == 2
    })
    .await;
    let missed = client.resume(&firsts[3].id).await.events().await;
    assert_eq!(
        summary(&missed),
        ["47", "48", "49", "response"],
        "the response is never dropped"
    );
    let forgotten = client.resume(&firsts[0].id).await.events().await;
    assert_eq!(forgotten, [], "the oldest stream is forgotten");
}

#[tokio::test]
async fn requests_of_the_server_survive_a_flood() {
    let service = Service::with(HttpOptions {
        max_stream_events: 2,
        ..HttpOptions::default()
    })
    .await;
    let (client, session) = service.client().await;
    let (running, stream, first) = begin(&client, &session, 1).await;
    drop(stream);
    running.ask(7);
    for number in 0..50 {
        running.notify(&number.to_string());
    }
    running.ask(8);
    running.respond();
    let missed = client.resume(&first.id).await.events().await;
    let ids: Vec<&Value> = missed.iter().map(|event| &event.message["id"]).collect();
    assert_eq!(ids, [&json!(7), &json!(8), &json!(1)]);
}

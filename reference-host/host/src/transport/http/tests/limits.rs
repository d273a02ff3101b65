//! Limits: sizes, slow readers, slow writers.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::client::{PATIENCE, Service, call, ping};
use crate::telemetry::Limit;
use crate::transport::http::HttpOptions;

/// Sends raw bytes and reads until the server closes the connection.
async fn raw(service: &Service, request: &str) -> String {
    let mut stream = TcpStream::connect(service.address)
        .await
        .expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer));
    read.await.expect("the connection ends").expect("an answer");
    String::from_utf8(answer).expect("text")
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let service = Service::with(HttpOptions {
        max_body_bytes: 1000,
        ..HttpOptions::default()
    })
    .await;
    let (client, session) = service.client().await;
    let seen = session.received().len();
    let body = |length: usize| {
        let empty = json!({"jsonrpc": "2.0", "method": "notifications/x", "params": {"text": ""}});
        let padding = "x".repeat(length - empty.to_string().len());
        empty.to_string().replace("\"\"", &format!("\"{padding}\""))
    };
    let answer = client.request(Method::POST, &[], body(1001)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = client.request(Method::POST, &[], body(3_000_000)).await;
    assert_eq!(
        answer.status,
        StatusCode::PAYLOAD_TOO_LARGE,
        "an answer although all was sent"
    );
    assert_eq!(session.received().len(), seen);
    let answer = client.request(Method::POST, &[], body(1000)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
}

const HEAD: &str = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                    Accept: application/json, text/event-stream\r\n";

#[tokio::test]
async fn a_body_over_the_limit_is_not_waited_for() {
    let service = Service::start().await;
    let request = format!("{HEAD}Expect: 100-continue\r\nContent-Length: 99999999999\r\n\r\n");
    let answer = raw(&service, &request).await;
    assert!(
        answer.starts_with("HTTP/1.1 413 "),
        "no `100 Continue` before it: {answer}"
    );
    let chunk = "x".repeat(0x10000);
    let chunks = format!("10000\r\n{chunk}\r\n").repeat(65);
    let answer = raw(
        &service,
        &format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n{chunks}"),
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let service = Service::with(HttpOptions {
        body_time: Duration::from_millis(50),
        ..HttpOptions::default()
    })
    .await;
    let answer = raw(&service, &format!("{HEAD}Content-Length: 10\r\n\r\n{{")).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(
        answer.to_ascii_lowercase().contains("connection: close"),
        "{answer}"
    );
    service.reached(Limit::BodyTime, 1).await;
}

#[tokio::test]
async fn header_fields_are_bounded() {
    let service = Service::with(HttpOptions {
        max_headers: 20,
        max_header_bytes: 8 << 10,
        ..HttpOptions::default()
    })
    .await;
    let many: String = (0..30).map(|number| format!("X-{number}: y\r\n")).collect();
    let answer = raw(&service, &format!("{HEAD}{many}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    service.reached(Limit::Header, 1).await;
    let long = format!("X: {}\r\n", "y".repeat(20_000));
    let answer = raw(&service, &format!("{HEAD}{long}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    service.reached(Limit::Header, 2).await;
}

#[tokio::test]
async fn connections_that_ask_nothing_are_closed() {
    let service = Service::with(HttpOptions {
        header_time: Duration::from_millis(50),
        ..HttpOptions::default()
    })
    .await;
    // A client that sends nothing, or nothing more, is not late.
    assert_eq!(raw(&service, "").await, "");
    let answer = raw(&service, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    let beginnings = [
        "P",
        "PRI * HTTP/2.0\r\n",
        "POST /mcp HTTP/1.1\r\nHost: localho",
    ];
    for (times, beginning) in (1..).zip(beginnings) {
        let answer = raw(&service, beginning).await;
        assert!(!answer.contains("200 OK"), "{beginning:?} got {answer:?}");
        service.reached(Limit::HeaderTime, times).await;
    }
    let counted = service.endpoint.telemetry.limits.get(Limit::HeaderTime);
    assert_eq!(counted, beginnings.len() as u64);
}

#[tokio::test]
async fn a_slow_reader_does_not_make_memory_grow() {
    let service = Service::with(HttpOptions {
        max_stream_bytes: 50_000,
        ..HttpOptions::default()
    })
    .await;
    let (client, session) = service.client().await;
    let answer = client.posting(call(1));
    let running = session.call().await;
    running.notify("first");
    let mut stream = answer.await.expect("an answer");
    assert_eq!(stream.event().await.expect("an event").text(), "first");
    let long = "x".repeat(10_000);
    // More than all buffers between the two ends can hold.
    for number in 0..3000 {
        running.notify(&format!("{number} {long}"));
        if number % 100 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let kept = service.streams(&client).weight().bytes;
    assert!(kept <= 50_000, "{kept} bytes are kept");
    assert_eq!(client.post(&ping(2)).await.status, StatusCode::OK);
    running.respond();
    let events = stream.events().await;
    assert!(events.len() < 3000, "notifications were dropped");
    let (response, notifications) = events.split_last().expect("events");
    assert_eq!(response.message["id"], json!(1), "the response was not");
    assert!(
        notifications
            .last()
            .is_some_and(|event| event.text().starts_with("2999 "))
    );
}

#[tokio::test]
async fn a_session_keeps_no_more_than_it_may() {
    let service = Service::with(HttpOptions {
        max_session_bytes: 20_000,
        ..HttpOptions::default()
    })
    .await;
    let (client, session) = service.client().await;
    let long = "x".repeat(5_000);
    for id in 0..10 {
        let answer = client.posting(call(id));
        let running = session.call().await;
        running.notify(&long);
        running.notify(&long);
        let stream = answer.await.expect("an answer");
        running.respond();
        assert_eq!(stream.events().await.len(), 3);
        let kept = service.streams(&client).weight().bytes;
        assert!(kept <= 20_000, "{kept} bytes are kept");
    }
    for _ in 0..100 {
        session.announce("notifications/message", json!({"data": long}));
    }
    let kept = service.streams(&client).weight().bytes;
    assert!(kept <= 20_000, "{kept} bytes are kept");
}

#[tokio::test]
async fn unfinished_bodies_share_a_limit() {
    const PART: usize = 100_000;
    let service = Service::with(HttpOptions {
        max_bodies_bytes: 10 * PART,
        ..HttpOptions::default()
    })
    .await;
    let (client, session) = service.client().await;
    let session_id = client.session.as_deref().expect("a session");
    let head = format!("{HEAD}Mcp-Session-Id: {session_id}\r\nContent-Length: 200000\r\n\r\n");
    let mut unfinished = Vec::new();
    while service.endpoint.telemetry.limits.get(Limit::BodiesBytes) == 0 {
        assert!(unfinished.len() < 100, "none of them is refused");
        let mut stream = TcpStream::connect(service.address).await.expect("one");
        let part = format!("{head}{}", "x".repeat(PART));
        stream.write_all(part.as_bytes()).await.expect("written");
        unfinished.push(stream);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut refusal = vec![0; 1000];
    let refused = unfinished.last_mut().expect("one");
    let read = tokio::time::timeout(PATIENCE, refused.read(&mut refusal)).await;
    refusal.truncate(read.expect("in time").expect("read"));
    let refusal = String::from_utf8(refusal).expect("text");
    assert!(refusal.starts_with("HTTP/1.1 503"), "{refusal}");
    assert!(refusal.contains("retry-after: "), "{refusal}");
    assert!(unfinished.len() > 4, "{} are let in", unfinished.len());
    // A body in one piece needs no further memory.
    assert_eq!(client.post(&ping(1)).await.status, StatusCode::OK);
    drop(unfinished);
    let long =
        json!({"jsonrpc": "2.0", "method": "notifications/x", "params": {"x": "y".repeat(PART)}});
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while client.post(&long).await.status != StatusCode::ACCEPTED {
        assert!(
            tokio::time::Instant::now() < deadline,
            "there is room again"
        );
    }
    assert_eq!(session.received().last(), Some(&long));
}

//! Misbehaving clients.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;

use super::client::{Client, PATIENCE, Service, call, ping};
use crate::transport::http::HttpOptions;

/// Returns a POST in wire format.
fn post(client: &Client, message: &Value) -> String {
    let session = client.session.as_deref().expect("a session");
    let body = message.to_string();
    format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMcp-Session-Id: {session}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn a_client_that_stops_reading_loses_its_connection_and_may_resume() {
    let service = Service::with(HttpOptions {
        write_time: Duration::from_millis(100),
        ..HttpOptions::default()
    })
    .await;
    let (client, session) = service.client().await;
    let streams = service.streams(&client);
    let mut stalled = TcpStream::connect(service.address)
        .await
        .expect("a connection");
    let request = post(&client, &call(1));
    stalled
        .write_all(request.as_bytes())
        .await
        .expect("written");
    let running = session.call().await;
    running.notify("first");
    let mut beginning = Vec::new();
    while !String::from_utf8_lossy(&beginning).contains("first") {
        let read = tokio::time::timeout(PATIENCE, stalled.read_buf(&mut beginning));
        assert_ne!(read.await.expect("in time").expect("read"), 0);
    }
    assert_eq!(streams.readers(), 1);
    // Nothing is read from here on, and the connection stays open on the client's side.
    let long = "x".repeat(50_000);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while streams.readers() > 0 {
        assert!(tokio::time::Instant::now() < deadline, "it is not given up");
        running.notify(&long);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let beginning = String::from_utf8_lossy(&beginning).into_owned();
    let id = beginning
        .split("id: ")
        .nth(1)
        .and_then(|rest| rest.lines().next());
    let resumed = client.resume(id.expect("an event's id")).await;
    running.respond();
    let events = resumed.events().await;
    let response = events.last().expect("the response");
    assert_eq!(response.message["id"], json!(1));
}

#[tokio::test]
async fn requests_that_come_before_the_answers_are_answered_in_their_order() {
    let service = Service::start().await;
    let (client, _session) = service.client().await;
    let requests: String = (0..200).map(|id| post(&client, &ping(id))).collect();
    let mut stream = TcpStream::connect(service.address)
        .await
        .expect("a connection");
    let (mut reader, mut writer) = stream.split();
    let mut answers = String::new();
    let read = async {
        while answers.matches("HTTP/1.1 ").count() < 200 || !answers.ends_with('}') {
            let mut chunk = Vec::new();
            assert_ne!(reader.read_buf(&mut chunk).await.expect("read"), 0);
            answers.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    };
    let write = async {
        writer
            .write_all(requests.as_bytes())
            .await
            .expect("written")
    };
    let both = async { tokio::join!(read, write) };
    tokio::time::timeout(PATIENCE, both).await.expect("in time");
    let ids: Vec<u32> = answers
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| {
            assert!(answer.starts_with("200 OK\r\n"), "{answer}");
            let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
            let message: Value = serde_json::from_str(body).expect("JSON");
            serde_json::from_value(message["id"].clone()).expect("an id")
        })
        .collect();
    assert!(ids.into_iter().eq(0..200));
}

#[tokio::test]
async fn a_connection_with_a_thousand_streams_is_served() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let http = HyperClient::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http::<Full<Bytes>>();
    let id = client.session.clone().expect("a session");
    let request = |number: u32| {
        Request::post(format!("http://{}/mcp", service.address))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-session-id", &id)
            .body(Full::new(Bytes::from(call(number).to_string())))
            .expect("request")
    };
    let answers: Vec<_> = (0..1000)
        .map(|number| tokio::spawn(http.request(request(number))))
        .collect();
    for _ in 0..1000 {
        session.call().await.respond();
    }
    for answer in answers {
        let answer = answer.await.expect("no panic").expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn header_fields_of_http_2_are_bounded() {
    let service = Service::with(HttpOptions {
        max_header_bytes: 8 << 10,
        ..HttpOptions::default()
    })
    .await;
    let http = HyperClient::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http::<Full<Bytes>>();
    let request = |length: usize| {
        Request::post(format!("http://{}/mcp", service.address))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("x-long", "y".repeat(length))
            .body(Full::new(Bytes::from(ping(1).to_string())))
            .expect("request")
    };
    let refused = http.request(request(20_000)).await;
    // An answer, or the end of the stream: the request does not reach the endpoint.
    assert!(
        refused.is_err()
            || refused
                .is_ok_and(|answer| answer.status() == StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
    );
    let answer = http.request(request(100)).await.expect("an answer");
    assert_eq!(
        answer.status(),
        StatusCode::BAD_REQUEST,
        "it has no session"
    );
}

#[tokio::test]
async fn a_header_that_comes_bit_by_bit_is_not_waited_for() {
    let service = Service::with(HttpOptions {
        header_time: Duration::from_millis(200),
        ..HttpOptions::default()
    })
    .await;
    let stream = TcpStream::connect(service.address)
        .await
        .expect("a connection");
    let (mut reader, writer) = stream.into_split();
    let dripping = tokio::spawn(drip(writer));
    let mut answer = Vec::new();
    // The stream may end with a reset, as more data is on its way.
    let end = tokio::time::timeout(PATIENCE, reader.read_to_end(&mut answer)).await;
    let _ = end.expect("the connection ends although the client goes on");
    dripping.abort();
    assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
}

/// Sends a header that never ends.
async fn drip(mut writer: OwnedWriteHalf) -> io::Result<Infallible> {
    writer
        .write_all(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nX: ")
        .await?;
    loop {
        writer.write_all(b"y").await?;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

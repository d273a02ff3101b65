//! Connections: versions of HTTP, shutting down.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Version};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::rt::TokioExecutor;
use serde_json::json;

use super::client::{Service, call, initialize, ping};
use crate::transport::http::HttpOptions;

#[tokio::test]
async fn http_2_with_prior_knowledge_is_served() {
    let service = Service::start().await;
    let client = HyperClient::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http::<Full<Bytes>>();
    let post = |session: Option<String>, message: String| {
        let mut request = Request::post(format!("http://{}/mcp", service.address))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        if let Some(session) = session {
            request = request.header("mcp-session-id", session);
        }
        client.request(request.body(Full::new(message.into())).expect("request"))
    };
    let response = post(None, initialize(json!({})).to_string())
        .await
        .expect("an answer");
    assert_eq!(
        (response.status(), response.version()),
        (StatusCode::OK, Version::HTTP_2)
    );
    let session = response.headers()["mcp-session-id"]
        .to_str()
        .expect("text")
        .to_owned();
    let answer = tokio::spawn(post(Some(session.clone()), call(1).to_string()));
    let running = service.host.newest().call().await;
    let ping = post(Some(session), ping(2).to_string())
        .await
        .expect("an answer");
    assert_eq!(ping.status(), StatusCode::OK, "while another request runs");
    running.notify("a");
    running.respond();
    let answer = answer.await.expect("no panic").expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let text = answer
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    assert!(text.ends_with(b"\n\n") && text.windows(6).filter(|w| w == b"data: ").count() == 2);
}

#[tokio::test]
async fn shutting_down_lets_requests_in_work_end() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let listener = client.listen().await;
    let answer = client.posting(call(1));
    let running = session.call().await;
    let stopping = tokio::spawn(service.stop());
    assert_eq!(
        listener.events().await,
        [],
        "listening streams close at once"
    );
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!stopping.is_finished());
    running.respond();
    let answer = answer.await.expect("an answer").whole().await;
    assert_eq!(answer.json()["id"], json!(1));
    stopping.await.expect("it stops");
    assert!(session.is_closed());
}

#[tokio::test]
async fn shutting_down_waits_no_longer_than_the_grace() {
    let service = Service::with(HttpOptions {
        shutdown_grace: Duration::from_millis(50),
        ..HttpOptions::default()
    })
    .await;
    let (client, session) = service.client().await;
    let answer = client.posting(call(1));
    let _running = session.call().await;
    service.stop().await;
    assert!(session.is_closed());
    let answer = answer.await.expect("an answer");
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert_eq!(answer.events().await, []);
}

#[tokio::test]
async fn the_number_of_connections_is_bounded() {
    let service = Service::with(HttpOptions {
        max_connections: 1,
        ..HttpOptions::default()
    })
    .await;
    let (client, _session) = service.client().await;
    let other = service.stranger();
    let waiting = other.posting(initialize(json!({})));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!waiting.is_finished());
    drop(client);
    let answer = waiting.await.expect("an answer once there is room");
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn shutting_down_finishes_every_session() {
    let service = Service::start().await;
    let (_first, idle) = service.client().await;
    let (second, listening) = service.client().await;
    let listener = second.listen().await;
    service.stop().await;
    for session in [idle, listening] {
        assert!(session.is_finished() && session.is_closed());
    }
    assert_eq!(listener.events().await, []);
}

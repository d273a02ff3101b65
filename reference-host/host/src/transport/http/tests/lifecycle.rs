//! Sessions: their beginning and end.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::json;

use super::client::{Service, call, eventually, initialize, ping};
use super::fake::FakeHost;
use crate::session::Receipt;
use crate::transport::http::HttpOptions;
use crate::transport::http::sessions::Sessions;

#[tokio::test]
async fn initialize_gives_out_a_session_id() {
    let service = Service::start().await;
    let mut client = service.stranger();
    let answer = client.post(&initialize(json!({}))).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["id"], json!(0));
    let id = answer.header("mcp-session-id").expect("a session id");
    assert!(
        id.len() >= 22 && id.bytes().all(|byte| (0x21..=0x7e).contains(&byte)),
        "{id}"
    );
    client.session = Some(id.to_owned());
    let answer = client.post(&ping(1)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header("mcp-session-id"),
        None,
        "it is given out once"
    );
}

#[tokio::test]
async fn initialize_that_takes_its_time_gives_out_a_session_id_too() {
    let service = Service::start().await;
    for streams in [false, true] {
        let mut client = service.stranger();
        let answer = client.posting(initialize(json!({"wait": true})));
        eventually("the session is begun", || {
            service.endpoint.sessions.len() > 0
        })
        .await;
        let running = service.host.newest().call().await;
        if streams {
            running.notify("starting");
        }
        running.respond();
        let answer = answer.await.expect("an answer");
        client.session = answer.header("mcp-session-id").map(str::to_owned);
        assert!(client.session.is_some(), "streams: {streams}");
        assert_eq!(answer.whole().await.status, StatusCode::OK);
        assert_eq!(client.post(&ping(1)).await.status, StatusCode::OK);
        assert_eq!(client.delete().await, StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn initialize_that_fails_leaves_no_session_behind() {
    let service = Service::start().await;
    let client = service.stranger();
    let answer = client.post(&initialize(json!({"fail": true}))).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["error"]["code"], json!(-32603));
    assert_eq!(answer.header("mcp-session-id"), None);
    assert_eq!(service.endpoint.sessions.len(), 0);
    assert!(service.host.newest().is_closed());

    for streams in [false, true] {
        let answer = client.posting(initialize(json!({"wait": true})));
        eventually("the session is begun", || {
            service.endpoint.sessions.len() > 0
        })
        .await;
        let running = service.host.newest().call().await;
        if streams {
            running.notify("starting");
        }
        running.fail();
        let answer = answer.await.expect("an answer");
        assert_eq!(answer.header("mcp-session-id").is_some(), streams);
        answer.whole().await;
        eventually("no session is left", || {
            service.endpoint.sessions.len() == 0
        })
        .await;
    }
}

#[tokio::test]
async fn initialize_whose_client_leaves_leaves_no_session_behind() {
    let service = Service::start().await;
    let answer = service
        .stranger()
        .posting(initialize(json!({"wait": true})));
    eventually("the session is begun", || {
        service.endpoint.sessions.len() > 0
    })
    .await;
    let _running = service.host.newest().call().await;
    answer.abort();
    eventually("no session is left", || {
        service.endpoint.sessions.len() == 0
    })
    .await;
    assert!(service.host.newest().is_closed());
}

#[tokio::test]
async fn every_other_request_needs_its_session() {
    let service = Service::start().await;
    let mut client = service.stranger();
    let notification = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let not_a_request = json!({"jsonrpc": "2.0", "method": "initialize"});
    for (session, status) in [
        (None, StatusCode::BAD_REQUEST),
        (Some("unheard-of"), StatusCode::NOT_FOUND),
    ] {
        client.session = session.map(str::to_owned);
        for message in [&ping(1), &call(2), &notification, &not_a_request] {
            let answer = client.post(message).await;
            assert_eq!(answer.status, status, "{message}");
            assert_eq!(answer.json().get("id"), None);
        }
        for method in [Method::GET, Method::DELETE] {
            let answer = client.request(method.clone(), &[], "").await;
            assert_eq!(answer.status, status, "{method}");
        }
    }
    let answer = client.post(&initialize(json!({}))).await;
    assert_eq!(
        answer.status,
        StatusCode::NOT_FOUND,
        "an unknown id is not overlooked"
    );
    assert_eq!(service.endpoint.sessions.len(), 0);
}

#[tokio::test]
async fn a_second_initialize_leaves_the_session_as_it_is() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let answer = client.post(&initialize(json!({}))).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["error"]["code"], json!(-32600));
    assert_eq!(answer.header("mcp-session-id"), None);
    assert!(!session.is_closed());
    assert_eq!(client.post(&ping(1)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn delete_ends_the_session_and_all_that_waits_for_it() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let (bystander, _) = service.client().await;
    let listener = client.listen().await;
    let waiting = client.posting(call(1));
    let _first = session.call().await;
    let streaming = client.posting(call(2));
    session.call().await.notify("a");
    let mut streaming = streaming.await.expect("an answer");
    assert_eq!(streaming.event().await.expect("an event").text(), "a");

    assert_eq!(client.delete().await, StatusCode::NO_CONTENT);
    assert!(session.is_closed());
    assert_eq!(listener.events().await, []);
    assert_eq!(streaming.events().await, []);
    assert_eq!(
        waiting.await.expect("an answer").status,
        StatusCode::NOT_FOUND
    );

    assert_eq!(client.post(&ping(3)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        client.request(Method::GET, &[], "").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(client.delete().await, StatusCode::NOT_FOUND);
    assert_eq!(bystander.post(&ping(4)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_idle_session_expires_and_a_used_one_does_not() {
    let service = Service::with(HttpOptions {
        session_idle: Duration::from_millis(150),
        ..HttpOptions::default()
    })
    .await;
    let (idle, idle_session) = service.client().await;
    let (listening, listening_session) = service.client().await;
    let _listener = listening.listen().await;
    let (calling, calling_session) = service.client().await;
    let answer = calling.posting(call(1));
    let running = calling_session.call().await;
    // The client no longer waits for it, but it is still in flight.
    answer.abort();

    eventually("the idle session ends", || idle_session.is_closed()).await;
    assert_eq!(idle.post(&ping(1)).await.status, StatusCode::NOT_FOUND);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!listening_session.is_closed());
    assert!(!calling_session.is_closed());
    running.respond();
    eventually("the other one ends", || calling_session.is_closed()).await;
    assert!(!listening_session.is_closed());
}

#[tokio::test]
async fn a_session_is_not_idle_until_its_last_response_has_waited_for_its_client() {
    let idle = Duration::from_millis(500);
    let host = Arc::new(FakeHost::default());
    let options = HttpOptions {
        session_idle: idle,
        ..HttpOptions::default()
    };
    let sessions = Sessions::new(Box::new(Arc::clone(&host)), &options);
    let Ok(starting) = sessions.begin(None) else {
        panic!("a session begins");
    };
    let streams = Arc::clone(&starting.session().streams);
    let open = streams.open_call().expect("the session is open");
    let message = call(1).to_string();
    let receipt = starting
        .session()
        .conversation
        .receive(open.id(), None, message.as_bytes());
    assert!(matches!(receipt, Receipt::Pending));
    let session = host.newest();
    let running = session.call().await;
    starting.keep();
    tokio::time::sleep(idle).await;
    sessions.expire();
    running.respond();
    sessions.expire();
    assert!(!session.is_closed(), "the response can still be fetched");

    let context = Context::from_waker(Waker::noop());
    let mut listener = streams.listen().expect("the session is open");
    assert!(listener.poll_next(&context).is_pending());
    tokio::time::sleep(idle).await;
    sessions.expire();
    assert!(session.is_closed());
    assert_eq!(sessions.len(), 0);
    assert!(
        matches!(listener.poll_next(&context), Poll::Ready(None)),
        "streams end with their session"
    );
    assert!(streams.listen().is_none() && streams.open_call().is_none());
}

#[tokio::test]
async fn at_the_cap_no_session_begins_until_another_ends() {
    let service = Service::with(HttpOptions {
        max_sessions: 2,
        ..HttpOptions::default()
    })
    .await;
    let (first, _) = service.client().await;
    let (second, _) = service.client().await;
    let refused = service.stranger().post(&initialize(json!({}))).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    let seconds = refused.header("retry-after").expect("Retry-After");
    assert!(
        seconds.parse::<u32>().is_ok_and(|seconds| seconds > 0),
        "{seconds}"
    );
    assert_eq!(second.post(&ping(1)).await.status, StatusCode::OK);
    first.delete().await;
    service.client().await;
}

//! POST: the answer to each kind of message.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::client::{Client, PATIENCE, Service, call, eventually, initialize, ping};

#[tokio::test]
async fn a_request_with_nothing_to_stream_is_answered_with_json() {
    let service = Service::start().await;
    let (client, session) = service.client().await;

    let at_once = client.post(&ping(1)).await;
    assert_eq!(at_once.status, StatusCode::OK);
    assert_eq!(
        at_once.json(),
        json!({"jsonrpc": "2.0", "id": 1, "result": {}})
    );

    let answer = client.posting(call(2));
    session.call().await.respond();
    let later = answer.await.expect("an answer").whole().await;
    assert_eq!(later.status, StatusCode::OK);
    assert_eq!(
        later.json(),
        json!({"jsonrpc": "2.0", "id": 2, "result": {}})
    );
}

#[tokio::test]
async fn a_request_with_messages_before_the_result_is_answered_with_events() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let answer = client.posting(call(1));
    let running = session.call().await;
    running.notify("a");
    let mut stream = answer.await.expect("an answer");
    assert_eq!(stream.status, StatusCode::OK);
    assert_eq!(stream.header("content-type"), Some("text/event-stream"));
    assert_eq!(stream.event().await.expect("an event").text(), "a");

    running.ask(7);
    let ask = stream.event().await.expect("an event").message;
    assert_eq!(
        (&ask["id"], &ask["method"]),
        (&json!(7), &json!("roots/list"))
    );
    let answered = client
        .post(&json!({"jsonrpc": "2.0", "id": 7, "result": {"roots": []}}))
        .await;
    assert_eq!(
        (answered.status, &*answered.body),
        (StatusCode::ACCEPTED, "")
    );

    running.notify("b");
    running.respond();
    let rest = stream.events().await;
    assert_eq!(
        rest.len(),
        2,
        "the stream closes after the response: {rest:?}"
    );
    assert_eq!(rest[0].text(), "b");
    assert_eq!(rest[1].message["id"], json!(1));
}

#[tokio::test]
async fn notifications_and_responses_get_202_and_no_body() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    for message in [
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        json!({"jsonrpc": "2.0", "method": "notifications/unheard-of"}),
        json!({"jsonrpc": "2.0", "id": 1, "result": {}}),
        json!({"jsonrpc": "2.0", "id": null, "error": {"code": 1, "message": ""}}),
    ] {
        let answer = client.post(&message).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{message}");
        assert_eq!(answer.body, "");
        assert_eq!(session.received().last(), Some(&message));
    }
}

#[tokio::test]
async fn what_is_no_message_gets_400_and_the_error() {
    let service = Service::start().await;
    let (client, _session) = service.client().await;
    for (body, code) in [
        ("", -32700),
        ("{", -32700),
        ("\u{feff}{}", -32700),
        ("[]", -32600),
        ("1", -32600),
        ("null", -32600),
    ] {
        // The error text is up to the session, here the fake.
        for (client, code) in [(client.clone(), -32700), (service.stranger(), code)] {
            let answer = client.request(Method::POST, &[], body).await.whole().await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body:?}");
            let error = answer.json();
            assert_eq!(error["error"]["code"], json!(code), "{body:?}");
            assert_eq!(error.get("id"), None);
        }
    }
    assert_eq!(service.host.begun(), 1, "no session is begun for an error");
    assert_eq!(
        service.endpoint.sessions.len(),
        1,
        "the stranger has no session"
    );
}

#[tokio::test]
async fn only_json_is_taken() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let seen = session.received().len();
    let body = ping(1).to_string();
    for content_type in [
        "text/plain",
        "",
        "application/jsonp",
        "application/x-www-form-urlencoded",
    ] {
        let changes = [("content-type", content_type)];
        let answer = client.request(Method::POST, &changes, body.clone()).await;
        assert_eq!(
            answer.status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{content_type}"
        );
    }
    assert_eq!(session.received().len(), seen);
    let changes = [("content-type", "application/json; charset=utf-8")];
    let answer = client.request(Method::POST, &changes, body).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn both_forms_of_answer_must_be_acceptable() {
    let service = Service::start().await;
    let (client, _session) = service.client().await;
    for (accept, status) in [
        ("application/json", StatusCode::NOT_ACCEPTABLE),
        ("text/event-stream", StatusCode::NOT_ACCEPTABLE),
        ("text/html", StatusCode::NOT_ACCEPTABLE),
        ("*/*", StatusCode::OK),
        ("application/json, text/*", StatusCode::OK),
    ] {
        let changes = [("accept", accept)];
        let answer = client
            .request(Method::POST, &changes, ping(1).to_string())
            .await;
        assert_eq!(answer.status, status, "{accept}");
    }
}

#[tokio::test]
async fn a_cancelled_request_ends_with_a_stream_without_events() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let answer = client.posting(call(1));
    session.call().await.end();
    let stream = answer.await.expect("an answer");
    assert_eq!(stream.status, StatusCode::OK);
    assert_eq!(stream.header("content-type"), Some("text/event-stream"));
    assert_eq!(stream.events().await, []);

    let answer = client.posting(call(2));
    let running = session.call().await;
    running.notify("before");
    let stream = answer.await.expect("an answer");
    running.end();
    let events = stream.events().await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].text(), "before");
}

#[tokio::test]
async fn calls_at_the_same_time_have_streams_of_their_own() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let mut listener = client.listen().await;
    let mut running = Vec::new();
    let mut answers = Vec::new();
    for id in 0..3 {
        answers.push(client.posting(call(id)));
        running.push(session.call().await);
    }
    for round in ["a", "b"] {
        for call in &running {
            call.notify(&format!("{round}{}", call.id));
        }
    }
    running
        .into_iter()
        .rev()
        .for_each(super::fake::FakeCall::respond);
    let mut ids = Vec::new();
    for (id, answer) in answers.into_iter().enumerate() {
        let events = answer.await.expect("an answer").events().await;
        assert_eq!(events.len(), 3);
        assert_eq!(events[0].text(), format!("a{id}"));
        assert_eq!(events[1].text(), format!("b{id}"));
        assert_eq!(events[2].message["id"], json!(id));
        ids.extend(events.into_iter().map(|event| event.id));
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "event ids are unique over all streams");
    assert!(
        listener.is_silent().await,
        "nothing of a call travels on a listening stream"
    );
}

#[tokio::test]
async fn a_client_that_disconnects_has_not_cancelled() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let answer = client.posting(call(1));
    let running = session.call().await;
    answer.abort();
    assert!(
        answer.await.is_err(),
        "nobody waits for the answer any more"
    );
    running.notify("into the void");
    assert!(
        !session
            .received()
            .iter()
            .any(|message| { message["method"] == json!("notifications/cancelled") })
    );
    running.respond();
    assert_eq!(client.post(&ping(2)).await.status, StatusCode::OK);
    assert!(!session.is_closed());
}

#[tokio::test]
async fn the_version_must_be_the_negotiated_one_where_it_is_named() {
    let service = Service::start().await;
    let (client, _session) = service.client().await;
    let body = ping(1).to_string();
    for (version, status) in [
        ("2025-06-18", StatusCode::OK),
        ("", StatusCode::OK),
        ("2025-03-26", StatusCode::BAD_REQUEST),
        ("bogus", StatusCode::BAD_REQUEST),
    ] {
        let changes = [("mcp-protocol-version", version)];
        let answer = client.request(Method::POST, &changes, body.clone()).await;
        assert_eq!(answer.status, status, "POST {version:?}");
    }
    let wrong = [("mcp-protocol-version", "1999-01-01")];
    for method in [Method::GET, Method::DELETE] {
        let answer = client.request(method.clone(), &wrong, "").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{method}");
    }
    let begin = initialize(json!({})).to_string();
    let answer = service
        .stranger()
        .request(Method::POST, &wrong, begin.clone())
        .await;
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "initialize negotiates the version"
    );
    let answer = client
        .request(Method::POST, &wrong, begin)
        .await
        .whole()
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["error"]["code"], json!(-32600));
}

#[tokio::test]
async fn a_request_whose_response_came_as_json_leaves_nothing_behind() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    for id in 0..3 {
        let answer = client.posting(call(id));
        session.call().await.respond();
        answer.await.expect("an answer").whole().await;
    }
    let text = format!("{:?}", service.streams(&client));
    assert!(text.contains("streams: {}"), "{text}");
    let abandoned = client.posting(call(9));
    let running = session.call().await;
    abandoned.abort();
    eventually("the stream of the lost request is forgotten", || {
        format!("{:?}", service.streams(&client)).contains("streams: {}")
    })
    .await;
    running.respond();
    assert_eq!(
        client.post(&ping(1)).await.json()["result"],
        Value::Object(Default::default())
    );
}

/// Reads one answer with a body of known length.
async fn answer(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if length.is_none_or(|length| length.parse() == Ok(body.len())) {
                return text;
            }
        }
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_buf(&mut bytes));
        assert_ne!(read.await.expect("in time").expect("read"), 0, "{text}");
        text.push_str(std::str::from_utf8(&bytes).expect("text"));
    }
}

/// Returns a request with a chunked body.
fn chunked(client: &Client, coding: &str, body: &str) -> String {
    let session = client.session.as_deref().expect("a session");
    format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMcp-Session-Id: {session}\r\n\
         {coding}\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    )
}

#[tokio::test]
async fn a_chunked_body_keeps_the_connection() {
    let service = Service::start().await;
    let (client, _session) = service.client().await;
    let mut stream = TcpStream::connect(service.address).await.expect("one");
    for id in 0..3 {
        let coding = "Transfer-Encoding: chunked\r\n";
        let request = chunked(&client, coding, &ping(id).to_string());
        stream.write_all(request.as_bytes()).await.expect("written");
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(!answer.contains("connection: close"), "{answer}");
        assert!(answer.contains(&format!(r#""id":{id}"#)), "{answer}");
    }
}

#[tokio::test]
async fn other_transfer_codings_are_not_implemented() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let before = session.received().len();
    for (coding, status) in [
        ("Transfer-Encoding: gzip, chunked\r\n", 501),
        (
            "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
            501,
        ),
        ("Transfer-Encoding: x-unknown,chunked\r\n", 501),
        ("transfer-encoding: identity, Chunked\r\n", 501),
        // RFC 9112, section 6.1: not more than once.
        ("Transfer-Encoding: chunked, chunked\r\n", 400),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            400,
        ),
    ] {
        let mut stream = TcpStream::connect(service.address).await.expect("one");
        let request = chunked(&client, coding, &ping(1).to_string());
        stream.write_all(request.as_bytes()).await.expect("written");
        let answer = answer(&mut stream).await;
        let expected = format!("HTTP/1.1 {status}");
        assert!(answer.starts_with(&expected), "{coding}: {answer}");
    }
    assert_eq!(session.received().len(), before);
}

#[tokio::test]
async fn a_compressed_body_is_refused_by_its_name() {
    let service = Service::start().await;
    let (client, _session) = service.client().await;
    for coding in ["gzip", "br", "identity, gzip", "x"] {
        let changes = [("content-encoding", coding)];
        let answer = client
            .request(Method::POST, &changes, ping(1).to_string())
            .await;
        assert_eq!(
            answer.status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{coding}"
        );
        assert_eq!(answer.header("accept-encoding"), Some("identity"));
        let error = answer.whole().await.json();
        let reason = error["error"]["message"].as_str().expect("a reason");
        assert!(reason.contains("Content-Encoding"), "{reason}");
    }
    let changes = [("content-encoding", "identity")];
    let answer = client
        .request(Method::POST, &changes, ping(1).to_string())
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let changes = [("content-type", "text/plain")];
    let answer = client
        .request(Method::POST, &changes, ping(1).to_string())
        .await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(answer.header("accept-encoding"), None);
    assert_eq!(answer.header("accept"), Some("application/json"));
}

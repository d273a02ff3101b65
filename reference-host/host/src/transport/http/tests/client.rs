//! A client of the transport, and the transport on a port of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::fake::{FakeHost, FakeSession};
use crate::telemetry::Limit;
use crate::transport::http::authorization::Guard;
use crate::transport::http::endpoint::Endpoint;
use crate::transport::http::session_id::SessionId;
use crate::transport::http::streams::Streams;
use crate::transport::http::{HttpOptions, connections};

/// A timeout that these tests reach only if they hang.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// A running transport. Dropping it stops the transport.
pub(super) struct Service {
    pub(super) address: SocketAddr,
    pub(super) host: Arc<FakeHost>,
    pub(super) endpoint: Arc<Endpoint>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Service {
    pub(super) async fn start() -> Self {
        Self::with(HttpOptions::default()).await
    }

    pub(super) async fn with(options: HttpOptions) -> Self {
        Self::guarded(options, None).await
    }

    pub(super) async fn guarded(options: HttpOptions, guard: Option<Guard>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let host = Arc::new(FakeHost::default());
        let endpoint = Arc::new(Endpoint::new(
            Box::new(Arc::clone(&host)),
            address.ip(),
            options,
            guard,
        ));
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = connections::serve(Arc::clone(&endpoint), listener, async {
            let _ = stopped.await;
        });
        Self {
            address,
            host,
            endpoint,
            stop: Some(stop),
            task: tokio::spawn(serving),
        }
    }

    /// Shuts the transport down and waits for it to end.
    pub(super) async fn stop(mut self) {
        drop(self.stop.take());
        let ended = tokio::time::timeout(PATIENCE, &mut self.task).await;
        ended
            .expect("it stops")
            .expect("no panic")
            .expect("no error");
    }

    /// Waits until a limit has been reached `times` times. (The client sees the connection end
    /// before the host does.)
    pub(super) async fn reached(&self, limit: Limit, times: u64) {
        let reached = async {
            while self.endpoint.telemetry.limits.get(limit) < times {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, reached).await;
        assert!(in_time.is_ok(), "{limit:?} was not reached {times} times");
    }

    /// Returns a client without a session.
    pub(super) fn stranger(&self) -> Client {
        Client {
            address: self.address,
            session: None,
            http: HyperClient::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// Returns a client with a session, and the session.
    pub(super) async fn client(&self) -> (Client, Arc<FakeSession>) {
        let mut client = self.stranger();
        let answer = client.post(&initialize(json!({}))).await;
        assert_eq!(answer.status, StatusCode::OK);
        client.session = answer.header("mcp-session-id").map(str::to_owned);
        assert!(client.session.is_some(), "a session id is given out");
        (client, self.host.newest())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn initialize(params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params})
}

pub(super) fn call(id: u32) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "wait"}})
}

pub(super) fn ping(id: u32) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "ping"})
}

/// Sends HTTP requests, as an MCP client does unless told otherwise.
#[derive(Clone)]
pub(super) struct Client {
    address: SocketAddr,
    pub(super) session: Option<String>,
    http: HyperClient<HttpConnector, Full<Bytes>>,
}

impl Client {
    /// Sends a request with the header fields of an MCP client. Fields in `changes` replace them,
    /// and an empty value removes one.
    pub(super) async fn request(
        &self,
        method: Method,
        changes: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Streaming {
        self.request_to("/mcp", method, changes, body).await
    }

    pub(super) async fn request_to(
        &self,
        path: &str,
        method: Method,
        changes: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Streaming {
        let mut request = Request::new(Full::new(body.into()));
        *request.uri_mut() = format!("http://{}{path}", self.address)
            .parse()
            .expect("uri");
        *request.method_mut() = method.clone();
        let headers = request.headers_mut();
        if method == Method::POST {
            headers.insert(CONTENT_TYPE, "application/json".parse().expect("value"));
        }
        headers.insert(
            ACCEPT,
            "application/json, text/event-stream"
                .parse()
                .expect("value"),
        );
        headers.insert("mcp-protocol-version", "2025-06-18".parse().expect("value"));
        if let Some(session) = &self.session {
            headers.insert("mcp-session-id", session.parse().expect("value"));
        }
        for (name, value) in changes {
            let name: http::HeaderName = name.parse().expect("name");
            headers.remove(&name);
            if !value.is_empty() {
                headers.insert(name, value.parse().expect("value"));
            }
        }
        let response = tokio::time::timeout(PATIENCE, self.http.request(request));
        let response = response
            .await
            .expect("an answer in time")
            .expect("an answer");
        let (parts, body) = response.into_parts();
        Streaming {
            status: parts.status,
            headers: parts.headers,
            body,
            text: String::new(),
        }
    }

    /// Posts a message and reads the whole answer.
    pub(super) async fn post(&self, message: &Value) -> Answer {
        self.open(message).await.whole().await
    }

    /// Posts a message and leaves the answer's body unread.
    pub(super) async fn open(&self, message: &Value) -> Streaming {
        self.request(Method::POST, &[], message.to_string()).await
    }

    /// Posts in the background.
    pub(super) fn posting(&self, message: Value) -> JoinHandle<Streaming> {
        let client = self.clone();
        tokio::spawn(async move { client.open(&message).await })
    }

    /// Opens a listening stream.
    pub(super) async fn listen(&self) -> Streaming {
        let stream = self
            .request(Method::GET, &[("accept", "text/event-stream")], "")
            .await;
        assert_eq!(stream.status, StatusCode::OK);
        assert_eq!(stream.header("content-type"), Some("text/event-stream"));
        stream
    }

    /// Resumes a stream after an event.
    pub(super) async fn resume(&self, last: &str) -> Streaming {
        let stream = self
            .request(Method::GET, &[("last-event-id", last)], "")
            .await;
        assert_eq!(stream.status, StatusCode::OK);
        stream
    }

    pub(super) async fn delete(&self) -> StatusCode {
        self.request(Method::DELETE, &[], "").await.status
    }
}

/// An answer whose body is still being read.
#[derive(Debug)]
pub(super) struct Streaming {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    body: Incoming,
    text: String,
}

/// An answer read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    headers: HeaderMap,
    pub(super) body: String,
}

/// A server-sent event.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) message: Value,
}

impl Event {
    /// Returns the text of a log notification.
    pub(super) fn text(&self) -> &str {
        self.message["params"]["data"]
            .as_str()
            .expect("a log notification")
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    pub(super) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_str(&self.body).expect("JSON")
    }
}

impl Streaming {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    pub(super) async fn whole(self) -> Answer {
        let body = tokio::time::timeout(PATIENCE, self.body.collect());
        let body = body
            .await
            .expect("the body ends")
            .expect("a body")
            .to_bytes();
        Answer {
            status: self.status,
            headers: self.headers,
            body: String::from_utf8(body.to_vec()).expect("text"),
        }
    }

    /// Returns the next block of the stream, as text, or `None` at its end.
    pub(super) async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = block.to_owned();
                self.text = rest.to_owned();
                return Some(block);
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame());
            let frame = frame.await.expect("something in time")?.expect("a frame");
            let data = frame.into_data().expect("data");
            self.text
                .push_str(std::str::from_utf8(&data).expect("text"));
        }
    }

    /// Returns the next event, or `None` at the end of the stream.
    pub(super) async fn event(&mut self) -> Option<Event> {
        loop {
            let block = self.block().await?;
            if block.starts_with(':') || block.starts_with("event: begin") {
                continue;
            }
            let (id, data) = block.split_once('\n').expect("an id and data");
            let data = data.strip_prefix("data: ").expect("data");
            return Some(Event {
                id: id.strip_prefix("id: ").expect("an id").to_owned(),
                message: serde_json::from_str(data).expect("JSON"),
            });
        }
    }

    /// Returns all events up to the end of the stream.
    pub(super) async fn events(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.event().await {
            events.push(event);
        }
        events
    }

    /// Returns whether nothing can be read now.
    pub(super) async fn is_silent(&mut self) -> bool {
        let moment = Duration::from_millis(100);
        tokio::time::timeout(moment, self.event()).await.is_err()
    }
}

/// Waits for the effect of another task.
pub(super) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !holds() {
        assert!(
            tokio::time::Instant::now() < deadline,
            "not in time: {what}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

impl Service {
    /// Returns the streams of a client's session, from inside.
    pub(super) fn streams(&self, client: &Client) -> Arc<Streams> {
        let id = client.session.as_deref().expect("a session");
        let id = SessionId::sent(&id.parse().expect("value"));
        let session = self.endpoint.sessions.find(&id, None).expect("the session");
        Arc::clone(&session.streams)
    }
}

//! The Streamable HTTP server: sessions, answers as JSON or as streams of events, listening
//! streams, resumption.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{OnceCell, mpsc};
use wasi_mcp_conformance::driver::connection::{Connection, Server, Transport};
use wasi_mcp_conformance::driver::http::Endpoint;

use super::bearer::Guard;
use super::protocol::{Host, related_to};
use super::streams::{Events, Streams};
use super::support::FaultyServers;

/// The body of a response.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;

/// The servers over Streamable HTTP.
pub const SERVERS: FaultyServers = FaultyServers {
    name: "http",
    transport: Transport::Http,
    also: &["ping/respond", "progress/echo-token"],
    peer_timeout: Some(Duration::from_secs(6)),
    server: |name| Arc::new(Peculiar::new(name)),
};

/// A server with one fault or variation, or with none.
struct Peculiar {
    name: &'static str,
    endpoint: OnceCell<Endpoint>,
}

impl Peculiar {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            endpoint: OnceCell::new(),
        }
    }
}

impl Server for Peculiar {
    fn transport(&self) -> Transport {
        Transport::Http
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        Box::pin(async {
            let open = || async {
                let address = listen(self.name, None).await?;
                Endpoint::parse(&format!("http://{address}/mcp"))
            };
            let endpoint = self.endpoint.get_or_try_init(open).await?;
            Ok(Connection::Http(Box::new(endpoint.clone())))
        })
    }
}

/// Starts a server, behind a guard if one is given. Returns its address.
pub async fn listen(
    peculiarity: &'static str,
    guard: Option<fn(&'static str, SocketAddr) -> Guard>,
) -> anyhow::Result<SocketAddr> {
    let everywhere = peculiarity == "binds-everywhere";
    let listener = TcpListener::bind(if everywhere {
        "0.0.0.0:0"
    } else {
        "127.0.0.1:0"
    })
    .await?;
    let address = SocketAddr::from(([127, 0, 0, 1], listener.local_addr()?.port()));
    let front = Arc::new(Front {
        peculiarity,
        guard: guard.map(|guard| guard(peculiarity, address)),
        old: Mutex::default(),
        sessions: Mutex::default(),
        issued: AtomicU64::new(0x1234_5678),
    });
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let front = front.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let front = front.clone();
                    async move {
                        let response = front.answer(request).await;
                        let reset = response.extensions().get::<Reset>().is_some();
                        if reset {
                            return Err(std::io::Error::other("no answer"));
                        }
                        Ok(response)
                    }
                });
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                // The client may close the connection.
                let _ = builder
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    Ok(address)
}

struct Session {
    /// The user who began it, if there is a guard.
    user: Option<&'static str>,
    host: Arc<Host>,
    streams: Streams,
    listened: bool,
    busy: usize,
    ended: bool,
}

struct Front {
    peculiarity: &'static str,
    guard: Option<Guard>,
    old: Mutex<Option<Arc<Host>>>,
    sessions: Mutex<HashMap<String, Session>>,
    issued: AtomicU64,
}

/// The mark of a response in whose place the connection ends.
#[derive(Clone, Copy)]
struct Reset;

/// A response without a body.
pub fn status(status: u16) -> Response<Body> {
    body(status, None, Bytes::new())
}

fn body(status: u16, media: Option<&str>, text: Bytes) -> Response<Body> {
    let body = Full::new(text).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).expect("a legal status");
    if let Some(media) = media {
        with_header(&mut response, "content-type", media);
    }
    response
}

/// Adds a header to a response.
pub fn with_header(response: &mut Response<Body>, name: &'static str, value: &str) {
    response
        .headers_mut()
        .append(name, value.parse().expect("a legal header"));
}

/// A response with a body of JSON.
pub fn json_body(status: u16, message: impl Into<Bytes>) -> Response<Body> {
    body(status, Some("application/json"), message.into())
}

fn refusal(code: u16, text: &str) -> Response<Body> {
    let message = json!({"jsonrpc": "2.0", "error": {"code": -32600, "message": text}});
    json_body(code, message.to_string())
}

fn event_stream() -> (Events, Response<Body>) {
    let (sender, receiver) = mpsc::unbounded_channel::<Bytes>();
    let frames = stream::unfold(receiver, |mut receiver| async {
        let bytes = receiver.recv().await?;
        Some((Ok::<_, Infallible>(Frame::data(bytes)), receiver))
    });
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    with_header(&mut response, "content-type", "text/event-stream");
    (sender, response)
}

/// Classifies a message for HTTP. Deliberately broken messages count as responses.
/// Returns true for a request or notification of this method.
fn is_of(message: &[u8], method: &str) -> bool {
    let message: Value = serde_json::from_slice(message).unwrap_or_default();
    message["method"] == method
}

fn is_response(message: &[u8]) -> bool {
    let message = serde_json::from_slice::<Value>(message).unwrap_or_default();
    message.get("method").is_none()
}

type Messages = mpsc::UnboundedReceiver<Vec<u8>>;

impl Front {
    fn is(&self, name: &str) -> bool {
        self.peculiarity == name
    }

    fn has_no_sessions(&self) -> bool {
        matches!(self.peculiarity, "stateless" | "stateless-logs")
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.sessions.lock().expect("nobody panics with the lock")
    }

    fn with<T>(&self, session: &str, work: impl FnOnce(&mut Session) -> T) -> Option<T> {
        self.sessions().get_mut(session).map(work)
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Body> {
        let (head, incoming) = request.into_parts();
        let text = incoming
            .collect()
            .await
            .map(|body| body.to_bytes())
            .unwrap_or_default();
        if head.headers.contains_key("origin") && !self.is("origin-ignored") {
            return status(403);
        }
        let document = self.guard.as_ref().and_then(|guard| guard.document(&head));
        if let Some(document) = document {
            return document;
        }
        match head.uri.path() {
            "/mcp" => {}
            "/sse" if self.peculiarity.starts_with("old-endpoint") => return self.old_stream(),
            "/messages" if self.is("old-endpoints") => return self.old_message(&text),
            _ => return status(404),
        }
        match self.guard.as_ref().map(|guard| guard.admit(&head, &text)) {
            None => self.served(&head, &text, None).await,
            Some(Ok(user)) => self.served(&head, &text, Some(user)).await,
            Some(Err(refusal)) if self.is("acts-first") => {
                self.served(&head, &text, None).await;
                *refusal
            }
            Some(Err(refusal)) if self.is("leaks") => {
                let (_, body) = self.served(&head, &text, None).await.into_parts();
                let (mut head, _) = refusal.into_parts();
                let media = "application/json".parse().expect("a legal header");
                head.headers.insert("content-type", media);
                Response::from_parts(head, body)
            }
            Some(Err(refusal)) => *refusal,
        }
    }

    /// Opens the stream of the transport that Streamable HTTP replaced.
    fn old_stream(&self) -> Response<Body> {
        let (outlet, mut messages) = mpsc::unbounded_channel::<Vec<u8>>();
        let (live, response) = event_stream();
        let host = Host::new(self.peculiarity, outlet);
        *self.old.lock().expect("nobody panics with the lock") = Some(host);
        let address = match self.peculiarity {
            "old-endpoint-elsewhere" => "http://localhost:1/messages",
            _ => "/messages",
        };
        tokio::spawn(async move {
            let _ = live.send(format!("event: endpoint\ndata: {address}\n\n").into());
            while let Some(message) = messages.recv().await {
                let event = [b"event: message\ndata: ", message.as_slice(), b"\n\n"].concat();
                let _ = live.send(event.into());
            }
        });
        response
    }

    fn old_message(&self, text: &[u8]) -> Response<Body> {
        let host = self.old.lock().expect("nobody panics with the lock");
        host.as_ref().map(|host| host.receive(text));
        status(202)
    }

    /// Returns true if this user may use a session. A fault admits requests without a user.
    fn is_of(&self, session: &Session, user: Option<&'static str>) -> bool {
        user.is_none() || session.user == user || self.is("session-shared")
    }

    /// Returns true if a live session belongs to another user.
    fn is_foreign(&self, named: Option<&str>, user: Option<&'static str>) -> bool {
        let sessions = self.sessions();
        let session = named.and_then(|id| sessions.get(id));
        session.is_some_and(|session| !session.ended && !self.is_of(session, user))
    }

    async fn served(
        self: Arc<Self>,
        head: &Parts,
        text: &[u8],
        user: Option<&'static str>,
    ) -> Response<Body> {
        let message = serde_json::from_slice::<Value>(text).unwrap_or_default();
        let named = head
            .headers
            .get("mcp-session-id")
            .and_then(|id| id.to_str().ok());
        if head.method == Method::POST && message["method"] == "initialize" && named.is_none() {
            return self.initialized(&message, text, user).await;
        }
        let session = match self.admitted(&head.headers, named, user) {
            Ok(session) => session,
            Err(_) if self.is("foreign-session-streamed") && self.is_foreign(named, user) => {
                let error = json!({"code": -32001, "message": "not your session"});
                let error = json!({"jsonrpc": "2.0", "id": message["id"], "error": error});
                let event = format!("data: {error}\n\n");
                return body(200, Some("text/event-stream"), event.into());
            }
            Err(refused) => return *refused,
        };
        match head.method {
            Method::POST => self.posted(session, &message, text).await,
            Method::GET => self.listened(session, &head.headers),
            Method::DELETE => self.deleted(&session),
            _ => status(405),
        }
    }

    /// Returns the session of a request.
    fn admitted(
        &self,
        headers: &HeaderMap,
        named: Option<&str>,
        user: Option<&'static str>,
    ) -> Result<String, Box<Response<Body>>> {
        let version = headers
            .get("mcp-protocol-version")
            .map(|version| version.as_bytes());
        match version {
            Some(b"2025-06-18" | b"2025-03-26" | b"2024-11-05") => {}
            None if !self.is("version-wanted") => {}
            _ if self.is("version-ignored") => {}
            _ => return Err(Box::new(refusal(400, "another version"))),
        }
        if self.has_no_sessions() {
            return Ok(String::new());
        }
        let sessions = self.sessions();
        let Some(id) = named else {
            let any = sessions
                .keys()
                .next()
                .filter(|_| self.is("session-optional"));
            return any.cloned().ok_or_else(|| {
                let mut refused = refusal(400, "no session id");
                if self.is("session-id-on-refusal") {
                    let unused = "a-session-nobody-uses".parse().expect("a legal header");
                    refused.headers_mut().insert("mcp-session-id", unused);
                }
                Box::new(refused)
            });
        };
        let session = sessions.get(id).filter(|session| self.is_of(session, user));
        match session {
            Some(session) if !session.ended || self.is("session-undead") => Ok(id.to_owned()),
            _ if self.is("session-terminated-400") => {
                Err(Box::new(refusal(400, "no such session")))
            }
            _ => Err(Box::new(refusal(404, "no such session"))),
        }
    }

    fn session_id(&self) -> String {
        let number = self.issued.fetch_add(1, Ordering::Relaxed);
        match self.peculiarity {
            _ if self.has_no_sessions() => String::new(),
            "session-id-blank" => format!("session number {number:032x}"),
            "session-id-counted" => format!("{number:016}"),
            "session-id-short" => format!("{:x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40),
            "session-id-odd" => format!(
                "~!{:016x}/{{}}\"={:016x}",
                number.wrapping_mul(0x9e37_79b9_7f4a_7c15),
                number
            ),
            _ => format!(
                "{:016x}{:016x}",
                number.wrapping_mul(0x9e37_79b9_7f4a_7c15),
                number.wrapping_mul(0xc2b2_ae3d_27d4_eb4f)
            ),
        }
    }

    async fn initialized(
        self: Arc<Self>,
        message: &Value,
        text: &[u8],
        user: Option<&'static str>,
    ) -> Response<Body> {
        let id = self.session_id();
        let known = self.sessions().contains_key(&id);
        if !known {
            let (outlet, announcements) = mpsc::unbounded_channel();
            let session = Session {
                user,
                host: Host::new(self.peculiarity, outlet),
                streams: Streams::new(self.peculiarity),
                listened: false,
                busy: 0,
                ended: false,
            };
            self.sessions().insert(id.clone(), session);
            tokio::spawn(self.clone().announce(id.clone(), announcements));
        }
        let mut response = self.clone().posted(id.clone(), message, text).await;
        if !id.is_empty() {
            let id = id.parse().expect("a legal header");
            response.headers_mut().insert("mcp-session-id", id);
        }
        response
    }

    /// Sends messages that relate to no request on the listening streams of a session.
    async fn announce(self: Arc<Self>, session: String, mut messages: Messages) {
        while let Some(message) = messages.recv().await {
            self.with(&session, |session| session.streams.announce(&message));
        }
    }

    async fn posted(
        self: Arc<Self>,
        session: String,
        message: &Value,
        text: &[u8],
    ) -> Response<Body> {
        let Some(host) = self.with(&session, |session| session.host.clone()) else {
            return status(404);
        };
        let touches = message["params"]["name"] == "touch";
        if self.is("resets-call") && touches {
            let mut reset = status(500);
            reset.extensions_mut().insert(Reset);
            return reset;
        }
        if self.is("hangs-refusing-pings") {
            if touches {
                self.with(&session, |session| session.busy = 1);
                std::future::pending::<()>().await;
            }
            let busy = self.with(&session, |session| session.busy == 1);
            if message["method"] == "ping" && busy == Some(true) {
                return status(503);
            }
        }
        let (outlet, mut messages) = mpsc::unbounded_channel();
        if !related_to(outlet, || host.receive(text)) {
            self.with(&session, |session| session.ended = true);
            return status(500);
        }
        let (id, method) = (message.get("id"), message.get("method"));
        let response = message.get("result").is_some() || message.get("error").is_some();
        match method.and_then(Value::as_str) {
            Some(method) if id.is_some() => self.requested(session, method, messages).await,
            Some("notifications/cancelled")
                if self.is("unknown-cancellation-400")
                    && message["params"]["requestId"] == "no such request" =>
            {
                status(400)
            }
            Some(_) => self.accepted(&session, &mut messages),
            None if response && method.is_none() => self.accepted(&session, &mut messages),
            _ => self.refused(message, messages.try_recv().ok()),
        }
    }

    /// Returns the answer to a notification or a response.
    fn accepted(&self, session: &str, messages: &mut Messages) -> Response<Body> {
        while let Ok(message) = messages.try_recv() {
            if is_response(&message) {
                return json_body(200, message);
            }
            self.with(session, |session| session.streams.announce(&message));
        }
        match self.peculiarity {
            "notification-200" => status(200),
            "notification-204" => status(204),
            "notification-body" => body(202, Some("text/plain"), "ok".into()),
            _ => status(202),
        }
    }

    /// Returns the answer to a body that is not a message.
    fn refused(&self, message: &Value, error: Option<Vec<u8>>) -> Response<Body> {
        match (self.peculiarity, error) {
            ("garbage-200", _) => status(200),
            ("refusal-with-id", _) => json_body(
                400,
                r#"{"jsonrpc": "2.0", "id": 7, "error": {"code": -32600, "message": "no message"}}"#,
            ),
            ("refusal-empty", _) | (_, None) => status(400),
            ("refusal-text", _) => body(400, Some("text/plain"), "no message".into()),
            ("batch", Some(answer)) if message.is_array() => json_body(200, answer),
            ("parse-error-200", Some(error)) if message.is_null() => json_body(200, error),
            (_, Some(error)) => json_body(400, error),
        }
    }

    async fn requested(
        self: Arc<Self>,
        session: String,
        method: &str,
        mut messages: Messages,
    ) -> Response<Body> {
        if self.is("get-wanted") && method == "ping" {
            let listened = self.with(&session, |session| session.listened);
            if listened == Some(false) {
                return status(409);
            }
        }
        if self.is("one-at-a-time") {
            let busy = self.with(&session, |session| std::mem::replace(&mut session.busy, 1));
            if busy != Some(0) {
                return status(503);
            }
        }
        let streamed = match self.peculiarity {
            "everything-streamed" | "one-at-a-time" | "pretty-print" => true,
            "json-at-once" => false,
            _ => method == "tools/call",
        };
        let mut first = Vec::new();
        if !streamed {
            let within = Duration::from_millis(10);
            let arrived = if method == "tools/call" {
                tokio::time::timeout(within, messages.recv())
                    .await
                    .ok()
                    .flatten()
            } else {
                messages.recv().await
            };
            first.extend(arrived);
            while let Ok(further) = messages.try_recv() {
                first.push(further);
            }
        }
        match first.as_slice() {
            [response] if is_response(response) => self.simple(&session, response),
            _ => self.streamed(session, first, messages),
        }
    }

    /// Returns an answer that needs no stream.
    fn simple(&self, session: &str, message: &[u8]) -> Response<Body> {
        match self.peculiarity {
            "text-plain" => body(200, Some("text/plain"), message.to_vec().into()),
            "media-parameter" => body(
                200,
                Some("Application/JSON; charset=UTF-8"),
                message.to_vec().into(),
            ),
            // Who begins a session so is no MCP server.
            "json-array" if !String::from_utf8_lossy(message).contains("serverInfo") => {
                json_body(200, [b"[", message, b"]"].concat())
            }
            "session-id-later" => {
                let mut response = json_body(200, message.to_vec());
                with_header(&mut response, "mcp-session-id", "another-session-id");
                response
            }
            "response-on-get" if message.ends_with(b"{}}") => {
                self.with(session, |session| session.streams.announce(message));
                json_body(200, message.to_vec())
            }
            _ => json_body(200, message.to_vec()),
        }
    }

    fn streamed(
        self: Arc<Self>,
        session: String,
        first: Vec<Vec<u8>>,
        messages: Messages,
    ) -> Response<Body> {
        let (live, response) = event_stream();
        let cancels = self.is("disconnect-cancels").then(|| live.clone());
        let Some(number) = self.with(&session, |session| session.streams.open(live, false)) else {
            return status(404);
        };
        tokio::spawn(async move {
            let gone = async {
                match cancels {
                    Some(live) => live.closed().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = gone => {}
                () = self.carry(&session, number, first, messages) => {}
            }
            self.with(&session, |session| {
                session.streams.end(number);
                session.busy = 0;
            });
        });
        response
    }

    /// Sends the messages of a request on the stream that it opened.
    async fn carry(&self, session: &str, number: u64, first: Vec<Vec<u8>>, mut messages: Messages) {
        let say = |message: &[u8]| {
            self.with(session, |session| {
                let streams = &mut session.streams;
                match self.peculiarity {
                    "interim-on-get" => streams.announce(message),
                    "interim-crossed" => streams.misdirect(message),
                    "broadcast" => {
                        streams.say(number, message);
                        streams.announce(message);
                    }
                    "broadcast-logs" | "broadcast-requests" => {
                        streams.say(number, message);
                        let method = match self.peculiarity {
                            "broadcast-logs" => "notifications/message",
                            _ => "sampling/createMessage",
                        };
                        if is_of(message, method) {
                            streams.announce(message);
                        }
                    }
                    _ => streams.say(number, message),
                }
            })
        };
        let mut first = first.into_iter();
        loop {
            let message = match first.next() {
                Some(message) => message,
                None => match messages.recv().await {
                    Some(message) => message,
                    None => return,
                },
            };
            if !is_response(&message) {
                say(&message);
                continue;
            }
            match self.peculiarity {
                "no-response" => return,
                "one-at-a-time" => tokio::time::sleep(Duration::from_millis(20)).await,
                // Time to notice the lost connection.
                "disconnect-cancels" => tokio::time::sleep(Duration::from_millis(150)).await,
                _ => {}
            }
            self.with(session, |session| session.streams.say(number, &message));
            if self.is("broadcast-responses") {
                self.with(session, |session| session.streams.announce(&message));
            }
            if self.is("stays-open") {
                // Longer than other requests keep a server busy.
                tokio::time::sleep(Duration::from_secs(9)).await;
            }
        }
    }

    fn listened(self: Arc<Self>, session: String, headers: &HeaderMap) -> Response<Body> {
        match self.peculiarity {
            "get-404" => return status(404),
            "get-json" => return json_body(200, "{}"),
            "no-get" => return status(405),
            _ => {}
        }
        let (live, response) = event_stream();
        let after = headers.get("last-event-id").and_then(|id| id.to_str().ok());
        self.with(&session, |session| {
            session.listened = true;
            match after {
                Some(_) if self.is("no-resumption") => {}
                Some(after) => session.streams.resume(after, live.clone()),
                None if self.is("get-closes") => {}
                None => drop(session.streams.open(live.clone(), true)),
            }
        });
        if after.is_none() && self.is("get-ends-session") {
            tokio::spawn(async move {
                live.closed().await;
                self.with(&session, |session| session.ended = true);
            });
        }
        response
    }

    fn deleted(&self, session: &str) -> Response<Body> {
        match self.peculiarity {
            "no-delete" | "stateless" | "stateless-logs" => return status(405),
            "delete-500" => return status(500),
            _ => {}
        }
        self.with(session, |session| {
            session.ended = true;
            session.streams.close();
        });
        status(if self.is("delete-200") { 200 } else { 204 })
    }
}

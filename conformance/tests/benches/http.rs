//! A small MCP server over Streamable HTTP, written from the specification for
//! this bench alone, that behaves well or has one switchable peculiarity.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::support::Bench;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream;
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

type Body = UnsyncBoxBody<Bytes, Infallible>;
type Events = mpsc::UnboundedSender<Bytes>;

/// The bench.
pub const BENCH: Bench = Bench {
    name: "http",
    transport: Transport::Http,
    also: &["ping/respond", "progress/echo-token"],
    judged_by: "http/",
    server: |name| Arc::new(Peculiar::new(name)),
};

/// A server with a peculiarity, or the name of none.
pub struct Peculiar {
    name: &'static str,
    endpoint: OnceCell<Endpoint>,
}

impl Peculiar {
    /// The server with this peculiarity.
    pub fn new(name: &'static str) -> Self {
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
            let endpoint = self.endpoint.get_or_try_init(|| listen(self.name)).await?;
            Ok(Connection::Http(Box::new(endpoint.clone())))
        })
    }
}

async fn listen(peculiarity: &'static str) -> anyhow::Result<Endpoint> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let host = Arc::new(Host {
        peculiarity,
        sessions: Mutex::default(),
        issued: AtomicU64::new(0x1234_5678),
    });
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let host = host.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let host = host.clone();
                    async move { Ok::<_, Infallible>(host.answer(request).await) }
                });
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                // The client may break the connection off.
                let _ = builder
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    Endpoint::parse(&format!("http://{address}/mcp"))
}

#[derive(Default)]
struct Session {
    events: u64,
    streams: u64,
    listeners: Vec<Events>,
    kept: HashMap<u64, Vec<(String, Value)>>,
    listened: bool,
    busy: usize,
    ended: bool,
}

struct Host {
    peculiarity: &'static str,
    sessions: Mutex<HashMap<String, Session>>,
    issued: AtomicU64,
}

fn status(status: u16) -> Response<Body> {
    body(status, None, String::new())
}

fn body(status: u16, media: Option<&str>, text: String) -> Response<Body> {
    let body = Full::new(Bytes::from(text)).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).expect("a legal status");
    if let Some(media) = media {
        response
            .headers_mut()
            .insert("content-type", media.parse().expect("a legal header"));
    }
    response
}

fn json_body(status: u16, message: &Value) -> Response<Body> {
    body(status, Some("application/json"), message.to_string())
}

fn refusal(code: u16, text: &str) -> Response<Body> {
    json_body(
        code,
        &json!({"jsonrpc": "2.0", "error": {"code": -32600, "message": text}}),
    )
}

fn event_stream() -> (Events, Response<Body>) {
    let (sender, receiver) = mpsc::unbounded_channel::<Bytes>();
    let frames = stream::unfold(receiver, |mut receiver| async {
        let bytes = receiver.recv().await?;
        Some((Ok::<_, Infallible>(Frame::data(bytes)), receiver))
    });
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    response.headers_mut().insert(
        "content-type",
        "text/event-stream".parse().expect("a legal header"),
    );
    (sender, response)
}

impl Host {
    fn is(&self, name: &str) -> bool {
        self.peculiarity == name
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.sessions.lock().expect("nobody panics with the lock")
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
        let message = serde_json::from_slice::<Value>(&text).ok();
        let initialize = message
            .as_ref()
            .is_some_and(|message| message["method"] == "initialize");
        if !initialize && let Err(refused) = self.admit(&head.headers) {
            return *refused;
        }
        let session = head
            .headers
            .get("mcp-session-id")
            .and_then(|id| id.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        match head.method {
            Method::POST => self.posted(session, message),
            Method::GET => self.listened(&session, &head.headers),
            Method::DELETE => self.deleted(&session),
            _ => status(405),
        }
    }

    fn admit(&self, headers: &HeaderMap) -> Result<(), Box<Response<Body>>> {
        let version = headers
            .get("mcp-protocol-version")
            .map(|version| version.as_bytes());
        match version {
            Some(b"2025-06-18") => {}
            None if !self.is("version-wanted") => {}
            _ if self.is("version-ignored") => {}
            _ => return Err(Box::new(refusal(400, "another version"))),
        }
        if self.is("stateless") {
            return Ok(());
        }
        let Some(id) = headers
            .get("mcp-session-id")
            .and_then(|id| id.to_str().ok())
        else {
            return if self.is("session-optional") {
                Ok(())
            } else {
                Err(Box::new(refusal(400, "no session id")))
            };
        };
        match self.sessions().get(id) {
            Some(session) if !session.ended || self.is("session-undead") => Ok(()),
            _ => Err(Box::new(refusal(404, "no such session"))),
        }
    }

    fn posted(self: Arc<Self>, session: String, message: Option<Value>) -> Response<Body> {
        let message = message.filter(Value::is_object).unwrap_or_default();
        let (id, method) = (message.get("id"), message.get("method"));
        let response = message.get("result").is_some() || message.get("error").is_some();
        match (id, method.map(Value::as_str)) {
            (Some(id), Some(Some(method))) => {
                self.requested(&session, id, method, &message["params"])
            }
            (None, Some(Some(_))) => self.accepted(),
            (_, None) if response => self.accepted(),
            _ if self.is("garbage-200") => status(200),
            _ if self.is("refusal-with-id") => json_body(
                400,
                &json!({"jsonrpc": "2.0", "id": 7, "error": {"code": -32600, "message": "no message"}}),
            ),
            _ => refusal(400, "no message"),
        }
    }

    fn accepted(&self) -> Response<Body> {
        match self.peculiarity {
            "notification-200" => status(200),
            "notification-body" => body(202, Some("text/plain"), "ok".to_owned()),
            _ => status(202),
        }
    }

    fn requested(
        self: Arc<Self>,
        session: &str,
        id: &Value,
        method: &str,
        params: &Value,
    ) -> Response<Body> {
        let refused = |code: i64, text: &str| json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": text}});
        let good = |result: Value| json!({"jsonrpc": "2.0", "id": id, "result": result});
        let message = match method {
            "initialize" => return self.initialize(&good),
            "ping" if self.is("get-wanted") && !self.listened_to(session) => return status(409),
            "ping" => good(json!({})),
            "tools/list" => {
                good(json!({"tools": [{"name": "progress", "inputSchema": {"type": "object"}}]}))
            }
            "tools/call" if params["name"] == "progress" => return self.call(session, id, params),
            "tools/call" => refused(-32602, "no such tool"),
            _ => refused(-32601, "no such method"),
        };
        self.simple(session, &message)
    }

    fn listened_to(&self, session: &str) -> bool {
        self.sessions()
            .get(session)
            .is_some_and(|session| session.listened)
    }

    fn initialize(&self, good: &dyn Fn(Value) -> Value) -> Response<Body> {
        let result = json!({"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
            "serverInfo": {"name": "bench", "version": "1"}});
        let mut response = json_body(200, &good(result));
        let number = self.issued.fetch_add(1, Ordering::Relaxed);
        let id = match self.peculiarity {
            "stateless" => return response,
            "session-id-blank" => format!("session number {number:032x}"),
            "session-id-counted" => format!("{number:016}"),
            "session-id-short" => format!("{:x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40),
            _ => format!(
                "{:016x}{:016x}",
                number.wrapping_mul(0x9e37_79b9_7f4a_7c15),
                number.wrapping_mul(0xc2b2_ae3d_27d4_eb4f)
            ),
        };
        self.sessions().insert(id.clone(), Session::default());
        response
            .headers_mut()
            .insert("mcp-session-id", id.parse().expect("a legal header"));
        response
    }

    /// An answer that needs no stream.
    fn simple(self: Arc<Self>, session: &str, message: &Value) -> Response<Body> {
        match self.peculiarity {
            "text-plain" => body(200, Some("text/plain"), message.to_string()),
            "json-array" => json_body(200, &json!([message])),
            "one-at-a-time" => self.one_at_a_time(session, message),
            "session-id-later" => {
                let mut response = json_body(200, message);
                response.headers_mut().insert(
                    "mcp-session-id",
                    "another-session-id".parse().expect("a legal header"),
                );
                response
            }
            "everything-streamed" => {
                let (sender, response) = event_stream();
                self.say(session, &sender, 0, message);
                response
            }
            "response-on-get" if message["result"] == json!({}) => {
                let listeners = self
                    .sessions()
                    .get(session)
                    .map(|session| session.listeners.clone())
                    .unwrap_or_default();
                listeners.iter().for_each(|listener| {
                    drop(listener.send(Bytes::from(format!("data: {message}\n\n"))))
                });
                json_body(200, message)
            }
            _ => json_body(200, message),
        }
    }

    fn one_at_a_time(self: Arc<Self>, session: &str, message: &Value) -> Response<Body> {
        let mut sessions = self.sessions();
        let Some(state) = sessions.get_mut(session) else {
            return status(404);
        };
        if state.busy > 0 {
            return status(503);
        }
        state.busy += 1;
        drop(sessions);
        let (sender, response) = event_stream();
        let (host, session, message) = (self.clone(), session.to_owned(), message.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            host.say(&session, &sender, 0, &message);
            if let Some(state) = host.sessions().get_mut(&session) {
                state.busy -= 1;
            }
        });
        response
    }

    /// Sends a message as an event of a stream, and keeps it to be replayed.
    fn say(&self, session: &str, stream: &Events, number: u64, message: &Value) {
        let mut sessions = self.sessions();
        let state = sessions.entry(session.to_owned()).or_default();
        state.events += 1;
        let id = if self.is("event-ids-repeat") {
            format!("{number}-1")
        } else {
            format!("{number}-{}", state.events)
        };
        state
            .kept
            .entry(number)
            .or_default()
            .push((id.clone(), message.clone()));
        let prefix = if self.is("no-event-ids") {
            String::new()
        } else {
            format!("id: {id}\n")
        };
        // The client may have gone.
        let _ = stream.send(Bytes::from(format!("{prefix}data: {message}\n\n")));
    }

    fn call(self: Arc<Self>, session: &str, id: &Value, params: &Value) -> Response<Body> {
        let (sender, response) = event_stream();
        let (session, id, token) = (
            session.to_owned(),
            id.clone(),
            params["_meta"]["progressToken"].clone(),
        );
        let number = {
            let mut sessions = self.sessions();
            let state = sessions.entry(session.clone()).or_default();
            state.streams += 1;
            state.streams
        };
        tokio::spawn(async move {
            for step in 1..=3 {
                if !token.is_null() {
                    let params = json!({"progressToken": token, "progress": step});
                    self.report(&session, &sender, number, &json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": params}));
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
            if !self.is("no-response") {
                self.say(
                    &session,
                    &sender,
                    number,
                    &json!({"jsonrpc": "2.0", "id": id, "result": {"content": []}}),
                );
            }
            if self.is("stays-open") {
                tokio::time::sleep(Duration::from_millis(2600)).await;
            }
        });
        response
    }

    fn report(&self, session: &str, own: &Events, number: u64, message: &Value) {
        if !self.is("interim-on-get") {
            self.say(session, own, number, message);
        }
        if self.is("broadcast") || self.is("interim-on-get") {
            let listeners = self
                .sessions()
                .get(session)
                .map(|session| session.listeners.clone())
                .unwrap_or_default();
            listeners.iter().for_each(|listener| {
                drop(listener.send(Bytes::from(format!("data: {message}\n\n"))))
            });
        }
    }

    fn listened(self: Arc<Self>, session: &str, headers: &HeaderMap) -> Response<Body> {
        match self.peculiarity {
            "get-404" => return status(404),
            "get-json" => return json_body(200, &json!({})),
            "no-get" => return status(405),
            _ => {}
        }
        let (sender, response) = event_stream();
        let mut sessions = self.sessions();
        let state = sessions.entry(session.to_owned()).or_default();
        state.listened = true;
        let after = headers
            .get("last-event-id")
            .and_then(|id| id.to_str().ok())
            .map(str::to_owned);
        if !self.is("get-closes") {
            state.listeners.push(sender.clone());
        }
        drop(sessions);
        if let Some(after) = after {
            let (host, session) = (self.clone(), session.to_owned());
            tokio::spawn(async move { host.replay(&session, &after, &sender).await });
        } else if self.is("get-ends-session") {
            let (host, session) = (self.clone(), session.to_owned());
            tokio::spawn(async move {
                sender.closed().await;
                if let Some(state) = host.sessions().get_mut(&session) {
                    state.ended = true;
                }
            });
        }
        response
    }

    /// Gives what came after an event on its stream.
    async fn replay(&self, session: &str, after: &str, stream: &Events) {
        if self.is("no-resumption") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(120)).await;
        let number: u64 = after
            .split('-')
            .next()
            .and_then(|number| number.parse().ok())
            .unwrap_or_default();
        let sessions = self.sessions();
        let Some(state) = sessions.get(session) else {
            return;
        };
        for (kept, events) in &state.kept {
            if *kept == number || self.is("replays-everything") {
                let missed = events
                    .iter()
                    .filter(|(id, _)| id != after || self.is("replays-delivered"));
                missed.for_each(|(id, message)| {
                    drop(stream.send(Bytes::from(format!("id: {id}\ndata: {message}\n\n"))))
                });
            }
        }
    }

    fn deleted(&self, session: &str) -> Response<Body> {
        match self.peculiarity {
            "no-delete" | "stateless" => return status(405),
            "delete-500" => return status(500),
            _ => {}
        }
        if let Some(state) = self.sessions().get_mut(session) {
            state.ended = true;
        }
        status(204)
    }
}

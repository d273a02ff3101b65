//! A host whose sessions send the messages that a test asks for, when it asks for them.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use wasi_mcp_types::types::Principal;

use crate::fuzzing::message::kind_of;
use crate::session::{Assumed, Outlet, Receipt};
use crate::telemetry::{SessionEnd, Telemetry};
use crate::transport::http::conversation::{Conversation, Host};
use wasi_mcp_protocol::{Limits, Outgoing, Route, StreamId};

/// Begins sessions and remembers them.
#[derive(Default)]
pub(super) struct FakeHost {
    sessions: Mutex<Vec<Arc<FakeSession>>>,
    telemetry: Arc<Telemetry>,
}

impl FakeHost {
    /// Returns the number of sessions ever begun.
    pub(super) fn begun(&self) -> usize {
        self.sessions.lock().expect("sessions").len()
    }

    /// Returns the newest session.
    pub(super) fn newest(&self) -> Arc<FakeSession> {
        let sessions = self.sessions.lock().expect("sessions");
        Arc::clone(sessions.last().expect("a session was begun"))
    }
}

impl Host for Arc<FakeHost> {
    fn open_stateless(&self, outlet: Arc<dyn Outlet>) -> Box<dyn Conversation> {
        self.open(outlet)
    }

    fn open(&self, outlet: Arc<dyn Outlet>) -> Box<dyn Conversation> {
        let (sender, calls) = mpsc::unbounded_channel();
        let session = Arc::new(FakeSession {
            outlet,
            calls: tokio::sync::Mutex::new(calls),
            sender,
            running: Mutex::default(),
            received: Mutex::default(),
            assumed: Mutex::default(),
            settled: Notify::new(),
            is_initialized: AtomicBool::new(false),
            is_finished: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
        });
        self.sessions
            .lock()
            .expect("sessions")
            .push(Arc::clone(&session));
        Box::new(session)
    }

    fn limits(&self) -> Limits {
        Limits::default()
    }

    fn telemetry(&self) -> Arc<Telemetry> {
        Arc::clone(&self.telemetry)
    }
}

/// Answers `initialize` and `ping`; any other request waits for the test.
pub(super) struct FakeSession {
    outlet: Arc<dyn Outlet>,
    calls: tokio::sync::Mutex<mpsc::UnboundedReceiver<(StreamId, Value)>>,
    sender: mpsc::UnboundedSender<(StreamId, Value)>,
    running: Mutex<HashSet<u64>>,
    received: Mutex<Vec<Value>>,
    assumed: Mutex<Vec<Assumed>>,
    /// Notified when a request ends.
    settled: Notify,
    is_initialized: AtomicBool,
    is_finished: AtomicBool,
    is_closed: AtomicBool,
}

impl FakeSession {
    /// Returns the next request that waits for the test.
    pub(super) async fn call(self: &Arc<Self>) -> FakeCall {
        let next = async { self.calls.lock().await.recv().await };
        let (stream, message) = tokio::time::timeout(Duration::from_secs(10), next)
            .await
            .expect("a request within ten seconds")
            .expect("a request");
        FakeCall {
            session: Arc::clone(self),
            stream,
            id: message["id"].clone(),
        }
    }

    /// Sends a notification that belongs to no request.
    pub(super) fn announce(&self, method: &str, params: Value) {
        let message = json!({"jsonrpc": "2.0", "method": method, "params": params});
        self.outlet.send(Route::Unrelated, outgoing(&message));
    }

    /// Returns whether the session was told to end gracefully.
    pub(super) fn is_finished(&self) -> bool {
        self.is_finished.load(Ordering::SeqCst)
    }

    /// Returns the states of clients that the session was prepared for.
    pub(super) fn assumed(&self) -> Vec<Assumed> {
        self.assumed.lock().expect("assumed").clone()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::SeqCst)
    }

    /// Returns all messages received, in order.
    pub(super) fn received(&self) -> Vec<Value> {
        self.received.lock().expect("received").clone()
    }

    /// Answers `initialize`, unless the test does: `None`.
    fn answer_initialize(&self, stream: StreamId, message: &Value) -> Option<Receipt> {
        let params = &message["params"];
        if params["fail"] == json!(true) {
            return Some(Receipt::Answered(text(&error(&message["id"], -32603))));
        }
        if params["wait"] == json!(true) {
            return None;
        }
        self.is_initialized.store(true, Ordering::SeqCst);
        let answer = outgoing(&result(&message["id"]));
        self.outlet.send(Route::Stream(stream), answer);
        Some(Receipt::Pending)
    }
}

fn result(id: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": {}})
}

fn error(id: &Value, code: i32) -> Value {
    let error = json!({"code": code, "message": "as the test wants it"});
    json!({"jsonrpc": "2.0", "id": id, "error": error})
}

fn text(message: &Value) -> Vec<u8> {
    message.to_string().into_bytes()
}

/// Returns the message as a session would send it.
pub(super) fn outgoing(message: &Value) -> Outgoing {
    Outgoing {
        kind: kind_of(message),
        text: text(message),
    }
}

impl Conversation for Arc<FakeSession> {
    fn receive(
        &self,
        stream: StreamId,
        _principal: Option<Arc<Principal>>,
        message: &[u8],
    ) -> Receipt {
        let Ok(Value::Object(message)) = serde_json::from_slice(message) else {
            let error = json!({"code": -32700, "message": "no JSON object"});
            let error = json!({"jsonrpc": "2.0", "error": error});
            return Receipt::Refused(error.to_string().into_bytes());
        };
        let message = Value::Object(message);
        self.received
            .lock()
            .expect("received")
            .push(message.clone());
        if message.get("id").is_none() || message.get("method").is_none() {
            return Receipt::Accepted;
        }
        let answered = match message["method"].as_str() {
            Some("initialize") if self.is_initialized.load(Ordering::SeqCst) => {
                Some(Receipt::Answered(text(&error(&message["id"], -32600))))
            }
            Some("initialize") => self.answer_initialize(stream, &message),
            Some("ping") => Some(Receipt::Answered(text(&result(&message["id"])))),
            _ => None,
        };
        answered.unwrap_or_else(|| {
            self.running.lock().expect("running").insert(stream.0);
            self.sender
                .send((stream, message))
                .expect("the session is there");
            Receipt::Pending
        })
    }

    fn heard(&self) {}

    fn number(&self) -> u64 {
        0
    }

    fn close(&self, _reason: SessionEnd) {
        self.is_closed.store(true, Ordering::SeqCst);
        for stream in self.running.lock().expect("running").drain() {
            self.outlet.end(StreamId(stream));
        }
    }

    fn finish(&self, grace: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.is_finished.store(true, Ordering::SeqCst);
            let deadline = tokio::time::Instant::now() + grace;
            while self.in_flight() > 0 && tokio::time::Instant::now() < deadline {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
    }

    fn in_flight(&self) -> usize {
        self.running.lock().expect("running").len()
    }

    fn assume_initialized(&self, assumed: Assumed) -> BoxFuture<'_, ()> {
        self.assumed.lock().expect("assumed").push(assumed);
        Box::pin(std::future::ready(()))
    }

    fn settled(&self) -> BoxFuture<'static, ()> {
        let session = Arc::clone(self);
        Box::pin(async move {
            while session.in_flight() > 0 {
                session.settled.notified().await;
            }
        })
    }
}

/// A request in flight.
pub(super) struct FakeCall {
    session: Arc<FakeSession>,
    stream: StreamId,
    pub(super) id: Value,
}

impl FakeCall {
    fn send(&self, message: &Value) {
        self.session
            .outlet
            .send(Route::Stream(self.stream), outgoing(message));
    }

    /// Sends a notification that belongs to the request.
    pub(super) fn notify(&self, text: &str) {
        let params = json!({"level": "info", "data": text});
        let message =
            json!({"jsonrpc": "2.0", "method": "notifications/message", "params": params});
        self.send(&message);
    }

    /// Sends a request to the client.
    pub(super) fn ask(&self, id: u32) {
        let message = json!({"jsonrpc": "2.0", "id": id, "method": "roots/list"});
        self.send(&message);
    }

    /// Answers the request, with an error if the test wants it.
    pub(super) fn respond(self) {
        self.done();
        self.send(&result(&self.id));
    }

    pub(super) fn fail(self) {
        self.done();
        self.send(&error(&self.id, -32603));
    }

    /// Ends the request as cancelled.
    pub(super) fn end(self) {
        self.done();
        self.session.outlet.end(self.stream);
    }

    fn done(&self) {
        self.session
            .running
            .lock()
            .expect("running")
            .remove(&self.stream.0);
        self.session.settled.notify_one();
    }
}

//! A small MCP server, written from the specification for these tests alone, with at most one fault
//! or variation. It is independent of transports: messages arrive through [`Host::receive`] and
//! leave through outlets.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

mod asks;
mod items;
mod lists;
mod notices;
mod output;
mod session;
mod tools;

use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc, oneshot};

/// The receiver of outgoing messages.
pub type Outlet = mpsc::UnboundedSender<Vec<u8>>;

tokio::task_local! {
    /// The outlet for messages that relate to the current message, if it differs from the main one.
    static RELATED: Outlet;
}

/// Runs work whose messages relate to the current message.
pub fn related_to<T>(outlet: Outlet, work: impl FnOnce() -> T) -> T {
    RELATED.sync_scope(outlet, work)
}

/// Continues the work for the current message in its own task.
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    match RELATED.try_with(Clone::clone) {
        Ok(outlet) => tokio::spawn(RELATED.scope(outlet, work)),
        Err(_) => tokio::spawn(work),
    };
}

type Refusal = (i64, String);
type Answer = Result<Value, Refusal>;

const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";
const LEVELS: [&str; 8] = [
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
];

#[derive(Default)]
struct State {
    initialized: bool,
    begun: bool,
    client: Value,
    level: usize,
    subscribed: HashSet<String>,
    running: HashMap<String, oneshot::Sender<()>>,
    asked: HashMap<String, oneshot::Sender<Value>>,
    asks: u64,
    /// Requests to the client for which it reported progress, and when.
    prolonged: HashMap<String, Instant>,
    /// Requests to the client that it has answered.
    settled: Vec<Value>,
    /// The request that was answered last.
    answered: String,
    /// Pings that the client has not answered.
    pings: HashSet<String>,
    toggled: bool,
    /// True if the watched resource changed without a subscriber.
    missed: bool,
    grown: bool,
    done: bool,
    blocked: bool,
    /// True if the client has no capabilities.
    bare: bool,
}

/// One session of a server with one fault or variation, or with none.
pub struct Host {
    peculiarity: &'static str,
    outlet: Outlet,
    /// Notified when the client is considered disconnected.
    gone: Notify,
    state: Mutex<State>,
}

fn refuse(code: i64, text: &str) -> Answer {
    Err((code, text.to_owned()))
}

/// Returns true for two answers to a form: that it is declined, and that nothing was filled in.
fn is_refused_form(message: &Value) -> bool {
    let result = &message["result"];
    result["action"] == "decline" || *result == json!({"action": "accept", "content": {}})
}

impl Host {
    /// Creates a server with an outlet for messages, except those that relate to a current message.
    pub fn new(peculiarity: &'static str, outlet: Outlet) -> Arc<Self> {
        Arc::new(Self {
            peculiarity,
            outlet,
            gone: Notify::new(),
            state: Mutex::default(),
        })
    }

    /// Waits until the server considers its client disconnected and ends.
    pub async fn gone(&self) {
        self.gone.notified().await;
    }

    /// Returns true if it has this fault or variation.
    pub fn is(&self, name: &str) -> bool {
        self.peculiarity == name
    }

    /// Returns true for the servers that finish the work of cancelled requests.
    pub(super) fn is_unheeding(&self) -> bool {
        self.is("cancel-unheeded") || self.peculiarity.starts_with("unheeded-")
    }

    /// Returns true for the servers that issue no session ids.
    pub(super) fn has_no_sessions(&self) -> bool {
        matches!(self.peculiarity, "stateless" | "stateless-logs")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with the lock")
    }

    /// Handles a message. Returns false if the server ends.
    pub fn receive(self: &Arc<Self>, text: &[u8]) -> bool {
        let replaced = String::from_utf8_lossy(text);
        let text = if self.is("invalid-utf-8-replaced") {
            replaced.as_bytes()
        } else {
            text
        };
        match serde_json::from_slice::<Value>(text) {
            Ok(message) if self.is("dies-of-batch") && message.is_array() => return false,
            Ok(message) if self.is("dies-of-two-answers") && is_refused_form(&message) => {
                return false;
            }
            Ok(message) => self.clone().take(message),
            Err(_) if self.is("dies-on-invalid-utf-8") && std::str::from_utf8(text).is_err() => {
                return false;
            }
            Err(_) if self.is("dies-on-garbage") => return false,
            Err(_) if self.is("silent-on-garbage") => {}
            Err(_) => self.fail_nameless(
                if self.is("parse-error-code") {
                    -32600
                } else {
                    -32700
                },
                "this is no JSON",
            ),
        }
        true
    }

    fn fail_nameless(&self, code: i64, text: &str) {
        let mut message =
            json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": text}});
        if self.is("errors-without-id") {
            message.as_object_mut().and_then(|all| all.remove("id"));
        }
        self.send(message);
    }

    fn take(self: Arc<Self>, message: Value) {
        if let (true, Value::Array(members)) = (self.is("batch-array"), &message) {
            let pong = |member: &Value| json!({"jsonrpc": "2.0", "id": member["id"], "result": {}});
            let answers: Vec<Value> = members.iter().map(pong).collect();
            if !answers.is_empty() {
                self.send(answers.into());
            }
            return;
        }
        if let (true, Value::Array(members)) = (self.is("batch"), &message) {
            members
                .iter()
                .for_each(|member| self.clone().take(member.clone()));
            return;
        }
        let Some(members) = message.as_object() else {
            return self.fail_nameless(-32600, "a message is an object");
        };
        let id = members.get("id");
        let legal_id = id.filter(|id| id.is_string() || id.is_i64() || id.is_u64());
        match members.get("method") {
            Some(Value::String(method)) if id.is_none() => self.clone().notified(method, &message["params"]),
            Some(Value::String(method)) if message["jsonrpc"] == "2.0" || self.is("version-unchecked") => match legal_id {
                Some(id) => self.requested(id.clone(), method.clone(), message["params"].clone(), members.contains_key("params")),
                None if self.is("odd-id-echoed") && !message["id"].is_null() => self.send(json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32600, "message": "this is no id"}})),
                None => self.fail_nameless(-32600, "this is no id"),
            },
            None if members.contains_key("result") || members.contains_key("error") => {
                if self.is("answers-responses") {
                    self.fail_nameless(-32600, "an unexpected response");
                }
                self.answered(message);
            }
            _ => self.send(json!({"jsonrpc": "2.0", "id": legal_id, "error": {"code": -32600, "message": "this is no request"}})),
        }
    }

    /// Returns true if a server with few features lacks this method.
    fn lacks(&self, method: &str) -> bool {
        let area = method.split('/').next().unwrap_or_default();
        match self.peculiarity {
            "nothing-offered" => !matches!(area, "initialize" | "ping"),
            "tools-alone" => !matches!(area, "initialize" | "ping" | "tools"),
            "templates-unknown" => method == "resources/templates/list",
            _ => false,
        }
    }

    /// Handles a response of the client.
    fn answered(&self, message: Value) {
        let id = message["id"].to_string();
        let mut state = self.state();
        state.pings.remove(&id);
        let waiting = state.asked.remove(&id);
        drop(state);
        // Nobody waits for it after the end of the call.
        let late = waiting.is_none_or(|waiting| waiting.send(message).is_err());
        if late && self.is("late-answer-unheard") && id.parse::<u64>().is_ok() {
            self.state().blocked = true;
        }
    }

    fn notified(self: Arc<Self>, method: &str, params: &Value) {
        if self.is("answers-notifications") && method == "notifications/no-such" {
            self.fail_nameless(-32601, "an unknown notification");
        }
        if self.is("answers-positional") && params.is_array() {
            self.fail_nameless(-32600, "params is an object");
        }
        match method {
            "notifications/initialized" => {
                let first = !std::mem::replace(&mut self.state().initialized, true);
                if first {
                    tokio::spawn(self.clone().keep_pinging());
                }
                if self.is("fades") {
                    let host = self.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep(Duration::from_millis(1200)).await;
                        host.gone.notify_one();
                    });
                }
                if matches!(self.peculiarity, "roots-at-start" | "roots-stale") {
                    tokio::spawn(self.clone().learn_roots());
                }
                let unheard = self.is("initialized-unheard") && !params.is_null()
                    || self.is("bare-unheard") && self.state().bare;
                if unheard {
                    self.state().blocked = true;
                }
                if self.is("pings-all-the-time") {
                    for number in 0..50 {
                        let id = format!("ping-{number}");
                        self.send(json!({"jsonrpc": "2.0", "id": id, "method": "ping"}));
                    }
                }
                if self.is("pings") {
                    self.send(json!({"jsonrpc": "2.0", "id": "ping-1", "method": "ping"}));
                }
            }
            "notifications/roots/list_changed" if self.is("roots-changes-unheard") => {
                self.state().blocked = true;
            }
            "notifications/roots/list_changed" if self.is("roots-at-start") => {
                tokio::spawn(self.clone().learn_roots());
            }
            "notifications/progress" => {
                let token = params["progressToken"].to_string();
                self.state().prolonged.insert(token, Instant::now());
                if self.is("progress-fraction-fatal") && params["progress"].as_u64().is_none() {
                    self.state().blocked = true;
                }
            }
            "notifications/cancelled" if self.is_unheeding() => {
                let id = params["requestId"].to_string();
                self.state().running.remove(&id);
            }
            "notifications/cancelled" => {
                let id = params["requestId"].to_string();
                let loose = id.trim_matches('"').to_owned();
                let is_loose = self.is("cancel-loose-id") || self.is("cancel-loose-answered");
                let found = self
                    .state()
                    .running
                    .remove(if is_loose { &loose } else { &id });
                if found.is_some() && id != loose && self.is("cancel-loose-answered") {
                    let id = serde_json::from_str(&loose).unwrap_or_default();
                    self.respond(&id, refuse(-32000, "Request cancelled"));
                }
                if let Some(running) = found {
                    let _ = running.send(());
                } else if self.is("dies-on-crossing") && id == self.state().answered {
                    self.state().blocked = true;
                } else if self.is("cancel-unknown-answered") {
                    self.fail_nameless(-32602, "no such request");
                    self.state().blocked = true;
                }
            }
            _ => {}
        }
    }

    fn requested(self: Arc<Self>, id: Value, method: String, params: Value, given: bool) {
        if self.state().blocked {
            return;
        }
        if given && !params.is_object() && !self.is("params-unchecked") {
            let code = if self.is("params-no-request") {
                -32600
            } else {
                -32602
            };
            return self.respond(&id, refuse(code, "params is an object"));
        }
        let method = if self.is("case-insensitive") {
            method.trim().to_lowercase()
        } else {
            method
        };
        if self.is("large-ids-refused") && id.as_i64().is_some_and(|id| id > 1 << 53) {
            return self.respond(&id, refuse(-32600, "the id is too large"));
        }
        if self.is("string-ids-refused") && id.is_string() {
            return self.respond(&id, refuse(-32600, "an id is a number"));
        }
        let early = !self.state().begun && !matches!(method.as_str(), "initialize" | "ping");
        if early && !self.is("serves-early") {
            return self.respond(&id, refuse(-32600, "initialize comes first"));
        }
        if method == "tools/call" {
            let host = self.clone();
            let (cancel, cancelled) = oneshot::channel();
            self.state().running.insert(id.to_string(), cancel);
            spawn(async move { host.call(id, params, cancelled).await });
            return;
        }
        if method == "ping" && self.is("ping-unheard") {
            return;
        }
        if method == "ping" && self.is("ping-waits") && !self.state().running.is_empty() {
            return;
        }
        let answer = self.answer(&method, &params, given);
        let called = !self.state().running.is_empty();
        let delay = match self.peculiarity {
            "slow-answers" if method == "ping" => Some(0),
            "slow-answers" => Some(5),
            // Longer than a call takes.
            "ping-queued" if method == "ping" && called => Some(600),
            "quick-again" if method == "ping" && called => Some(40),
            _ => None,
        };
        if let Some(delay) = delay.map(Duration::from_millis) {
            let host = self.clone();
            spawn(async move {
                tokio::time::sleep(delay).await;
                host.respond(&id, answer);
            });
            return;
        }
        self.state().answered = id.to_string();
        self.respond(&id, answer);
        if method == "resources/unsubscribe" && params["uri"] == "test://watched" {
            self.unsubscribed();
        }
        if self.is("answers-twice") && method == "ping" {
            self.respond(&id, Ok(json!({})));
        }
    }

    fn answer(&self, method: &str, params: &Value, given: bool) -> Answer {
        let strict = params
            .as_object()
            .is_some_and(|members| members.contains_key("unknownMember"));
        match method {
            _ if self.is("meta-refused") && params["_meta"].is_object() => {
                refuse(-32602, "no _meta here")
            }
            _ if self.is("further-members-refused") && strict => {
                refuse(-32602, "an unknown member")
            }
            _ if self.is("params-wanted") && !given && method == "ping" => {
                refuse(-32602, "params is missing")
            }
            _ if !params["_meta"].is_null() && !params["_meta"].is_object() => {
                refuse(-32602, "_meta is an object")
            }
            "resources/unsubscribe"
                if self.is("unsubscribe-strict") && params["uri"] == "test://never-subscribed" =>
            {
                refuse(-32602, "never subscribed")
            }
            _ if self.lacks(method) => refuse(-32601, "no such method"),
            "ping" if self.is("ping-refused") && !self.state().initialized => {
                refuse(-32600, "not yet")
            }
            "resources/unsubscribe"
                if self.is("unsubscribe-refused") && params["uri"] == "test://never-subscribed" =>
            {
                self.state().blocked = true;
                refuse(-32602, "never subscribed")
            }
            "resources/subscribe" | "resources/unsubscribe" if self.has_no_sessions() => {
                refuse(-32601, "no such method")
            }
            "logging/setLevel" if self.is("stateless") => refuse(-32601, "no such method"),
            "resources/subscribe" if self.is("subscribe-refused") => refuse(-32603, "no"),
            "logging/setLevel" if self.is("level-refused") && params["level"] == "alert" => {
                refuse(-32602, "no such level")
            }
            "ping" if self.is("ping-data") => Ok(json!({"pong": true})),
            "ping" => Ok(json!({})),
            "initialize" => self.initialize(params),
            "logging/setLevel" => self.set_level(params),
            "tools/list" => self.page(params, "tools", self.tools()),
            "resources/list" => self.page(params, "resources", self.resources()),
            "resources/templates/list" => self.page(params, "resourceTemplates", self.templates()),
            "prompts/list" => self.page(params, "prompts", self.prompts()),
            "resources/read" => self.resource(params),
            "resources/subscribe" | "resources/unsubscribe" => self.subscription(method, params),
            "prompts/get" => self.prompt(params),
            "completion/complete" => self.complete(params),
            _ if self.is("unknown-method-result") => Ok(json!({})),
            _ => refuse(-32601, "no such method"),
        }
    }
}

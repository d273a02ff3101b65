//! The reference host with one fault: what goes over the wire is changed
//! between it and the client.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::{Notify, mpsc};
use wasi_mcp_conformance::driver::Timing;
use wasi_mcp_conformance::driver::connection::{Connection, Lines, Server, Transport};
use wasi_mcp_conformance::runtime::components::DEFAULT;
use wasi_mcp_conformance::runtime::in_process::ReferenceHost;
use wasi_mcp_conformance::runtime::{Base, Component, Limits, Runtime, Setting};
use wasi_mcp_conformance::wire::definitions::LOGGING_LEVELS;

use super::compiled;
use super::edits::{self, Direction, Edit};

/// The environment variable with which the probes play a host with a fault.
const PLAYED: &str = "WASI_MCP_PROBE_FAULT";

/// Tells the probes that the client's description was lost with the instance.
const REPLACED: &str = "wasi-mcp.example/replaced";

/// The losses after which a host with the fault `restarts-given-up` starts no instance.
const LOSSES: usize = 2;

/// The time for an answer of a host with a fault, which may be that none comes.
const PATIENCE: Duration = Duration::from_secs(5);

/// The id of a request that a host makes up for itself.
const OWN: &str = "of the host";

/// The reference host with the fault of this name.
pub struct Altered {
    fault: &'static str,
    inner: ReferenceHost,
    patience: Duration,
}

impl Altered {
    pub fn new(fault: &'static str) -> Self {
        compiled::keep();
        Self {
            fault,
            inner: ReferenceHost::default().with_variable(PLAYED, fault),
            patience: PATIENCE,
        }
    }

    /// Waits for answers as long as for those of a host without a fault.
    pub fn patient(mut self) -> Self {
        self.patience = self.inner.timing().answer;
        self
    }
}

/// The state that the sessions of one server share.
#[derive(Default)]
struct Shared {
    clients: Mutex<Vec<Client>>,
    losses: AtomicUsize,
}

impl Shared {
    /// Sends a line to every client.
    fn broadcast(&self, line: &str) {
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.iter().for_each(|client| tell(client, line));
    }
}

impl Runtime for Altered {
    fn name(&self) -> &str {
        self.fault
    }

    fn supports(&self, base: Base, transport: Transport) -> bool {
        self.inner.supports(base, transport)
    }

    fn knows(&self, setting: Setting) -> bool {
        self.inner.knows(setting)
    }

    fn prepare(&self, component: &Component) {
        self.inner.prepare(component);
    }

    fn serve(
        &self,
        component: &Component,
        transport: Transport,
        setting: Setting,
    ) -> anyhow::Result<Arc<dyn Server>> {
        let setting = match self.fault {
            "denial-ignored" => Setting::Open,
            _ => setting,
        };
        let whole = match self.fault {
            "versions-merged" => Some(Component::new(component.base, DEFAULT)?),
            _ => None,
        };
        let component = whole.as_ref().unwrap_or(component);
        let inner = self.inner.serve(component, transport, setting);
        let inner = inner.map_err(|error| match self.fault {
            "refused-in-silence" => anyhow::anyhow!("the component is refused"),
            _ => error,
        })?;
        if transport == Transport::Http {
            // Only lines are changed.
            return Ok(inner);
        }
        Ok(Arc::new(Between {
            fault: self.fault,
            inner,
            shared: Arc::default(),
        }))
    }

    fn timing(&self) -> Timing {
        Timing {
            answer: self.patience,
            ..self.inner.timing()
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            stopping: Some(Duration::from_secs(1)),
            ..self.inner.limits()
        }
    }
}

struct Between {
    fault: &'static str,
    inner: Arc<dyn Server>,
    shared: Arc<Shared>,
}

impl Server for Between {
    fn transport(&self) -> Transport {
        Transport::Stdio
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        Box::pin(async {
            let Connection::Lines(inner) = self.inner.connect().await? else {
                anyhow::bail!("only lines are changed");
            };
            let (ours, theirs) = tokio::io::duplex(1 << 16);
            let (output, input) = tokio::io::split(ours);
            let (from_client, to_client) = tokio::io::split(theirs);
            let (send, outgoing) = mpsc::unbounded_channel();
            let mut clients = self.shared.clients.lock();
            if let Ok(clients) = &mut clients {
                clients.push(send.downgrade());
            }
            drop(clients);
            let session = Arc::new(Altering {
                fault: self.fault,
                edit: Edit::parse(self.fault),
                shared: self.shared.clone(),
                seen: AtomicUsize::default(),
                answered: Notify::new(),
            });
            let served = session.clone();
            tokio::spawn(towards_server(
                served,
                from_client,
                inner.input,
                send.downgrade(),
            ));
            tokio::spawn(towards_client(session, inner.output, send));
            tokio::spawn(write(outgoing, to_client));
            Ok(Connection::Lines(Lines {
                output: Box::new(output),
                errors: None,
                input: Box::new(input),
                process: None,
            }))
        })
    }
}

type Send = mpsc::UnboundedSender<String>;

/// A client, for whom the end of the host's output is the end of its input.
type Client = mpsc::WeakUnboundedSender<String>;

/// Sends a line to the client, which may be gone.
fn tell(client: &Client, line: &str) {
    if let Some(client) = client.upgrade() {
        let _ = client.send(line.to_owned());
    }
}

/// One session of a faulty host.
struct Altering {
    fault: &'static str,
    edit: Option<Edit>,
    shared: Arc<Shared>,
    /// The losses of instances that this session has noticed.
    seen: AtomicUsize,
    /// A request was answered.
    answered: Notify,
}

impl Altering {
    fn edited(&self, direction: Direction, line: String) -> Vec<String> {
        match &self.edit {
            Some(edit) => edit.apply(direction, line),
            None => vec![line],
        }
    }

    /// Returns a call that traps, if another session has lost its instance since the last look.
    fn neighbours_trap(&self) -> Option<Value> {
        let losses = self.shared.losses.load(Ordering::Relaxed);
        let noticed = self.seen.swap(losses, Ordering::Relaxed);
        let trap = json!({"name": "trap", "arguments": {}});
        (losses > noticed)
            .then(|| json!({"jsonrpc": "2.0", "id": OWN, "method": "tools/call", "params": trap}))
    }
}

async fn write(
    mut lines: mpsc::UnboundedReceiver<String>,
    mut to: impl tokio::io::AsyncWrite + Unpin,
) {
    while let Some(line) = lines.recv().await {
        if to.write_all(format!("{line}\n").as_bytes()).await.is_err() {
            return;
        }
    }
    // The client may be gone.
    let _ = to.shutdown().await;
}

async fn towards_server(
    session: Arc<Altering>,
    from: impl tokio::io::AsyncRead + Unpin,
    mut to: impl tokio::io::AsyncWrite + Unpin,
    client: Client,
) {
    let fault = session.fault;
    let mut lines = BufReader::new(from).split(b'\n');
    let mut still = false;
    while let Ok(Some(line)) = lines.next_segment().await {
        if still {
            continue;
        }
        let mut line = match String::from_utf8(line) {
            Ok(line) => line,
            Err(error) => {
                // No fault is about bytes that are no text.
                let bytes = [error.as_bytes(), b"\n"].concat();
                if to.write_all(&bytes).await.is_err() {
                    return;
                }
                continue;
            }
        };
        if fault == "letters-normalised-in" {
            line = normalised(&line);
        }
        if fault == "first-name-kept" {
            line = line.replace(r#""first":"1","first":"2""#, r#""first":"1""#);
        }
        if fault == "texts-repaired" {
            line = line.replace("\\ud800", "?");
        }
        if fault == "integers-by-spelling" {
            line = line.replace("\"code\":-1.0", "\"code\":\"-1\"");
        }
        if fault == "meta-lost" {
            line = line.replace("example.org/a", "example.org/b");
        }
        let message: Value = serde_json::from_str(&line).unwrap_or_default();
        let method = message["method"].as_str().unwrap_or_default();
        let mut first = None;
        match (fault, method) {
            ("cancelled-answered", "notifications/cancelled") => {
                let id = &message["params"]["requestId"];
                let answer = json!({"jsonrpc": "2.0", "id": id, "result": {"content": []}});
                tell(&client, &answer.to_string());
            }
            ("initialized-assumed", "tools/call") => {
                first = Some(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
            }
            ("catalog-walked", "tools/call") => {
                first = Some(json!({"jsonrpc": "2.0", "id": OWN, "method": "tools/list"}));
            }
            ("formats-asserted", "tools/call")
                if message["params"]["arguments"]["mail"] == "none" =>
            {
                let error = json!({"code": -32602, "message": "`mail` is not an email address"});
                let answer = json!({"jsonrpc": "2.0", "id": message["id"], "error": error});
                tell(&client, &answer.to_string());
                continue;
            }
            ("level-raised", "logging/setLevel") => line = line.replace("debug", "info"),
            ("thresholds-raised" | "thresholds-lowered", "logging/setLevel") => {
                let levels = LOGGING_LEVELS;
                let level = message["params"]["level"].as_str().unwrap_or_default();
                let place = levels.iter().position(|it| *it == level).unwrap_or(0);
                let place = match fault {
                    "thresholds-raised" => (place + 1).min(levels.len() - 1),
                    _ => place.saturating_sub(1),
                };
                line = line.replace(level, levels[place]);
            }
            ("instances-shared", "tools/call") => {
                let params = json!({"name": "echo", "arguments": {}});
                first = Some(
                    json!({"jsonrpc": "2.0", "id": OWN, "method": "tools/call", "params": params}),
                );
            }
            ("notifications-mended", "notifications/roots/list_changed") => {
                line = json!({"jsonrpc": "2.0", "method": method}).to_string();
            }
            ("traps-shared", "tools/call") if message["params"]["name"] != "trap" => {
                first = session.neighbours_trap();
            }
            ("levels-forgotten", "tools/call")
                if session.shared.losses.swap(0, Ordering::Relaxed) > 0 =>
            {
                let params = json!({"level": "debug"});
                first = Some(
                    json!({"jsonrpc": "2.0", "id": OWN, "method": "logging/setLevel", "params": params}),
                );
            }
            ("client-forgotten", "tools/call")
                if session.shared.losses.load(Ordering::Relaxed) > 0 =>
            {
                let mut message = message.clone();
                message["params"]["_meta"] = json!({ (REPLACED): true });
                line = message.to_string();
            }
            ("stands-still-after-cancelling", "notifications/cancelled") => still = true,
            ("content-judged", "") if message["result"].get("content").is_some() => {
                line = line
                    .replace("decline", "accept")
                    .replace("cancel", "accept");
            }
            _ => {}
        }
        let first = first.map_or_else(String::new, |first| format!("{first}\n"));
        let lines = session.edited(Direction::In, line);
        let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
        if to
            .write_all(format!("{first}{lines}").as_bytes())
            .await
            .is_err()
        {
            return;
        }
        if fault == "one-at-a-time" && !message["id"].is_null() && !method.is_empty() {
            session.answered.notified().await;
        }
    }
    if fault == "end-unnoticed" {
        // The host learns only when the client has gone that its input has ended.
        if let Some(client) = client.upgrade() {
            client.closed().await;
        }
    }
    // The host may have ended.
    let _ = to.shutdown().await;
}

async fn towards_client(
    session: Arc<Altering>,
    from: impl tokio::io::AsyncRead + Unpin,
    client: Send,
) {
    let fault = session.fault;
    let mut lines = BufReader::new(from).lines();
    let mut serves = false;
    let mut losses = 0;
    while let Ok(Some(mut line)) = lines.next_line().await {
        let message: Value = serde_json::from_str(&line).unwrap_or_default();
        if message["id"] == OWN {
            continue;
        }
        if message.get("id").is_some() && message.get("method").is_none() {
            session.answered.notify_one();
        }
        if message["error"]["code"] == -32603 {
            session.shared.losses.fetch_add(1, Ordering::Relaxed);
        }
        if session.fault == "traps-shared" && message["error"]["code"] == -32603 {
            // This session knows its own loss.
            session.seen.fetch_add(1, Ordering::Relaxed);
        }
        let everyone = match fault {
            "updates-broadcast" => message["method"] == "notifications/resources/updated",
            "logs-broadcast" => message["method"] == "notifications/message",
            _ => false,
        };
        if everyone {
            session.shared.broadcast(&line);
            continue;
        }
        if fault == "start-failures-hidden" && !serves && message["error"]["code"] == -32603 {
            let server = json!({"name": "hidden", "version": "1"});
            let result = json!({
                "protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": server,
            });
            line = json!({"jsonrpc": "2.0", "id": message["id"], "result": result}).to_string();
        }
        if fault == "failures-hidden"
            && message.is_null()
            && let Some((_, rest)) = line.split_once("\"id\":")
        {
            let id: String = rest.chars().take_while(char::is_ascii_digit).collect();
            line = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"contents":[]}}}}"#);
        }
        serves |= message["result"].get("capabilities").is_some();
        if fault == "restarts-given-up" && serves && message["error"]["code"] == -32603 {
            losses += 1;
        }
        if losses >= LOSSES && message.get("id").is_some() {
            let error = json!({"code": -32603, "message": "the component is lost"});
            line = json!({"jsonrpc": "2.0", "id": message["id"], "error": error}).to_string();
        }
        for line in altered(fault, line) {
            for line in session.edited(Direction::Out, line) {
                if client.send(line).is_err() {
                    return;
                }
            }
        }
    }
}

/// Returns the lines that the client gets in place of one line.
fn altered(fault: &str, line: String) -> Vec<String> {
    match fault {
        "numbers-rounded" => {
            let rounded = line
                .replace("1.10", "1.1")
                .replace("2.50", "2.5")
                .replace("9007199254740993", "9007199254740992");
            return vec![rounded];
        }
        "letters-normalised" => return vec![normalised(&line)],
        "fractions-written" => {
            let written = line
                .replace("\"size\":3,", "\"size\":3.0,")
                .replace("\"size\":0,", "\"size\":0.0,")
                .replace("\"size\":0}", "\"size\":0.0}")
                .replace("\"size\":9007199254740992", "\"size\":9007199254740992.0");
            return vec![written];
        }
        "meta-dropped" => return vec![line.replace("example.org/probe", "example.org/other")],
        _ => {}
    }
    if fault == "blanks-between-tokens" {
        return vec![edits::spaced(&line)];
    }
    let Ok(mut message) = serde_json::from_str::<Value>(&line) else {
        return vec![line];
    };
    let is_response = message.get("id").is_some() && message.get("method").is_none();
    let is_notification = message.get("id").is_none();
    match fault {
        "notifications-dropped" if is_notification => return Vec::new(),
        "notifications-added" if is_response => {
            let added = notifications();
            return [added.clone(), vec![line], added].concat();
        }
        "asked-unasked" if is_response && message["result"].get("structuredContent").is_some() => {
            let ask = json!({"jsonrpc": "2.0", "id": "unasked", "method": "roots/list"});
            return vec![ask.to_string(), line];
        }
        "codes-changed" if message.get("error").is_some() => {
            message["error"]["code"] = json!(-32001);
        }
        "errors-as-results" if message.get("error").is_some() => {
            let result = json!({"content": [], "contents": [], "messages": []});
            return vec![
                json!({"jsonrpc": "2.0", "id": message["id"], "result": result}).to_string(),
            ];
        }
        "streams-cut" => {
            let blob = message["result"]["contents"].get_mut(1);
            if let Some(Value::String(text)) = blob.and_then(|item| item.get_mut("blob")) {
                text.truncate(text.len() / 8 * 4);
            } else {
                return vec![line];
            }
        }
        "error-data-dropped" => {
            if let Some(error) = message.get_mut("error").and_then(Value::as_object_mut) {
                error.remove("data");
            }
        }
        "logging-undeclared" => {
            if let Some(declared) = message["result"]
                .get_mut("capabilities")
                .and_then(Value::as_object_mut)
            {
                declared.remove("logging");
            }
        }
        "logging-declared" if message["result"].get("capabilities").is_some() => {
            message["result"]["capabilities"]["logging"] = json!({});
        }
        "everything-declared" if message["result"].get("capabilities").is_some() => {
            message["result"]["capabilities"]["prompts"] = json!({});
        }
        "list-turned" => {
            if let Some(tools) = message["result"]
                .get_mut("tools")
                .and_then(Value::as_array_mut)
            {
                tools.reverse();
            }
        }
        "results-refused" if message["result"].get("capabilities").is_none() && is_response => {
            return vec![
                json!({"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32000, "message": "refused"}}).to_string(),
            ];
        }
        "bytes-url-safe" => return vec![line.replace('+', "-")],
        _ => return vec![line],
    }
    vec![message.to_string()]
}

/// The text with composed letters, as after normalisation.
fn normalised(line: &str) -> String {
    line.replace("e\u{301}", "\u{e9}")
        .replace("e\\u0301", "\u{e9}")
}

/// One of each kind, which nobody has asked for.
fn notifications() -> Vec<String> {
    let progress = |token: Value| {
        (
            "notifications/progress",
            json!({"progressToken": token, "progress": 0}),
        )
    };
    let all = [
        progress(json!(7)),
        progress(json!("late")),
        (
            "notifications/message",
            json!({"level": "debug", "data": "nobody asked"}),
        ),
        ("notifications/tools/list_changed", json!({})),
        (
            "notifications/resources/updated",
            json!({"uri": "probe:///nobody"}),
        ),
    ];
    all.into_iter()
        .map(|(method, params)| {
            json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string()
        })
        .collect()
}

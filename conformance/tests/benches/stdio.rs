//! A small MCP server over lines, written from the specification for this
//! bench alone, that behaves well or has one switchable peculiarity.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::support::Bench;
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream};
use tokio::sync::{mpsc, oneshot};
use wasi_mcp_conformance::driver::connection::{Connection, Lines, Server, Transport};

/// The bench.
pub const BENCH: Bench = Bench {
    name: "stdio",
    transport: Transport::Stdio,
    also: &[],
    judged_by: "",
    server: |name| Arc::new(Peculiar(name)),
};

/// A server with a peculiarity, or the name of none.
pub struct Peculiar(pub &'static str);

impl Server for Peculiar {
    fn transport(&self) -> Transport {
        Transport::Stdio
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        tokio::spawn(serve(theirs, self.0));
        let (output, input) = tokio::io::split(ours);
        let lines = Lines {
            output: Box::new(output),
            input: Box::new(input),
            process: None,
        };
        Box::pin(async { Ok(Connection::Lines(lines)) })
    }
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

async fn serve(stream: DuplexStream, peculiarity: &'static str) {
    let (input, mut output) = tokio::io::split(stream);
    let (sender, mut lines) = mpsc::unbounded_channel::<Vec<u8>>();
    let host = Arc::new(Host {
        peculiarity,
        sender,
        state: Mutex::default(),
    });
    if host.is("asks-at-once") {
        host.send(json!({"jsonrpc": "2.0", "id": "early", "method": "roots/list"}));
    }
    if host.is("banner") {
        host.write(b"Server is running".to_vec());
    }
    let reader = host.clone();
    let reading = tokio::spawn(async move { reader.read(BufReader::new(input)).await });
    let mut reading = std::pin::pin!(reading);
    loop {
        tokio::select! {
            biased;
            line = lines.recv() => match line {
                Some(line) => {
                    if output.write_all(&line).await.is_err() {
                        return;
                    }
                }
                None => return,
            },
            _ = &mut reading => {
                if host.is("never-exits") {
                    std::future::pending::<()>().await;
                }
                while let Ok(line) = lines.try_recv() {
                    if output.write_all(&line).await.is_err() {
                        return;
                    }
                }
                return;
            }
        }
    }
}

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
    toggled: bool,
    blocked: bool,
}

struct Host {
    peculiarity: &'static str,
    sender: mpsc::UnboundedSender<Vec<u8>>,
    state: Mutex<State>,
}

fn refuse(code: i64, text: &str) -> Answer {
    Err((code, text.to_owned()))
}

impl Host {
    fn is(&self, name: &str) -> bool {
        self.peculiarity == name
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with the lock")
    }

    fn write(&self, mut line: Vec<u8>) {
        if self.is("crlf") {
            line.push(b'\r');
        }
        line.push(b'\n');
        // The client may have gone.
        let _ = self.sender.send(line);
    }

    async fn read(self: Arc<Self>, mut input: impl AsyncBufReadExt + Unpin) {
        let mut line = Vec::new();
        loop {
            line.clear();
            match input.read_until(b'\n', &mut line).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let deaf = (self.is("crlf-unheard") && line.ends_with(b"\r\n"))
                || (self.is("long-lines-unheard") && line.len() > 50_000);
            if deaf {
                continue;
            }
            match serde_json::from_slice::<Value>(&line) {
                Ok(message) => self.clone().take(message),
                Err(_) if self.is("dies-on-garbage") => return,
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
        }
    }

    fn fail_nameless(&self, code: i64, text: &str) {
        self.send(json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": text}}));
    }

    fn take(self: Arc<Self>, message: Value) {
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
            Some(Value::String(method)) if id.is_none() => self.notified(method, &message["params"]),
            Some(Value::String(method)) if message["jsonrpc"] == "2.0" || self.is("version-unchecked") => match legal_id {
                Some(id) => self.requested(id.clone(), method.clone(), message["params"].clone(), members.contains_key("params")),
                None => self.fail_nameless(-32600, "this is no id"),
            },
            None if members.contains_key("result") || members.contains_key("error") => {
                if self.is("answers-responses") {
                    self.fail_nameless(-32600, "an unexpected response");
                }
                let waiting = self.state().asked.remove(&message["id"].to_string());
                if let Some(waiting) = waiting {
                    let _ = waiting.send(message);
                }
            }
            _ => self.send(json!({"jsonrpc": "2.0", "id": legal_id, "error": {"code": -32600, "message": "this is no request"}})),
        }
    }

    fn notified(&self, method: &str, params: &Value) {
        if self.is("answers-notifications") && method == "notifications/no-such" {
            self.fail_nameless(-32601, "an unknown notification");
        }
        match method {
            "notifications/initialized" => {
                self.state().initialized = true;
                if self.is("initialized-unheard") {
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
            "notifications/cancelled" => {
                let id = params["requestId"].to_string();
                let loose = id.trim_matches('"').to_owned();
                let found = self.state().running.remove(if self.is("cancel-loose-id") {
                    &loose
                } else {
                    &id
                });
                if let Some(running) = found {
                    let _ = running.send(());
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
            return self.respond(&id, refuse(-32602, "params is an object"));
        }
        let method = if self.is("case-insensitive") {
            method.trim().to_lowercase()
        } else {
            method
        };
        let early = !self.state().begun && !matches!(method.as_str(), "initialize" | "ping");
        if early && !self.is("serves-early") {
            return self.respond(&id, refuse(-32600, "initialize comes first"));
        }
        if method == "tools/call" {
            let host = self.clone();
            let (cancel, cancelled) = oneshot::channel();
            self.state().running.insert(id.to_string(), cancel);
            tokio::spawn(async move { host.call(id, params, cancelled).await });
            return;
        }
        if method == "ping" && self.is("ping-waits") && !self.state().running.is_empty() {
            return;
        }
        let answer = self.answer(&method, &params, given);
        if self.is("slow-answers") {
            let host = self.clone();
            let delay = Duration::from_millis(if method == "ping" { 0 } else { 5 });
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                host.respond(&id, answer);
            });
            return;
        }
        self.respond(&id, answer);
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
            "ping" if self.is("ping-refused") && !self.state().initialized => {
                refuse(-32600, "not yet")
            }
            "resources/unsubscribe"
                if self.is("unsubscribe-refused") && params["uri"] == "test://never-subscribed" =>
            {
                self.state().blocked = true;
                refuse(-32602, "never subscribed")
            }
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

    fn initialize(&self, params: &Value) -> Answer {
        let mut state = self.state();
        let again = std::mem::replace(&mut state.begun, true);
        if again && !self.is("initializes-again") {
            return refuse(-32600, "initialized already");
        }
        state.client = params["capabilities"].clone();
        let wanted = params["protocolVersion"].as_str().unwrap_or_default();
        if self.is("initialize-strict") && params.get("unknownMember").is_some() {
            return refuse(-32602, "an unknown member");
        }
        state.blocked = self.is("older-version-unheard") && wanted == "2025-03-26"
            || self.is("bogus-version-unheard") && wanted == "1999-01-01";
        if self.is("version-error") && wanted != "2025-06-18" {
            return refuse(-32602, "unsupported version");
        }
        let version = match self.peculiarity {
            "version-echoed" => wanted,
            "version-old" => "2025-03-26",
            "version-fallback-old" if wanted != "2025-06-18" => "2024-11-05",
            _ => "2025-06-18",
        };
        let mut capabilities = json!({
            "logging": {}, "completions": {}, "tools": {"listChanged": true}, "prompts": {"listChanged": true},
            "resources": {"subscribe": true, "listChanged": true},
        });
        match self.peculiarity {
            "capability-boolean" => capabilities["tools"] = json!(true),
            "prompts-quiet" => capabilities["prompts"] = json!({}),
            "resources-quiet" => capabilities["resources"] = json!({"subscribe": true}),
            "resources-undeclared" | "tools-undeclared" | "completions-undeclared" => {
                let name = self.peculiarity.trim_end_matches("-undeclared");
                drop(
                    capabilities
                        .as_object_mut()
                        .and_then(|all| all.remove(name)),
                );
            }
            "prompts-undeclared" => drop(
                capabilities
                    .as_object_mut()
                    .and_then(|all| all.remove("prompts")),
            ),
            "list-changed-undeclared" => capabilities["tools"] = json!({}),
            "logging-undeclared" => drop(
                capabilities
                    .as_object_mut()
                    .and_then(|all| all.remove("logging")),
            ),
            "further-capabilities" => capabilities["tasks"] = json!({"list": {}}),
            _ => {}
        }
        let mut result = json!({"protocolVersion": version, "capabilities": capabilities,
            "serverInfo": {"name": "bench", "version": "1"}});
        match self.peculiarity {
            "no-capabilities" => drop(
                result
                    .as_object_mut()
                    .and_then(|all| all.remove("capabilities")),
            ),
            "no-server-info" => drop(
                result
                    .as_object_mut()
                    .and_then(|all| all.remove("serverInfo")),
            ),
            "version-number" => result["serverInfo"]["version"] = json!(1),
            "further-members" => result["serverInfo"]["websiteUrl"] = json!("https://example.com/"),
            "instructions-list" => result["instructions"] = json!(["do"]),
            _ => {}
        }
        drop(state);
        if self.is("logs-early") {
            self.log("info", json!("starting"));
        }
        Ok(result)
    }

    fn set_level(&self, params: &Value) -> Answer {
        let level = LEVELS.iter().position(|level| params["level"] == *level);
        match level {
            Some(level) => {
                if !self.is("threshold-ignored") {
                    self.state().level = level;
                }
                Ok(json!({}))
            }
            None if self.is("level-unchecked") => Ok(json!({})),
            None => refuse(-32602, "no such level"),
        }
    }

    /// Two items a page; the cursor is the position and the list.
    fn page(&self, params: &Value, member: &str, items: Vec<Value>) -> Answer {
        if member == "prompts" && self.is("prompts-refused") {
            return refuse(-32601, "no prompts");
        }
        if self.is("cursor-refused") && params.get("cursor").is_some() {
            return refuse(-32602, "no cursors here");
        }
        if self.is("cursor-unheard") && params["cursor"] == "no such cursor" {
            self.state().blocked = true;
        }
        let size = if self.is("one-page") { 1000 } else { 4 };
        let start = match params.get("cursor") {
            None => Some(0),
            Some(cursor) => cursor
                .as_str()
                .and_then(|cursor| cursor.strip_prefix(member)?.parse::<usize>().ok()),
        };
        let start = match start.filter(|start| *start <= items.len()) {
            Some(start) => start,
            None if self.is("cursor-unchecked") => 0,
            None if self.is("invalid-params-code") => return refuse(-32603, "no such cursor"),
            None => return refuse(-32602, "no such cursor"),
        };
        let overlap = usize::from(self.is("pages-overlap") && start > 0);
        let mut end = items.len().min(start + size);
        if self.is("cursor-unstable") && start > 0 {
            let mut state = self.state();
            state.toggled = !state.toggled;
            end = if state.toggled { end } else { start };
        }
        let mut page = json!({member: items[start - overlap..end]});
        if self.is("empty-first-page") && start == 0 && params.get("cursor").is_none() {
            return Ok(json!({member: [], "nextCursor": format!("{member}0")}));
        }
        if end < items.len() {
            page["nextCursor"] = json!(format!("{member}{end}"));
        } else if self.is("cursor-null") {
            page["nextCursor"] = Value::Null;
        } else if self.is("cursor-endless") {
            page["nextCursor"] = json!(format!("{member}{}", items.len()));
        }
        Ok(page)
    }

    fn tools(&self) -> Vec<Value> {
        let text = json!({"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]});
        let none = json!({"type": "object"});
        let tool = |name: &str, schema: &Value| json!({"name": name, "description": name, "inputSchema": schema});
        let mut tools = vec![tool("echo", &text)];
        tools.extend(
            [
                "content",
                "structured",
                "progress",
                "logs",
                "sample",
                "elicit",
                "roots",
                "wait",
                "change",
                "touch",
                "fail",
                "pause",
            ]
            .map(|name| tool(name, &none)),
        );
        tools[2]["outputSchema"] =
            json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
        tools.push(json!({"name": "destroy", "inputSchema": none, "annotations": {"destructiveHint": true}}));
        if self.state().toggled {
            tools.push(tool("added", &none));
        }
        match self.peculiarity {
            "tool-twice" => tools.push(tools[0].clone()),
            "tool-schema-missing" => drop(
                tools[3]
                    .as_object_mut()
                    .and_then(|tool| tool.remove("inputSchema")),
            ),
            "tool-schema-array" => tools[3]["inputSchema"] = json!({"type": "array"}),
            "tool-schema-invalid" => {
                tools[0]["inputSchema"]["properties"]["text"]["type"] = json!("text")
            }
            "output-schema-array" => tools[2]["outputSchema"]["type"] = json!("array"),
            "hint-string" => tools[1]["annotations"] = json!({"readOnlyHint": "yes"}),
            "tool-title-number" => tools[1]["title"] = json!(5),
            "no-description" => tools.iter_mut().for_each(|tool| {
                drop(
                    tool.as_object_mut()
                        .and_then(|tool| tool.remove("description")),
                )
            }),
            "fails-at-first" => tools.push(tool(
                "kinds",
                &json!({"type": "object", "properties": {"kind": {"enum": ["error", "text"]}}, "required": ["kind"]}),
            )),
            "odd-names" => tools.push(tool("odd name/\u{1f600}", &none)),
            "further-members" => tools.iter_mut().for_each(|tool| tool["icons"] = json!([])),
            "meta-everywhere" => tools
                .iter_mut()
                .for_each(|tool| tool["_meta"] = json!({"example.com/note": 1, "plain": null})),
            "meta-array" => tools[1]["_meta"] = json!([]),
            "meta-reserved" => tools[1]["_meta"] = json!({"mcp.dev/own": 1}),
            "meta-label" => tools[1]["_meta"] = json!({"1com.example/own": 1}),
            "meta-prefix" => tools[1]["_meta"] = json!({"com..example/own": 1}),
            "meta-name" => tools[1]["_meta"] = json!({"-own": 1}),
            "meta-characters" => tools[1]["_meta"] = json!({"o wn": 1}),
            "draft-7" => {
                tools[0]["inputSchema"]["$schema"] =
                    json!("http://json-schema.org/draft-07/schema#")
            }
            _ => {}
        }
        tools
    }

    fn resources(&self) -> Vec<Value> {
        let mut resources: Vec<Value> = ["text", "watched", "third", "fourth", "fifth"]
            .iter()
            .map(|name| json!({"uri": format!("bench://{name}"), "name": name}))
            .collect();
        resources[0]["size"] = json!(5);
        resources.push(json!({"uri": "bench://binary", "name": "binary", "mimeType": "image/png",
            "annotations": {"audience": ["user"], "priority": 0.5, "lastModified": "2025-06-18T00:00:00Z"}}));
        match self.peculiarity {
            "resource-twice" => resources.push(resources[0].clone()),
            "uri-relative" => resources[2]["uri"] = json!("third"),
            "uri-scheme" => resources[2]["uri"] = json!("be_nch://third"),
            "size-wrong" => resources[0]["size"] = json!(6),
            "audience-string" => resources[0]["annotations"] = json!({"audience": "user"}),
            "audience-word" => resources[0]["annotations"] = json!({"audience": ["robot"]}),
            "priority-2" => resources[0]["annotations"] = json!({"priority": 2}),
            "last-modified" => resources[0]["annotations"] = json!({"lastModified": "yesterday"}),
            "resource-no-name" => drop(
                resources[1]
                    .as_object_mut()
                    .and_then(|all| all.remove("name")),
            ),
            "audience-empty" => {
                resources[0]["annotations"] = json!({"audience": [], "priority": 1})
            }
            _ => {}
        }
        resources
    }

    fn templates(&self) -> Vec<Value> {
        let mut template = json!({"uriTemplate": "bench://number/{n}", "name": "number", "mimeType": "text/plain"});
        match self.peculiarity {
            "template-broken" => template["uriTemplate"] = json!("bench://number/{n"),
            "template-no-scheme" => template["uriTemplate"] = json!("{n}"),
            "template-no-name" => drop(template.as_object_mut().and_then(|all| all.remove("name"))),
            _ => {}
        }
        vec![template]
    }

    fn resource(&self, params: &Value) -> Answer {
        let Some(uri) = params["uri"].as_str() else {
            return refuse(
                if self.is("invalid-params-code") {
                    -32603
                } else {
                    -32602
                },
                "uri is a string",
            );
        };
        let known = self
            .resources()
            .iter()
            .any(|resource| resource["uri"] == uri);
        let number = uri.strip_prefix("bench://number/");
        let mut item = match uri {
            "bench://binary" => json!({"uri": uri, "mimeType": "image/png", "blob": PIXEL}),
            "bench://third" if self.is("resource-fails-oddly") => {
                return refuse(-32000, "something is wrong");
            }
            "bench://text" => json!({"uri": uri, "text": "hello"}),
            _ if known => json!({"uri": uri, "text": "something"}),
            _ if number.is_some() => json!({"uri": uri, "mimeType": "text/plain", "text": number}),
            _ if self.is("unknown-resource-code") => return refuse(-32602, "no such resource"),
            _ if self.is("unknown-resource-empty") => return Ok(json!({"contents": []})),
            _ => return refuse(-32002, "no such resource"),
        };
        match self.peculiarity {
            "read-no-body" => drop(item.as_object_mut().and_then(|all| all.remove("text"))),
            "read-both" => item["blob"] = json!(""),
            "read-other" => item["uri"] = json!("bench://elsewhere"),
            "read-annotations" => item["annotations"] = json!({"priority": 1}),
            "read-nul" => item["text"] = json!("\u{0}PNG"),
            "blob-unpadded" if uri == "bench://binary" => item["blob"] = json!("abc"),
            "template-media-type" if number.is_some() => item["mimeType"] = json!("text/html"),
            _ => {}
        }
        Ok(json!({"contents": [item]}))
    }

    fn subscription(&self, method: &str, params: &Value) -> Answer {
        let Some(uri) = params["uri"].as_str() else {
            return refuse(-32602, "uri is a string");
        };
        let mut state = self.state();
        if method.ends_with("unsubscribe") {
            if !self.is("unsubscribe-ignored") {
                state.subscribed.remove(uri);
            }
        } else {
            state.subscribed.insert(uri.to_owned());
        }
        Ok(if self.is("subscribe-data") {
            json!({"subscribed": true})
        } else {
            json!({})
        })
    }

    fn prompts(&self) -> Vec<Value> {
        let mut prompts = vec![
            json!({"name": "greet", "arguments": [{"name": "who", "required": true}]}),
            json!({"name": "plain"}),
            json!({"name": "media"}),
        ];
        match self.peculiarity {
            "prompt-twice" => prompts.push(prompts[1].clone()),
            "prompt-argument" => prompts[0]["arguments"][0]["required"] = json!("yes"),
            "prompt-no-name" => prompts.push(json!({"description": "nameless"})),
            _ => {}
        }
        prompts
    }

    fn prompt(&self, params: &Value) -> Answer {
        let arguments = &params["arguments"];
        let strings = arguments
            .as_object()
            .is_none_or(|all| all.values().all(Value::is_string));
        if !params["name"].is_string()
            || !(arguments.is_null() || arguments.is_object())
            || (!strings && !self.is("prompt-unchecked"))
        {
            return refuse(-32602, "name is a string, arguments a map of strings");
        }
        let message = |content: Value| json!({"role": "user", "content": content});
        let text = |text: String| json!({"type": "text", "text": text});
        let mut messages = match params["name"].as_str() {
            Some("greet") => match arguments["who"].as_str() {
                Some(_) if self.is("prompt-argument-unused") => {
                    vec![message(text("Greet somebody".to_owned()))]
                }
                Some(who) => vec![message(text(format!("Greet {who}")))],
                None if self.is("prompt-unchecked") => vec![message(text("Greet".to_owned()))],
                None => return refuse(-32602, "who is missing"),
            },
            Some("plain") if self.is("prompt-broken") => return refuse(-32603, "broken"),
            Some("plain") => vec![message(text("Say something".to_owned()))],
            Some("media") => vec![
                message(json!({"type": "image", "data": PIXEL, "mimeType": "image/png"})),
                message(json!({"type": "audio", "data": "AAAA", "mimeType": "audio/wav"})),
                message(
                    json!({"type": "resource", "resource": {"uri": "bench://text", "mimeType": "text/plain", "text": "x"}}),
                ),
            ],
            _ if self.is("unknown-prompt-result") => Vec::new(),
            _ => return refuse(-32602, "no such prompt"),
        };
        if params["name"] == "media" {
            match self.peculiarity {
                "prompt-image" => messages[0]["content"]["data"] = json!("%%%"),
                "prompt-image-type" => messages[0]["content"]["mimeType"] = json!("png"),
                "prompt-audio" => messages[1]["content"]["data"] = json!("%%%"),
                "prompt-audio-type" => messages[1]["content"]["mimeType"] = json!("wav"),
                "prompt-embedded-uri" => {
                    messages[2]["content"]["resource"]["uri"] = json!("no uri")
                }
                "prompt-embedded-body" => drop(
                    messages[2]["content"]["resource"]
                        .as_object_mut()
                        .and_then(|all| all.remove("text")),
                ),
                "prompt-embedded-type" => drop(
                    messages[2]["content"]["resource"]
                        .as_object_mut()
                        .and_then(|all| all.remove("mimeType")),
                ),
                "prompt-role" => messages[0]["role"] = json!("system"),
                "prompt-list" => messages[0]["content"] = json!([messages[0]["content"]]),
                _ => {}
            }
        }
        Ok(json!({"messages": messages}))
    }

    fn complete(&self, params: &Value) -> Answer {
        let context = &params["context"];
        let strings = context["arguments"]
            .as_object()
            .is_none_or(|all| all.values().all(Value::is_string));
        let typed = params["argument"]["name"].is_string()
            && params["argument"]["value"].is_string()
            && (context.is_null() || context.is_object())
            && strings;
        let known = match params["ref"]["type"].as_str() {
            Some("ref/prompt") => params["ref"]["name"] == "greet",
            Some("ref/resource") => params["ref"]["uri"] == "bench://number/{n}",
            _ if self.is("completion-kinds") => true,
            _ => false,
        };
        if self.is("completion-context") && !context.is_null() {
            return refuse(-32602, "no context here");
        }
        let excused = self.is("completion-unchecked") && known;
        if !(typed && known || excused) {
            return refuse(
                if self.is("completion-code") {
                    -32603
                } else {
                    -32602
                },
                "this cannot be completed",
            );
        }
        let typed = params["argument"]["value"].as_str().unwrap_or_default();
        let all = ["1", "12", "2"]
            .into_iter()
            .filter(|value| value.starts_with(typed));
        let values: Vec<&str> = all.collect();
        let mut completion = json!({"values": values, "total": values.len(), "hasMore": false});
        match self.peculiarity {
            "completion-101" => completion = json!({"values": vec!["1"; 101]}),
            "completion-count" => completion["total"] = json!(values.len() as i64 - 1),
            "completion-total" => completion["total"] = json!("3"),
            "completion-ranked" if !typed.is_empty() => {
                completion = json!({"values": ["2", typed]})
            }
            "completion-bare" => completion = json!({"values": []}),
            _ => {}
        }
        Ok(json!({"completion": completion}))
    }

    async fn call(self: Arc<Self>, id: Value, params: Value, cancelled: oneshot::Receiver<()>) {
        let work = self.tool(&params);
        tokio::select! {
            answer = work => {
                self.state().running.remove(&id.to_string());
                self.respond(&id, answer);
                if self.is("progress-late") && !params["_meta"]["progressToken"].is_null() {
                    self.progress(&params, 99.0);
                }
            }
            _ = wait_for(cancelled) => {
                if self.is("cancel-answered") {
                    self.respond(&id, Ok(json!({"content": []})));
                } else if self.is("cancel-goes-on") {
                    self.progress(&params, 50.0);
                    tokio::time::sleep(Duration::from_millis(30)).await;
                    self.progress(&params, 51.0);
                }
            }
        }
    }

    async fn tool(&self, params: &Value) -> Answer {
        let arguments = &params["arguments"];
        if !(arguments.is_null() || arguments.is_object()) {
            return refuse(-32602, "arguments is an object");
        }
        if self.is("arguments-wanted") && arguments.is_null() {
            return refuse(-32602, "arguments is missing");
        }
        let text = |text: &str| json!({"content": [{"type": "text", "text": text}]});
        match params["name"].as_str() {
            Some("echo") => match arguments["text"].as_str() {
                Some(given) if self.is("text-mangled") => {
                    Ok(text(&given.replace(|one: char| !one.is_ascii(), "?")))
                }
                Some(given) => Ok(text(given)),
                None if self.is("arguments-unchecked") => Ok(text("")),
                None if self.is("arguments-is-error") => {
                    Ok(json!({"content": [], "isError": true}))
                }
                None => refuse(-32602, "text is a string"),
            },
            Some("content") => Ok(self.content()),
            Some("structured") => Ok(self.structured()),
            Some("progress") => {
                for step in 1..=3 {
                    self.progress(params, f64::from(step));
                    tokio::time::sleep(Duration::from_millis(25)).await;
                }
                Ok(text("done"))
            }
            Some("logs") => {
                LEVELS
                    .iter()
                    .for_each(|level| self.log(level, json!({"at": level})));
                Ok(text("logged"))
            }
            Some("sample") => self.sample().await,
            Some("elicit") => self.elicit().await,
            Some("roots") => {
                let answer = self.ask("roots/list", json!({})).await;
                if self.is("hangs-without-roots") && answer["result"]["roots"][0].is_null() {
                    std::future::pending::<()>().await;
                }
                Ok(text(&answer["result"]["roots"].to_string()))
            }
            Some("wait") => std::future::pending().await,
            Some("change") => {
                let toggled = !self.state().toggled;
                self.state().toggled = toggled;
                for list in ["tools", "resources", "prompts"] {
                    self.send(json!({"jsonrpc": "2.0", "method": format!("notifications/{list}/list_changed")}));
                }
                Ok(text("changed"))
            }
            Some("touch") if self.is("tool-broken") => refuse(-32603, "it broke"),
            Some("kinds") if arguments["kind"] == "error" => refuse(-32603, "as asked for"),
            Some("kinds") if arguments["kind"] == "text" => Ok(text("fine")),
            Some("kinds") => refuse(-32602, "kind is error or text"),
            Some("touch") => {
                self.touch();
                Ok(text("touched"))
            }
            Some("fail") if self.is("is-error-string") => {
                Ok(json!({"content": [], "isError": "yes"}))
            }
            Some("fail") => Ok(json!({"content": [], "isError": true})),
            Some("destroy") => Ok(text("destroyed")),
            Some("pause") => {
                tokio::time::sleep(Duration::from_millis(60)).await;
                Ok(text("paused"))
            }
            Some("added") if self.state().toggled => Ok(text("added")),
            Some("odd name/\u{1f600}") => Ok(json!({"content": []})),
            _ if self.is("unknown-tool-result") => Ok(json!({"content": [], "isError": true})),
            None if self.is("invalid-params-code") => refuse(-32603, "name is a string"),
            _ => refuse(-32602, "no such tool"),
        }
    }

    fn content(&self) -> Value {
        let mut blocks = vec![
            json!({"type": "text", "text": ""}),
            json!({"type": "image", "data": PIXEL, "mimeType": "image/png"}),
            json!({"type": "audio", "data": "AAAA", "mimeType": "audio/wav"}),
            json!({"type": "resource_link", "uri": "bench://text", "name": "text"}),
            json!({"type": "resource", "resource": {"uri": "bench://text", "text": "hello"}}),
        ];
        match self.peculiarity {
            "content-missing" => return json!({"structuredContent": {}}),
            "image-data" => blocks[1]["data"] = json!("***"),
            "image-type" => blocks[1]["mimeType"] = json!("picture"),
            "content-kind" => blocks[0]["type"] = json!("video"),
            "link-no-name" => drop(blocks[3].as_object_mut().and_then(|all| all.remove("name"))),
            "link-broken" => blocks[3]["uri"] = json!("bench://gone"),
            "embedded-uri" => blocks[4]["resource"]["uri"] = json!("no uri"),
            "no-content" => blocks.clear(),
            _ => {}
        }
        json!({"content": blocks})
    }

    fn structured(&self) -> Value {
        let mut result = json!({"content": [{"type": "text", "text": "{\"n\": 1}"}], "structuredContent": {"n": 1}});
        match self.peculiarity {
            "structured-missing" => drop(
                result
                    .as_object_mut()
                    .and_then(|all| all.remove("structuredContent")),
            ),
            "structured-array" => result["structuredContent"] = json!([1]),
            "structured-wrong" => result["structuredContent"] = json!({"n": "1"}),
            "structured-no-text" => result["content"] = json!([]),
            _ => {}
        }
        result
    }

    fn progress(&self, params: &Value, value: f64) {
        let mut token = params["_meta"]["progressToken"].clone();
        if self.is("progress-uninvited") {
            token = json!("uninvited");
        }
        if token.is_null() {
            return;
        }
        let mut report = json!({"progressToken": token, "progress": value, "total": 3});
        match self.peculiarity {
            "progress-token-string" if token.is_number() => {
                report["progressToken"] = json!(token.to_string())
            }
            "progress-constant" => report["progress"] = json!(1),
            "progress-string" => report["progress"] = json!("half"),
            "progress-empty" => report["message"] = json!(""),
            "progress-fraction" => {
                report = json!({"progressToken": token, "progress": value / 7.0, "message": "on the way"})
            }
            _ => {}
        }
        self.send(json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": report}));
    }

    fn log(&self, level: &str, data: Value) {
        let position = LEVELS
            .iter()
            .position(|known| *known == level)
            .unwrap_or_default();
        let state = self.state();
        if position < state.level
            || (self.is("logs-incomplete") && level == "critical" && state.toggled)
        {
            return;
        }
        drop(state);
        let mut params = json!({"level": level, "logger": "bench", "data": data});
        match self.peculiarity {
            "level-upper" => params["level"] = json!(level.to_uppercase()),
            "data-missing" => drop(params.as_object_mut().and_then(|all| all.remove("data"))),
            "log-paths" => params["data"] = json!("/home/somebody/server.rs:1"),
            _ => {}
        }
        self.send(json!({"jsonrpc": "2.0", "method": "notifications/message", "params": params}));
    }

    fn touch(&self) {
        let subscribed = self.state().subscribed.contains("bench://watched");
        if self.is("no-update") && self.state().subscribed.len() < 2 {
            return;
        }
        if subscribed || self.is("update-uninvited") {
            let mut params = json!({"uri": "bench://watched"});
            match self.peculiarity {
                "update-uninvited" => params["uri"] = json!("elsewhere://watched"),
                "update-no-uri" => params = json!({}),
                "update-part" => params["uri"] = json!("bench://watched/part"),
                _ => {}
            }
            self.send(json!({"jsonrpc": "2.0", "method": "notifications/resources/updated", "params": params}));
        }
    }

    /// Notes that the client is asked: the id, and where the response will come.
    fn enter_ask(&self) -> (Value, oneshot::Receiver<Value>) {
        let mut state = self.state();
        state.asks += 1;
        let id = match self.peculiarity {
            "ask-id-null" => Value::Null,
            "ask-id-fraction" => json!(state.asks as f64 + 0.5),
            "ask-id-reused" => json!("ask"),
            "ask-id-text" => json!(format!("ask-{}", state.asks)),
            _ => json!(state.asks),
        };
        let (sender, receiver) = oneshot::channel();
        state.asked.insert(id.to_string(), sender);
        (id, receiver)
    }

    /// Asks the client and gives its whole response.
    async fn ask(&self, method: &str, params: Value) -> Value {
        let capability = method.split('/').next().unwrap_or_default();
        if self.is("hangs-without-capability") && self.state().client[capability].is_null() {
            std::future::pending::<()>().await;
        }
        if self.state().client[capability].is_null() && !self.is("asks-undeclared") {
            return json!({"error": {"code": -32601, "message": "the client cannot"}});
        }
        while !self.state().initialized && !self.is("asks-early") {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let (id, receiver) = self.enter_ask();
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        if self.is("cancels-strangers") {
            self.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "stranger"}}));
        }
        if self.is("cancel-shape") {
            self.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"reason": "none"}}));
        }
        receiver.await.unwrap_or_default()
    }

    async fn sample(&self) -> Answer {
        let mut params = json!({
            "messages": [{"role": "user", "content": {"type": "text", "text": "hello"}}],
            "maxTokens": 10,
            "modelPreferences": {"hints": [{"name": "small"}], "costPriority": 0.5},
        });
        match self.peculiarity {
            "sampling-no-maximum" => drop(
                params
                    .as_object_mut()
                    .and_then(|all| all.remove("maxTokens")),
            ),
            "sampling-list" => {
                params["messages"][0]["content"] = json!([params["messages"][0]["content"]])
            }
            "sampling-priority" => params["modelPreferences"]["costPriority"] = json!(7),
            "token-fraction" => params["_meta"] = json!({"progressToken": 1.5}),
            "sampling-context" => params["includeContext"] = json!("everything"),
            "sampling-hints" => params["modelPreferences"]["hints"] = json!("small"),
            _ => {}
        }
        let answer = self.ask("sampling/createMessage", params).await;
        if answer.get("error").is_some() && self.is("hangs-on-error") {
            std::future::pending::<()>().await;
        }
        if self.is("hangs-on-empty-sample") && answer["result"]["content"]["text"] == "" {
            std::future::pending::<()>().await;
        }
        match answer["result"]["content"]["text"].as_str() {
            Some(text) => Ok(json!({"content": [{"type": "text", "text": text}]})),
            None if self.is("hangs-on-odd-sample") => std::future::pending().await,
            None => Ok(json!({"content": [], "isError": true})),
        }
    }

    async fn elicit(&self) -> Answer {
        let mut field = json!({"type": "string", "format": "email"});
        let mut required = json!(["field"]);
        let mut message = "Please fill this in";
        match self.peculiarity {
            "form-nested" => field = json!({"type": "object", "properties": {}}),
            "form-format" => field["format"] = json!("ipv4"),
            "form-keyword" => field["pattern"] = json!("a"),
            "form-names" => {
                field = json!({"type": "string", "enum": ["a", "b"], "enumNames": ["A"]})
            }
            "form-required" => required = json!(["field", "other"]),
            "form-password" => message = "Please enter your password",
            "form-kinds" => field = json!({"type": "integer", "minimum": 0.5, "title": "Field"}),
            _ => {}
        }
        let mut params = json!({"message": message,
            "requestedSchema": {"type": "object", "properties": {"field": field,
                "choice": {"type": "string", "enum": ["a", "b"], "enumNames": ["A", "B"]}}, "required": required}});
        if self.is("form-no-message") {
            params.as_object_mut().and_then(|all| all.remove("message"));
        }
        let answer = self.ask("elicitation/create", params).await;
        if answer["result"]["action"] != "accept" && self.is("hangs-on-decline") {
            std::future::pending::<()>().await;
        }
        if answer["result"]["content"]["field"].is_null() && self.is("hangs-on-odd-form") {
            std::future::pending::<()>().await;
        }
        Ok(json!({"content": [{"type": "text", "text": answer["result"]["action"].to_string()}]}))
    }

    fn respond(&self, id: &Value, answer: Answer) {
        let response = match answer {
            Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Err((code, message)) => {
                json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
            }
        };
        self.send(response);
    }

    fn send(&self, mut message: Value) {
        self.disfigure(&mut message);
        let text = match self.peculiarity {
            "pretty-print" if message["result"]["tools"].is_array() => {
                serde_json::to_string_pretty(&message).unwrap_or_default()
            }
            "escapes" => escaped(&message.to_string()),
            _ => message.to_string(),
        };
        let mut bytes = text.into_bytes();
        if self.is("latin-1") && message["result"]["tools"].is_array() {
            bytes.splice(bytes.len() - 1.., b",\"x\":\"\xe9\"}".iter().copied());
        }
        self.write(bytes);
    }

    fn disfigure(&self, message: &mut Value) {
        let Some(members) = message.as_object_mut() else {
            return;
        };
        let listing = members
            .get("result")
            .is_some_and(|result| result["tools"].is_array());
        match self.peculiarity {
            "jsonrpc-missing" if listing => drop(members.remove("jsonrpc")),
            "both" if listing => {
                drop(members.insert("error".to_owned(), json!({"code": 1, "message": "also"})))
            }
            "neither" if listing => drop(members.remove("result")),
            "result-array" if listing => drop(members.insert("result".to_owned(), json!([]))),
            "array" if listing => *message = json!([message.clone()]),
            "id-rounded" if members.get("id") == Some(&json!(9_007_199_254_740_993_i64)) => {
                members.insert("id".to_owned(), json!(9_007_199_254_740_992_i64));
            }
            "id-text" => stringify_id(members),
            "error-code-text" => disfigure_error(members, "code", json!("-32601")),
            "error-code-reserved" => disfigure_error(members, "code", json!(-32650)),
            "error-no-message" => drop(
                members
                    .get_mut("error")
                    .and_then(Value::as_object_mut)
                    .and_then(|error| error.remove("message")),
            ),
            "error-trace" => disfigure_error(members, "message", json!("Traceback:\n  at main")),
            "error-data" => disfigure_error(members, "data", json!({"detail": [1, 2]})),
            "notification-id"
                if members
                    .get("method")
                    .is_some_and(|method| method == "notifications/message") =>
            {
                members.insert("id".to_owned(), json!(1));
            }
            "params-array"
                if members
                    .get("method")
                    .is_some_and(|method| method == "notifications/tools/list_changed") =>
            {
                members.insert("params".to_owned(), json!([]));
            }
            "further-members" => drop(members.insert("further".to_owned(), json!({"a": 1}))),
            "meta-everywhere" => {
                if let Some(result) = members.get_mut("result").and_then(Value::as_object_mut) {
                    result.insert(
                        "_meta".to_owned(),
                        json!({"example.com/a.b_c-d": {"x": 1}, "example.com/": 2}),
                    );
                }
            }
            _ => {}
        }
    }
}

fn stringify_id(members: &mut Map<String, Value>) {
    if members.contains_key("method") {
        return;
    }
    if let Some(id) = members.get("id").filter(|id| **id == json!(0)).cloned() {
        members.insert("id".to_owned(), json!(id.to_string()));
    }
}

fn disfigure_error(members: &mut Map<String, Value>, member: &str, value: Value) {
    if let Some(error) = members.get_mut("error").and_then(Value::as_object_mut) {
        error.insert(member.to_owned(), value);
    }
}

/// The same JSON with every letter of a string that is not ASCII as an escape.
fn escaped(text: &str) -> String {
    let mut units = [0; 2];
    text.chars()
        .map(|one| {
            if one.is_ascii() {
                one.to_string()
            } else {
                one.encode_utf16(&mut units)
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}"))
                    .collect()
            }
        })
        .collect()
}

/// Resolves when the request is cancelled; never when it only goes away.
async fn wait_for(cancelled: oneshot::Receiver<()>) {
    if cancelled.await.is_err() {
        std::future::pending::<()>().await;
    }
}

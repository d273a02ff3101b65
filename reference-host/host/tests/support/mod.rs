//! A client over the real stdio transport, in memory.

#![allow(dead_code, reason = "each test file uses a part")]

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines,
    ReadHalf, WriteHalf,
};
use wasi_mcp_embedded_guests::{ALL, Guest};
use wasi_mcp_host::component::{Component, Engine, EngineOptions, Source};
use wasi_mcp_host::session::{Server, ServerOptions};
use wasi_mcp_host::transport::stdio;

use crate::messages;

/// The time limit of a message in a test. Long, for slow machines: no test waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(60);

/// The four reference guests.
pub const REFERENCE: [&str; 4] = [
    "reference-backend-0.2",
    "reference-backend-0.3",
    "reference-service-0.2",
    "reference-service-0.3",
];

/// The backends among the probes: one that awaits, one that blocks in 0.3, and one
/// for 0.2.
pub const PROBES: [&str; 3] = [
    "probes-backend-0.3",
    "probes-blocking-0.3",
    "probes-backend-0.2",
];

pub fn guest(name: &str) -> &'static Guest {
    ALL.iter()
        .find(|guest| guest.name == name)
        .unwrap_or_else(|| panic!("no guest is called {name}"))
}

/// One engine for all tests of a file. Later runs find its compiled code.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let compiled = Path::new(env!("CARGO_TARGET_TMPDIR")).join("run");
    ENGINE.get_or_init(|| Engine::new(EngineOptions::default().with_cache(compiled)).unwrap())
}

pub fn component(name: &str) -> Component {
    engine().load(Source::Bytes(guest(name).bytes)).unwrap()
}

pub fn server(name: &str) -> Arc<Server> {
    server_with(name, ServerOptions::default())
}

pub fn server_with(name: &str, options: ServerOptions) -> Arc<Server> {
    Arc::new(Server::new(component(name), options))
}

/// A client of one session.
pub struct Client {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    input: WriteHalf<DuplexStream>,
    next_id: u64,
    /// Notifications and requests of the server that arrived while another message was awaited.
    pub interim: Vec<Value>,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Client {
    /// Opens a session without sending anything.
    pub fn open(server: &Arc<Server>) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (reader, writer) = tokio::io::split(theirs);
        let served = tokio::spawn(stdio::serve(Arc::clone(server), reader, writer));
        let (reader, input) = tokio::io::split(ours);
        Self {
            lines: BufReader::new(reader).lines(),
            input,
            next_id: 1,
            interim: Vec::new(),
            served,
        }
    }

    /// Opens a session and initializes it with all capabilities but roots: the reference guest asks
    /// for those at once, and a 0.2 guest that waits for its client handles no call.
    pub async fn connect(server: &Arc<Server>) -> Self {
        let mut client = Self::open(server);
        let capabilities = json!({ "sampling": {}, "elicitation": {} });
        let result = client
            .request("initialize", messages::initialize(capabilities))
            .await;
        assert_eq!(
            result["result"]["protocolVersion"], "2025-06-18",
            "{result}"
        );
        client.notify("notifications/initialized", json!({})).await;
        client
    }

    pub async fn send(&mut self, message: &Value) {
        self.send_line(message.to_string().as_bytes()).await;
    }

    pub async fn send_line(&mut self, line: &[u8]) {
        self.input.write_all(line).await.unwrap();
        self.input.write_all(b"\n").await.unwrap();
    }

    pub async fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
            .await;
    }

    /// Sends a request and returns its id.
    pub async fn start(&mut self, method: &str, params: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&messages::request(id, method, params)).await;
        id
    }

    /// Returns the next message of any kind; `None` at the end of the output.
    pub async fn next(&mut self) -> Option<Value> {
        let line = self.next_line().await?;
        Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")))
    }

    async fn next_line(&mut self) -> Option<String> {
        tokio::time::timeout(PATIENCE, self.lines.next_line())
            .await
            .expect("a message came in time")
            .unwrap()
    }

    /// Waits for the text of the response to `id`; lines before it are dropped.
    pub async fn raw_response(&mut self, id: u64) -> String {
        let id = format!("\"id\":{id}");
        loop {
            let line = self.next_line().await.expect("the session goes on");
            if line.contains(&id) && !line.contains("\"method\"") {
                return line;
            }
        }
    }

    /// Waits for the response to `id`, unless it arrived earlier; other messages are kept.
    pub async fn response(&mut self, id: u64) -> Value {
        let is_response = |message: &Value| message["id"] == id && message.get("method").is_none();
        if let Some(place) = self.interim.iter().position(is_response) {
            return self.interim.remove(place);
        }
        loop {
            let message = self.next().await.expect("the session goes on");
            if is_response(&message) {
                return message;
            }
            self.interim.push(message);
        }
    }

    pub async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.start(method, params).await;
        self.response(id).await
    }

    pub async fn start_tool(&mut self, name: &str, arguments: Value) -> u64 {
        self.start(
            "tools/call",
            json!({ "name": name, "arguments": arguments }),
        )
        .await
    }

    pub async fn tool(&mut self, name: &str, arguments: Value) -> Value {
        let id = self.start_tool(name, arguments).await;
        self.response(id).await
    }

    /// Waits for a request of the server with this method.
    pub async fn asked(&mut self, method: &str) -> Value {
        loop {
            let message = self.next().await.expect("the session goes on");
            if message["method"] == method && message.get("id").is_some() {
                return message;
            }
            self.interim.push(message);
        }
    }

    /// Waits for a notification with this method, unless it is among the interim messages. It may
    /// be held back for a moment.
    pub async fn notified(&mut self, method: &str) {
        while !methods(&self.interim).contains(&method) {
            let message = self.next().await.expect("the session goes on");
            self.interim.push(message);
        }
    }

    /// Waits until the client has bytes to read, and leaves them unread.
    pub async fn begun(&mut self) {
        let reader = self.lines.get_mut();
        let bytes = tokio::time::timeout(PATIENCE, reader.fill_buf()).await;
        assert!(!bytes.expect("bytes come in time").unwrap().is_empty());
    }

    /// Returns everything that the session writes until it ends.
    pub async fn rest(mut self) -> String {
        let mut rest = String::new();
        let reader = self.lines.get_mut();
        let read = tokio::time::timeout(PATIENCE, reader.read_to_string(&mut rest)).await;
        read.expect("the session ends in time").unwrap();
        rest
    }

    /// Asserts that the session answers.
    pub async fn assert_alive(&mut self) {
        let echoed = self.tool("echo", json!({ "text": "still here" })).await;
        assert_eq!(
            echoed["result"]["content"][0]["text"], "still here",
            "{echoed}"
        );
    }

    /// Closes the input and returns the remaining messages.
    pub async fn close(mut self) -> Vec<Value> {
        self.input.shutdown().await.unwrap();
        let mut rest = std::mem::take(&mut self.interim);
        while let Some(message) = self.next().await {
            rest.push(message);
        }
        self.served.await.unwrap().unwrap();
        rest
    }
}

/// Returns the methods of the notifications among messages.
pub fn methods(messages: &[Value]) -> Vec<&str> {
    messages
        .iter()
        .filter_map(|message| message["method"].as_str())
        .collect()
}

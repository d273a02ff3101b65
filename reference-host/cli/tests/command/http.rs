//! `wasi-mcp serve --http`, and a client that speaks plain HTTP.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStderr, Command};

use super::{Outcome, PATIENCE, end, signal};
use crate::messages;

/// The running command.
pub struct HttpHost {
    process: Child,
    log: Lines<BufReader<ChildStderr>>,
    /// The lines logged before it served.
    before: Vec<String>,
    /// The address for clients.
    pub address: String,
    /// The address for the operator, if enabled.
    pub admin: Option<String>,
}

impl HttpHost {
    /// Starts it on a free port and waits until it reports that it serves.
    pub async fn start(command: &mut Command) -> Self {
        let mut process = command.args(["--http", "127.0.0.1:0"]).spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let (mut admin, mut before) = (None, Vec::new());
        let address = loop {
            let line = next(&mut log).await.expect("it serves before it ends");
            let line = message(line);
            if let Some(url) = line.strip_prefix("serving metrics at http://") {
                admin = Some(url.strip_suffix("/metrics").unwrap().to_owned());
            }
            if let Some(url) = line.strip_prefix("serving MCP at http://") {
                break url.strip_suffix("/mcp").unwrap().to_owned();
            }
            before.push(line);
        };
        Self {
            process,
            log,
            before,
            address,
            admin,
        }
    }

    /// Waits for a line of the log that has this part.
    pub async fn logged(&mut self, part: &str) -> String {
        let has_part = |line: &String| line.contains(part);
        if let Some(index) = self.before.iter().position(has_part) {
            return self.before.remove(index);
        }
        let mut before = Vec::new();
        loop {
            match next(&mut self.log).await {
                Some(line) if line.contains(part) => return line,
                Some(line) => before.push(line),
                None => panic!("{part:?} is not in {before:#?}"),
            }
        }
    }

    /// Returns the lines that it logged before it served, and that no test has waited for.
    pub fn logged_before(&self) -> &[String] {
        &self.before
    }

    /// Returns the process id.
    pub fn process(&self) -> u32 {
        self.process.id().expect("it runs")
    }

    pub async fn signal(&self, name: &str) {
        signal(&self.process, name).await;
    }

    /// Waits until it exits by itself, and returns the rest of its log.
    pub async fn end(self) -> Outcome {
        let mut log = self.log;
        let mut stderr = String::new();
        while let Some(line) = next(&mut log).await {
            stderr += &line;
            stderr.push('\n');
        }
        Outcome {
            stderr,
            ..end(self.process).await
        }
    }

    /// Gets a page of the operator: the status and the text.
    pub async fn operator(&self, path: &str) -> (u16, String) {
        let address = self.admin.as_deref().expect("it serves its operator");
        get(address, path).await
    }

    /// Returns the value of one line of `/metrics`; 0 if it is missing.
    pub async fn figure(&self, name: &str) -> f64 {
        let (status, page) = self.operator("/metrics").await;
        assert_eq!(status, 200, "{page}");
        let value = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok();
        page.lines().find_map(value).unwrap_or(0.0)
    }

    /// Waits until a metric has this value.
    pub async fn figure_becomes(&self, name: &str, value: f64) {
        let becomes = async {
            while self.figure(name).await != value {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let becomes = tokio::time::timeout(PATIENCE, becomes);
        assert!(becomes.await.is_ok(), "{name} does not become {value}");
    }
}

async fn next(log: &mut Lines<BufReader<ChildStderr>>) -> Option<String> {
    tokio::time::timeout(PATIENCE, log.next_line())
        .await
        .expect("a line comes in time")
        .unwrap()
}

/// Returns the message of a line, in text or JSON.
fn message(line: String) -> String {
    let json = serde_json::from_str::<Value>(&line).unwrap_or_default();
    let message = json["fields"]["message"].as_str().map(str::to_owned);
    message.unwrap_or(line)
}

/// A client with a session.
#[derive(Clone)]
pub struct HttpClient {
    pub address: String,
    session: String,
}

impl HttpClient {
    pub async fn connect(address: &str) -> Self {
        let initialize = messages::request(0, "initialize", messages::initialize(json!({})));
        let response = post(address, "", &initialize.to_string()).await;
        assert_eq!(response.status, 200, "{}", response.body);
        let session = response.header("mcp-session-id").expect("a session");
        let client = Self {
            address: address.to_owned(),
            session,
        };
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let response = client.post(&initialized.to_string()).await;
        assert_eq!(response.status, 202, "{}", response.body);
        client
    }

    /// Sends a request and waits for its response.
    pub async fn request(&self, method: &str, params: Value) -> Value {
        let message = messages::request(1, method, params);
        let response = self.post(&message.to_string()).await;
        assert_eq!(response.status, 200, "{}", response.body);
        // A call that took some time is answered by an event.
        let is_message = |line: &&str| line.starts_with('{');
        let mut lines = response.body.lines();
        let message = lines.rfind(|line| is_message(&line.trim_start_matches("data: ")));
        let message = message.map_or("", |line| line.trim_start_matches("data: "));
        serde_json::from_str(message).unwrap_or_else(|error| panic!("{error}: {}", response.body))
    }

    /// Sends text that may be a message.
    pub async fn post(&self, text: &str) -> Response {
        post(&self.address, &self.session, text).await
    }

    /// Returns a request of this session in its form on the wire.
    pub fn request_text(&self, method: &str, body: &str) -> String {
        let headers = headers(&self.session);
        request_text(&self.address, method, "/mcp", &headers, body)
    }

    pub async fn call(&self, tool: &str, arguments: Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        self.request("tools/call", params).await
    }

    /// Returns the names of all tools.
    pub async fn tools(&self) -> Vec<String> {
        let answer = self.request("tools/list", json!({})).await;
        let tools = answer["result"]["tools"].as_array().expect("tools");
        let name = |tool: &Value| tool["name"].as_str().expect("a name").to_owned();
        tools.iter().map(name).collect()
    }

    /// Ends the session.
    pub async fn delete(self) {
        let session = [("Mcp-Session-Id", self.session.as_str())];
        let response = http(&self.address, "DELETE", "/mcp", &session, "").await;
        assert_eq!(response.status, 204, "{}", response.body);
    }
}

/// Gets a page: its status and text.
pub async fn get(address: &str, path: &str) -> (u16, String) {
    let response = http(address, "GET", path, &[], "").await;
    (response.status, response.body)
}

/// Posts a text, in this session if there is one.
pub async fn post(address: &str, session: &str, text: &str) -> Response {
    http(address, "POST", "/mcp", &headers(session), text).await
}

/// Returns the header fields of a client's request, in this session if there is one.
fn headers(session: &str) -> Vec<(&str, &str)> {
    let mut headers = vec![
        ("Content-Type", "application/json"),
        ("Accept", "application/json, text/event-stream"),
    ];
    if !session.is_empty() {
        headers.push(("Mcp-Session-Id", session));
        headers.push(("MCP-Protocol-Version", "2025-06-18"));
    }
    headers
}

pub struct Response {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Response {
    fn header(&self, name: &str) -> Option<String> {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields
            .filter(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.to_owned())
            .next()
    }
}

fn request_text(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> String {
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn http(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response {
    let request = request_text(address, method, path, headers, body);
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        response
    };
    let response = tokio::time::timeout(PATIENCE, exchange)
        .await
        .expect("a response comes in time");
    let (head, body) = response.split_once("\r\n\r\n").expect("a header");
    let status = head.split(' ').nth(1).expect("a status").parse().unwrap();
    Response {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

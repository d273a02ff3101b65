//! The built `wasi-mcp` as a user runs it.

#![allow(dead_code, reason = "each test file uses a part")]

#[path = "../../../host/tests/support/guest_file.rs"]
mod guest_file;
pub mod http;
#[cfg(target_os = "linux")]
pub mod lease;

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::messages;
pub use guest_file::GuestFile;

/// The time limit of a command in a test. Long, for slow machines: no test waits for it to pass.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Returns the command `wasi-mcp`, with one cache for all tests that is not the user's.
pub fn wasi_mcp() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasi-mcp"));
    command
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Sends a signal, as a process manager does.
pub async fn signal(process: &Child, name: &str) {
    let id = process.id().expect("it runs").to_string();
    let sent = Command::new("kill").args(["-s", name, &id]).status().await;
    assert!(sent.unwrap().success());
}

/// The result of a command.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status; `None` if a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    fn of(output: std::process::Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs a command until it exits by itself.
pub async fn run(command: &mut Command) -> Outcome {
    end(command.spawn().unwrap()).await
}

pub async fn end(process: Child) -> Outcome {
    let output = tokio::time::timeout(PATIENCE, process.wait_with_output())
        .await
        .expect("it ends in time")
        .unwrap();
    Outcome::of(output)
}

/// A client of `wasi-mcp serve` over its standard input and output.
pub struct StdioClient {
    process: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    next_id: u64,
}

impl StdioClient {
    /// Starts the command and initializes a session.
    pub async fn connect(command: &mut Command) -> Self {
        let mut process = command.stdin(Stdio::piped()).spawn().unwrap();
        let input = process.stdin.take().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut client = Self {
            process,
            input,
            lines,
            next_id: 1,
        };
        let answer = client
            .request("initialize", messages::initialize(json!({})))
            .await;
        assert_eq!(
            answer["result"]["protocolVersion"], "2025-06-18",
            "{answer}"
        );
        client
            .send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
            .await;
        client
    }

    pub async fn signal(&self, name: &str) {
        signal(&self.process, name).await;
    }

    /// Waits until the command exits by itself, while its input stays open.
    pub async fn end(self) -> Outcome {
        let (input, outcome) = self.take_apart();
        let outcome = outcome.await;
        drop(input);
        outcome
    }

    /// Waits for a line of the log that has this part, and returns it.
    pub async fn logged(&mut self, part: &str) -> String {
        let log = self.process.stderr.as_mut().expect("it is piped");
        let mut text = String::new();
        let found = async {
            loop {
                let mut line = Vec::new();
                while line.last() != Some(&b'\n') {
                    line.push(log.read_u8().await.expect("it goes on"));
                }
                let line = String::from_utf8_lossy(&line);
                if line.contains(part) {
                    return line.trim_end().to_owned();
                }
                text.push_str(&line);
            }
        };
        let found = tokio::time::timeout(PATIENCE, found).await;
        found.unwrap_or_else(|_| panic!("{part:?} is not in {text}"))
    }

    /// Sends any JSON as a message.
    pub async fn send(&mut self, message: &Value) {
        self.send_line(&message.to_string()).await;
    }

    /// Sends any line.
    pub async fn send_line(&mut self, line: &str) {
        let line = format!("{line}\n");
        self.input.write_all(line.as_bytes()).await.unwrap();
    }

    /// Sends a request and returns its id.
    pub async fn start(&mut self, method: &str, params: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&messages::request(id, method, params)).await;
        id
    }

    /// Sends a request, and expects its response in the next line of standard output.
    pub async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.start(method, params).await;
        let message = self.next().await;
        assert_eq!(message["id"], id, "{message}");
        message
    }

    /// Sends a request, and skips notifications until its response.
    pub async fn request_amid(&mut self, method: &str, params: Value) -> Value {
        let id = self.start(method, params).await;
        loop {
            let message = self.next().await;
            if message.get("method").is_none() {
                assert_eq!(message["id"], id, "{message}");
                return message;
            }
        }
    }

    /// Returns the next message on standard output.
    pub async fn next(&mut self) -> Value {
        let Some(line) = tokio::time::timeout(PATIENCE, self.lines.next_line())
            .await
            .expect("a line comes in time")
            .unwrap()
        else {
            let mut stderr = String::new();
            let mut log = self.process.stderr.take().unwrap();
            log.read_to_string(&mut stderr).await.unwrap();
            panic!("it ended: {stderr}");
        };
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Returns the process id.
    pub fn process(&self) -> u32 {
        self.process.id().expect("it runs")
    }

    /// Closes the input and waits for the command to exit, with the rest of its output.
    pub async fn finish(self) -> Outcome {
        let (input, outcome) = self.take_apart();
        drop(input);
        outcome.await
    }

    /// Splits off the input, and returns the result of the command once the output has ended.
    fn take_apart(self) -> (ChildStdin, impl Future<Output = Outcome>) {
        let Self {
            process,
            input,
            mut lines,
            ..
        } = self;
        let outcome = async move {
            let mut stdout = String::new();
            let rest = lines.get_mut().read_to_string(&mut stdout);
            let in_time = tokio::time::timeout(PATIENCE, rest).await;
            in_time.expect("it ends in time").unwrap();
            Outcome {
                stdout,
                ..end(process).await
            }
        };
        (input, outcome)
    }
}

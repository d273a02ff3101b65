//! The command under calls of all kinds, including faults, from many short sessions: every request
//! is answered, and nothing is left of them afterwards.

#![cfg(target_os = "linux")]

mod command;
#[path = "../../host/tests/messages/mod.rs"]
mod messages;

use std::ops::Range;
use std::time::{Duration, Instant};

use command::http::{HttpClient, HttpHost};
use command::{GuestFile, PATIENCE, StdioClient, wasi_mcp};
use futures::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;

/// The time for which each transport is used.
const TIME: Duration = Duration::from_secs(35);

/// Concurrent sessions.
const SESSIONS: u64 = 12;

/// Calls of each session.
const CALLS: u64 = 14;

/// The permitted growth of the process's memory while all rounds are alike. Leaked sessions and
/// requests show in the metrics; this is for leaks that do not.
const GROWTH: u64 = 32 << 20;

/// Pseudorandom numbers, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, range: Range<u64>) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        range.start + self.0 % (range.end - range.start)
    }
}

/// The expected result of a call.
#[derive(Debug, Clone, Copy)]
enum Expected {
    Text(&'static str),
    ToolError,
    /// The instance is lost: an error.
    Lost,
}

/// Returns a call that ends by itself.
fn call(numbers: &mut Numbers) -> (Value, Expected) {
    let (name, arguments, expected) = match numbers.next(0..12) {
        0 => ("trap", json!({}), Expected::Lost),
        1 => ("panic", json!({}), Expected::Lost),
        2 => ("exit", json!({ "status": 3 }), Expected::Lost),
        3 => ("recurse", json!({}), Expected::Lost),
        4 => ("spin", json!({}), Expected::Lost),
        5 => ("allocate", json!({ "megabytes": 4096 }), Expected::Lost),
        6 => ("fail", json!({}), Expected::ToolError),
        7 => (
            "sleep",
            json!({ "milliseconds": 20 }),
            Expected::Text("Slept 20 ms"),
        ),
        8 => (
            "allocate",
            json!({ "megabytes": 4 }),
            Expected::Text("Took 4 MB"),
        ),
        _ => ("echo", json!({ "text": "hello" }), Expected::Text("hello")),
    };
    (json!({ "name": name, "arguments": arguments }), expected)
}

fn judge(params: &Value, answer: &Value, expected: Expected) {
    let is_right = match expected {
        Expected::Text(text) => answer["result"]["content"][0]["text"] == text,
        Expected::ToolError => answer["result"]["isError"] == true,
        Expected::Lost => answer["error"]["code"] == -32603,
    };
    assert!(is_right, "{params}: {expected:?} expected, got {answer}");
}

/// The resources of a process.
#[derive(Debug, Clone, Copy)]
struct Holdings {
    files: usize,
    threads: u64,
    memory: u64,
}

impl Holdings {
    fn of(process: u32) -> Self {
        let folder = format!("/proc/{process}");
        let files = std::fs::read_dir(format!("{folder}/fd")).expect("it runs");
        let status = std::fs::read_to_string(format!("{folder}/status")).expect("it runs");
        let field = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next());
            number.and_then(|number| number.parse().ok()).expect(name)
        };
        Self {
            files: files.count(),
            threads: field("Threads:"),
            memory: field("VmRSS:") << 10,
        }
    }

    /// Waits until the process has no more files and threads than before.
    async fn back(process: u32, before: Self) -> Self {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = Self::of(process);
            if now.files <= before.files && now.threads <= before.threads {
                return now;
            }
            assert!(Instant::now() < deadline, "{now:?} is left, {before:?} was");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Compares the maximum of each half of the rounds. The first rounds do not count, since memory is
/// kept for reuse.
fn assert_no_growth(rounds: &[u64]) {
    let rounds = &rounds[rounds.len() / 4..];
    let (first, second) = rounds.split_at(rounds.len() / 2);
    let most = |rounds: &[u64]| rounds.iter().copied().max().unwrap_or(0);
    assert!(
        most(second) <= most(first) + GROWTH,
        "memory grows from round to round: {rounds:?}"
    );
}

fn serve(guest: &GuestFile, options: &[&str]) -> Command {
    let mut command = wasi_mcp();
    command.arg("serve").arg(guest.path()).args(options);
    command.args([
        "--computing-timeout",
        "0.3",
        "--cancelled-call-timeout",
        "0.2",
    ]);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute, which .ci/run spends"]
async fn over_http_nothing_is_left_of_sessions_that_come_and_go() {
    let guest = GuestFile::write("reference-backend-0.3");
    let host = HttpHost::start(&mut serve(&guest, &["--admin", "127.0.0.1:0"])).await;
    let process = host.process();
    round(&host, 0).await;
    quiet(&host).await;
    let before = Holdings::of(process);
    let began = Instant::now();
    let mut memory = Vec::new();
    let mut rounds = 0;
    while began.elapsed() < TIME || rounds < 4 {
        rounds += 1;
        round(&host, rounds).await;
        quiet(&host).await;
        memory.push(Holdings::of(process).memory);
    }
    let after = Holdings::back(process, before).await;
    eprintln!("{rounds} rounds of {SESSIONS} sessions: {before:?}, then {after:?}");
    assert_no_growth(&memory);
    // It still serves.
    let client = HttpClient::connect(&host.address).await;
    let answer = client.call("echo", json!({ "text": "still here" })).await;
    assert_eq!(answer["result"]["content"][0]["text"], "still here");
    client.delete().await;
    host.signal("TERM").await;
    assert_eq!(host.end().await.code, Some(0));
}

/// Waits until the host reports that it is idle.
async fn quiet(host: &HttpHost) {
    for name in ["wasi_mcp_sessions_open", "wasi_mcp_requests_in_flight"] {
        host.figure_becomes(name, 0.0).await;
    }
}

async fn round(host: &HttpHost, number: u64) {
    let session = |index| session(host, Numbers(((number << 8) | index) * 2 + 1));
    join_all((0..SESSIONS).map(session)).await;
}

/// Runs a session from its beginning to its end.
async fn session(host: &HttpHost, mut numbers: Numbers) {
    // Small seeds are too similar.
    for _ in 0..8 {
        numbers.next(0..2);
    }
    let client = HttpClient::connect(&host.address).await;
    for _ in 0..CALLS {
        match numbers.next(0..10) {
            0 => cancelled(&client).await,
            1 => disconnected(&client).await,
            2 => garbage(&client, &mut numbers).await,
            3 => slow(&client).await,
            4 => listening(&client).await,
            _ => {
                let (params, expected) = call(&mut numbers);
                let answer = client.request("tools/call", params.clone()).await;
                judge(&params, &answer, expected);
            }
        }
    }
    client.delete().await;
}

const SLEEP: &str = r#"{"jsonrpc":"2.0","id":"sleep","method":"tools/call","params":{"name":"sleep","arguments":{"milliseconds":60000}}}"#;

/// Cancels a call: its stream ends, without a response or with one that came before.
async fn cancelled(client: &HttpClient) {
    let cancel = async {
        let notification = json!({
            "jsonrpc": "2.0",
            "method": "notifications/cancelled",
            "params": { "requestId": "sleep" },
        });
        // It must have arrived to be cancelled.
        tokio::time::sleep(Duration::from_millis(30)).await;
        for _ in 0..1000 {
            let answer = client.post(&notification.to_string()).await;
            assert_eq!(answer.status, 202, "{}", answer.body);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let answer = tokio::select! {
        answer = client.post(SLEEP) => answer,
        () = cancel => panic!("a call goes on that was cancelled"),
    };
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
}

/// Disconnects a client in the middle of a call, which continues without it.
async fn disconnected(client: &HttpClient) {
    let call = SLEEP
        .replace("60000", "40")
        .replace("\"sleep\",\"m", "\"gone\",\"m");
    let mut stream = TcpStream::connect(&client.address)
        .await
        .expect("it serves");
    let request = client.request_text("POST", &call);
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
}

/// Sends text that is not a message, or not one that may come.
async fn garbage(client: &HttpClient, numbers: &mut Numbers) {
    let (text, status) = [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("\u{0}", 400),
        (r#"{"jsonrpc":"2.0","id":1,"method":"no/such"}"#, 200),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, 400),
        (r#"{"jsonrpc":"2.0","method":"no/such"}"#, 202),
        (r#"{"jsonrpc":"2.0","id":77,"result":{}}"#, 202),
    ][numbers.next(0..8) as usize];
    let answer = client.post(text).await;
    assert_eq!(answer.status, status, "{text:?}: {}", answer.body);
}

/// Sends a message in small pieces.
async fn slow(client: &HttpClient) {
    let ping = json!({ "jsonrpc": "2.0", "id": "slow", "method": "ping" }).to_string();
    let mut stream = TcpStream::connect(&client.address)
        .await
        .expect("it serves");
    for piece in client.request_text("POST", &ping).as_bytes().chunks(97) {
        stream.write_all(piece).await.expect("it reads");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let mut answer = String::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer));
    read.await.expect("in time").expect("it answers");
    assert!(answer.contains(r#""id":"slow""#), "{answer}");
}

/// Opens a stream to listen on, and breaks it off.
async fn listening(client: &HttpClient) {
    let mut stream = TcpStream::connect(&client.address)
        .await
        .expect("it serves");
    let request = client.request_text("GET", "");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    let mut head = [0; 12];
    let read = tokio::time::timeout(PATIENCE, stream.read_exact(&mut head));
    read.await.expect("in time").expect("it answers");
    assert_eq!(&head, b"HTTP/1.1 200");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute, which .ci/run spends"]
async fn over_stdio_nothing_is_left_of_faults() {
    let guest = GuestFile::write("reference-backend-0.2");
    let mut client = StdioClient::connect(&mut serve(&guest, &[])).await;
    let process = client.process();
    let mut numbers = Numbers(7);
    stdio_round(&mut client, &mut numbers).await;
    let before = Holdings::of(process);
    let began = Instant::now();
    let mut memory = Vec::new();
    while began.elapsed() < TIME || memory.len() < 4 {
        stdio_round(&mut client, &mut numbers).await;
        memory.push(Holdings::of(process).memory);
    }
    let after = Holdings::back(process, before).await;
    eprintln!("{} rounds: {before:?}, then {after:?}", memory.len());
    assert_no_growth(&memory);
    assert_eq!(client.finish().await.code, Some(0));
}

async fn stdio_round(client: &mut StdioClient, numbers: &mut Numbers) {
    for _ in 0..4 * CALLS {
        match numbers.next(0..10) {
            0 => {
                client.send(&json!([])).await;
                let refusal = client.next().await;
                assert_eq!(refusal["error"]["code"], -32600, "{refusal}");
            }
            1 => {
                // Only this shows whether it was cancelled in time.
                let cancelled = json!({ "requestId": "sleep" });
                let sleep: Value = serde_json::from_str(SLEEP).expect("JSON");
                client.send(&sleep).await;
                let notification = "notifications/cancelled";
                let notification = json!({
                    "jsonrpc": "2.0", "method": notification, "params": cancelled,
                });
                client.send(&notification).await;
            }
            _ => {
                let (params, expected) = call(numbers);
                let answer = client.request("tools/call", params.clone()).await;
                judge(&params, &answer, expected);
            }
        }
    }
}

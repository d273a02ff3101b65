//! A server that answers every request of the checks with an internal error, after it has shown its
//! features. A check that passes has not looked at the answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use wasi_mcp_conformance::checks::{self, Probe};
use wasi_mcp_conformance::driver::connection::{Connection, Lines, Server, Transport};
use wasi_mcp_conformance::model::{Identity, Status, Verdict};
use wasi_mcp_conformance::runner::{RunOptions, RunWatcher, Selection, Watcher, run};

use super::stdio;

/// Requests that it answers as usual: sessions begin and live on.
const SERVED: [&str; 2] = ["initialize", "ping"];

/// The message of the errors.
const WORDS: &str = "nothing is left for this";

/// The stdio server, which starves once this is set.
struct Starving {
    server: Arc<dyn Server>,
    starves: Arc<AtomicBool>,
}

impl Server for Starving {
    fn transport(&self) -> Transport {
        Transport::Stdio
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        Box::pin(async {
            let Connection::Lines(lines) = self.server.connect().await? else {
                anyhow::bail!("a server over stdio has lines");
            };
            let (ours, theirs) = tokio::io::duplex(1 << 20);
            let (output, input) = tokio::io::split(ours);
            let (requests, answers) = tokio::io::split(theirs);
            let methods = Methods::default();
            let to_server = pass(requests, lines.input, {
                let methods = methods.clone();
                move |message| methods.note(message)
            });
            let starves = self.starves.clone();
            let to_client = pass(lines.output, answers, move |message| {
                if starves.load(Ordering::Relaxed) && methods.starve(message) {
                    let error = json!({"code": -32603, "message": WORDS});
                    *message = json!({"jsonrpc": "2.0", "id": message["id"], "error": error});
                }
            });
            tokio::spawn(to_server);
            tokio::spawn(to_client);
            Ok(Connection::Lines(Lines {
                output: Box::new(output),
                errors: lines.errors,
                input: Box::new(input),
                process: None,
            }))
        })
    }
}

/// The methods of the requests of a session, by id.
#[derive(Clone, Default)]
struct Methods(Arc<Mutex<HashMap<String, String>>>);

impl Methods {
    fn note(&self, message: &Value) {
        if let Some(method) = message["method"].as_str() {
            let mut methods = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            methods.insert(message["id"].to_string(), method.to_owned());
        }
    }

    /// Returns true for an answer that an internal error replaces.
    fn starve(&self, message: &Value) -> bool {
        let methods = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let method = methods.get(&message["id"].to_string());
        let is_answer = message.get("method").is_none() && !message["id"].is_null();
        is_answer && method.is_some_and(|method| !SERVED.contains(&method.as_str()))
    }
}

/// Passes lines on. Messages are changed, other lines are not.
async fn pass(
    from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    change: impl Fn(&mut Value),
) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    loop {
        line.clear();
        match from.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        if let Ok(mut message) = serde_json::from_slice::<Value>(&line)
            && message.is_object()
        {
            let before = message.clone();
            change(&mut message);
            if message != before {
                line = format!("{message}\n").into_bytes();
            }
        }
        if to.write_all(&line).await.is_err() {
            break;
        }
    }
    // The other side may have closed it.
    let _ = to.shutdown().await;
}

/// Lets the server starve when the first check begins, which is after the survey.
struct Famine(Arc<AtomicBool>);

impl Watcher for Famine {
    fn begin(&self, _: &Identity, _: usize) -> Box<dyn RunWatcher> {
        Box::new(Self(self.0.clone()))
    }
}

impl RunWatcher for Famine {
    fn check(&self, _: &'static str) {
        self.0.store(true, Ordering::Relaxed);
    }
    fn judged(&self, _: &Verdict) {}
    fn warn(&self, _: &str) {}
}

/// Checks that pass whatever the answer to a request is, with the reason.
const FED: &[(&str, &str)] = &[
    (
        "pagination/invalid-graceful",
        "pagination/invalid-cursor judges the code",
    ),
    ("base/survives-garbage", "any answer is harmless"),
    (
        "lifecycle/server-waits",
        "a call may fail whose question must not be asked yet",
    ),
    ("cancellation/no-response", "cancelled calls get no answer"),
    ("cancellation/stop", "reports of progress are judged"),
    ("cancellation/late-answer", "cancelled calls get no answer"),
    (
        "lifecycle/request-timeout",
        "a call may fail whose question is given up",
    ),
    ("lifecycle/timeout-cancelled", "the cancellation is judged"),
    (
        "lifecycle/timeout-maximum",
        "a call may fail whose question is given up",
    ),
    ("lifecycle/after-timeout", "the ping after it is judged"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_check_passes_on_internal_errors_alone() {
    let starves = Arc::new(AtomicBool::new(false));
    let mut target = stdio::SERVERS.target("nothing peculiar");
    let server = target.server.clone();
    let served = starves.clone();
    target.server = Arc::new(Starving {
        server,
        starves: served,
    });
    let folder = tempfile::tempdir().expect("a folder");
    let options = RunOptions {
        jobs: Some(8),
        transcripts: Some(folder.path().to_owned()),
        ..RunOptions::of(Selection::of([""; 0]).expect("no filter"))
    };
    let run = run(&target, &options, &Famine(starves)).await;
    let run = run.expect("it runs");
    let active = |id: &str| {
        let mut all = checks::all();
        all.any(|check| check.id == id && matches!(check.probe, Probe::Active(_)))
    };
    let starved = |check: &str| {
        let path = folder.path().join("nothing-peculiar-stdio");
        let messages = std::fs::read_to_string(path.join(format!("{check}.jsonl")));
        messages.is_ok_and(|messages| messages.contains(WORDS))
    };
    let count = checks::all().filter(|check| starved(check.id)).count();
    assert!(count > 20, "only {count} checks got an internal error");
    let passed = run.results.iter().filter(|verdict| {
        let fed = FED.iter().any(|(check, _)| *check == verdict.check);
        let passed = verdict.status == Status::Pass && active(&verdict.check);
        passed && starved(&verdict.check) && !fed
    });
    let passed: Vec<String> = passed
        .map(|verdict| format!("{}: {}", verdict.check, verdict.message))
        .collect();
    assert!(passed.is_empty(), "{}", passed.join("\n"));
}

//! A hundred thousand calls, including every kind of fault, leave nothing behind: no store, no
//! table entry, no task.

mod messages;
mod support;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use support::{Client, server_with};
use wasi_mcp_host::component::{GuestOutput, Isolation};
use wasi_mcp_host::session::{Server, ServerOptions};

/// Concurrent calls.
const BATCH: u64 = 100;
/// Batches per session.
const BATCHES_OF_A_SESSION: u64 = 20;
/// The number of batches between two that have a call that times out.
const BATCHES_BETWEEN_TIMEOUTS: u64 = 40;
/// The permitted growth of an instance's tables.
const TABLE_ENTRIES: usize = 100;
/// The number of calls after which the faults repeat.
const FAULTS: u64 = 1_000;

/// A guest, and the options to serve it.
struct Trial {
    guest: &'static str,
    isolation: Isolation,
    calls: u64,
    /// The engine keeps an entry for each call.
    grows: bool,
}

const fn trial(guest: &'static str, isolation: Isolation, calls: u64) -> Trial {
    Trial {
        guest,
        isolation,
        calls,
        grows: false,
    }
}

const TRIALS: &[Trial] = &[
    trial("reference-backend-0.3", Isolation::Session, 30_000),
    trial("reference-backend-0.2", Isolation::Session, 26_000),
    Trial {
        grows: true,
        ..trial("composed-0.3", Isolation::Session, 14_000)
    },
    trial("composed-0.2", Isolation::Session, 10_000),
    trial("composed-0.3", Isolation::Call, 6_000),
    trial("composed-0.2", Isolation::Call, 6_000),
    trial("reference-service-0.3", Isolation::Call, 7_000),
    // Each call registers two hundred entries before it begins.
    trial("reference-backend-0.3", Isolation::Call, 500),
    trial("reference-backend-0.2", Isolation::Call, 500),
];

impl Trial {
    fn server(&self) -> Arc<Server> {
        let mut options = ServerOptions::default();
        options.isolation = self.isolation;
        // Guests that panic print a message.
        options.sandbox.output = GuestOutput::to(|_| {});
        // Reached by the calls that sleep for longer, and perhaps by those queued behind
        // them.
        options.limits.request_time = Duration::from_secs(2);
        options.instance.table_entries = TABLE_ENTRIES;
        options.cancelled_call_grace = Duration::from_millis(50);
        server_with(self.guest, options)
    }

    /// Makes the calls, and checks for leaks between them.
    async fn run(&self, server: Arc<Server>) {
        let live_counts = server.live_counts();
        let name = format!("{} by {}", self.guest, self.isolation);
        let mut batches = 0;
        while live_counts.calls() < self.calls {
            let mut client = Client::connect(&server).await;
            for _ in 0..BATCHES_OF_A_SESSION {
                let slow = (batches + 1) % BATCHES_BETWEEN_TIMEOUTS == 0;
                batch(&mut client, batches, slow).await;
                batches += 1;
                if live_counts.calls() >= self.calls {
                    break;
                }
            }
            client.assert_alive().await;
            let living = u64::from(self.isolation == Isolation::Session);
            until(&name, || live_counts.instances() == living).await;
            assert_eq!(live_counts.sessions(), 1, "{name}");
            client.close().await;
        }
        until(&name, || {
            live_counts.sessions() + live_counts.instances() == 0
        })
        .await;
        assert!(
            live_counts.instances_lost() > 0,
            "{name}: faults were among them"
        );
        let growth = live_counts.most_table_entries();
        let most = if self.grows { 5 * TABLE_ENTRIES } else { 20 };
        assert!(
            growth <= most as u64,
            "{name}: tables have grown by {growth}"
        );
        assert_eq!(live_counts.instances_replaced() > 0, self.grows, "{name}");
    }
}

/// Waits for a condition that holds soon after an answer.
async fn until(name: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting)
        .await
        .unwrap_or_else(|_| panic!("{name}: something is left behind"));
}

/// Makes concurrent calls, most of which succeed. Each that was not cancelled is answered: with a
/// result, or with an error that says what ended it or its instance.
async fn batch(client: &mut Client, number: u64, slow: bool) {
    let mut awaited = HashSet::new();
    let mut cancelled = Vec::new();
    for call in 0..BATCH {
        let kind = (number * BATCH + call) % FAULTS;
        match kind {
            50 => awaited.insert(client.start_tool("trap", json!({})).await),
            350 => awaited.insert(client.start_tool("exit", json!({ "status": 3 })).await),
            650 => {
                let waiting = client.start_tool("wait-until-cancelled", json!({})).await;
                cancelled.push(waiting);
                client
                    .notify("notifications/cancelled", json!({ "requestId": waiting }))
                    .await;
                true
            }
            950 if slow => {
                let forever = json!({ "milliseconds": 600_000 });
                awaited.insert(client.start_tool("sleep", forever).await)
            }
            _ => awaited.insert(client.start_tool("echo", json!({ "text": "?" })).await),
        };
    }
    while !awaited.is_empty() {
        let message = client.next().await.expect("the session goes on");
        let Some(id) = message["id"].as_u64() else {
            continue;
        };
        check(&message);
        assert!(awaited.remove(&id) || cancelled.contains(&id), "{message}");
    }
}

fn check(answer: &Value) {
    if let Some(error) = answer.get("error") {
        let message = error["message"].as_str().unwrap();
        let reasons = ["trapped", "exited", "timed out", "was stopped"];
        assert!(
            reasons.iter().any(|reason| message.contains(reason)),
            "{answer}"
        );
    } else {
        assert_eq!(answer["result"]["content"][0]["text"], "?", "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_with_faults_among_them_leave_nothing_behind() {
    let calls: u64 = TRIALS.iter().map(|trial| trial.calls).sum();
    assert!(calls >= 100_000);
    let metrics = tokio::runtime::Handle::current().metrics();
    let tasks = metrics.num_alive_tasks();
    // Compiling keeps the threads of the runtime busy, and calls have a time limit.
    let servers: Vec<_> = TRIALS.iter().map(|trial| (trial, trial.server())).collect();
    let trials = servers
        .into_iter()
        .map(|(trial, server)| tokio::spawn(trial.run(server)));
    for trial in trials.collect::<Vec<_>>() {
        trial.await.unwrap();
    }
    until("tasks", || metrics.num_alive_tasks() == tasks).await;
}

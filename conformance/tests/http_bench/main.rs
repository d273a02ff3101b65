//! Proof that the checks of Streamable HTTP can fail, and that they do not
//! fail for nothing.

mod server;

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, stream};
use wasi_mcp_conformance::driver::Timing;
use wasi_mcp_conformance::driver::connection::Transport;
use wasi_mcp_conformance::report::{Identity, Run, Status};
use wasi_mcp_conformance::runner::{Nobody, Selection, run};
use wasi_mcp_conformance::targets::Target;

use server::Peculiar;

/// A fault and the check that has to find it.
const FAULTS: &[(&str, &str)] = &[
    ("get-404", "http/get"),
    ("get-json", "http/get"),
    ("notification-200", "http/accepted"),
    ("notification-body", "http/accepted"),
    ("notification-200", "http/accepted-always"),
    ("garbage-200", "http/refused"),
    ("refusal-with-id", "http/refusal-body"),
    ("origin-ignored", "http/origin"),
    ("session-id-blank", "http/session-id"),
    ("session-id-counted", "http/session-id-varies"),
    ("session-id-short", "http/session-id-long"),
    ("session-optional", "http/session-missing"),
    ("session-undead", "http/session-terminated"),
    ("delete-500", "http/delete"),
    ("version-ignored", "http/version-invalid"),
    ("version-wanted", "http/version-absent"),
    ("one-at-a-time", "http/many-streams"),
    ("get-wanted", "http/without-get"),
    ("get-ends-session", "http/get-closed"),
    ("replays-everything", "http/resume"),
    ("replays-delivered", "http/resume-replay"),
    ("text-plain", "http/content-type"),
    ("json-array", "http/one-object"),
    ("no-response", "http/response-comes"),
    ("stays-open", "http/closes-after"),
    ("response-on-get", "http/no-response-on-get"),
    ("broadcast", "http/no-broadcast"),
    ("interim-on-get", "http/interim-related"),
    ("event-ids-repeat", "http/event-id-unique"),
    ("session-id-later", "http/session-id-at-initialize"),
];

/// What a server may do, though most do not.
const LEGAL: &[&str] = &[
    "nothing peculiar",
    "no-get",
    "no-delete",
    "stateless",
    "everything-streamed",
    "no-event-ids",
    "no-resumption",
    "get-closes",
];

async fn judge(name: &'static str, filters: Vec<String>) -> Run {
    let target = Target {
        identity: Identity {
            kind: "bench".to_owned(),
            name: name.to_owned(),
            variant: None,
            world: None,
            transport: Transport::Http,
        },
        server: Arc::new(Peculiar::new(name)),
        timing: Timing {
            answer: Duration::from_millis(1500),
            call: Duration::from_millis(300),
            quiet: Duration::from_millis(30),
            grace: Duration::from_millis(500),
        },
    };
    let selection = Selection {
        filters,
        destructive: false,
    };
    run(&target, &selection, &Nobody)
        .await
        .unwrap_or_else(|error| panic!("{name}: {error:#}"))
}

async fn missed((name, check): &(&'static str, &'static str)) -> Option<String> {
    // Ping and a reported call give the observers something to look at.
    let filters = [check, "ping/respond", "progress/echo-token"].map(|filter| (*filter).to_owned());
    let run = judge(name, filters.to_vec()).await;
    let verdict = run.results.iter().find(|verdict| verdict.check == *check)?;
    let caught = matches!(verdict.status, Status::Fail | Status::Warn)
        && !verdict.message.starts_with("could not be judged");
    (!caught).then(|| {
        format!(
            "{name}: {check} says {:?}: {} {:?}",
            verdict.status, verdict.message, verdict.reason
        )
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_found_by_its_check() {
    let missed: Vec<String> = stream::iter(FAULTS)
        .map(missed)
        .buffer_unordered(8)
        .filter_map(async |missed| missed)
        .collect()
        .await;
    assert!(
        missed.is_empty(),
        "{} of {} faults are missed:\n{}",
        missed.len(),
        FAULTS.len(),
        missed.join("\n")
    );
}

#[test]
fn every_check_of_http_has_a_fault() {
    let checks = wasi_mcp_conformance::checks::all().filter(|check| check.page() == "http");
    let unproven: Vec<&str> = checks
        .map(|check| check.id)
        .filter(|id| !FAULTS.iter().any(|(_, check)| check == id))
        .collect();
    assert!(unproven.is_empty(), "no fault proves {unproven:?}");
}

async fn complaints(name: &'static str) -> Vec<String> {
    let run = judge(name, Vec::new()).await;
    let unjust = run
        .results
        .iter()
        .filter(|verdict| verdict.check.starts_with("http/"));
    let unjust = unjust.filter(|verdict| matches!(verdict.status, Status::Fail | Status::Warn));
    unjust
        .map(|verdict| {
            format!(
                "{name}: {} says {:?}: {}",
                verdict.check, verdict.status, verdict.message
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_legal_is_complained_about() {
    let complaints: Vec<Vec<String>> = stream::iter(LEGAL)
        .map(|name| complaints(name))
        .buffer_unordered(8)
        .collect()
        .await;
    let complaints = complaints.concat();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

//! Recordings as targets: a recorded run has the verdicts of the run itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use wasi_mcp_conformance::checks::{self, Probe};
use wasi_mcp_conformance::model::{Run, Status};
use wasi_mcp_conformance::runner::{NoWatcher, RunOptions, Selection, run};
use wasi_mcp_conformance::targets::recording::Recording;

use super::support::FaultyServers;
use super::{http, stdio};

/// The checks that need data that a transcript lacks.
const UNFIT: &[&str] = &["base/utf-8", "stdio/newline", "stdio/stderr-utf-8"];

/// Judges a server by all checks, records the run, and judges the recording. Returns both.
async fn recorded(servers: &FaultyServers, name: &'static str) -> (Run, Run) {
    let folder = tempfile::tempdir().expect("a folder");
    let options = RunOptions {
        transcripts: Some(folder.path().to_owned()),
        ..RunOptions::default()
    };
    let live = run(&servers.target(name), &options, &NoWatcher)
        .await
        .unwrap_or_else(|error| panic!("{name}: {error:#}"));
    let parts = fs::read_dir(folder.path()).expect("a folder");
    let part = parts.last().expect("one target").expect("an entry");
    let again = judged(&part.path().join("all.jsonl")).await;
    (live, again)
}

async fn judged(path: &Path) -> Run {
    let recording = Recording::read(path).unwrap_or_else(|error| panic!("{error:#}"));
    run(&recording, &RunOptions::default(), &NoWatcher)
        .await
        .expect("a recording is judged without an error")
}

fn statuses(run: &Run) -> BTreeMap<&str, Status> {
    let verdicts = run.results.iter();
    verdicts
        .map(|verdict| (verdict.check.as_str(), verdict.status))
        .collect()
}

/// Compares the verdicts of the checks that only observe.
fn differences(live: &Run, again: &Run) -> Vec<String> {
    let (live, again) = (statuses(live), statuses(again));
    let observers = checks::all()
        .filter(|check| !matches!(check.probe, Probe::Active(_)))
        .filter(|check| check.page() != "http" && !UNFIT.contains(&check.id));
    let differ = observers.filter_map(|check| {
        let (one, other) = (live.get(check.id)?, again.get(check.id)?);
        (one != other).then(|| format!("{}: {one:?}, and recorded {other:?}", check.id))
    });
    differ.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorded_run_has_the_verdicts_of_the_run() {
    for servers in [&stdio::SERVERS, &http::SERVERS] {
        let (live, again) = recorded(servers, "nothing peculiar").await;
        assert_eq!(differences(&live, &again), [""; 0]);
        let passed = again.summary.of(Status::Pass);
        assert!(passed > 40, "only {passed} checks judged the recording");
        assert_eq!(again.summary.failures(), 0);
        let active = again.results.iter().find(|it| it.check == "ping/respond");
        let why = active.and_then(|verdict| verdict.reason.as_deref());
        assert!(why.is_some_and(|why| why.contains("a recording is judged")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorded_fault_is_found_again() {
    for (name, check) in [
        ("jsonrpc-missing", "base/version-member"),
        ("banner", "stdio/stdout-clean"),
        ("answers-twice", "base/answers-once"),
        ("asks-undeclared", "lifecycle/negotiated-only"),
        ("form-title-number", "elicitation/field-types"),
        ("tool-schema-missing", "tools/list-shape"),
    ] {
        let (live, again) = recorded(&stdio::SERVERS, name).await;
        let status = statuses(&again).get(check).copied();
        assert!(
            status.is_some_and(Status::is_violation),
            "{name}: {status:?}"
        );
        assert_eq!(differences(&live, &again), [""; 0], "{name}");
    }
}

/// A conversation in the form of a client's log, with faults of the server.
const LOG: &str = r#"
2026-07-24 02:03:14.032 [info] Starting server
2026-07-24 02:03:14.089 [debug] [editor -> server] {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}
2026-07-24 02:03:14.151 [debug] [server -> editor] {"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"s"}}}
2026-07-24 02:03:14.152 [debug] [editor -> server] {"jsonrpc":"2.0","method":"notifications/initialized"}
2026-07-24 02:03:14.153 [debug] [editor -> server] {"jsonrpc":"2.0","id":2,"method":"tools/list"}
2026-07-24 02:03:14.154 [debug] [server -> editor] {"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"t"}]}}
2026-07-24 02:03:14.155 [debug] [server -> editor] {"jsonrpc":"2.0","id":3,"result":{}}
2026-07-24 02:03:14.156 [debug] [server -> editor] {"jsonrpc":"2.0","id":9,"method":"roots/list"}
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_of_another_revision_is_not_judged() {
    let other = LOG.replace(
        "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\"",
        "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\"",
    );
    let recording = Recording::parse("a log", other.as_bytes()).expect("it is read");
    let error = run(&recording, &RunOptions::default(), &NoWatcher).await;
    let error = error.expect_err("nothing can be judged").to_string();
    assert!(
        error.contains("another revision of MCP: 2025-11-25"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_a_client_is_judged() {
    let recording = Recording::parse("a log", LOG.as_bytes()).expect("it is read");
    let run = run(&recording, &RunOptions::default(), &NoWatcher)
        .await
        .expect("it is judged");
    let statuses = statuses(&run);
    for check in [
        "base/answers-once",
        "lifecycle/implementation-shape",
        "lifecycle/negotiated-only",
        "roots/check-capability",
        "tools/list-shape",
    ] {
        let status = statuses.get(check);
        assert!(
            status.is_some_and(|it| it.is_violation()),
            "{check}: {status:?}"
        );
    }
    for (check, why) in [
        ("logging/rate", "the recording has no times"),
        ("base/utf-8", "not the bytes"),
        ("tools/unknown-tool", "drives the server"),
    ] {
        let verdict = run.results.iter().find(|verdict| verdict.check == check);
        let reason = verdict.and_then(|verdict| verdict.reason.as_deref());
        assert!(
            reason.is_some_and(|reason| reason.contains(why)),
            "{check}: {reason:?}"
        );
    }
    assert_eq!(run.left_out[0].what, "1 lines of the recording");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorded_half_of_a_surrogate_pair_is_read() {
    let name = r#"{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"\ud83d","inputSchema":{"type":"object"}}]}}"#;
    let quoted = name.replace('"', "\\\"");
    let twice = serde_json::json!(name).to_string();
    for line in [
        format!("<-- {name}"),
        format!(r#"{{"direction":"server","message":{name}}}"#),
        format!(r#"{{"direction":"server","message":"{quoted}"}}"#),
        format!(r#"{{"direction":"server","message":{twice}}}"#),
    ] {
        let asked = r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#;
        let asked = match line.starts_with('<') {
            true => format!("--> {asked}"),
            false => format!(r#"{{"direction":"client","message":{asked}}}"#),
        };
        let text = format!("{asked}\n{line}\n");
        let recording = Recording::parse("a log", text.as_bytes());
        let recording = recording.unwrap_or_else(|error| panic!("{line}: {error:#}"));
        let run = run(&recording, &RunOptions::default(), &NoWatcher).await;
        let run = run.expect("it is judged");
        let blamed = run.results.iter().filter(|it| it.status.is_violation());
        let blamed: Vec<&str> = blamed.map(|verdict| verdict.check.as_str()).collect();
        assert_eq!(blamed, [""; 0], "{line}");
        assert_eq!(statuses(&run)["tools/list-shape"], Status::Pass, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_without_its_beginning_is_judged_message_by_message() {
    let tail: Vec<&str> = LOG.lines().skip(4).collect();
    let recording = Recording::parse("a log", tail.join("\n").as_bytes()).expect("it is read");
    let options = RunOptions::of(
        Selection::of(["tools/list-shape", "base/answers-once", "negotiated-only"])
            .expect("filters"),
    );
    let run = run(&recording, &options, &NoWatcher)
        .await
        .expect("it is judged");
    let statuses = statuses(&run);
    assert_eq!(statuses["tools/list-shape"], Status::Fail);
    assert_eq!(statuses["base/answers-once"], Status::Skip);
    assert_eq!(statuses["lifecycle/negotiated-only"], Status::Skip);
}

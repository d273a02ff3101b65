//! Proof that the checks can fail, and that they do not fail without reason: servers with one fault
//! or one legal variation at a time, listed in `faults/*.tsv`.

mod bearer;
#[path = "../support/compiled.rs"]
mod compiled;
mod guest;
mod http;
mod protocol;
mod recordings;
mod runs;
mod starving;
mod stdio;
mod streams;
mod support;

use wasi_mcp_conformance::checks;
use wasi_mcp_conformance::coverage::proof::{faults, variations};
use wasi_mcp_conformance::model::Status;
use wasi_mcp_conformance::runner::{NoWatcher, RunOptions, Selection, run};

use support::{FaultyServers, complaints, missed};

/// Plays every fault and every legal variation of a family of servers.
macro_rules! servers {
    ($name:ident) => {
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn every_fault_is_found_by_its_check() {
                let missed = super::missed(&super::super::$name::SERVERS).await;
                assert!(missed.is_empty(), "missed:\n{}", missed.join("\n"));
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn nothing_legal_is_complained_about() {
                let complaints = super::complaints(&super::super::$name::SERVERS).await;
                assert!(complaints.is_empty(), "{}", complaints.join("\n"));
            }
        }
    };
}

mod played {
    use super::{complaints, missed};
    servers!(stdio);
    servers!(http);
    servers!(bearer);
    servers!(guest);
}

#[test]
fn every_fault_names_checks_and_rows_that_exist() {
    for fault in faults() {
        let check = checks::all()
            .find(|check| check.id == fault.check)
            .unwrap_or_else(|| panic!("{} names {}", fault.name, fault.check));
        for row in fault.rows() {
            assert!(
                check.requirements.contains(&row),
                "{}: {} does not judge {row}",
                fault.name,
                check.id
            );
        }
        assert!(
            fault.rows().next().is_some(),
            "{} violates nothing",
            fault.name
        );
        if let Some(other) = fault.shown_by {
            assert!(
                checks::all().any(|check| check.id == other),
                "{} names {other}",
                fault.name
            );
        }
    }
}

#[test]
fn every_server_is_played() {
    const FAMILIES: &[&FaultyServers] = &[
        &stdio::SERVERS,
        &http::SERVERS,
        &bearer::SERVERS,
        &guest::SERVERS,
    ];
    let played = |name: &str| FAMILIES.iter().any(|servers| servers.name == name);
    assert!(faults().iter().all(|fault| played(fault.server)));
    assert!(
        variations()
            .iter()
            .all(|variation| played(variation.server))
    );
}

/// Checks for which the stdio server has nothing to judge.
const SKIPPED: &[&str] = &[
    "lifecycle/features-advertised",
    "stdio/stderr-utf-8",
    "progress/message",
    "roots/refetch",
    "completion/unsupported",
    "completion/internal-error",
    "prompts/internal-error",
    "resources/internal-error",
];

#[test]
fn every_check_is_proven_by_a_fault() {
    let proven = |id: &str| faults().iter().any(|fault| fault.check == id);
    let unproven: Vec<&str> = checks::all()
        .map(|check| check.id)
        .filter(|id| !proven(id))
        .collect();
    assert_eq!(unproven, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_shows_everything_is_judged_in_everything() {
    let run = stdio::SERVERS.judge("nothing peculiar", Vec::new()).await;
    let skipped: Vec<&str> = run
        .results
        .iter()
        .filter(|verdict| verdict.status == Status::Skip)
        .map(|verdict| verdict.check.as_str())
        .collect();
    let unexpected: Vec<&&str> = skipped
        .iter()
        .filter(|check| !SKIPPED.contains(check))
        .collect();
    assert!(
        unexpected.is_empty(),
        "skipped for no good reason: {unexpected:?}"
    );
    assert_eq!(
        run.left_out
            .iter()
            .map(|left_out| left_out.what.as_str())
            .collect::<Vec<_>>(),
        ["tool wait", "tool destroy", "tool fail", "tool open"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_that_answers_an_error_was_not_exercised() {
    let run = stdio::SERVERS
        .judge("tool-broken", vec!["tools/unique-names".to_owned()])
        .await;
    let broken = run
        .left_out
        .iter()
        .find(|left_out| left_out.what == "tool touch")
        .expect("it is named");
    assert_eq!(broken.why, "answered with error -32603: it broke");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn destructive_tools_are_called_when_asked_to() {
    let mut selection = Selection::of(["tools/unique-names"]).expect("a filter");
    selection.destructive = true;
    let target = stdio::SERVERS.target("nothing peculiar");
    let run = run(&target, &RunOptions::of(selection), &NoWatcher)
        .await
        .expect("it runs");
    assert!(
        !run.left_out
            .iter()
            .any(|left_out| left_out.what == "tool destroy")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skipped_tools_are_never_called_and_named() {
    let mut selection = Selection::of(["tools/unique-names"]).expect("a filter");
    selection.destructive = true;
    selection.skipped_tools = vec!["destr*".to_owned()];
    let target = stdio::SERVERS.target("nothing peculiar");
    let run = run(&target, &RunOptions::of(selection), &NoWatcher)
        .await
        .expect("it runs");
    let mut skipped = run
        .left_out
        .iter()
        .filter(|left_out| left_out.why == "skipped by --skip-tool");
    let first = skipped.next().map(|left_out| left_out.what.as_str());
    assert_eq!((first, skipped.next()), (Some("tool destroy"), None));
}

//! The options of runs, and their output files.

use std::fs;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::Value;
use wasi_mcp_conformance::driver::connection::{Connection, Lines, Server, Transport};
use wasi_mcp_conformance::expectations::Expectations;
use wasi_mcp_conformance::model::{Run, Status, Verdict};
use wasi_mcp_conformance::runner::{NoWatcher, RunOptions, Selection, run};

use super::{bearer, http, stdio};

async fn play(name: &'static str, options: &RunOptions) -> Run {
    run(&stdio::SERVERS.target(name), options, &NoWatcher)
        .await
        .unwrap_or_else(|error| panic!("{name}: {error:#}"))
}

fn only(filters: &[&str]) -> RunOptions {
    RunOptions::of(Selection::of(filters.iter().copied()).expect("filters"))
}

fn verdict<'a>(run: &'a Run, check: &str) -> &'a Verdict {
    let mut verdicts = run.results.iter();
    let found = verdicts.find(|verdict| verdict.check == check);
    found.unwrap_or_else(|| panic!("{check} was not judged"))
}

/// Faults whose messages more than one check could judge, each with the one that does.
const SINGLE: &[(&str, &str)] = &[
    ("id-rounded", "base/large-id"),
    ("surrogate-half", "base/utf-8"),
    ("latin-1", "base/utf-8"),
    ("utf-8-mark", "base/utf-8"),
    ("control-character", "base/version-member"),
    ("member-twice", "base/version-member"),
    ("blank-line", "stdio/stdout-clean"),
    ("log-line", "stdio/stdout-clean"),
    ("banner", "stdio/stdout-clean"),
    ("pretty-print", "stdio/one-line"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_cause_gives_one_verdict() {
    // The observers, and checks that need the messages.
    let filters = [
        "base/*",
        "stdio/*",
        "lifecycle/nothing-first",
        "tools/unique-*",
    ];
    let options = only(&filters);
    let complaints = SINGLE.iter().map(async |(fault, check)| {
        let run = play(fault, &options).await;
        let violated = run.results.into_iter();
        let violated = violated.filter(|verdict| verdict.status.is_violation());
        let violated: Vec<String> = violated.map(|verdict| verdict.check).collect();
        (violated != [*check]).then(|| format!("{fault}: {violated:?}"))
    });
    let complaints = futures::future::join_all(complaints).await;
    let complaints: Vec<String> = complaints.into_iter().flatten().collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Servers with values that cannot be sent back as they were written, each with what is not used.
const UNUSABLE: &[(&str, &[&str])] = &[
    (
        "surrogate-names",
        &[
            "tool a \u{fffd}",
            "tool member",
            "tool choice",
            "prompt member",
        ],
    ),
    ("latin-1-names", &["tool a \u{fffd}", "prompt \u{fffd}"]),
    (
        "surrogate-uris",
        &["resource test://\u{fffd}", "template test://\u{fffd}/{n}"],
    ),
    (
        "surrogate-cursor",
        &["tools/list beyond page 1: the cursor tools4\u{fffd}"],
    ),
    ("surrogate-texts", &[]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_that_cannot_be_sent_back_blames_nothing_else() {
    let runs = UNUSABLE.iter().map(async |(name, unused)| {
        let run = play(name, &RunOptions::default()).await;
        let blamed = run.results.iter().filter(|it| it.status.is_violation());
        let blamed: Vec<&str> = blamed.map(|verdict| verdict.check.as_str()).collect();
        let left_out = run.left_out.iter().map(|left_out| left_out.what.as_str());
        let left_out: Vec<&str> = left_out.collect();
        let forgotten = unused.iter().find(|what| !left_out.contains(what));
        let sound = blamed == ["base/utf-8"] && forgotten.is_none();
        (!sound).then(|| format!("{name}: {blamed:?}, {forgotten:?} of {left_out:?}"))
    });
    let complaints = futures::future::join_all(runs).await;
    let complaints: Vec<String> = complaints.into_iter().flatten().collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Servers whose silence after a cancellation does not show if they stopped, each with a part of the
/// reason.
const UNCLEAR: &[(&str, &str)] = &[
    ("unheeded-short", "before its cancellation had an effect"),
    (
        "unheeded-early-reports",
        "before its cancellation had an effect",
    ),
    ("unheeded-answered", "may have ended before it learnt"),
    ("one-report", "no tool was seen to report progress"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_proves_a_stop_only_where_reports_are_due() {
    let options = only(&["cancellation/stop"]);
    for (name, why) in UNCLEAR {
        let run = play(name, &options).await;
        let stop = verdict(&run, "cancellation/stop");
        assert_eq!(stop.status, Status::Skip, "{name}: {}", stop.message);
        let reason = stop.reason.as_deref().unwrap_or_default();
        assert!(reason.contains(why), "{name}: {reason}");
    }
    for name in ["nothing peculiar", "cancel-reported"] {
        let run = play(name, &options).await;
        let stop = verdict(&run, "cancellation/stop");
        let told = (&stop.message, &stop.reason);
        assert_eq!(stop.status, Status::Pass, "{name}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strictness_turns_warnings_into_failures() {
    let mut options = only(&["tools/structured-text"]);
    let lenient = play("structured-no-text", &options).await;
    assert_eq!(lenient.results[0].status, Status::Warn);
    assert_eq!(lenient.summary.failures(), 0);
    options.strict = true;
    let strict = play("structured-no-text", &options).await;
    assert_eq!(strict.results[0].status, Status::Fail);
    assert_eq!(strict.summary.failures(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_checks_have_the_same_verdicts() {
    let outcomes = |run: &Run| -> Vec<(String, Status)> {
        let verdicts = run.results.iter();
        verdicts
            .map(|verdict| (verdict.check.clone(), verdict.status))
            .collect()
    };
    let mut options = RunOptions::default();
    let one_by_one = play("unknown-tool-result", &options).await;
    options.jobs = Some(6);
    let at_once = play("unknown-tool-result", &options).await;
    assert_eq!(outcomes(&at_once), outcomes(&one_by_one));
    assert!(one_by_one.summary.failures() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_ends_with_its_first_failure_if_asked_to() {
    let mut options = only(&["tools/unknown-tool", "tools/utf-8"]);
    options.fail_fast = true;
    let run = play("unknown-tool-result", &options).await;
    assert_eq!(verdict(&run, "tools/unknown-tool").status, Status::Fail);
    let after = run.results.last().expect("verdicts");
    assert_eq!(after.status, Status::Skip);
    assert!(
        after
            .reason
            .as_deref()
            .is_some_and(|why| why.contains("--fail-fast"))
    );

    // An expected failure stops nothing.
    let file = "[[expected-failure]]\ncheck = 'tools/unknown-tool*'\nreason = 'known'";
    options.expectations = Expectations::parse(file).expect("well-formed");
    let run = play("unknown-tool-result", &options).await;
    assert_eq!(
        verdict(&run, "tools/unknown-tool").status,
        Status::ExpectedFailure
    );
    assert_eq!(run.results.last().expect("verdicts").status, Status::Pass);
    assert_eq!(run.summary.failures(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_is_judged_repeatedly() {
    let mut options = only(&["ping/respond"]);
    options.repeat = 3;
    let run = play("nothing peculiar", &options).await;
    assert_eq!(run.results.len(), 1);
    assert_eq!(run.results[0].status, Status::Pass);
    assert!(run.results[0].repetitions.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_takes_too_long_times_out() {
    let mut options = only(&["lifecycle/exit-at-end-of-input"]);
    options.check_timeout = Duration::from_millis(100);
    let run = play("never-exits", &options).await;
    assert_eq!(run.results[0].status, Status::Timeout);
    assert!(
        run.results[0].message.contains("did not end within 100 ms"),
        "{:?}",
        run.results[0]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timeout_names_the_awaited_request() {
    let mut options = only(&["ping/respond"]);
    options.check_timeout = Duration::from_millis(300);
    let run = play("ping-unheard", &options).await;
    assert_eq!(run.results[0].status, Status::Timeout);
    let message = &run.results[0].message;
    assert!(
        message.contains("(waiting for the answer to ping)"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_that_ends_the_server_does_not_answer() {
    let mut options = only(&["tools/listed-tools-answer"]);
    let lenient = play("dies-on-call", &options).await;
    let status = lenient.results[0].status;
    assert_eq!(
        status,
        Status::Crash,
        "a death, though the rule is a SHOULD"
    );
    options.strict = true;
    let run = play("dies-on-call", &options).await;
    let message = &run.results[0].message;
    let after = r#"the server ended the connection by itself after {"jsonrpc":"2.0","id":"#;
    assert_eq!(run.results[0].status, Status::Crash, "{message}");
    assert!(message.starts_with(after), "{message}");
    assert!(
        message.contains("\ntouch {}: the server ended the connection (its output ended)"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalid_structured_result_is_reported_with_arguments_and_path() {
    let run = play("structured-wrong", &only(&["tools/output-schema-conform"])).await;
    let message = &run.results[0].message;
    assert!(
        message.starts_with(r#"structured {}: at /n: "1" is not of type"#),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_ends_idle_sessions_is_not_judged() {
    // The survey takes longer than the server lives.
    let options = only(&["base/answers-once", "ping/respond"]);
    let run = run(&stdio::SERVERS.target("fades"), &options, &NoWatcher).await;
    let error = format!("{:#}", run.expect_err("nothing can be judged"));
    let told = "ends the connection soon after notifications/initialized";
    assert!(error.contains(told), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_ends_by_itself_crashed() {
    let run = play("dies-on-garbage", &only(&["base/parse-error"])).await;
    assert_eq!(run.results[0].status, Status::Crash, "{:?}", run.results[0]);
    let message = &run.results[0].message;
    let first = message.lines().next().unwrap_or_default();
    assert!(
        first.contains("ended the connection by itself after ") && !first.contains("ping"),
        "{message}"
    );
    let refused = play("parse-error-code", &only(&["base/parse-error"])).await;
    assert_eq!(
        refused.results[0].status,
        Status::Fail,
        "it answered wrongly and lives on"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_violation_shows_clauses_and_messages() {
    let run = play("unknown-tool-result", &only(&["tools/unknown-tool"])).await;
    let verdict = verdict(&run, "tools/unknown-tool");
    assert!(
        verdict
            .clauses
            .iter()
            .all(|clause| clause.link.starts_with("https://"))
    );
    assert!(!verdict.clauses.is_empty());
    let sent = verdict
        .wire
        .iter()
        .find(|line| line.message.contains("tools/call"));
    assert_eq!(sent.expect("the call is shown").direction, "to-server");
    assert!(
        verdict
            .wire
            .iter()
            .any(|line| line.direction == "to-client")
    );
    let passed = play("nothing peculiar", &only(&["tools/unknown-tool"])).await;
    assert!(passed.results.iter().all(|verdict| verdict.wire.is_empty()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transcripts_hold_the_messages_of_each_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = only(&["ping/respond", "base/parse-error"]);
    options.transcripts = Some(folder.path().to_owned());
    play("nothing peculiar", &options).await;
    let lines = |name: &str| -> Vec<Value> {
        let path = folder.path().join("nothing-peculiar-stdio").join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{name} was written"));
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().expect("lines of JSON")
    };
    let said = |lines: &[Value], text: &str| {
        lines.iter().any(|line| {
            line["message"]
                .as_str()
                .is_some_and(|message| message.contains(text))
        })
    };
    let pings = lines("ping/respond.jsonl");
    assert!(said(&pings, r#""method":"ping""#));
    assert!(said(&pings, r#""result":{}"#));
    let garbage = lines("base/parse-error.jsonl");
    assert!(said(&garbage, "-32700"));
    assert!(!said(&pings, "-32700"), "each check has its own");
    let all = lines("all.jsonl");
    assert!(all.len() >= pings.len() + garbage.len());
    assert!(
        all.windows(2)
            .all(|pair| pair[0]["at"].as_u64() <= pair[1]["at"].as_u64())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_quoted_by_a_server_are_redacted() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = only(&["authorization/*"]);
    options.transcripts = Some(folder.path().to_owned());
    let target = bearer::SERVERS.target("refusal-quotes");
    let run = run(&target, &options, &NoWatcher).await.expect("it runs");
    let status = verdict(&run, "authorization/invalid-token-status");
    assert!(status.message.contains("[token]"), "{status:?}");
    let mut told = vec![serde_json::to_string(&run).expect("JSON")];
    let folder = folder.path().join("refusal-quotes-http");
    told.push(fs::read_to_string(folder.join("all.jsonl")).expect("it was written"));
    for text in told {
        assert!(text.contains("[token]"), "the server quotes them");
        for (token, _, _) in bearer::TOKENS {
            assert!(!text.contains(token), "{token} is not redacted");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skipped_tools_are_named_in_no_call() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut selection = Selection::of([""; 0]).expect("no filter");
    // `destroy` is annotated as destructive.
    selection.skipped_tools = vec!["echo".to_owned()];
    let mut options = RunOptions::of(selection);
    options.jobs = Some(6);
    options.transcripts = Some(folder.path().to_owned());
    play("nothing peculiar", &options).await;
    let path = folder.path().join("nothing-peculiar-stdio/all.jsonl");
    let text = fs::read_to_string(path).expect("it was written");
    let messages = text.lines().filter_map(|line| {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        serde_json::from_str::<Value>(line["message"].as_str()?).ok()
    });
    let calls: Vec<Value> = messages
        .filter(|message| message["method"] == "tools/call")
        .map(|call| call["params"]["name"].clone())
        .collect();
    assert!(calls.iter().any(|name| name == "content"));
    let refused = |name: &&Value| **name == "echo" || **name == "destroy";
    assert_eq!(calls.iter().find(refused), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leniency_towards_a_client_is_at_most_a_warning() {
    for (name, check) in [
        ("batch", "base/no-batch"),
        ("batch", "stdio/single-messages"),
        ("batch-array", "base/no-batch"),
        ("serves-early", "lifecycle/before-initialize"),
        ("version-unchecked", "base/invalid-request"),
        ("case-insensitive", "base/method-names-exact"),
        ("params-unchecked", "base/params-structured"),
        ("completion-kinds", "completion/reference-kinds"),
    ] {
        let run = play(name, &only(&[check])).await;
        let verdict = verdict(&run, check);
        assert_eq!(verdict.status, Status::Warn, "{name}: {}", verdict.message);
        assert_eq!(run.summary.failures(), 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_array_that_answers_an_array_blames_nothing_else() {
    let run = play("batch-array", &RunOptions::default()).await;
    let blamed = run.results.iter().filter(|it| it.status.is_violation());
    let blamed: Vec<&str> = blamed.map(|verdict| verdict.check.as_str()).collect();
    assert_eq!(blamed, ["base/no-batch", "stdio/single-messages"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stray_line_on_stdout_blames_one_check() {
    for name in [
        "stdout-json-log",
        "stdout-json-values",
        "stdout-json-alike",
        "stdout-text",
        "stdout-blank",
        "banner",
    ] {
        let run = play(name, &RunOptions::default()).await;
        let blamed = run.results.iter().filter(|it| it.status.is_violation());
        let blamed: Vec<&str> = blamed.map(|verdict| verdict.check.as_str()).collect();
        assert_eq!(blamed, ["stdio/stdout-clean"], "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_that_cannot_be_used_is_named_with_its_place() {
    let checks = ["tools/schemas-valid", "tools/output-schema-conform"];
    let run = play("output-schema-lost", &only(&checks)).await;
    let valid = verdict(&run, checks[0]);
    assert_eq!(valid.status, Status::Fail);
    let place = "outputSchema of \"structured\", at /properties/n/$ref: \"#/$defs/none\"";
    assert!(valid.message.contains(place), "{}", valid.message);
    let conform = verdict(&run, checks[1]);
    assert_eq!(conform.status, Status::Skip);
    let reason = conform.reason.as_deref().unwrap_or_default();
    assert!(reason.contains("/properties/n/$ref"), "{reason}");

    let run = play("schema-elsewhere", &only(&["tools/schemas-valid"])).await;
    let message = &run.results[0].message;
    assert_eq!(run.results[0].status, Status::Pass, "{message}");
    for left in ["https://example.com/dialect", "https://example.com/x.json"] {
        assert!(message.contains(left), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_longer_than_the_suite_reads_is_not_judged() {
    let run = play("long-list", &only(&["pagination/terminates"])).await;
    assert_eq!(run.results[0].status, Status::Pass);
    let message = &run.results[0].message;
    assert!(message.contains("not judged"), "{message}");
    assert!(message.contains("resources/templates/list: the suite reads 500 pages"));
    let endless = play("cursor-endless", &only(&["pagination/terminates"])).await;
    assert_eq!(endless.results[0].status, Status::Fail);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_internal_error_in_place_of_a_refusal_is_a_warning() {
    for (name, check) in [
        ("unknown-tool-internal", "tools/unknown-tool"),
        ("arguments-internal", "tools/invalid-arguments"),
    ] {
        let run = play(name, &only(&[check])).await;
        let verdict = verdict(&run, check);
        assert_eq!(verdict.status, Status::Warn, "{}", verdict.message);
        assert!(verdict.message.contains("-32603 blames the server"));
        assert!(verdict.clauses.is_empty(), "no requirement names the code");
    }
}

/// A server over stdio of which some processes never start: those with these numbers, from 1.
struct Sluggish {
    started: AtomicUsize,
    slow: RangeInclusive<usize>,
}

impl Server for Sluggish {
    fn transport(&self) -> Transport {
        Transport::Stdio
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        let number = self.started.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.slow.contains(&number) {
            const HEALTHY: &stdio::Peculiar = &stdio::Peculiar("nothing peculiar");
            return HEALTHY.connect();
        }
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        // It keeps its pipes open, and reads nothing.
        std::mem::forget(theirs);
        let (output, input) = tokio::io::split(ours);
        let lines = Lines {
            output: Box::new(output),
            errors: None,
            input: Box::new(input),
            process: None,
        };
        Box::pin(async { Ok(Connection::Lines(lines)) })
    }
}

/// Judges a server of which these processes do not start.
async fn play_sluggish(slow: RangeInclusive<usize>, filters: &[&str]) -> Run {
    let mut target = stdio::SERVERS.target("sluggish");
    target.server = Arc::new(Sluggish {
        started: AtomicUsize::new(0),
        slow,
    });
    target.timing.start = Duration::from_secs(3);
    target.timing.answer = Duration::from_secs(3);
    let run = run(&target, &only(filters), &NoWatcher).await;
    run.expect("the first contact is quick")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_slow_start_is_nobodys_fault() {
    // The first contact has two processes. The third one is that of the check.
    for check in [
        "base/same-id",
        "lifecycle/older-version",
        "ping/before-initialized",
    ] {
        let run = play_sluggish(3..=3, &[check]).await;
        let verdict = verdict(&run, check);
        assert_eq!(verdict.status, Status::Pass, "{check}: {}", verdict.message);
        let [note] = &run.notes[..] else {
            panic!("{check}: {:?}", run.notes);
        };
        assert!(note.starts_with("1 of "), "{check}: {note}");
        let told = " processes did not start within 3 s and was replaced";
        assert!(note.ends_with(told), "{check}: {note}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn starts_that_stay_slow_are_told_apart_from_violations() {
    for (first, second, within) in [
        (
            "base/same-id",
            "base/parse-error",
            "3 s, nor did another process of it within 6 s",
        ),
        (
            "lifecycle/older-version",
            "ping/respond",
            "initialize got nothing within 6 s",
        ),
    ] {
        let run = play_sluggish(3..=usize::MAX, &[first, second]).await;
        let judged = verdict(&run, first);
        let message = &judged.message;
        assert_eq!(judged.status, Status::HarnessError, "{message}");
        assert!(message.contains("did not start"), "{message}");
        assert!(message.contains(within), "{message}");
        assert!(message.contains("see --start-timeout"), "{message}");
        assert!(judged.clauses.is_empty(), "no requirement is violated");
        let rest = run.results.iter().filter(|other| other.check != first);
        for other in rest {
            assert_eq!(other.status, Status::Skip, "{}", other.message);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_death_is_one_finding() {
    let checks = ["base/no-batch", "stdio/single-messages"];
    let run = play("dies-of-batch", &only(&checks)).await;
    let first = verdict(&run, checks[0]);
    assert_eq!(first.status, Status::Crash, "{}", first.message);
    let second = verdict(&run, checks[1]);
    assert_eq!(second.status, Status::Skip, "{}", second.message);
    let reason = second.reason.as_deref();
    assert_eq!(reason, Some("the server died of this in base/no-batch"));
    assert_eq!(run.summary.failures(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_deaths_are_two_findings() {
    let checks = ["elicitation/three-actions", "elicitation/validate"];
    let mut options = only(&checks);
    let run = play("dies-of-two-answers", &options).await;
    for check in checks {
        let judged = verdict(&run, check);
        assert_eq!(judged.status, Status::Crash, "{check}: {judged:?}");
    }
    // One of them is known. The other one still fails the run, also if that ends early.
    let known = "[[expected-failure]]\ncheck = 'elicitation/three-actions'\nreason = 'known'\n";
    options.expectations = Expectations::parse(known).expect("well-formed");
    options.fail_fast = true;
    let run = play("dies-of-two-answers", &options).await;
    assert_eq!(verdict(&run, checks[0]).status, Status::ExpectedFailure);
    assert_eq!(verdict(&run, checks[1]).status, Status::Crash);
    assert_eq!(run.summary.failures(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_death_hides_no_other_check_that_dies_of_it() {
    let mut options = only(&["base/no-batch", "stdio/single-messages"]);
    let known = "[[expected-failure]]\ncheck = 'base/no-batch'\nreason = 'known'\n";
    options.expectations = Expectations::parse(known).expect("well-formed");
    options.fail_fast = true;
    let run = play("dies-of-batch", &options).await;
    let first = verdict(&run, "base/no-batch");
    assert_eq!(first.status, Status::ExpectedFailure);
    let second = verdict(&run, "stdio/single-messages");
    assert_eq!(second.status, Status::Crash, "{second:?}");
    assert_eq!(run.summary.failures(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_that_hangs_is_one_finding_with_its_arguments() {
    let run = play("hangs-on-call", &RunOptions::default()).await;
    let blamed = run
        .results
        .iter()
        .filter(|it| it.status.is_violation() || it.status.is_failure());
    let blamed: Vec<(&str, &str)> = blamed
        .map(|verdict| (verdict.check.as_str(), verdict.message.as_str()))
        .collect();
    let [(check, message)] = blamed[..] else {
        panic!("one cause is one finding: {blamed:?}");
    };
    assert_eq!(check, "tools/listed-tools-answer");
    let told = "touch {}: the server hangs: the call got no answer within 1";
    assert!(message.starts_with(told), "{message}");
    let mut left_out = run.left_out.iter();
    let wait = left_out.find(|left_out| left_out.what == "tool wait");
    let why = wait.map(|wait| wait.why.as_str()).unwrap_or_default();
    let told = "called with {}, it did not end within 1";
    assert!(
        why.starts_with(told) && why.ends_with("and it was cancelled"),
        "{why}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_that_hangs_is_found_also_if_answers_get_no_more_time_than_calls() {
    let check = "tools/listed-tools-answer";
    // It sends no pings, so that two full waits in a row show no sign of life.
    let mut target = stdio::SERVERS.target("hangs-in-silence");
    target.timing.answer = Duration::from_secs(3);
    target.timing.call = target.timing.answer;
    let run = run(&target, &only(&[check]), &NoWatcher).await;
    let run = run.expect("it runs");
    let judged = verdict(&run, check);
    assert!(judged.status.is_violation(), "{judged:?}");
    let told = "touch {}: the server hangs";
    assert!(judged.message.contains(told), "{}", judged.message);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_refuses_a_ping_does_not_hang() {
    let check = "tools/listed-tools-answer";
    let target = http::SERVERS.target("hangs-refusing-pings");
    let run = run(&target, &only(&[check]), &NoWatcher).await;
    let run = run.expect("it runs");
    let judged = verdict(&run, check);
    assert_eq!(judged.status, Status::Pass, "{}", judged.message);
    let mut left_out = run.left_out.iter();
    let touch = left_out.find(|left_out| left_out.what == "tool touch");
    let why = touch.map(|touch| touch.why.as_str()).unwrap_or_default();
    assert!(why.ends_with("and it was cancelled"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_exchange_is_no_crash_of_a_server_that_answers() {
    let check = "tools/listed-tools-answer";
    let target = http::SERVERS.target("resets-call");
    let run = run(&target, &only(&[check]), &NoWatcher).await;
    let run = run.expect("it runs");
    let judged = verdict(&run, check);
    assert!(judged.status.is_violation(), "{judged:?}");
    assert_ne!(judged.status, Status::Crash, "{}", judged.message);
    let told = "touch {}: its call got no HTTP answer";
    assert!(judged.message.starts_with(told), "{}", judged.message);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_for_positional_params_of_a_notification_is_disputed() {
    let check = "base/notification-no-response";
    let run = play("answers-positional", &only(&[check])).await;
    let judged = verdict(&run, check);
    assert_eq!(judged.status, Status::Warn, "{}", judged.message);
    assert!(judged.message.contains("disputed"), "{}", judged.message);
    let run = play("answers-notifications", &only(&[check])).await;
    assert_eq!(verdict(&run, check).status, Status::Fail);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_with_another_id_is_named_with_both_ids() {
    let checks = ["base/optional-params", "base/answers-once"];
    let run = play("id-shifted", &only(&checks)).await;
    let asked = &verdict(&run, checks[0]).message;
    assert!(asked.contains("the answer to request ID "), "{asked}");
    assert!(asked.contains(" bears the id 10"), "{asked}");
    let seen = &verdict(&run, checks[1]).message;
    assert!(seen.contains("the answer to request ID "), "{seen}");
    assert!(seen.contains(" (tools/list) bears the id 10"), "{seen}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn output_of_a_server_stays_in_its_line() {
    let run = play("pretty-print", &only(&["stdio/one-line"])).await;
    let message = &run.results[0].message;
    assert_eq!(run.results[0].status, Status::Fail);
    // At most three findings and the number of the others.
    assert!(message.lines().count() <= 4, "{message}");
    assert!(message.contains('␊'), "{message}");
    let run = play("stdout-text", &only(&["stdio/stdout-clean"])).await;
    let message = &run.results[0].message;
    assert!(message.contains("␛[32mINFO"), "{message}");
    assert!(!message.contains('\u{1b}'), "{message}");
}

//! The suite's reports on runtimes that do not start.

use std::path::Path;
use std::sync::Arc;

use wasi_mcp_conformance::checks::runtime::stand::Stand;
use wasi_mcp_conformance::driver::connection::Transport;
use wasi_mcp_conformance::model::{Status, Verdict};
use wasi_mcp_conformance::runner::RunOptions;
use wasi_mcp_conformance::runner::runtime::judge_one;
use wasi_mcp_conformance::runtime::Base;
use wasi_mcp_conformance::runtime::adapter::Adapter;

/// Makes one check with a runtime that is this script; `$0` is the component.
async fn judged(script: &str, further: &str) -> Verdict {
    judged_by("runtime-lifecycle/start-once", script, further).await
}

async fn judged_by(check: &str, script: &str, further: &str) -> Verdict {
    let text = format!(
        "name = 'script'\n{further}\n[stdio]\ncommand = ['sh', '-c', '''{script}''', '{{component}}']\n\
         [seconds]\nready = 3\nanswer = 3"
    );
    let adapter = Adapter::parse(&text, Path::new("")).expect("it is well-formed");
    let stand = Stand::new(Arc::new(adapter), Base::Concurrent, Transport::Stdio);
    let check = super::check(check);
    judge_one(&stand, check, &RunOptions::default()).await
}

#[tokio::test]
async fn output_of_a_runtime_is_shown_where_initialize_fails() {
    let refuses = r#"echo "no room for it" >&2; read line; echo '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"sorry"}}'; sleep 60"#;
    let verdict = judged(refuses, "").await;
    assert_eq!(verdict.status, Status::Fail, "{}", verdict.message);
    assert!(verdict.message.contains("sorry"), "{}", verdict.message);
    assert!(
        verdict.message.contains("no room for it"),
        "{}",
        verdict.message
    );
}

#[tokio::test]
async fn output_of_a_runtime_is_shown_by_checks_that_send_initialize_themselves() {
    let refuses = r#"echo "no room for it" >&2; read line; echo '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"sorry"}}'; sleep 60"#;
    let answers = r#"echo "no room for it" >&2; read line; echo '{"jsonrpc":"2.0","id":1,"result":{}}'; sleep 60"#;
    for (check, script) in [
        ("runtime-lifecycle/nothing-first", refuses),
        ("runtime-asking/held-back", refuses),
        ("runtime-lifecycle/start-fails", answers),
        ("runtime-lifecycle/unknown-import", answers),
    ] {
        let verdict = judged_by(check, script, "").await;
        let status = verdict.status;
        assert!(status.is_violation(), "{check}: {}", verdict.message);
        let words = "no room for it";
        assert!(
            verdict.message.contains(words),
            "{check}: {}",
            verdict.message
        );
    }
}

#[tokio::test]
async fn a_runtime_that_does_not_answer_in_time_is_not_a_violation() {
    let verdict = judged(r#"echo "still compiling" >&2; sleep 60"#, "").await;
    assert_eq!(verdict.status, Status::HarnessError, "{}", verdict.message);
    assert!(
        verdict.message.contains("seconds.ready"),
        "{}",
        verdict.message
    );
    assert!(
        verdict.message.contains("still compiling"),
        "{}",
        verdict.message
    );
}

#[tokio::test]
async fn a_component_is_prepared_once_before_it_is_served() {
    let prepare = r#"prepare = ["sh", "-c", "mkdir $0.prepared", "{component}"]"#;
    let serve = r#"test -d $0.prepared && echo "it is prepared" >&2; sleep 60"#;
    let verdict = judged(serve, prepare).await;
    assert!(
        verdict.message.contains("it is prepared"),
        "{}",
        verdict.message
    );
    let fails = r#"prepare = ["sh", "-c", "echo broken pipe wrench; exit 3", "{component}"]"#;
    let verdict = judged(serve, fails).await;
    assert_eq!(verdict.status, Status::HarnessError, "{}", verdict.message);
    assert!(
        verdict.message.contains("broken pipe wrench"),
        "{}",
        verdict.message
    );
}

//! The forms of the report, held fast.

use std::collections::BTreeMap;
use std::time::Duration;

use wasi_mcp_conformance::discover::survey::LeftOut;
use wasi_mcp_conformance::driver::connection::Transport;
use wasi_mcp_conformance::report::human::Style;
use wasi_mcp_conformance::report::{Identity, Report, Run, Status, Verdict, clauses, human, json};
use wasi_mcp_conformance::requirements::Level;
use wasi_mcp_conformance::transcript::Line;

fn verdict(check: &str, requirement: &str, level: Level, status: Status, text: &str) -> Verdict {
    let skipped = status == Status::Skip;
    let requirements = vec![requirement.to_owned()];
    let violated = status.is_violation();
    Verdict {
        check: check.to_owned(),
        intent: "Does as it should.".to_owned(),
        clauses: if violated {
            clauses(&requirements)
        } else {
            Vec::new()
        },
        wire: if violated { wire() } else { Vec::new() },
        duration: Duration::from_millis(12),
        repetitions: BTreeMap::new(),
        requirements,
        level,
        status,
        message: if skipped {
            String::new()
        } else {
            text.to_owned()
        },
        reason: skipped.then(|| text.to_owned()),
    }
}

fn wire() -> Vec<Line> {
    let line = |at, direction, exchange: Option<&str>, message: &str| Line {
        at,
        session: "session 1 (shared)".to_owned(),
        direction,
        exchange: exchange.map(str::to_owned),
        message: message.to_owned(),
    };
    vec![
        line(
            0,
            "to-server",
            None,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
        ),
        line(3, "to-client", Some("POST 1, status 200"), "</script><b>&"),
    ]
}

fn report() -> Report {
    let component = Identity {
        kind: "component".to_owned(),
        name: "hello-0.3".to_owned(),
        variant: Some("0.3".to_owned()),
        world: Some("backend".to_owned()),
        transport: Transport::Stdio,
    };
    let url = Identity {
        kind: "url".to_owned(),
        name: "http://127.0.0.1:1/mcp".to_owned(),
        variant: None,
        world: None,
        transport: Transport::Http,
    };
    let results = vec![
        verdict(
            "ping/respond",
            "ping.respond",
            Level::Must,
            Status::Pass,
            "3 pings were answered",
        ),
        verdict(
            "tools/unique-names",
            "tools.unique-names",
            Level::Must,
            Status::Fail,
            "tools/list lists \"a\" twice\nand 2 more",
        ),
        verdict(
            "tools/structured-text",
            "tools.structured-text-copy",
            Level::Should,
            Status::Warn,
            "no text block",
        ),
        verdict(
            "tools/utf-8",
            "transport.utf8",
            Level::Must,
            Status::Skip,
            "no tool was seen to echo",
        ),
    ];
    let left_out = vec![LeftOut {
        what: "tool a".to_owned(),
        why: "it is annotated as destructive (--destructive calls it)".to_owned(),
    }];
    let passed = vec![verdict(
        "ping/respond",
        "ping.respond",
        Level::Must,
        Status::Pass,
        "3 pings were answered",
    )];
    Report::new(vec![
        Run::new(component, Duration::from_millis(34), results, left_out),
        Run::new(url, Duration::from_millis(5), passed, Vec::new()),
    ])
}

#[test]
fn for_people() {
    insta::assert_snapshot!(human::write(
        &report(),
        Style {
            colour: false,
            verbose: false
        }
    ));
}

#[test]
fn for_people_in_full() {
    insta::assert_snapshot!(human::write(
        &report(),
        Style {
            colour: false,
            verbose: true
        }
    ));
}

#[test]
fn for_people_with_colours() {
    let coloured = human::write(
        &report(),
        Style {
            colour: true,
            verbose: false,
        },
    );
    assert!(coloured.contains("\u{1b}[1;31mFAIL\u{1b}[0m"));
    let plain = human::write(
        &report(),
        Style {
            colour: false,
            verbose: true,
        },
    );
    assert!(!plain.contains('\u{1b}'));
}

#[test]
fn for_programs() {
    insta::assert_snapshot!(json::write(&report()).expect("a report is JSON"));
}

#[test]
fn a_warning_is_no_failure() {
    let warned = verdict("a/b", "ping.respond", Level::Should, Status::Warn, "hm");
    let identity = report().runs[0].target.clone();
    assert!(
        !Report::new(vec![Run::new(
            identity,
            Duration::ZERO,
            vec![warned],
            Vec::new()
        )])
        .has_failures()
    );
    assert!(report().has_failures());
}

#[test]
fn every_report_for_programs_meets_the_published_schema() {
    let schema = serde_json::from_str(json::SCHEMA).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    let mut report = report();
    for status in Status::ALL {
        let verdict = verdict("a/b", "ping.respond", Level::Must, status, "text");
        report.runs[0].results.push(verdict);
    }
    report.runs[0].results[0].repetitions = BTreeMap::from([("pass", 2), ("fail", 1)]);
    report.runs[0].recount();
    let value = serde_json::to_value(&report).expect("a report is JSON");
    let faults: Vec<String> = validator
        .iter_errors(&value)
        .map(|fault| fault.to_string())
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let mut odd = value;
    odd["runs"][0]["results"][0]["status"] = "excellent".into();
    assert!(!validator.is_valid(&odd), "the schema forbids something");
}

#[test]
fn failures_are_told_from_the_rest() {
    let failing = |status: &Status| status.is_failure();
    let failing: Vec<&str> = Status::ALL
        .iter()
        .filter(|status| failing(status))
        .map(|status| status.name())
        .collect();
    assert_eq!(
        failing,
        [
            "unexpected-pass",
            "fail",
            "timeout",
            "crash",
            "harness-error"
        ]
    );
}

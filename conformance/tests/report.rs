//! The forms of the report, held fast.

use wasi_mcp_conformance::discover::survey::LeftOut;
use wasi_mcp_conformance::driver::connection::Transport;
use wasi_mcp_conformance::report::human::Style;
use wasi_mcp_conformance::report::{Identity, Report, Run, Status, Verdict, human, json};
use wasi_mcp_conformance::requirements::Level;

fn verdict(check: &str, requirement: &str, level: Level, status: Status, text: &str) -> Verdict {
    let skipped = status == Status::Skip;
    Verdict {
        check: check.to_owned(),
        requirements: vec![requirement.to_owned()],
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
        Run::new(component, results, left_out),
        Run::new(url, passed, Vec::new()),
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
    assert!(!Report::new(vec![Run::new(identity, vec![warned], Vec::new())]).has_failures());
    assert!(report().has_failures());
}

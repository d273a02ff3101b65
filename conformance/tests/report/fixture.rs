//! A report with most features.

use std::collections::BTreeMap;
use std::time::Duration;

use wasi_mcp_conformance::checks::verdict::clauses;
use wasi_mcp_conformance::model::{
    Identity, LeftOut, Level, Line, Run, Status, Transport, Verdict,
};
use wasi_mcp_conformance::report::Report;

/// One outcome; on a violation with a clause and a wire log.
pub(crate) fn verdict(
    check: &str,
    requirement: &str,
    level: Level,
    status: Status,
    text: &str,
) -> Verdict {
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

/// Two runs: one with a failure, a warning and a skip, one without.
pub(crate) fn report() -> Report {
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

/// [`report`] with every status, and one repeated check.
pub(crate) fn every_outcome() -> Report {
    let mut report = report();
    for status in Status::ALL {
        let mut verdict = verdict(
            "logging/set-level",
            "logging.set-level-result",
            Level::Must,
            status,
            "text",
        );
        if status == Status::ExpectedFailure {
            verdict.reason = Some("issue 7: not yet".to_owned());
        }
        report.runs[1].results.push(verdict);
    }
    report.runs[1].results[0].repetitions = BTreeMap::from([("pass", 2), ("fail", 1)]);
    report.runs[1].recount();
    Report::new(report.runs)
}

/// Text that a server could send to harm readers of the report.
pub(crate) const HOSTILE: &str = "</script></pre></details><script>alert(1)</script><img src=x onerror=alert(1)> & \"'`|\
     ]]> \0\u{1}\u{b}\u{1b}[31mred\u{1b}[0m\u{7f}\u{85}\u{9b}1m \u{202e}drow\u{2066} \u{fffe}\u{ffff}\r\n\n\
     <https://a.example> [link](javascript:alert(1)) **bold** @everyone $x$ `code`";

/// [`report`] with text of a hostile server in every place.
pub(crate) fn hostile() -> Report {
    let mut report = every_outcome();
    for run in &mut report.runs {
        HOSTILE.clone_into(&mut run.target.name);
        run.left_out = vec![LeftOut {
            what: HOSTILE.to_owned(),
            why: HOSTILE.to_owned(),
        }];
        run.notes = vec![HOSTILE.to_owned()];
        for verdict in &mut run.results {
            HOSTILE.clone_into(&mut verdict.message);
            verdict.reason = verdict.reason.as_ref().map(|_| HOSTILE.to_owned());
            for line in &mut verdict.wire {
                HOSTILE.clone_into(&mut line.message);
                line.exchange = Some(HOSTILE.to_owned());
            }
        }
    }
    report
}

/// A report with this number of failures, each with a message of this length.
pub(crate) fn huge(failures: usize, length: usize) -> Report {
    let mut report = report();
    let text = "<é".repeat(length / 2);
    let failed = verdict(
        "tools/unique-names",
        "tools.unique-names",
        Level::Must,
        Status::Fail,
        &text,
    );
    report.runs[0].results = vec![failed; failures];
    report.runs[0].recount();
    Report::new(report.runs)
}

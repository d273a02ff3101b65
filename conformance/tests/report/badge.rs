//! The badge.

use serde_json::Value;
use wasi_mcp_conformance::model::{Level, Status};
use wasi_mcp_conformance::report::{Report, badge};

use crate::fixture::{report, verdict};

/// Returns the text and the colour of the badge for these statuses.
fn said(statuses: &[Status]) -> (String, String) {
    let mut report = report();
    report.runs.truncate(1);
    let verdicts = statuses
        .iter()
        .map(|status| verdict("a/b", "ping.respond", Level::Must, *status, "text"));
    report.runs[0].results = verdicts.collect();
    report.runs[0].recount();
    let badge: Value =
        serde_json::from_str(&badge::write(&Report::new(report.runs))).expect("a badge is JSON");
    let text = |member: &str| badge[member].as_str().expect("a string").to_owned();
    (text("message"), text("color"))
}

#[test]
fn for_a_badge() {
    insta::assert_snapshot!(badge::write(&report()));
}

#[test]
fn a_badge_says_the_worst() {
    use Status::{ExpectedFailure, Fail, HarnessError, Pass, Skip, Timeout, Warn};
    for (statuses, message, colour) in [
        (&[][..], "nothing judged", "lightgrey"),
        (&[Skip, ExpectedFailure], "nothing judged", "lightgrey"),
        (
            &[Pass, Pass, Skip, ExpectedFailure],
            "2 passed",
            "brightgreen",
        ),
        (&[Pass, Warn], "1 passed, 1 warned", "yellowgreen"),
        (&[Pass, Warn, Fail, Timeout], "2 failed", "red"),
        (&[Pass, HarnessError], "1 could not be judged", "lightgrey"),
        (&[Fail, HarnessError], "2 failed", "red"),
    ] {
        let expected = (message.to_owned(), colour.to_owned());
        assert_eq!(said(statuses), expected, "{statuses:?}");
    }
}

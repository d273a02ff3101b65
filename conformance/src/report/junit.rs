//! The report as JUnit XML, which most CI systems show.
//!
//! A suite is a run and a case is a check. JUnit has neither warnings nor expected failures: a
//! warning is a passed case with output, an expected failure is a skipped case with its reason.

use std::fmt::Write as _;

use quick_junit::{NonSuccessKind, Property, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::Report;
use super::text::{cut, one_line, wire_log};
use crate::model::visible::visible;
use crate::model::{Run, Status, Verdict};

/// The length limit of attributes that CI systems show in lists, in characters.
const HEADLINE: usize = 500;
/// The length limit of elements, in characters.
const TEXT: usize = 50_000;

/// Returns the report as XML with a newline at its end.
///
/// # Errors
///
/// Never in practice: everything in a report is made fit for XML.
pub fn write(report: &Report) -> Result<String, SerializeError> {
    let mut document = quick_junit::Report::new(format!("MCP {} conformance", report.revision));
    document.set_time(report.runs.iter().map(|run| run.duration).sum());
    for run in &report.runs {
        document.add_test_suite(suite(report, run));
    }
    document.to_string()
}

fn suite(report: &Report, run: &Run) -> TestSuite {
    let title = visible(&run.target.title());
    let mut suite = TestSuite::new(&title);
    suite.set_time(run.duration);
    suite.add_property(Property::new("suite", report.suite));
    suite.add_property(Property::new("revision", report.revision));
    for left_out in &run.left_out {
        let what = format!("not exercised: {}", one_line(&left_out.what, HEADLINE));
        suite.add_property(Property::new(what, one_line(&left_out.why, HEADLINE)));
    }
    for verdict in &run.results {
        suite.add_test_case(case(verdict, &title));
    }
    suite
}

fn case(verdict: &Verdict, title: &str) -> TestCase {
    let mut case = TestCase::new(&verdict.check, status(verdict));
    case.set_classname(title);
    case.set_time(verdict.duration);
    case.add_property(Property::new("level", verdict.level.to_string()));
    case.add_property(Property::new(
        "requirements",
        verdict.requirements.join(" "),
    ));
    if !verdict.repetitions.is_empty() {
        let counts = verdict.repetitions.iter();
        let counts: Vec<String> = counts
            .map(|(status, count)| format!("{count} {status}"))
            .collect();
        case.add_property(Property::new("repeated", counts.join(", ")));
    }
    let output = output(verdict);
    if !output.is_empty() {
        case.set_system_out(output);
    }
    case
}

fn status(verdict: &Verdict) -> TestCaseStatus {
    let reason = verdict.reason.as_deref().unwrap_or_default();
    let mut status = match verdict.status {
        Status::Pass | Status::Warn => return TestCaseStatus::success(),
        Status::Skip => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_message(one_line(reason, HEADLINE));
            return skipped;
        }
        Status::ExpectedFailure => {
            let mut skipped = TestCaseStatus::skipped();
            let reason = one_line(reason, HEADLINE);
            skipped.set_message(format!("expected failure: {reason}"));
            skipped.set_description(description(verdict));
            return skipped;
        }
        Status::UnexpectedPass | Status::Fail | Status::Timeout | Status::Crash => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        Status::HarnessError => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    status.set_type(verdict.status.name());
    // The message of a pass only describes the observation.
    let explained = verdict.status == Status::UnexpectedPass && !reason.is_empty();
    let headline = if explained || verdict.message.is_empty() {
        reason
    } else {
        &verdict.message
    };
    status.set_message(one_line(headline, HEADLINE));
    status.set_description(description(verdict));
    status
}

/// Describes the observation and the violated clauses.
fn description(verdict: &Verdict) -> String {
    let mut text = visible(&cut(&verdict.message, TEXT));
    if let Some(reason) = &verdict.reason {
        let _ = write!(text, "\nReason: {}", visible(&cut(reason, TEXT)));
    }
    for clause in &verdict.clauses {
        let _ = write!(
            text,
            "\n{} {}: {}\n{}",
            verdict.level, clause.requirement, clause.text, clause.link
        );
    }
    text
}

fn output(verdict: &Verdict) -> String {
    let mut text = String::new();
    if verdict.status == Status::Warn {
        let _ = writeln!(text, "warning: {}", description(verdict));
    }
    text.push_str(&cut(&wire_log(&verdict.wire), TEXT));
    text
}

//! The report as JUnit XML.

use quick_junit::{NonSuccessKind, TestCaseStatus};
use wasi_mcp_conformance::model::Status;
use wasi_mcp_conformance::report::{Report, junit};

use crate::fixture::{every_outcome, hostile, huge};

fn written(report: &Report) -> String {
    junit::write(report).expect("a report is XML")
}

fn parsed(xml: &str) -> quick_junit::Report {
    quick_junit::Report::deserialize_from_str(xml).expect("it is JUnit XML")
}

#[test]
fn for_ci_systems() {
    insta::assert_snapshot!(written(&every_outcome()));
}

#[test]
fn every_status_is_expressed_in_junit() {
    let report = every_outcome();
    let document = parsed(&written(&report));
    assert_eq!(document.test_suites.len(), report.runs.len());
    for (suite, run) in document.test_suites.iter().zip(&report.runs) {
        assert_eq!(suite.tests, run.results.len());
        assert_eq!(suite.errors, run.summary.of(Status::HarnessError));
        assert_eq!(suite.failures + suite.errors, run.summary.failures());
        for (case, verdict) in suite.test_cases.iter().zip(&run.results) {
            assert_eq!(case.name.as_str(), verdict.check);
            let told = match &case.status {
                TestCaseStatus::Success { .. } => "success",
                TestCaseStatus::Skipped { message, .. } => {
                    let message = message.as_ref().expect("a reason").as_str();
                    let expected = verdict.status == Status::ExpectedFailure;
                    assert_eq!(message.starts_with("expected failure: issue 7"), expected);
                    "skipped"
                }
                TestCaseStatus::NonSuccess { kind, ty, .. } => {
                    assert_eq!(ty.as_deref(), Some(verdict.status.name()));
                    match kind {
                        NonSuccessKind::Failure => "failure",
                        NonSuccessKind::Error => "error",
                    }
                }
            };
            let expected = match verdict.status {
                Status::Pass | Status::Warn => "success",
                Status::Skip | Status::ExpectedFailure => "skipped",
                Status::HarnessError => "error",
                _ => "failure",
            };
            assert_eq!(told, expected, "{:?}", verdict.status);
            let output = case.system_out.as_deref().unwrap_or_default();
            assert_eq!(output.contains("tools/list"), !verdict.wire.is_empty());
            assert_eq!(
                output.starts_with("warning: "),
                verdict.status == Status::Warn
            );
        }
    }
}

#[test]
fn a_hostile_text_stays_text() {
    let xml = written(&hostile());
    let forbidden = |character: &char| {
        (character.is_control() && !"\n\t".contains(*character))
            || matches!(character, '\u{fffe}' | '\u{ffff}')
    };
    assert_eq!(xml.chars().find(forbidden), None);
    assert!(!xml.contains("<script"));
    let document = parsed(&xml);
    let cases = document.test_suites.iter().flat_map(|s| &s.test_cases);
    let descriptions: Vec<&str> = cases
        .filter_map(|case| match &case.status {
            TestCaseStatus::NonSuccess { description, .. } => description.as_deref(),
            _ => None,
        })
        .collect();
    assert!(!descriptions.is_empty());
    for description in descriptions {
        assert!(description.starts_with("</script></pre></details><script>alert(1)</script><img"));
        assert!(description.contains("␀␁␋␛[31mred␛[0m␡"), "{description}");
    }
}

#[test]
fn a_huge_message_is_cut() {
    let xml = written(&huge(1, 3_000_000));
    assert!(xml.len() < 1_000_000, "{} bytes", xml.len());
    assert!(xml.contains("characters more)"));
    parsed(&xml);
}

#[test]
fn an_unexpected_pass_first_says_that_a_failure_was_expected() {
    let mut report = every_outcome();
    let verdicts = report.runs.iter_mut().flat_map(|run| &mut run.results);
    let mut passed = verdicts.filter(|verdict| verdict.status == Status::UnexpectedPass);
    let verdict = passed.next().expect("one of each outcome");
    verdict.reason = Some("passed, but was expected to fail: issue 7".to_owned());
    drop(passed);
    let xml = written(&report);
    assert!(
        xml.contains(r#"message="passed, but was expected to fail: issue 7""#),
        "{xml}"
    );
}

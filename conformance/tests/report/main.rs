//! Snapshots of the formats of the report.

mod badge;
mod browser;
mod fixture;
mod junit;
mod markdown;
mod page;

use std::collections::BTreeMap;
use std::time::Duration;

use wasi_mcp_conformance::model::{Level, Run, Status};
use wasi_mcp_conformance::report::human::Style;
use wasi_mcp_conformance::report::{Report, human, json};

use fixture::{HOSTILE, hostile, report, verdict};

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
    report.runs[0].notes.push("1 of 2".to_owned());
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
    odd["runs"][0]["results"][0]["status"] = "pass".into();
    odd["runs"][0]["notes"][0] = 1.into();
    assert!(!validator.is_valid(&odd), "a note is a text");
}

#[test]
fn a_note_is_told_in_every_report_for_people() {
    let mut report = report();
    let note = "1 of 2 processes did not start within 30 s and was replaced";
    report.runs[0].notes.push(note.to_owned());
    let style = Style {
        colour: false,
        verbose: false,
    };
    assert!(human::write(&report, style).contains(&format!("  Note: {note}\n")));
    let summary = wasi_mcp_conformance::report::markdown::write(&report);
    assert!(summary.contains(&format!(": {note}\n")));
    let page = wasi_mcp_conformance::report::page::write(&report);
    assert!(page.contains(&format!("Note: {note}")));
}

#[test]
fn failures_are_distinguished_from_the_rest() {
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

#[test]
fn a_hostile_text_cannot_change_a_terminal() {
    let text = human::write(
        &hostile(),
        Style {
            colour: false,
            verbose: true,
        },
    );
    let odd = |character: &char| character.is_control() && !"\n\t".contains(*character);
    assert_eq!(text.chars().find(odd), None);
    assert!(HOSTILE.contains('\u{1b}') && text.contains("␛[31mred"));
}

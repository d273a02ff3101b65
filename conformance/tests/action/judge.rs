//! The judging step.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

use crate::stage::{Stage, printed};

/// Creates a stage with the suite and its test components.
fn stage() -> Stage {
    let stage = Stage::new();
    stage.suite();
    let written = Command::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"))
        .args(["guests", "--out"])
        .arg(stage.path("components"))
        .output()
        .expect("the suite starts");
    assert!(written.status.success(), "{}", printed(&written));
    stage
}

/// Returns the outputs for later steps, in order.
fn outputs(stage: &Stage) -> Vec<(String, String)> {
    let text = stage.read("output");
    let lines = text.strip_prefix("earlier=1\n").expect("nothing is lost");
    let pair = |line: &str| {
        let (name, value) = line.split_once('=').expect("a name and a value");
        (name.to_owned(), value.to_owned())
    };
    lines.lines().map(pair).collect()
}

fn pairs(pairs: [(&str, &str); 3]) -> Vec<(String, String)> {
    let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    owned.into()
}

const HELLO: (&str, &str) = ("CONFORMANCE_COMPONENT", "components/hello-0.2.wasm");

#[test]
fn a_component_that_passes() {
    let stage = stage();
    let output = stage.step(
        "judge.sh",
        &[
            HELLO,
            ("CONFORMANCE_FILTER", "ping/respond\n\ntools/unique-*\r\n"),
            ("CONFORMANCE_STRICT", "true"),
            ("CONFORMANCE_JOBS", "2"),
        ],
    );
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    assert_eq!(
        outputs(&stage),
        pairs([
            ("passed", "4"),
            ("failed", "0"),
            ("report", "conformance-report")
        ])
    );
    let summary = stage.read("summary");
    assert!(summary.starts_with("# The job\n## MCP 2025-06-18 conformance: 4 passed\n"));
    let report: Value =
        serde_json::from_str(&stage.read("conformance-report/report.json")).expect("JSON");
    assert_eq!(report["summary"]["pass"], 4);
    for (file, beginning) in [
        ("report.html", "<!DOCTYPE html>"),
        ("junit.xml", "<?xml "),
        ("summary.md", "## MCP "),
        ("badge.json", "{\n"),
    ] {
        let text = stage.read(&format!("conformance-report/{file}"));
        assert!(text.starts_with(beginning), "{file}");
    }
}

#[test]
fn a_component_that_fails() {
    let stage = stage();
    // An unexpected pass is a failure.
    let expectations = "[[expected-failure]]\ncheck = \"ping/respond\"\nreason = \"not yet\"\n";
    fs::write(stage.path("known.toml"), expectations).expect("it is written");
    let output = stage.step(
        "judge.sh",
        &[
            HELLO,
            ("CONFORMANCE_TRANSPORT", "stdio"),
            ("CONFORMANCE_FILTER", "ping/"),
            ("CONFORMANCE_EXPECTATIONS", "known.toml"),
            ("CONFORMANCE_REPORT_DIR", "the $(touch made) reports"),
        ],
    );
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
    let outputs = outputs(&stage);
    let report = stage.read("the $(touch made) reports/report.json");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let passed = report["summary"]["pass"].to_string();
    assert_ne!(passed, "0");
    let expected = pairs([
        ("passed", &passed),
        ("failed", "1"),
        ("report", "the $(touch made) reports"),
    ]);
    assert_eq!(outputs, expected);
    assert!(stage.read("summary").contains("### Failures: 1"));
    assert!(!stage.path("made").exists());
}

#[test]
fn a_server_that_cannot_be_run_leaves_no_counts() {
    let stage = Stage::new();
    stage.suite();
    fs::create_dir(stage.path("conformance-report")).expect("a folder");
    let stale = stage.path("conformance-report/report.json");
    fs::write(&stale, "{\n  \"summary\": {\n    \"pass\": 7\n").expect("it is written");
    let output = stage.step("judge.sh", &[("CONFORMANCE_COMMAND", "false")]);
    assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
    let expected = pairs([
        ("passed", ""),
        ("failed", ""),
        ("report", "conformance-report"),
    ]);
    assert_eq!(outputs(&stage), expected);
    assert!(stage.read("summary").contains("could not run"));
    assert!(!stale.exists());
}

/// Runs the step with a suite that records its arguments.
fn recorded(variables: &[(&str, &str)]) -> (Stage, Output, Vec<String>) {
    let stage = Stage::new();
    stage.program(
        "wasi-mcp-conformance",
        "printf '%s\\0' \"$@\" > arguments; echo '::error::forged'; exit 1",
    );
    let output = stage.step("judge.sh", variables);
    let arguments = fs::read(stage.path("arguments")).unwrap_or_default();
    let arguments = String::from_utf8(arguments).expect("UTF-8");
    let arguments = arguments.split_terminator('\0').map(str::to_owned);
    let arguments = arguments.collect();
    (stage, output, arguments)
}

#[test]
fn every_input_becomes_one_argument_as_it_is() {
    let (_, output, arguments) = recorded(&[
        ("CONFORMANCE_URL", "https://a.example/mcp?x=1&y=$(id)"),
        ("CONFORMANCE_BEARER", "se cret'\"`id`"),
        ("CONFORMANCE_HEADER", "A: 1 2\n\nB: --strict"),
        ("CONFORMANCE_FILTER", "*\n--jobs"),
        ("CONFORMANCE_SKIP_TOOL", "delete *\n--x"),
        ("CONFORMANCE_START_TIMEOUT", "90"),
        ("CONFORMANCE_CHECK_TIMEOUT", "300"),
        ("CONFORMANCE_JOBS", "3"),
        ("CONFORMANCE_STRICT", "true"),
        ("CONFORMANCE_EXPECTATIONS", "a b.toml"),
        ("CONFORMANCE_REPORT_DIR", "-out"),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        arguments,
        [
            "run",
            "--url=https://a.example/mcp?x=1&y=$(id)",
            "--header=Authorization: Bearer se cret'\"`id`",
            "--header=A: 1 2",
            "--header=B: --strict",
            "--strict",
            "--expectations=a b.toml",
            "--filter=*",
            "--filter=--jobs",
            "--skip-tool=delete *",
            "--skip-tool=--x",
            "--start-timeout=90",
            "--check-timeout=300",
            "--jobs=3",
            "--report=json=-out/report.json",
            "--report=html=-out/report.html",
            "--report=junit=-out/junit.xml",
            "--report=markdown=-out/summary.md",
            "--report=badge=-out/badge.json",
        ]
    );
}

#[test]
fn the_step_works_without_a_runner() {
    let stage = stage();
    let variables = [
        HELLO,
        ("CONFORMANCE_FILTER", "ping/respond"),
        ("GITHUB_OUTPUT", ""),
        ("GITHUB_STEP_SUMMARY", ""),
    ];
    let output = stage.step("judge.sh", &variables);
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    assert!(stage.path("conformance-report/report.json").exists());
}

#[test]
fn a_component_name_with_a_leading_hyphen_is_not_an_option() {
    let (_, _, arguments) = recorded(&[
        ("CONFORMANCE_COMPONENT", "--strict"),
        ("CONFORMANCE_TRANSPORT", "http"),
    ]);
    assert_eq!(arguments[..2], ["run", "--transport=http"]);
    assert_eq!(arguments[arguments.len() - 2..], ["--", "--strict"]);
}

#[test]
fn server_output_is_not_a_command_to_the_runner() {
    let (_, output, _) = recorded(&[
        ("CONFORMANCE_COMMAND", "server"),
        ("CONFORMANCE_BEARER", "t0k"),
    ]);
    let text = printed(&output);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "::add-mask::t0k");
    let token = lines[1]
        .strip_prefix("::stop-commands::")
        .expect("commands stop");
    assert!(token.len() == 32 && token.chars().all(|digit| digit.is_ascii_hexdigit()));
    assert_eq!(lines[2], "::error::forged");
    assert_eq!(lines[3], format!("::{token}::"));
}

#[test]
fn contradictory_inputs_are_rejected() {
    let command = ("CONFORMANCE_COMMAND", "server");
    for (variables, why) in [
        (&[][..], "exactly one of component, command and url"),
        (
            &[command, ("CONFORMANCE_URL", "http://a")],
            "exactly one of",
        ),
        (
            &[command, ("CONFORMANCE_STRICT", "yes")],
            "strict is true or false",
        ),
        (
            &[command, ("CONFORMANCE_REPORT_DIR", "a\nfailed=0")],
            "report-dir has a line break",
        ),
        (
            &[command, ("CONFORMANCE_BEARER", "secret\nsecond")],
            "bearer has a line break",
        ),
    ] {
        let (stage, output, arguments) = recorded(variables);
        assert_eq!(output.status.code(), Some(2), "{why}");
        let text = printed(&output);
        assert!(text.contains(&format!("::error::{why}")), "{text}");
        assert!(!text.contains("second"), "{text}");
        assert!(arguments.is_empty(), "the suite is not started");
        assert_eq!(outputs(&stage), []);
    }
}

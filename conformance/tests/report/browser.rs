//! The page in a browser, on small and large screens, with light and dark colours.
//!
//! Needs `chromium-headless-shell`, or another Chromium that `CHROMIUM` names.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use wasi_mcp_conformance::model::{Level, Status};
use wasi_mcp_conformance::report::{Report, areas, page};

use crate::fixture::{HOSTILE, every_outcome, hostile, verdict};

const PROBE: &str = include_str!("probe.js");
const PHONE: (u32, u32) = (360, 740);
const DESK: (u32, u32) = (1280, 900);

/// A report with hostile text and very long words.
fn fixture() -> Report {
    let mut report = every_outcome();
    report.runs.extend(hostile().runs.split_off(1));
    let endless = format!("{HOSTILE} {}", "endless".repeat(300));
    for name in ["tools/unique-names", "endless/".repeat(30).as_str()] {
        let failed = verdict(
            name,
            "tools.unique-names",
            Level::Must,
            Status::Fail,
            &endless,
        );
        report.runs[0].results.push(failed);
    }
    report.runs[0].target.name = "endless".repeat(50);
    for run in &mut report.runs {
        run.recount();
    }
    Report::new(report.runs)
}

/// Returns the page with a probe at its beginning that its policy allows.
fn probed(report: &Report) -> String {
    let hash = STANDARD.encode(Sha256::digest(PROBE));
    let page = page::write(report);
    let (before, after) = page.split_once("script-src ").expect("a policy");
    let page = format!("{before}script-src 'sha256-{hash}' {after}");
    let (before, after) = page.split_once("<meta name=\"viewport\"").expect("a head");
    format!("{before}<script>{PROBE}</script><meta name=\"viewport\"{after}")
}

/// Shows a page in a window of this size; `arguments` select the output.
fn browse(file: &Path, size: (u32, u32), dark: bool, arguments: &[String]) -> Output {
    let program =
        std::env::var_os("CHROMIUM").unwrap_or_else(|| OsString::from("chromium-headless-shell"));
    let profile = tempfile::tempdir().expect("a folder");
    let scheme = if dark { 0 } else { 1 };
    let mut command = Command::new(&program);
    command
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
        ])
        .args(["--disable-dev-shm-usage", "--disable-background-networking"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--window-size={},{}", size.0, size.1))
        .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
        .arg("--virtual-time-budget=2000")
        .args(arguments)
        .arg(format!("file://{}", file.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap_or_else(|error| {
        panic!(
            "{} cannot be started ({error}): install chromium-headless-shell, or say with CHROMIUM where a Chromium is",
            program.to_string_lossy()
        )
    });
    finished(child)
}

/// Returns the output of the process, which is killed after a timeout.
fn finished(child: std::process::Child) -> Output {
    let process = child.id().to_string();
    let (tell, told) = std::sync::mpsc::channel();
    let guard = thread::spawn(move || {
        let late = told.recv_timeout(Duration::from_secs(90)).is_err();
        if late {
            // The wait below shows whether it ended.
            let _ = Command::new("kill").arg(process).status();
        }
        late
    });
    let output = child.wait_with_output().expect("the browser ends");
    let _ = tell.send(());
    let late = guard.join().expect("the guard ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!late, "the browser took too long: {said}");
    assert!(output.status.success(), "the browser failed: {said}");
    output
}

/// Returns the observations of the probe in a window of this size.
fn seen(report: &Report, size: (u32, u32), dark: bool) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.html");
    std::fs::write(&file, probed(report)).expect("the page is written");
    let output = browse(&file, size, dark, &["--dump-dom".to_owned()]);
    let page = String::from_utf8(output.stdout).expect("the page is UTF-8");
    let (_, result) = page
        .split_once("<output id=\"seen\">")
        .expect("the probe ended");
    let (result, _) = result.split_once('<').expect("an element ends");
    let result = STANDARD.decode(result).expect("base64");
    serde_json::from_slice(&result).expect("JSON")
}

/// Counts the checks of the report that satisfy a condition.
fn count(report: &Report, meets: impl Fn(&str, &str) -> bool) -> usize {
    let results = report.runs.iter().flat_map(|run| &run.results);
    results
        .filter(|verdict| {
            let mut areas = areas::of_verdict(verdict).into_iter();
            areas.any(|area| meets(verdict.status.name(), area))
        })
        .count()
}

#[test]
#[ignore = "needs chromium-headless-shell, which .ci/run installs"]
fn the_page_is_readable_and_its_filters_work() {
    let report = fixture();
    let total = report.summary.total();
    let failed = count(&report, |status, _| status == "fail");
    let passed = count(&report, |status, _| status == "pass");
    let about_names = {
        let results = report.runs.iter().flat_map(|run| &run.results);
        results
            .filter(|verdict| verdict.requirements == ["tools.unique-names"])
            .count()
    };
    assert!(failed > 3 && passed > 3 && about_names > 1);
    for (size, dark) in [(PHONE, false), (DESK, true)] {
        let seen = seen(&report, size, dark);
        for (member, expected) in [
            ("errors", json!([])),
            ("violationsOfThePage", json!(0)),
            ("strangers", json!(0)),
            ("width", json!(size.0)),
            ("dark", json!(dark)),
            ("overflow", json!(0)),
            ("overflowUnfolded", json!(0)),
            ("filtersAreShown", json!(true)),
            ("failures", json!(failed)),
            ("passes", json!(0)),
            ("total", json!(format!("{total} checks"))),
            ("byText", json!(about_names)),
            (
                "countOfText",
                json!(format!("{about_names} of {total} checks")),
            ),
            ("byStrangeText", json!(0)),
            ("byStatus", json!([passed, passed])),
            (
                "byArea",
                json!(count(&report, |_, area| area == "server/tools")),
            ),
            ("byRun", json!(report.runs[1].results.len())),
            ("failuresAfterwards", json!(failed)),
            ("passesAfterwards", json!(0)),
            ("wireBefore", json!(0)),
            ("wireAfter", json!(2)),
            ("captured", json!(false)),
        ] {
            assert_eq!(
                seen[member], expected,
                "{member} at {} pixels: {seen}",
                size.0
            );
        }
        let refused = seen["violations"].as_array().expect("a list");
        assert_eq!(
            refused.len(),
            2,
            "a script and an image are refused: {seen}"
        );
    }
}

#[test]
#[ignore = "needs chromium-headless-shell, which .ci/run installs"]
fn the_page_can_be_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let page_file = folder.path().join("report.html");
    std::fs::write(&page_file, page::write(&fixture())).expect("the page is written");
    for (size, dark) in [(PHONE, false), (PHONE, true), (DESK, false), (DESK, true)] {
        let picture = folder.path().join("report.png");
        let wanted = format!("--screenshot={}", picture.display());
        browse(&page_file, size, dark, &[wanted]);
        let picture = std::fs::read(&picture).expect("there is a picture");
        let number = |at: usize| {
            let bytes = picture[at..at + 4].try_into().expect("four bytes");
            u32::from_be_bytes(bytes)
        };
        // The size is in the first chunk of a PNG file.
        assert_eq!((number(16), number(20)), size);
        // An empty picture of these sizes takes less than 6 KB.
        assert!(picture.len() > 15_000, "{} bytes", picture.len());
    }
}

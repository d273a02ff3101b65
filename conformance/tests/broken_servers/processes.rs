//! The processes of a server end with the suite.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::stage::Transport::Stdio as OverStdio;
use super::stage::{Case, command_line, note, suite};
use super::{brief, lasting};

/// The time for a process to appear, or to be gone.
const SOON: Duration = Duration::from_secs(60);

/// Returns the command lines of the processes of a server, besides the suite.
fn servers(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for process in fs::read_dir("/proc").expect("processes").flatten() {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        let is_server =
            line.contains(&*folder.to_string_lossy()) && !line.contains("conformance run");
        if is_server {
            found.push(line);
        }
    }
    found
}

/// A shell that stays as long as its server, which does not end with its input.
fn wrapped(folder: &Path, faults: &str) -> String {
    let line = command_line(folder, faults).replace('\'', "");
    format!("sh -c '{line}; true'")
}

#[test]
fn no_process_is_left_after_a_run() {
    let folder = TempDir::new().expect("a folder");
    let case = Case {
        checks: &["ping/respond", "base/parse-error", "base/utf-8"],
        ..lasting(OverStdio, "")
    };
    let line = wrapped(folder.path(), "stays");
    let output = suite(["--command", &line], &case).output();
    let output = output.expect("the suite starts");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(servers(folder.path()), [""; 0]);
}

#[test]
fn no_process_is_left_after_an_error() {
    let folder = TempDir::new().expect("a folder");
    let line = wrapped(folder.path(), "stays revision@2024-11-05");
    let output = suite(["--command", &line], &brief(OverStdio, "")).output();
    let output = output.expect("the suite starts");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(servers(folder.path()), [""; 0]);
}

#[test]
fn no_process_is_left_after_a_timeout() {
    let folder = TempDir::new().expect("a folder");
    let case = Case {
        options: &["--check-timeout", "1", "--start-timeout", "60"],
        checks: &["base/method-not-found"],
        ..lasting(OverStdio, "")
    };
    let line = wrapped(folder.path(), "hangs@check");
    let output = suite(["--command", &line], &case).output();
    let output = output.expect("the suite starts");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(servers(folder.path()), [""; 0]);
}

#[test]
fn no_process_is_left_after_a_signal() {
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let folder = TempDir::new().expect("a folder");
        let line = wrapped(folder.path(), "hangs@check");
        let case = Case {
            checks: &["base/method-not-found"],
            ..lasting(OverStdio, "")
        };
        let mut program = suite(["--command", &line], &case)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the suite starts");
        let began = Instant::now();
        while !folder.path().join("lost").exists() {
            assert!(began.elapsed() < SOON, "the server does not hang");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!servers(folder.path()).is_empty());
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &program.id().to_string()])
            .status();
        assert!(sent.expect("kill starts").success());
        let ended = program.wait().expect("it ends");
        assert_eq!(ended.code(), Some(status));
        assert_eq!(servers(folder.path()), [""; 0]);
    }
}

#[test]
fn slow_starts_are_counted_and_shared() {
    let folder = TempDir::new().expect("a folder");
    let case = Case {
        checks: &[
            "ping/respond",
            "base/same-id",
            "base/optional-params",
            "base/utf-8",
        ],
        ..lasting(OverStdio, "")
    };
    let line = command_line(folder.path(), "starts-after@0.5");
    let mut command = suite(["--command", &line], &case);
    let output = command.args(["--format", "json"]).output();
    let report = output.expect("the suite starts").stdout;
    let report: Value = serde_json::from_slice(&report).expect("a report");
    let time = &report["runs"][0]["time"];
    note(&time.to_string());
    // Two at first contact, which survey and checks share, and one that a check has alone.
    assert_eq!(time["sessions"], 3, "{time}");
    assert!(
        time["startingMilliseconds"].as_u64() >= Some(1000),
        "{time}"
    );
    assert_eq!(servers(folder.path()), [""; 0]);
}

//! Standard output and standard error that cannot be written.

use std::fs::OpenOptions;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Output, Stdio};

use super::*;

/// Returns a file that is always full.
fn full() -> Stdio {
    let full = OpenOptions::new().write(true).open("/dev/full");
    full.expect("this system has it").into()
}

/// Returns a pipe without a reader.
fn unread() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// Standard error that cannot be written, by its name.
type Broken = (&'static str, fn() -> Stdio);
const BROKEN: [Broken; 2] = [("full", full), ("a closed pipe", unread)];

async fn end(command: &mut Command) -> Output {
    // `Command::output` would capture everything.
    let running = command.spawn().unwrap().wait_with_output();
    let ended = tokio::time::timeout(command::PATIENCE, running).await;
    let output = ended.expect("it ends in time").unwrap();
    assert_eq!(output.status.signal(), None, "{output:?}");
    assert_ne!(output.status.code(), Some(101), "it panicked: {output:?}");
    output
}

/// Commands with their status and a part of their standard output.
const CASES: [(&str, &[&str], i32, &str); 12] = [
    ("inspect", &[], 0, "tools ("),
    ("call", &["log-all-levels"], 0, "Logged 8 messages"),
    ("call", &["report-progress"], 0, "Reported 4 times"),
    ("call", &["fail"], 1, "fail"),
    ("call", &["no such tool"], 3, ""),
    ("call", &["panic"], 4, ""),
    ("call", &["elicit", "--elicit", "[]"], 2, ""),
    ("read", &["test://static-text"], 0, "This is the content"),
    ("read", &["test://folder"], 0, "In the folder."),
    ("get", &["test_simple_prompt"], 0, "user:"),
    ("complete", &["--prompt", "journey", "country"], 0, "France"),
    ("serve", &[], 0, ""),
];

#[tokio::test]
async fn standard_error_changes_nothing() {
    let guest = GuestFile::write("reference-backend-0.3");
    for (name, broken) in BROKEN {
        for (command, arguments, status, part) in CASES {
            for format in ["text", "json"] {
                let mut command = on(&guest, command, arguments);
                command.args(["-vv", "--log-format", format]);
                let output = end(command.stderr(broken())).await;
                let what = format!("{name}, {arguments:?}, {format}");
                assert_eq!(output.status.code(), Some(status), "{what}: {output:?}");
                let stdout = String::from_utf8_lossy(&output.stdout);
                assert!(stdout.contains(part), "{what}: {stdout}");
            }
        }
        let output = end(wasi_mcp().arg("no-such-command").stderr(broken())).await;
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let output = end(wasi_mcp().arg("--help").stderr(broken())).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
}

#[tokio::test]
async fn standard_output_that_is_full_is_an_error() {
    let guest = GuestFile::write("reference-backend-0.3");
    let streams = GuestFile::write("streams-0.3");
    for (guest, command, arguments) in [
        (&guest, "inspect", ["--json"].as_slice()),
        (&guest, "inspect", &[]),
        (&guest, "call", &["fail"]),
        (&guest, "call", &["fail", "--json"]),
        (&guest, "read", &["test://static-text"]),
        (&guest, "get", &["test_simple_prompt"]),
        (&guest, "complete", &["--prompt", "journey", "country"]),
        (&streams, "read", &["stream:1"]),
        (&streams, "read", &["stream:1000000"]),
        (&streams, "read", &["stream:1000000", "--json"]),
    ] {
        let output = end(on(guest, command, arguments).stdout(full())).await;
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{command} {arguments:?}: {text}"
        );
        assert!(
            text.contains("error: standard output cannot be written: No space"),
            "{text}"
        );
    }
    for arguments in [
        ["--help"].as_slice(),
        &["--version"],
        &["call", "--help"],
        &["help", "read"],
        &["completions", "bash"],
    ] {
        let output = end(wasi_mcp().args(arguments).stdout(full())).await;
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.contains("standard output cannot be written"), "{text}");
    }
}

#[tokio::test]
async fn a_reader_that_left_is_not_an_error() {
    let guest = GuestFile::write("reference-backend-0.3");
    for (command, arguments, status) in [
        ("inspect", ["--json"].as_slice(), 0),
        ("call", &["large-text", r#"{"bytes": 1000000}"#], 0),
        ("call", &["fail"], 1),
        ("read", &["test://static-text"], 0),
        ("get", &["test_simple_prompt"], 0),
        ("complete", &["--prompt", "journey", "country"], 0),
    ] {
        let output = end(on(&guest, command, arguments).stdout(unread())).await;
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(status),
            "{command} {arguments:?}: {text}"
        );
        assert!(!text.contains("error"), "{text}");
    }
    let output = end(wasi_mcp().arg("--help").stdout(unread())).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[tokio::test]
async fn streams_that_are_closed_change_nothing() {
    let guest = GuestFile::write("hello-0.3");
    let path = guest.path().to_str().unwrap();
    let program = env!("CARGO_BIN_EXE_wasi-mcp");
    let call = format!("'{program}' call '{path}' hello '{{\"name\": \"World\"}}'");
    for (closed, printed) in [
        ("2>&-", "Hello, World!\n"),
        (">&-", ""),
        ("<&- 2>&-", "Hello, World!\n"),
    ] {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{call} {closed}")]);
        shell.env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
        let output = end(shell.stdout(Stdio::piped()).stderr(Stdio::piped())).await;
        assert_eq!(output.status.code(), Some(0), "{closed}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), printed, "{closed}");
    }
}

//! Denials and failures of a component: the log and the errors name the cause and the remedy.

mod command;
#[path = "../../host/tests/messages/mod.rs"]
mod messages;

use command::{GuestFile, Outcome, StdioClient, run, wasi_mcp};
use serde_json::json;

const EXPLORERS: [&str; 2] = ["explorer-0.2", "explorer-0.3"];

/// Runs a tool of a guest with these options.
async fn call(guest: &GuestFile, tool: &str, arguments: &str, options: &[&str]) -> Outcome {
    let mut command = wasi_mcp();
    command
        .arg("call")
        .arg(guest.path())
        .args([tool, arguments]);
    run(command.args(options)).await
}

#[tokio::test]
async fn the_log_names_what_was_denied_and_its_grant() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("note.txt"), "a note").unwrap();
    let grant = format!("{}::/data::ro", folder.path().display());
    for name in EXPLORERS {
        let guest = GuestFile::write(name);
        for (tool, arguments, options, parts) in [
            (
                "fetch",
                json!({ "url": "http://api.example/x" }),
                &[][..],
                &["api.example", "--allow-http api.example"][..],
            ),
            (
                "fetch",
                json!({ "url": "http://api.example:81/x" }),
                &["--allow-http", "api.example:82"],
                &["api.example", "--allow-http api.example:81"],
            ),
            (
                "fetch",
                json!({ "url": "http://localhost.example./" }),
                &["--allow-http", "other.example"],
                &["localhost.example."],
            ),
            (
                "read-file",
                json!({ "path": "/data/../secret.txt" }),
                &["--dir", &grant],
                &["../secret.txt", "--dir"],
            ),
            (
                "write-file",
                json!({ "path": "/data/note.txt", "text": "mine" }),
                &["--dir", &grant],
                &["note.txt", "::ro"],
            ),
            (
                "connect",
                json!({ "address": "127.0.0.1:9" }),
                &[],
                &["a TCP socket", "--allow-http"],
            ),
            (
                "bind-udp",
                json!({ "address": "127.0.0.1:9" }),
                &[],
                &["a UDP socket", "--allow-http"],
            ),
            (
                "resolve",
                json!({ "name": "db.example" }),
                &[],
                &["db.example", "--allow-http"],
            ),
        ] {
            let outcome = call(&guest, tool, &arguments.to_string(), options).await;
            assert_eq!(outcome.code, Some(1), "{name} {tool}: {outcome:?}");
            let denied = outcome
                .stderr
                .lines()
                .find(|line| line.contains("was denied"))
                .unwrap_or_else(|| panic!("{name} {tool} {arguments}: {outcome:?}"));
            for part in parts {
                assert!(denied.contains(part), "{name} {tool}: {part} in {denied}");
            }
        }
        let outcome = call(&guest, "environment", "{}", &["-v"]).await;
        assert!(outcome.stderr.contains("--env NAME=VALUE"), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_denied_request_to_the_client_is_logged() {
    let guest = GuestFile::write("probes-backend-0.2");
    let mut command = wasi_mcp();
    command
        .arg("serve")
        .arg(guest.path())
        .arg("--deny-elicitation");
    let mut client = StdioClient::connect(&mut command).await;
    let answer = client
        .request_amid(
            "tools/call",
            json!({ "name": "ask", "arguments": { "what": "elicitation" } }),
        )
        .await;
    assert!(answer.get("id").is_some(), "{answer}");
    client.logged("--deny-elicitation").await;
}

#[tokio::test]
async fn a_panic_is_reported_with_its_text() {
    for name in EXPLORERS {
        let guest = GuestFile::write(name);
        let outcome = call(&guest, "panic", r#"{"text":"boom \u001b[2J"}"#, &[]).await;
        assert_eq!(outcome.code, Some(4), "{outcome:?}");
        let last = outcome.stderr.lines().last().unwrap();
        assert!(
            last.contains("unreachable") && last.contains("boom"),
            "{last}"
        );
        assert!(!outcome.stderr.contains('\u{1b}'), "{outcome:?}");
        let mut command = wasi_mcp();
        command.arg("inspect").arg(guest.path());
        let outcome = run(command.args(["--env", "START=panic"])).await;
        let last = outcome.stderr.lines().last().unwrap();
        assert!(last.contains("boom at the start"), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_component_that_can_wait_through_0_2_gets_one_warning() {
    // `hello` can wait for its output alone, like nearly every component in Rust.
    for (name, warnings) in [("explorer-0.2", 0), ("hello-0.3", 0), ("explorer-0.3", 1)] {
        let guest = GuestFile::write(name);
        let mut command = wasi_mcp();
        let outcome = run(command.arg("inspect").arg(guest.path())).await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let found = outcome.stderr.matches("wasi:io/poll@0.2").count();
        assert_eq!(found, warnings, "{name}: {outcome:?}");
    }
    // An instance for each call has no other call that waits.
    let guest = GuestFile::write("explorer-0.3");
    for (isolation, warnings) in [("session", 1), ("call", 0)] {
        let mut command = wasi_mcp();
        command.arg("serve").arg(guest.path());
        let outcome = run(command.args(["--isolation", isolation])).await;
        let found = outcome.stderr.matches("wasi:io/poll@0.2").count();
        assert_eq!(found, warnings, "{isolation}: {outcome:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_cache_below_a_folder_that_others_can_write_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let caches = tempfile::tempdir().unwrap();
    let guest = GuestFile::write("explorer-0.2");
    for (mode, is_used) in [(0o777, false), (0o755, true)] {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(caches.path(), permissions).unwrap();
        let mut command = wasi_mcp();
        command.env("XDG_CACHE_HOME", caches.path());
        let outcome = run(command.arg("inspect").arg(guest.path())).await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let refused = outcome.stderr.contains("others can write to");
        assert_eq!(refused, !is_used, "{outcome:?}");
        let kept = walk(&caches.path().join("wasi-mcp"));
        assert_eq!(kept > 0, is_used, "{mode:o}: {kept} files");
    }
}

/// Returns the number of files below a folder.
#[cfg(unix)]
fn walk(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let count = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path) } else { 1 }
    };
    entries.map(count).sum()
}

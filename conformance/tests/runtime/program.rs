//! The reference host as a program, started as the adapter beside it says.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The folder in which a build of the whole workspace leaves its programs.
fn programs() -> PathBuf {
    let own = Path::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"));
    let folder = own.parent().expect("a program stands in a folder");
    let host = folder.join(format!("wasi-mcp{}", std::env::consts::EXE_SUFFIX));
    assert!(
        host.is_file(),
        "{} is missing: build the whole workspace before this test, with cargo build --workspace",
        host.display()
    );
    folder.to_owned()
}

fn judge(arguments: &[&str]) -> (i32, Value, String) {
    let path = std::env::join_paths(
        std::iter::once(programs()).chain(
            std::env::var_os("PATH")
                .iter()
                .flat_map(std::env::split_paths),
        ),
    )
    .expect("folders can stand in PATH");
    let adapter = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtimes/wasi-mcp.toml");
    let output = Command::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"))
        .env("PATH", path)
        .args(["run", "--format", "json", "--quiet", "--runtime"])
        .arg(adapter)
        .args(arguments)
        .output()
        .expect("it runs");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code().unwrap_or(-1), report, stderr)
}

fn passes(transport: &str) {
    let (status, report, stderr) = judge(&["--transport", transport, "--filter", "runtime-*"]);
    let runs = report["runs"].as_array().cloned().unwrap_or_default();
    let wrong: Vec<String> = runs
        .iter()
        .flat_map(|run| run["results"].as_array().cloned().unwrap_or_default())
        .filter(|verdict| {
            !["pass", "expected-failure"].contains(&verdict["status"].as_str().unwrap_or_default())
        })
        .map(|verdict| {
            let (message, reason) = (&verdict["message"], &verdict["reason"]);
            format!("{}: {message} {reason}", verdict["check"])
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "over {transport}:\n{}\n{stderr}",
        wrong.join("\n")
    );
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(runs.len(), 4, "a run with each of the probes: {stderr}");
    let passed = report["summary"]["pass"].as_u64().unwrap_or_default();
    assert!(passed > 220, "only {passed} checks passed");
}

#[test]
fn the_program_passes_over_stdio() {
    passes("stdio");
}

#[test]
fn the_program_passes_over_http() {
    passes("http");
}

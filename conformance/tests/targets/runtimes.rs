//! The adapters of `runtimes/` for wasmtime's own command, with the probes that need no file of their
//! own for each check.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{PROCESSORS, wasmtime};

/// Those of sessions that may share an instance with others.
const CHECKS: [&str; 3] = ["runtime-mapping/*", "runtime-records/*", "runtime-kinds/*"];

/// Those of the service's own count of requests, which needs an instance for each session.
const OF_SERVICES: &str = "runtime-services/*";

fn meets_its_expectations(adapter: &str, checks: &[&str]) {
    // It compiles four compositions at once.
    let _alone = PROCESSORS.blocking_write();
    let suite = Path::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"));
    // The adapters name the programs `wasi-mcp` and `wasmtime`.
    let mut folders: Vec<PathBuf> = [suite, &wasmtime()]
        .iter()
        .filter_map(|program| program.parent().map(Path::to_owned))
        .collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    let adapter = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("runtimes")
        .join(adapter);
    let output = Command::new(suite)
        .env("PATH", std::env::join_paths(folders).unwrap())
        .args(["run", "--format", "json", "--runtime"])
        .arg(&adapter)
        .args(checks.iter().flat_map(|check| ["--filter", check]))
        .output()
        .expect("the suite starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complaint}");
    let report: Value = serde_json::from_str(&said).expect("the report is JSON");
    let runs = report["runs"].as_array().expect("a report has runs");
    assert_eq!(runs.len(), 4, "a run for each build of the probes");
    let count = |kind: &str| -> u64 {
        let counts = runs.iter().filter_map(|run| run["summary"][kind].as_u64());
        counts.sum()
    };
    assert!(count("pass") >= 40, "{said}");
    assert!(count("expected-failure") >= 2, "{said}");
}

#[test]
#[ignore = "needs wasmtime, which WASI_MCP_WASMTIME names and .ci/run installs"]
fn wasmtime_run_meets_the_expectations_of_its_adapter() {
    meets_its_expectations("wasmtime-run.toml", &[&CHECKS[..], &[OF_SERVICES]].concat());
}

#[test]
#[ignore = "needs wasmtime, which WASI_MCP_WASMTIME names and .ci/run installs"]
fn wasmtime_serve_meets_the_expectations_of_its_adapter() {
    meets_its_expectations("wasmtime-serve.toml", &CHECKS);
}

//! The `hello` guest in Python passes the suite in both variants, so the interface does not depend
//! on Rust.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// Runs the suite on a Python guest, over both transports.
fn passes(variant: &str) {
    let folder = std::env::var_os("WASI_MCP_PYTHON_GUESTS").unwrap_or_else(|| {
        panic!(
            "set WASI_MCP_PYTHON_GUESTS to the folder that reference-guest/python/hello/build.sh \
             filled; .ci/run does both and runs this test"
        )
    });
    let guest = PathBuf::from(folder).join(format!("hello-python-{variant}.wasm"));
    assert!(guest.is_file(), "{} is missing", guest.display());
    let output = Command::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"))
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .args(["run", "--transport", "both", "--format", "json"])
        .arg(&guest)
        .output()
        .expect("the suite starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{}\n{said}\n{complaint}",
        output.status
    );
    let report: Value = serde_json::from_str(&said).expect("the report is JSON");
    let runs = report["runs"].as_array().expect("a report has runs");
    let transports: Vec<_> = runs
        .iter()
        .map(|run| run["target"]["transport"].as_str())
        .collect();
    assert_eq!(transports, [Some("stdio"), Some("http")]);
    for run in runs {
        assert_eq!(run["target"]["variant"], variant);
        let passed = run["summary"]["pass"].as_u64();
        assert!(
            passed.is_some_and(|passed| passed > 0),
            "nothing passed:\n{said}"
        );
    }
}

#[test]
#[ignore = "needs the Python guests, which WASI_MCP_PYTHON_GUESTS names and .ci/run builds"]
fn the_python_guest_for_0_2_passes() {
    passes("0.2");
}

#[test]
#[ignore = "needs the Python guests, which WASI_MCP_PYTHON_GUESTS names and .ci/run builds"]
fn the_python_guest_for_0_3_passes() {
    passes("0.3");
}

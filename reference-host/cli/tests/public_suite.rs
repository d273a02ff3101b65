//! The public conformance suite for MCP against the reference guests over HTTP, in two versions.

mod served;

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use served::{GuestFile, HttpServer, file_named_by, file_of_project, transcript};

/// A version of the suite, by the folder it is installed in, and the number of checks it runs for a
/// server at 2025-06-18: a run of fewer is incomplete.
struct Suite {
    package: &'static str,
    checks: u32,
}

const SUITE_0_1: Suite = Suite {
    package: "conformance-0.1",
    checks: 26,
};
const SUITE_0_2: Suite = Suite {
    package: "conformance-0.2",
    checks: 56,
};

fn passes(suite: &Suite, guest: &str) {
    let node = file_named_by("WASI_MCP_NODE", "Node.js 22 or later");
    let script = format!(
        "interoperability/public-suite/node_modules/{}/dist/index.js",
        suite.package
    );
    let script = file_of_project(&script);
    assert!(
        script.is_file(),
        "{} is missing: run `npm ci` in interoperability/public-suite",
        script.display()
    );
    let file = GuestFile::write(guest);
    let server = HttpServer::start(&file);
    let results = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(node)
        .arg(script)
        .args(["server", "--suite", "all", "--spec-version", "2025-06-18"])
        .args(["--url", server.url()])
        .arg("--output-dir")
        .arg(results.path())
        .output()
        .expect("the suite starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let total = total(&said);
    assert!(
        output.status.success()
            && total.is_some_and(|(passed, failed)| passed >= suite.checks && failed == 0),
        "{guest}: expected at least {} checks passed and none failed, got {total:?}\n{}\n{}\n{}",
        suite.checks,
        failures(results.path()).join("\n"),
        transcript(&output),
        server.log()
    );
}

/// Returns the suite's description of each failed check from its result files.
fn failures(results: &Path) -> Vec<String> {
    let scenarios = std::fs::read_dir(results).expect("the suite's results");
    let files = scenarios
        .filter_map(|scenario| std::fs::read(scenario.ok()?.path().join("checks.json")).ok());
    let checks = files
        .filter_map(|file| serde_json::from_slice::<Vec<Value>>(&file).ok())
        .flatten();
    checks
        .filter(|check| check["status"] == "FAILURE")
        .map(|check| format!("{}: {}", check["id"], check["errorMessage"]))
        .collect()
}

/// Returns the checks passed and failed, from the line `Total: N passed, M failed`.
fn total(said: &str) -> Option<(u32, u32)> {
    let line = said.lines().find_map(|line| line.strip_prefix("Total: "))?;
    let (passed, rest) = line.split_once(" passed, ")?;
    let (failed, _) = rest.split_once(" failed")?;
    Some((passed.parse().ok()?, failed.parse().ok()?))
}

#[test]
fn the_total_is_read() {
    let said =
        "=== SUMMARY ===\n\u{2713} ping: 1 passed, 0 failed\n\nTotal: 39 passed, 17 failed\n";
    assert_eq!(total(said), Some((39, 17)));
    assert_eq!(total("Total: none\n"), None);
}

macro_rules! suites {
    ($($test:ident: $suite:ident, $guest:literal;)*) => {$(
        #[test]
        #[ignore = "needs Node.js 22 and the public suite, which .ci/run sets up"]
        fn $test() {
            passes(&$suite, $guest);
        }
    )*};
}

suites! {
    suite_0_1_passes_on_backend_0_2: SUITE_0_1, "reference-backend-0.2";
    suite_0_1_passes_on_backend_0_3: SUITE_0_1, "reference-backend-0.3";
    suite_0_1_passes_on_service_0_2: SUITE_0_1, "reference-service-0.2";
    suite_0_1_passes_on_service_0_3: SUITE_0_1, "reference-service-0.3";
    suite_0_2_passes_on_backend_0_2: SUITE_0_2, "reference-backend-0.2";
    suite_0_2_passes_on_backend_0_3: SUITE_0_2, "reference-backend-0.3";
    suite_0_2_passes_on_service_0_2: SUITE_0_2, "reference-service-0.2";
    suite_0_2_passes_on_service_0_3: SUITE_0_2, "reference-service-0.3";
}

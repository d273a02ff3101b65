//! The installing step.

use crate::stage::{Stage, action, printed};

/// A cargo that records its arguments and installs a suite of this version.
fn cargo(version: &str) -> String {
    format!(
        r#"printf '%s\n' "$PWD" "$@" > "$RUNNER_TEMP.cargo"
root=${{!#}}
mkdir -p "$root/bin"
printf '#!/bin/sh\necho wasi-mcp-conformance {version}\n' > "$root/bin/wasi-mcp-conformance"
chmod +x "$root/bin/wasi-mcp-conformance""#
    )
}

#[test]
fn an_installed_suite_is_used() {
    for wanted in [
        "",
        env!("CARGO_PKG_VERSION"),
        concat!("v", env!("CARGO_PKG_VERSION")),
    ] {
        let stage = Stage::new();
        stage.suite();
        stage.program("cargo", "exit 9");
        let output = stage.step("install.sh", &[("CONFORMANCE_VERSION", wanted)]);
        assert!(output.status.success(), "{}", printed(&output));
        assert!(printed(&output).contains("is on PATH"));
        assert_eq!(stage.read("path"), "");
    }
}

#[test]
fn otherwise_the_source_is_built() {
    for (there, wanted) in [(false, ""), (false, "v9.1.0-rc.1"), (true, "9.1.0-rc.1")] {
        let stage = Stage::new();
        if there {
            stage.suite();
        }
        stage.program("cargo", &cargo("9.1.0-rc.1"));
        let output = stage.step("install.sh", &[("CONFORMANCE_VERSION", wanted)]);
        assert!(output.status.success(), "{}", printed(&output));
        assert!(printed(&output).contains("9.1.0-rc.1 was built"));
        let root = stage.path("temporary/wasi-mcp-conformance");
        let root = root.to_string_lossy();
        assert_eq!(stage.read("path"), format!("{root}/bin\n"));
        let called = stage.read("temporary.cargo");
        let expected = format!(
            "{}\ninstall\n--locked\n--path\nconformance\n--root\n{root}\n",
            action().display()
        );
        assert_eq!(called, expected);
    }
}

#[test]
fn a_version_other_than_that_of_the_source_is_rejected() {
    let stage = Stage::new();
    stage.program("cargo", &cargo("1.0.0"));
    let output = stage.step("install.sh", &[("CONFORMANCE_VERSION", "2.0.0")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        printed(&output)
            .contains("::error::version 2.0.0 is asked for, this is the source of 1.0.0")
    );
}

#[test]
fn a_malformed_version_is_rejected() {
    let stage = Stage::new();
    stage.suite();
    for odd in ["1\n::warning::x", "$(touch made)", "1.0; touch made"] {
        let output = stage.step("install.sh", &[("CONFORMANCE_VERSION", odd)]);
        assert_eq!(output.status.code(), Some(2), "{odd}");
        assert!(!printed(&output).contains("::warning::"));
    }
    assert!(!stage.path("made").exists());
}

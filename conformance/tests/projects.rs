//! New projects of every language, variant and kind are built with the language's own tools, and pass
//! the suite.

// The Python tools are linked into a project.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use wasi_mcp_authoring::{Language, Project, ServerKind, Wasi, build, create};

/// Makes a project, builds it, and runs the suite on its component, over both transports.
fn passes(language: Language, wasi: Wasi, kind: ServerKind) {
    let world = match kind {
        ServerKind::Backend => "backend",
        ServerKind::Service => "service",
    };
    // A name of its own: Rust's projects share a target folder, in which cargo calls a component by its
    // package alone.
    let name = format!("my-{world}-{}", wasi.to_string().replace('.', "-"));
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join(&name);
    create(&folder, &name.parse().unwrap(), language, wasi, kind).unwrap();
    match language {
        Language::Rust => share_results(&folder),
        Language::Python => set_up_python(&folder),
        Language::Go => needs("go"),
        Language::C => needs("python-zig"),
        _ => set_up(language, &folder),
    }
    let project = Project::find(&folder).unwrap();
    let component = project.component();
    std::fs::write(&component, build(&project).unwrap()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"))
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .args(["run", "--strict", "--transport", "both", "--format", "json"])
        .arg(&component)
        .output()
        .expect("the suite starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{language} {wasi} {kind:?}: {}\n{said}\n{complaint}",
        output.status
    );
    let report: Value = serde_json::from_str(&said).expect("the report is JSON");
    let runs = report["runs"].as_array().expect("a report has runs");
    assert_eq!(runs.len(), 2);
    for run in runs {
        assert_eq!(run["target"]["variant"], wasi.to_string());
        assert_eq!(run["target"]["world"], world);
        // What a server with a tool, a resource and a prompt can be judged for.
        let passed = run["summary"]["pass"].as_u64();
        assert!(passed.is_some_and(|passed| passed >= 120), "{said}");
    }
}

/// Expects a compiler on the path: each is a download of a hundred megabytes.
fn needs(compiler: &str) {
    let version = Command::new(compiler).arg("version").output();
    assert!(
        version.is_ok_and(|output| output.status.success()),
        "{compiler} is missing: .ci/run installs it and runs this test"
    );
}

/// Runs the command that the project's README names.
fn set_up(language: Language, folder: &Path) {
    let output = Command::new("sh")
        .current_dir(folder)
        .args(["-c", language.setup()])
        .output()
        .expect("a shell");
    assert!(output.status.success(), "{language}: {output:?}");
}

/// Lets cargo keep the results of one project for the next.
fn share_results(folder: &Path) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("projects");
    let configuration = folder.join(".cargo");
    std::fs::create_dir(&configuration).unwrap();
    let text = format!("[build]\ntarget-dir = {:?}\n", target.display().to_string());
    std::fs::write(configuration.join("config.toml"), text).unwrap();
}

/// Gives the project the tools of the Python guests, in place of the command that installs them.
fn set_up_python(folder: &Path) {
    let guests = std::env::var_os("WASI_MCP_PYTHON_GUESTS").unwrap_or_else(|| {
        panic!(
            "set WASI_MCP_PYTHON_GUESTS to the folder that reference-guest/python/hello/build.sh \
             filled; .ci/run does both and runs this test"
        )
    });
    let tools = PathBuf::from(guests).join("venv");
    std::os::unix::fs::symlink(tools, folder.join(".venv")).unwrap();
}

/// Defines the tests of a language: both variants, as a backend and as a service.
macro_rules! projects {
    ($module:ident, $language:ident, $reason:literal) => {
        mod $module {
            use super::*;

            #[test]
            #[ignore = $reason]
            fn a_backend_for_0_2_passes() {
                passes(Language::$language, Wasi::V0_2, ServerKind::Backend);
            }

            #[test]
            #[ignore = $reason]
            fn a_backend_for_0_3_passes() {
                passes(Language::$language, Wasi::V0_3, ServerKind::Backend);
            }

            #[test]
            #[ignore = $reason]
            fn a_service_for_0_2_passes() {
                passes(Language::$language, Wasi::V0_2, ServerKind::Service);
            }

            #[test]
            #[ignore = $reason]
            fn a_service_for_0_3_passes() {
                passes(Language::$language, Wasi::V0_3, ServerKind::Service);
            }
        }
    };
}

projects!(
    rust,
    Rust,
    "compiles the crates of a guest, which takes minutes; .ci/run runs it"
);
projects!(
    python,
    Python,
    "needs the Python guests, which WASI_MCP_PYTHON_GUESTS names and .ci/run builds"
);
projects!(
    typescript,
    TypeScript,
    "needs Node.js and the registry of npm; .ci/run has both"
);
projects!(
    javascript,
    JavaScript,
    "needs Node.js and the registry of npm; .ci/run has both"
);
projects!(go, Go, "needs Go; .ci/run installs it");
projects!(c, C, "needs Zig from PyPI; .ci/run installs it");

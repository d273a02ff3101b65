//! The environment that a runner provides: output files, variables, programs on PATH.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The files of one job.
pub(crate) struct Stage {
    folder: TempDir,
}

/// The folder of the action.
pub(crate) fn action() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the package is in a workspace")
}

impl Stage {
    /// Creates a job whose summary has only a heading.
    pub(crate) fn new() -> Self {
        let stage = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        fs::create_dir(stage.path("bin")).expect("a folder");
        for (file, text) in [
            ("output", "earlier=1\n"),
            ("summary", "# The job\n"),
            ("path", ""),
        ] {
            fs::write(stage.path(file), text).expect("it is written");
        }
        stage
    }

    /// A path in the job's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the contents of a file in the job's folder.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Puts a script on PATH as a program.
    pub(crate) fn program(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/usr/bin/env bash\n{script}\n")).expect("it is written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it may be run");
    }

    /// Puts the suite on PATH.
    pub(crate) fn suite(&self) {
        let program = env!("CARGO_BIN_EXE_wasi-mcp-conformance");
        std::os::unix::fs::symlink(program, self.path("bin").join("wasi-mcp-conformance"))
            .expect("a link");
    }

    /// Runs a script of the action in the job's folder, with these variables.
    pub(crate) fn step(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        // System programs only, as the developer may have installed the suite.
        let mut path = OsString::from(self.path("bin"));
        path.push(":/usr/bin:/bin");
        Command::new(action().join("conformance/action").join(script))
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", path)
            .env("GITHUB_OUTPUT", self.path("output"))
            .env("GITHUB_STEP_SUMMARY", self.path("summary"))
            .env("GITHUB_PATH", self.path("path"))
            .env("RUNNER_TEMP", self.path("temporary"))
            .envs(variables.iter().copied())
            .output()
            .expect("the script starts")
    }
}

/// Returns all output of a step.
pub(crate) fn printed(output: &Output) -> String {
    let both = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    both.concat()
}

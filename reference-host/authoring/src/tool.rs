//! The tools of the languages.

use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::build_error::{BuildError, MissingTool};

/// Runs a query such as `rustc --print` and returns its standard output.
pub(crate) fn query(
    folder: &Path,
    program: &str,
    arguments: &[&str],
    missing: MissingTool,
) -> Result<String, BuildError> {
    let output = Command::new(program)
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output();
    let tool = missing.tool;
    match output {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(output) => Err(BuildError::Failed {
            tool,
            status: output.status,
            advice: None,
        }),
        Err(error) => Err(not_started(missing, error)),
    }
}

/// Returns the error for a tool that does not start.
fn not_started(missing: MissingTool, error: io::Error) -> BuildError {
    match error.kind() {
        io::ErrorKind::NotFound => missing.into(),
        _ => BuildError::Start {
            tool: missing.tool,
            source: error,
        },
    }
}

/// Runs a tool whose output the author reads on standard error: standard output is the command's own.
pub(crate) fn run(
    folder: &Path,
    program: impl AsRef<OsStr>,
    arguments: &[impl AsRef<OsStr>],
    missing: MissingTool,
) -> Result<(), BuildError> {
    run_with(folder, program, arguments, &[], missing)
}

/// Runs a tool like [`run`]. If it fails, `advise` gets what it wrote to standard error, and returns the change
/// to the project that this calls for.
pub(crate) fn run_advised(
    folder: &Path,
    program: impl AsRef<OsStr>,
    arguments: &[impl AsRef<OsStr>],
    missing: MissingTool,
    advise: impl FnOnce(&str) -> Option<String>,
) -> Result<(), BuildError> {
    let tool = missing.tool;
    let failed = |source| BuildError::Start { tool, source };
    let mut child = Command::new(program)
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(io::stderr())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(missing, error))?;
    let mut output = Vec::new();
    let mut errors = BufReader::new(child.stderr.take().expect("it is a pipe"));
    loop {
        let known = output.len();
        if errors.read_until(b'\n', &mut output).map_err(failed)? == 0 {
            break;
        }
        // What the author cannot see does not fail the build.
        let _ = io::stderr().write_all(&output[known..]);
    }
    let status = child.wait().map_err(failed)?;
    match status.success() {
        true => Ok(()),
        false => Err(BuildError::Failed {
            tool,
            status,
            advice: advise(&String::from_utf8_lossy(&output)),
        }),
    }
}

/// Runs a tool like [`run`], with environment variables of its own.
pub(crate) fn run_with(
    folder: &Path,
    program: impl AsRef<OsStr>,
    arguments: &[impl AsRef<OsStr>],
    variables: &[(&str, &OsStr)],
    missing: MissingTool,
) -> Result<(), BuildError> {
    let status = Command::new(program)
        .current_dir(folder)
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(io::stderr())
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(BuildError::Failed {
            tool: missing.tool,
            status,
            advice: None,
        }),
        Err(error) => Err(not_started(missing, error)),
    }
}

//! The tools of the languages.

use std::ffi::OsStr;
use std::io;
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
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing.into()),
        Err(source) => Err(BuildError::Start { tool, source }),
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
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing.into()),
        Err(source) => Err(BuildError::Start {
            tool: missing.tool,
            source,
        }),
    }
}

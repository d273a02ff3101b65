//! Exit statuses, and errors that choose one.

use std::fmt;
use std::process::ExitCode;

use wasi_mcp_host::component::LoadError;

/// The tool reports failure.
pub(super) const TOOL_FAILED: u8 = 1;
/// A second signal ended `serve` at once.
pub(super) const CUT_OFF: i32 = 1;
/// The command itself failed: its arguments, an answer that does not fit, a file, or standard
/// output.
pub(super) const FAILED: u8 = 2;
/// The request was answered with an error.
pub(super) const ANSWERED_WITH_ERROR: u8 = 3;
/// The component trapped, exited or was stopped.
pub(super) const LOST: u8 = 4;
/// The component cannot be loaded or started.
pub(super) const NOT_STARTED: u8 = 5;

/// The statuses of `call`, for its help.
pub(super) const CALL_HELP: &str = "\
Exit status:
  0    success
  1    the tool reports failure (`isError`)
  2    the command failed: its arguments, an --elicit that does not fit the form,
       or standard output
  3    the request was answered with an error
  4    the component trapped, exited or was stopped
  5    the component cannot be loaded or started
  130  Ctrl-C cancelled the request";

/// The statuses of the other commands that make a request, for their help.
pub(super) const REQUEST_HELP: &str = "\
Exit status:
  0    success
  2    the command failed: its arguments, an --elicit that does not fit the form,
       a file, or standard output
  3    the request was answered with an error
  4    the component trapped, exited or was stopped
  5    the component cannot be loaded or started
  130  Ctrl-C cancelled the request";

/// The statuses of `serve`, for its help.
pub(super) const SERVE_HELP: &str = "\
Exit status:
  0  the input ended, or SIGTERM or SIGINT stopped the server
  1  a second signal ended it at once
  2  the command failed: its arguments, an address, standard input or output
  5  the component cannot be loaded

Over HTTP a component that is loaded but does not start is reported at once, and
the command stays up: clients get an error, /readyz gives status 503, and
--watch or SIGHUP loads a mended file. On stdio `initialize` is answered with an
error.

SIZE is a number of bytes, or has a unit: KiB, MiB, GiB. SECONDS may have a
fraction.";

/// The statuses of `inspect`, for its help.
pub(super) const INSPECT_HELP: &str = "\
Exit status:
  0    success
  2    the command failed: its arguments, a file, or standard output
  3    the component answered a list with an error
  4    the component trapped, exited or was stopped
  5    the component cannot be loaded or started
  130  interrupted by Ctrl-C";

/// The statuses of `compile`, for its help.
pub(super) const COMPILE_HELP: &str = "\
Exit status:
  0  success
  2  the command failed: its arguments, or a file cannot be written
  5  the component cannot be read or compiled";

/// The statuses of `new`, `build` and `dev`, for their help.
pub(super) const AUTHORING_HELP: &str = "\
Exit status:
  0  success
  2  the command failed: its arguments, the project, a tool that is missing or
     fails, or a file that cannot be written
  5  `build`: the component lacks an export that it needs";

/// The statuses of `push` and `pull`, for their help.
pub(super) const REGISTRY_HELP: &str = "\
Exit status:
  0  success
  2  the command failed: its arguments, the registry, a file, or standard output";

/// The statuses of the commands that read and change the configuration, for their help.
pub(super) const CONFIG_HELP: &str = "\
Exit status:
  0  success
  2  the command failed: its arguments, config.toml, or standard output";

/// A failure with its exit status.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) status: u8,
    pub(super) text: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for Failure {}

/// Returns the exit status for a failed command.
pub(super) fn of(error: &anyhow::Error) -> ExitCode {
    let status = match error.downcast_ref::<Failure>() {
        Some(failure) => failure.status,
        None if error.chain().any(|cause| cause.is::<LoadError>()) => NOT_STARTED,
        None => FAILED,
    };
    ExitCode::from(status)
}

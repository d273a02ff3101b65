//! The command line.

mod arguments;
mod call;
mod compile;
mod control;
mod inspect;
mod load;
mod logging;
mod reload;
mod serve;
mod signals;
mod standard_error;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;

use arguments::{Arguments, Command};

/// How long what waits to be logged may take at the end.
const LAST_LINES: Duration = Duration::from_secs(1);
/// Exit status when a tool says that it failed.
const TOOL_FAILED: u8 = 1;
/// Exit status when a second signal ended the command at once.
const CUT_OFF: i32 = 1;
/// Exit status when the command could not be carried out.
const FAILED: u8 = 2;

/// Parses the arguments and carries the command out.
pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // What goes wrong while one question is answered is in the answer.
    let quiet = !matches!(arguments.command, Command::Serve(_));
    let log = logging::start(arguments.verbose, quiet, arguments.log_format);
    let result = match arguments.command {
        Command::Serve(arguments) => serve::run(arguments, &log),
        Command::Inspect(arguments) => inspect::run(arguments, &log),
        Command::Call(arguments) => call::run(arguments, &log),
        Command::Compile(arguments) => compile::run(&arguments, &log),
    };
    // What was logged stands before what became of it.
    log.output().flush_within(LAST_LINES);
    result.unwrap_or_else(|error| {
        log.fail(&error);
        ExitCode::from(FAILED)
    })
}

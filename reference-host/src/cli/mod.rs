//! The command line.

mod arguments;
mod call;
mod compile;
mod inspect;
mod load;
mod logging;
mod serve;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};

/// Exit status when a tool says that it failed.
const TOOL_FAILED: u8 = 1;
/// Exit status when the command could not be carried out.
const FAILED: u8 = 2;

/// Parses the arguments and carries the command out.
pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // What goes wrong while one question is answered is in the answer.
    let quiet = !matches!(arguments.command, Command::Serve(_));
    logging::start(arguments.verbose, quiet, arguments.log_format);
    let result = match arguments.command {
        Command::Serve(arguments) => serve::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Call(arguments) => call::run(arguments),
        Command::Compile(arguments) => compile::run(&arguments),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(FAILED)
    })
}

//! `wasi-mcp`: runs `wasi:mcp` components and serves them to MCP clients.

mod admin;
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

/// Sessions are short-lived, and each call of a guest allocates a little.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The time to flush buffered log lines at exit.
const LAST_LINES: Duration = Duration::from_secs(1);
/// Exit status when a tool reports failure.
const TOOL_FAILED: u8 = 1;
/// Exit status when a second signal ends the command at once.
const CUT_OFF: i32 = 1;
/// Exit status when the command fails.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // The other commands print their errors themselves.
    let quiet = !matches!(arguments.command, Command::Serve(_));
    let log = logging::start(arguments.verbose, quiet, arguments.log_format);
    let result = match arguments.command {
        Command::Serve(arguments) => serve::run(arguments, &log),
        Command::Inspect(arguments) => inspect::run(arguments, &log),
        Command::Call(arguments) => call::run(arguments, &log),
        Command::Compile(arguments) => compile::run(&arguments, &log),
    };
    // Log lines precede the error that they led to.
    log.output().flush_within(LAST_LINES);
    result.unwrap_or_else(|error| {
        log.fail(&error);
        ExitCode::from(FAILED)
    })
}

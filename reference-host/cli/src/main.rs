//! `wasi-mcp`: runs `wasi:mcp` components and serves them to MCP clients.

mod admin;
mod arguments;
mod build;
mod call;
mod client;
mod compile;
mod complete;
mod compose;
mod control;
mod dev;
mod get;
mod inspect;
mod load;
mod logging;
mod new;
mod optimizing;
mod output;
mod pull;
mod push;
mod read;
mod refusal;
mod registry;
mod reload;
mod serve;
mod signals;
mod similar;
mod source_watch;
mod sources;
mod standard_error;
mod status;
mod trial;

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{CommandFactory as _, Parser as _};

use arguments::{Arguments, Command};
use output::Output;

/// Sessions are short-lived, and each call of a guest allocates a little.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The time to flush buffered log lines at exit.
const LAST_LINES: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let given: Vec<_> = std::env::args_os().collect();
    let arguments = match Arguments::try_parse_from(&given) {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&refusal::in_short(error, &given)),
    };
    // The other commands print their errors themselves.
    let quiet = !matches!(arguments.command, Command::Serve(_) | Command::Dev(_));
    let log = logging::start(arguments.verbose, quiet, arguments.log_format);
    let result = match arguments.command {
        Command::Serve(arguments) => serve::run(arguments, &log),
        Command::Inspect(arguments) => inspect::run(arguments, &log),
        Command::Call(arguments) => call::run(arguments, &log),
        Command::Read(arguments) => read::run(arguments, &log),
        Command::Get(arguments) => get::run(arguments, &log),
        Command::Complete(arguments) => complete::run(arguments, &log),
        Command::Compose(arguments) => compose::run(&arguments, &log),
        Command::Push(arguments) => push::run(&arguments, &log),
        Command::Pull(arguments) => pull::run(&arguments, &log),
        Command::Registry(command) => registry::run(&command, &log),
        Command::New(arguments) => new::run(&arguments, &log),
        Command::Build(arguments) => build::run(&arguments, &log),
        Command::Dev(arguments) => dev::run(&arguments, &log),
        Command::Compile(arguments) => compile::run(&arguments, &log),
        Command::Completions { shell } => completions(shell),
    };
    // Log lines precede the error that they led to.
    log.output().flush_within(LAST_LINES);
    result.unwrap_or_else(|error| {
        log.fail(&error);
        status::of(&error)
    })
}

/// Prints help, the version, or an error in the arguments.
fn refuse(error: &clap::Error) -> ExitCode {
    // Standard error that cannot be written changes nothing; standard output is the command's work.
    let printed = error.print().and_then(|()| std::io::stdout().flush());
    match printed {
        _ if error.use_stderr() => ExitCode::from(status::FAILED),
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let _ = writeln!(
                std::io::stderr(),
                "error: standard output cannot be written: {error}"
            );
            ExitCode::from(status::FAILED)
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Prints the completions for a shell.
fn completions(shell: clap_complete::Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "wasi-mcp", &mut script);
    let mut output = Output::new();
    output.bytes(&script)?;
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}

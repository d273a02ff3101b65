//! The command line.

mod list;
mod progress;

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::driver::connection::Transport;
use crate::report::human::Style;
use crate::report::{Report, human, json};
use crate::runner::{self, Selection};
use crate::targets::component::{self, Loaded};
use crate::targets::{Target, command, embedded, url};

/// Nothing failed.
const PASSED: u8 = 0;
/// A check failed.
const FAILED: u8 = 1;
/// The suite could not run.
const COULD_NOT_RUN: u8 = 2;

/// Drives MCP servers and wasi:mcp components through every method of MCP
/// 2025-06-18 and judges what they answer, requirement by requirement.
///
/// Without a subcommand it judges the test components that it carries.
/// Exit status: 0 nothing failed, 1 a check failed, 2 could not run.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Action>,
    #[command(flatten)]
    embedded: EmbeddedOptions,
}

const RUN_USAGE: &str = "wasi-mcp-conformance run [OPTIONS] <COMPONENT>
       wasi-mcp-conformance run [OPTIONS] --command <CMD ARGS>
       wasi-mcp-conformance run [OPTIONS] --url <URL>";

#[derive(Debug, Subcommand)]
enum Action {
    /// Judge a component, a command or a URL. Calls its tools!
    ///
    /// Everything that the server lists is used: its tools are called, many times, with invented
    /// arguments that are made from their input schemas, valid ones and invalid ones. Whatever the
    /// tools do, they do. Only tools that are annotated with `destructiveHint: true` (and not
    /// `readOnlyHint: true`) are not called without --destructive; tools that say nothing are
    /// called. Judge a server with data that may be lost, not with the data that you need.
    #[command(override_usage = RUN_USAGE)]
    Run(RunOptions),
    /// List the checks and the requirements that they judge.
    List(ListOptions),
    /// Write the embedded test components and a manifest.
    Guests {
        /// The folder to write to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

#[derive(Debug, Args)]
struct EmbeddedOptions {
    /// Over which transports.
    #[arg(long, value_enum, default_value_t)]
    transport: Transports,
    #[command(flatten)]
    common: CommonOptions,
}

#[derive(Debug, Args)]
struct RunOptions {
    /// A wasi:mcp component, run in the reference host.
    #[arg(value_name = "COMPONENT")]
    component: Option<PathBuf>,
    /// A command that starts a stdio server; split into words, no shell.
    #[arg(long, value_name = "CMD ARGS", conflicts_with_all = ["component", "url", "transport"])]
    command: Option<String>,
    /// The URL of a Streamable HTTP server (http only).
    #[arg(long, value_name = "URL", conflicts_with_all = ["component", "transport"])]
    url: Option<String>,
    /// A header for every request to the URL; may be repeated.
    #[arg(long, value_name = "NAME: VALUE", requires = "url")]
    header: Vec<String>,
    /// Over which transports a component is run.
    #[arg(long, value_enum, default_value_t)]
    transport: Transports,
    #[command(flatten)]
    common: CommonOptions,
}

#[derive(Debug, Args)]
struct CommonOptions {
    /// Only checks whose name, or one of whose requirements, contains this; may be repeated.
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// Also call tools annotated `destructiveHint: true`; tools that say nothing are called always.
    #[arg(long)]
    destructive: bool,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the report to this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// List every check, also those that passed.
    #[arg(short, long)]
    verbose: bool,
}

#[derive(Debug, Args)]
struct ListOptions {
    /// The form of the list.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Transports {
    Stdio,
    Http,
    #[default]
    Both,
}

impl Transports {
    fn all(self) -> &'static [Transport] {
        match self {
            Self::Stdio => &[Transport::Stdio],
            Self::Http => &[Transport::Http],
            Self::Both => &[Transport::Stdio, Transport::Http],
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
}

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Printing fails only where nobody reads: nothing is left to do.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() {
                COULD_NOT_RUN
            } else {
                PASSED
            });
        }
    };
    match act(cli) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("wasi-mcp-conformance: {error:#}");
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

fn act(cli: Cli) -> anyhow::Result<u8> {
    match cli.command {
        None => {
            let targets = over(&embedded::load_default()?, cli.embedded.transport);
            run(&targets, &cli.embedded.common)
        }
        Some(Action::Run(options)) => run(&targets(&options)?, &options.common),
        Some(Action::List(options)) => {
            print(&match options.format {
                Format::Human => list::human(),
                Format::Json => list::json()?,
            })?;
            Ok(PASSED)
        }
        Some(Action::Guests { out }) => {
            let written = embedded::write_all(&out)?;
            let lines = written.iter().map(|path| format!("{}\n", path.display()));
            print(&lines.collect::<String>())?;
            Ok(PASSED)
        }
    }
}

fn targets(options: &RunOptions) -> anyhow::Result<Vec<Target>> {
    if let Some(line) = &options.command {
        return Ok(vec![command::target(line)?]);
    }
    if let Some(address) = &options.url {
        return Ok(vec![url::target(address, &options.header)?]);
    }
    let Some(path) = &options.component else {
        bail!(
            "nothing to judge: name a component (run FILE.wasm), a command (run --command 'CMD ARGS') or a URL (run --url URL)"
        );
    };
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    Ok(over(&[component::load(&name, &bytes)?], options.transport))
}

fn over(components: &[Loaded], transports: Transports) -> Vec<Target> {
    let all = components.iter().flat_map(|loaded| {
        transports
            .all()
            .iter()
            .map(|transport| loaded.target(*transport))
    });
    all.collect()
}

fn run(targets: &[Target], options: &CommonOptions) -> anyhow::Result<u8> {
    let selection = Selection {
        filters: options.filter.clone(),
        destructive: options.destructive,
    };
    if let Some(filter) = selection.unmet().first() {
        bail!("no check meets --filter {filter}: `wasi-mcp-conformance list` names them all");
    }
    let applies = |target: &Target| selection.applies_over(target.identity.transport);
    if !targets.iter().any(applies) {
        bail!(
            "no check that meets --filter applies over this transport: \
             `wasi-mcp-conformance list` says which apply over which"
        );
    }
    let watcher = progress::watcher();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let runs = runtime.block_on(runner::run_all(targets, &selection, watcher.as_ref()));
    // A guest that never returns must not keep the program from ending.
    runtime.shutdown_background();
    let report = Report::new(runs?);
    let style = Style {
        colour: options.output.is_none() && colours(),
        verbose: options.verbose,
    };
    let text = match options.format {
        Format::Human => human::write(&report, style),
        Format::Json => json::write(&report)?,
    };
    match &options.output {
        Some(path) => fs::write(path, text)
            .with_context(|| format!("{} cannot be written", path.display()))?,
        None => print(&text)?,
    }
    Ok(if report.has_failures() {
        FAILED
    } else {
        PASSED
    })
}

/// Colours are for terminals, and only where nobody objects: <https://no-color.org>.
fn colours() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stdout().is_terminal() && !unwanted
}

fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // `… | head` reads only as far as it likes.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("stdout cannot be written"),
    }
}

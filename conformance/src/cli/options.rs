//! The options of the command line.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::coverage::CoverageOptions;
use super::list::ListOptions;
use crate::driver::Tokens;
use crate::model::{DEFAULT_SEED, Transport};
use crate::targets::component::{Isolation, SandboxArguments};

/// Judges MCP servers and wasi:mcp components, requirement by requirement, by calling every method
/// of MCP 2025-06-18.
///
/// Without a subcommand it judges its embedded test components. Exit status: 0 nothing failed, 1 a
/// check failed, 2 could not run.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Action>,
    #[command(flatten)]
    pub(super) embedded: EmbeddedOptions,
}

pub(super) const RUN_USAGE: &str = "wasi-mcp-conformance run [OPTIONS] <COMPONENT>
       wasi-mcp-conformance run [OPTIONS] --command <CMD ARGS>
       wasi-mcp-conformance run [OPTIONS] --url <URL>
       wasi-mcp-conformance run [OPTIONS] --runtime <FILE>
       wasi-mcp-conformance run [OPTIONS] --recording <FILE>";

const RUN_EXAMPLES: &str = "\
Examples:
  wasi-mcp-conformance run hello.wasm
  wasi-mcp-conformance run --command 'npx -y @modelcontextprotocol/server-everything'
  wasi-mcp-conformance run --url http://127.0.0.1:8080/mcp --strict
  wasi-mcp-conformance run hello.wasm --filter tools/ --verbose
  wasi-mcp-conformance run hello.wasm --report junit=junit.xml --report html=report.html";

const LIST_EXAMPLES: &str = "\
Examples:
  wasi-mcp-conformance list
  wasi-mcp-conformance list requirements --area server/tools --format tsv";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  wasi-mcp-conformance explain tools/unique-names
  wasi-mcp-conformance explain tools.unique-names ping.respond";

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Judge a component, a command, a URL or a recording. Calls the server's tools!
    ///
    /// Everything that the server lists is used. Its tools are called many times, with valid and
    /// invalid arguments generated from their input schemas, and have their real effects. Only
    /// tools annotated with `destructiveHint: true` (and not `readOnlyHint: true`) are left out
    /// unless --destructive is given; tools without annotations are called. Judge a server with
    /// expendable data.
    #[command(override_usage = RUN_USAGE, after_long_help = RUN_EXAMPLES)]
    Run(Box<TargetOptions>),
    /// List the checks, or the requirements that they judge.
    #[command(after_long_help = LIST_EXAMPLES)]
    List(Box<ListOptions>),
    /// Explain a requirement or a check: its meaning, its source and its proof.
    #[command(after_long_help = EXPLAIN_EXAMPLES)]
    Explain {
        /// The name of a requirement (tools.unique-names) or a check (tools/unique-names).
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
    /// Show the coverage of the requirements.
    Coverage(CoverageOptions),
    /// Print the JSON Schema of the reports that --format json writes.
    ReportSchema,
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write the embedded test components and a manifest.
    Guests {
        /// The folder to write to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct EmbeddedOptions {
    /// The transports.
    #[arg(long, value_enum, default_value_t)]
    pub(super) transport: Transports,
    /// The calls that share an instance of the component.
    #[arg(long, value_enum, default_value_t)]
    pub(super) isolation: Sharing,
    #[command(flatten)]
    pub(super) common: CommonOptions,
}

#[derive(Debug, Args)]
pub(super) struct TargetOptions {
    /// A wasi:mcp component, run in the reference host.
    #[arg(value_name = "COMPONENT")]
    pub(super) component: Option<PathBuf>,
    /// A command that starts a stdio server; split into words, no shell.
    #[arg(long, value_name = "CMD ARGS", conflicts_with_all = ["component", "url", "SandboxArguments"], help_heading = "Target")]
    pub(super) command: Option<String>,
    /// The URL of a Streamable HTTP server (http or https).
    #[arg(long, value_name = "URL", conflicts_with_all = ["component", "SandboxArguments"], help_heading = "Target")]
    pub(super) url: Option<String>,
    /// An adapter in TOML for another runtime of wasi:mcp, which is judged with the suite's own
    /// components; see conformance/runtimes/README.md.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["component", "command", "url", "SandboxArguments"], help_heading = "Target")]
    pub(super) runtime: Option<PathBuf>,
    /// A recorded conversation, for the checks that only observe: a transcript of this suite (JSON
    /// lines), or a log with one message and its direction per line, such as `--> {…}`,
    /// `server: {…}` or JSON with the member `direction`; see docs/judging.md.
    #[arg(long, value_name = "FILE",
        conflicts_with_all = ["component", "command", "url", "runtime", "transport", "isolation", "transcript", "SandboxArguments"],
        help_heading = "Target")]
    pub(super) recording: Option<PathBuf>,
    /// A header for every request to the URL; may be repeated.
    #[arg(
        long,
        value_name = "NAME: VALUE",
        requires = "url",
        help_heading = "Target"
    )]
    pub(super) header: Vec<String>,
    /// A bearer token for every request to the URL; `--auth-tokens` keeps it out of process lists.
    #[arg(long, value_name = "TOKEN", requires = "url", conflicts_with_all = ["component", "command"], help_heading = "Target")]
    pub(super) bearer: Option<String>,
    /// A TOML file of bearer tokens: `valid`, and for checks of authorization `other-user`,
    /// `expired`, `wrong-audience`, `no-audience`, `insufficient-scope`.
    #[arg(long, value_name = "FILE", requires = "url", conflicts_with_all = ["component", "command"], help_heading = "Target")]
    pub(super) auth_tokens: Option<PathBuf>,
    /// The transports for a component [default: both]
    #[arg(long, value_enum, help_heading = "Target")]
    pub(super) transport: Option<Transports>,
    /// The calls that share an instance of a component [default: session]
    #[arg(long, value_enum, conflicts_with_all = ["command", "url", "runtime"], help_heading = "Target")]
    pub(super) isolation: Option<Sharing>,
    /// Compile the component without the cache shared with wasi-mcp.
    #[arg(long, conflicts_with_all = ["command", "url", "runtime"], help_heading = "Target")]
    pub(super) no_cache: bool,
    #[command(flatten)]
    pub(super) common: CommonOptions,
    /// The grants of a component.
    #[command(flatten)]
    pub(super) sandbox: SandboxArguments,
}

#[derive(Debug, Args)]
pub(super) struct CommonOptions {
    /// Only checks with this text in their name or in one of their requirements or, with * or ?,
    /// matching this pattern; may be repeated.
    #[arg(long, value_name = "TEXT", help_heading = "Checks")]
    pub(super) filter: Vec<String>,
    /// Also call tools annotated `destructiveHint: true`; tools without annotations are always
    /// called.
    #[arg(long, help_heading = "Checks")]
    pub(super) destructive: bool,
    /// Never call tools whose name matches this pattern; may be repeated.
    #[arg(long, value_name = "GLOB", help_heading = "Checks")]
    pub(super) skip_tool: Vec<String>,
    /// The seed of generated tool arguments.
    #[arg(long, value_name = "NUMBER", default_value_t = DEFAULT_SEED, help_heading = "Checks")]
    pub(super) seed: u64,
    /// Fail if a SHOULD is violated.
    #[arg(long, help_heading = "Checks")]
    pub(super) strict: bool,
    /// A TOML file of known failures with reasons, see docs/judging.md.
    #[arg(long, value_name = "FILE", help_heading = "Checks")]
    pub(super) expectations: Option<PathBuf>,
    /// Update that file from this run: add failures, remove passes.
    #[arg(long, requires = "expectations", help_heading = "Checks")]
    pub(super) update_expectations: bool,
    /// The number of concurrent checks per target, each with its own sessions [default: the number
    /// of processors; for a URL 1]
    #[arg(short, long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Checks")]
    pub(super) jobs: Option<u16>,
    /// The time for a session to answer initialize, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds, help_heading = "Times")]
    pub(super) start_timeout: Duration,
    /// The time for the answer to any other request, in seconds [default: 15; for components 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Times")]
    pub(super) answer_timeout: Option<Duration>,
    /// The time within which the server gives up its own unanswered requests and sends its next
    /// ping, in seconds [default: 10 for components, else not judged]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Times")]
    pub(super) peer_timeout: Option<Duration>,
    /// The time limit of each check, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds, help_heading = "Times")]
    pub(super) check_timeout: Duration,
    /// Stop at the first failure.
    #[arg(long, help_heading = "Checks")]
    pub(super) fail_fast: bool,
    /// The number of times to judge each target; the worst outcome of each check counts.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..), help_heading = "Checks")]
    pub(super) repeat: u16,
    /// Write the messages of each check into this folder, as JSON lines.
    #[arg(long, value_name = "DIR", help_heading = "Report")]
    pub(super) transcript: Option<PathBuf>,
    /// The format of the report.
    #[arg(long, value_enum, default_value_t, help_heading = "Report")]
    pub(super) format: Format,
    /// Write the report to this file instead of stdout.
    #[arg(short, long, value_name = "FILE", help_heading = "Report")]
    pub(super) output: Option<PathBuf>,
    /// Write another report in this format to this file; may be repeated.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = further_report, help_heading = "Report")]
    pub(super) report: Vec<(Format, PathBuf)>,
    /// Show no progress on stderr.
    #[arg(short, long, help_heading = "Report")]
    pub(super) quiet: bool,
    /// List every check, including passed ones.
    #[arg(short, long, help_heading = "Report")]
    pub(super) verbose: bool,
}

/// The calls that share an instance of a component.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Sharing {
    /// The calls of a session.
    #[default]
    Session,
    /// A single call: what the component remembers is discarded after it.
    Call,
}

impl From<Sharing> for Isolation {
    fn from(sharing: Sharing) -> Self {
        match sharing {
            Sharing::Session => Self::Session,
            Sharing::Call => Self::Call,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Transports {
    Stdio,
    Http,
    #[default]
    Both,
}

impl Transports {
    pub(super) fn all(self) -> &'static [Transport] {
        match self {
            Self::Stdio => &[Transport::Stdio],
            Self::Http => &[Transport::Http],
            Self::Both => &[Transport::Stdio, Transport::Http],
        }
    }
}

/// The formats of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Text for human readers.
    #[default]
    Human,
    /// JSON for programs; `report-schema` describes it.
    Json,
    /// JUnit XML for CI systems.
    Junit,
    /// Markdown for the summary of a CI job.
    Markdown,
    /// A single HTML page with filters and wire logs.
    Html,
    /// JSON for an endpoint badge of shields.io.
    Badge,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| "expected a number of seconds above 0".to_owned())
}

fn further_report(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text
        .split_once('=')
        .ok_or("expected FORMAT=FILE, for example json=report.json")?;
    let format = Format::from_str(format, false).map_err(|_| {
        let formats = Format::value_variants().iter();
        let names =
            formats.filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()));
        let names = names.collect::<Vec<_>>().join(", ");
        format!("unknown format `{format}`: expected one of {names}")
    })?;
    if file.is_empty() {
        return Err("missing file name".to_owned());
    }
    Ok((format, file.into()))
}

impl TargetOptions {
    /// Rejects a `--transport` that this kind of target does not speak.
    pub(super) fn speaks(&self, option: &str, transport: Transport) -> anyhow::Result<()> {
        ensure!(
            self.transport
                .is_none_or(|asked| asked.all() == [transport]),
            "{option} names a server that speaks only {transport}: \
             omit --transport, or pass --transport {transport}"
        );
        Ok(())
    }

    /// Returns the tokens from the file and the option.
    pub(super) fn tokens(&self) -> anyhow::Result<Option<Tokens>> {
        let mut tokens = match &self.auth_tokens {
            Some(path) => {
                let read = fs::read_to_string(path).map_err(anyhow::Error::from);
                let tokens = read.and_then(|text| Tokens::parse(&text));
                Some(tokens.with_context(|| path.display().to_string())?)
            }
            None => None,
        };
        if let Some(token) = &self.bearer {
            tokens.get_or_insert_default().valid = Some(token.clone());
        }
        Ok(tokens)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_option_of_run_stands_under_a_heading() {
        let command = Cli::command();
        let run = command.find_subcommand("run").expect("the command");
        for option in run.get_arguments().filter(|it| !it.is_positional()) {
            assert!(option.get_help_heading().is_some(), "{option}");
        }
    }

    #[test]
    fn no_value_is_read_as_a_missing_text() {
        fn check(command: &clap::Command) {
            let arguments = command.get_arguments();
            for value in arguments.flat_map(clap::Arg::get_possible_values) {
                let help = value.get_help().map(ToString::to_string);
                let help = help.unwrap_or_default();
                assert!(!help.starts_with("None"), "{}: {help}", value.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}

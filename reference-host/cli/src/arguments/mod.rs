//! The command line.

mod authorization;
mod isolation;
mod limits;
mod listen;
mod operation;
mod sandbox;
mod serve;
mod timeouts;
mod values;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use listen::Listen;
use sandbox::SandboxArguments;
pub(super) use serve::ServeArguments;
use values::json_object;

const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\nMCP revision: 2025-06-18\nWIT packages: wasi:mcp@0.2.0-draft2, wasi:mcp@0.3.0-draft2"
);

/// Run wasi:mcp components and serve them to MCP clients.
///
/// The variant of the interface (WASI 0.2 or 0.3) and the world (backend or
/// service) are detected when the component is loaded. It runs in a sandbox:
/// clocks and randomness work; files, environment, arguments and network are
/// empty until they are granted.
#[derive(Debug, Parser)]
#[command(name = "wasi-mcp", version = VERSION)]
pub(super) struct Arguments {
    /// Log more: once for operations, twice for every message
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,

    /// The format of log lines on standard error
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub(super) log_format: LogFormat,

    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// Plain text
    Text,
    /// One JSON object per line
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve a component to MCP clients, over stdio or Streamable HTTP
    ///
    /// Without --http, one session is served over standard input and output.
    /// With it, any number of sessions are served at http://ADDR/mcp. No two
    /// sessions share an instance.
    Serve(Box<ServeArguments>),
    /// Show what a component is and what it offers
    ///
    /// The component is started, and its tools, resources, resource templates
    /// and prompts are listed.
    Inspect(InspectArguments),
    /// Call one tool and print its result
    ///
    /// Text goes to standard output verbatim, other content as JSON. Progress
    /// and log messages go to standard error. The exit status is 0 on success,
    /// 1 if the tool reports failure, and 2 if the call is answered with an
    /// error.
    Call(CallArguments),
    /// Compile a component to native code of this machine
    ///
    /// The file can be served with --precompiled and starts faster.
    Compile(CompileArguments),
}

#[derive(Debug, Args)]
pub(super) struct ComponentArguments {
    /// The component: a .wasm file
    #[arg(value_name = "COMPONENT")]
    pub(super) component: PathBuf,

    /// COMPONENT is native code written by `wasi-mcp compile`
    ///
    /// It runs outside the sandbox's guarantees: use it only with files that
    /// you compiled yourself.
    #[arg(long)]
    pub(super) precompiled: bool,

    /// Do not keep compiled code between starts
    #[arg(long)]
    pub(super) no_cache: bool,

    #[command(flatten)]
    pub(super) sandbox: SandboxArguments,
}

#[derive(Debug, Args)]
pub(super) struct InspectArguments {
    #[command(flatten)]
    pub(super) component: ComponentArguments,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct CallArguments {
    #[command(flatten)]
    pub(super) component: ComponentArguments,

    /// The tool's name
    #[arg(value_name = "TOOL")]
    pub(super) tool: String,

    /// The tool's arguments, a JSON object
    #[arg(value_name = "JSON", value_parser = json_object)]
    pub(super) tool_arguments: Option<Box<serde_json::value::RawValue>>,

    /// Print the whole result as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct CompileArguments {
    /// The component: a .wasm file
    #[arg(value_name = "COMPONENT")]
    pub(super) component: PathBuf,

    /// The file for the native code
    #[arg(short, long, value_name = "FILE.cwasm")]
    pub(super) output: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }
}

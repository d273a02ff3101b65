//! The command line.

mod authoring;
mod authorization;
mod client;
mod compose;
mod isolation;
mod limits;
mod listen;
mod operation;
mod registry;
mod sandbox;
mod serve;
mod timeouts;
mod values;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use authoring::{BuildArguments, DevArguments, NewArguments};
pub(super) use client::{ClientArguments, FormAnswer};
pub(super) use compose::{
    ComposeArguments, CompositionArguments, Named, SessionsArgument, SettingsArgument,
    TargetArgument,
};
pub(super) use listen::Listen;
pub(super) use registry::{
    AliasCommand, ProfileCommand, PullArguments, PushArguments, RegistryArguments, RegistryCommand,
};
pub(super) use sandbox::SandboxArguments;
pub(super) use serve::ServeArguments;
use values::{json_object, pair};

use super::status;

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
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Logging")]
    pub(super) verbose: u8,

    /// The format of log lines on standard error
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text, help_heading = "Logging")]
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
    #[command(after_long_help = with_statuses("\
Examples:
  wasi-mcp serve hello.wasm
  wasi-mcp serve hello.wasm --http 127.0.0.1:8080
  wasi-mcp serve weather.wasm calendar.wasm --prefix
  wasi-mcp serve ghcr.io/example/hello:1.0
  wasi-mcp serve hello.wasm --dir ./data::/data::ro --allow-http example.com", status::SERVE_HELP))]
    Serve(Box<ServeArguments>),
    /// Show a component's description and lists
    ///
    /// The component is started, and its tools, resources, resource templates
    /// and prompts are listed with their arguments.
    #[command(after_long_help = with_statuses("\
Examples:
  wasi-mcp inspect hello.wasm
  wasi-mcp inspect hello.wasm --json", status::INSPECT_HELP))]
    Inspect(InspectArguments),
    /// Call one tool and print its result
    ///
    /// Text goes to standard output verbatim, other content as JSON. Progress,
    /// log messages and questions go to standard error.
    #[command(after_long_help = with_statuses("\
Examples:
  wasi-mcp call hello.wasm hello '{\"name\": \"World\"}'
  wasi-mcp call hello.wasm hello '{\"name\": \"World\"}' --json
  wasi-mcp call server.wasm book --elicit '{\"seats\": 2}'
  wasi-mcp call server.wasm book --elicit decline
  wasi-mcp call server.wasm summarize --sampling-answer 'A short text.'
  wasi-mcp call server.wasm summarize --sampling-command 'python3 model.py'
  wasi-mcp call server.wasm search --root file:///home/me/project=Project", status::CALL_HELP))]
    Call(CallArguments),
    /// Read one resource
    ///
    /// Text and bytes go to standard output unchanged; bytes are not written to
    /// a terminal. A streamed resource is written as it arrives.
    #[command(after_long_help = help("\
Examples:
  wasi-mcp read server.wasm docs://manual
  wasi-mcp read server.wasm images://logo > logo.png
  wasi-mcp read server.wasm images://logo --output logo.png
  wasi-mcp read server.wasm docs://manual --json"))]
    Read(ReadArguments),
    /// Get one prompt and print its messages
    ///
    /// Each message is printed below its role: text verbatim, other content as
    /// JSON.
    #[command(after_long_help = help("\
Examples:
  wasi-mcp get server.wasm review
  wasi-mcp get server.wasm translate language=French text='Good morning'
  wasi-mcp get server.wasm translate '{\"language\": \"French\"}' --json"))]
    Get(GetArguments),
    /// Complete an argument of a prompt, or a variable of a resource template
    ///
    /// The values are printed one per line, best first.
    #[command(after_long_help = help("\
Examples:
  wasi-mcp complete server.wasm --prompt journey country F
  wasi-mcp complete server.wasm --prompt journey city --context country=France
  wasi-mcp complete server.wasm --template 'docs://{page}' page man"))]
    Complete(CompleteArguments),
    /// Link several components into one server
    ///
    /// The composition is one component, which any host of wasi:mcp serves.
    /// Its lists are those of the components, in the order of the arguments,
    /// and each request reaches the component that owns the name, the URI or
    /// the template. All components must be for the same variant, WASI 0.2 or
    /// 0.3, in any language, backends or services.
    ///
    /// Two components with a tool or a prompt of the same name are refused:
    /// --prefix tells them apart. To compare the names, each component is
    /// started without files, environment and network.
    ///
    /// The components share the grants and the fate of one instance: a trap of
    /// one ends all of them, and the next request starts new ones.
    #[command(after_long_help = "\
Examples:
  wasi-mcp compose weather.wasm calendar.wasm --output server.wasm
  wasi-mcp compose a=one.wasm b=two.wasm --prefix --name both --output server.wasm
  wasi-mcp compose weather.wasm calendar.wasm --with audit.wasm --output server.wasm

Exit status:
  0    success
  2    the components cannot be composed, or a file cannot be read or written")]
    Compose(Box<ComposeArguments>),
    /// Upload a component to an OCI registry
    ///
    /// The artifact is one that `wkg` reads and writes. Its
    /// reference with the digest is printed: unlike a tag, it never changes.
    ///
    /// Credentials are those of `docker login` or `podman login`.
    #[command(after_long_help = with_statuses("\
Examples:
  wasi-mcp push ghcr.io/example/hello:1.0 hello.wasm
  wasi-mcp push localhost:5000/hello:1.0 hello.wasm --plain-http
  wasi-mcp push ghcr.io/example/hello:1.0 hello.wasm --annotation example.org/team=tools", status::REGISTRY_HELP))]
    Push(PushArguments),
    /// Download a component from an OCI registry
    ///
    /// The reference with the digest is printed. Every byte is compared with
    /// it, and the file is complete or not written.
    ///
    /// Each command takes a reference in place of a file, too, so that nothing
    /// needs to be pulled before.
    #[command(after_long_help = with_statuses("\
Examples:
  wasi-mcp pull ghcr.io/example/hello:1.0
  wasi-mcp pull ghcr.io/example/hello:1.0 --output hello.wasm
  wasi-mcp pull localhost:5000/hello:1.0 --plain-http --json", status::REGISTRY_HELP))]
    Pull(PullArguments),
    /// Manage aliases of components, and profiles of several components
    ///
    /// Both are kept in config.toml, in $XDG_CONFIG_HOME/wasi-mcp or
    /// ~/.config/wasi-mcp, which may be edited by hand.
    #[command(subcommand, after_long_help = with_statuses("\
Examples:
  wasi-mcp registry component add weather ghcr.io/example/weather:1.0
  wasi-mcp registry component add notes ./notes.wasm
  wasi-mcp registry profile add dev weather notes
  wasi-mcp registry profile list", status::CONFIG_HELP))]
    Registry(RegistryCommand),
    /// Create a server project
    ///
    /// The folder NAME is created with a server that has a tool, a resource and a
    /// prompt, the library of its language, a README with the commands to build
    /// it, client configurations, and a script that runs the conformance suite.
    #[command(after_long_help = with_statuses("\
Examples:
  wasi-mcp new my-server --language rust
  wasi-mcp new my-server --language python --wasi 0.2
  wasi-mcp new --list", status::AUTHORING_HELP))]
    New(NewArguments),
    /// Build the component of a project with the tools of its language
    ///
    /// The language is detected from the manifest: Cargo.toml for Rust,
    /// pyproject.toml for Python, package.json for TypeScript and JavaScript,
    /// go.mod for Go, compile_flags.txt for C. If a tool is missing, the error
    /// shows how to install it. An existing component is replaced only when the
    /// build succeeds. The new component is then started once, without grants, to
    /// check that it exports all that it declares.
    #[command(after_long_help = with_statuses("\
Examples:
  wasi-mcp build
  wasi-mcp build my-server --output server.wasm
  wasi-mcp build --watch", status::AUTHORING_HELP))]
    Build(BuildArguments),
    /// Build a project, serve it over HTTP, and rebuild it when a source changes
    ///
    /// Prints the client configuration. Open sessions keep the component that
    /// they started with.
    #[command(after_long_help = with_statuses("\
Examples:
  wasi-mcp dev
  wasi-mcp dev my-server --http 9000
  wasi-mcp dev -- --dir ./data::/data::ro", status::AUTHORING_HELP))]
    Dev(DevArguments),
    /// Compile a component to native code of this machine
    ///
    /// The file can be served with --precompiled and starts faster.
    #[command(after_long_help = with_statuses("\
Examples:
  wasi-mcp compile hello.wasm --output hello.cwasm
  wasi-mcp serve hello.cwasm --precompiled", status::COMPILE_HELP))]
    Compile(CompileArguments),
    /// Print completions for a shell
    #[command(after_long_help = "\
Examples:
  wasi-mcp completions bash > ~/.local/share/bash-completion/completions/wasi-mcp
  wasi-mcp completions fish > ~/.config/fish/completions/wasi-mcp.fish")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Returns examples followed by the exit statuses of a request that calls no tool.
fn help(examples: &str) -> String {
    with_statuses(examples, status::REQUEST_HELP)
}

fn with_statuses(examples: &str, statuses: &str) -> String {
    format!("{examples}\n\n{statuses}")
}

// Positional arguments and options without a heading come first in each command: those that follow
// a group of options would join it.

#[derive(Debug, Clone, Args)]
pub(super) struct ComponentArguments {
    /// The component: a .wasm file, an alias, or a reference such as ghcr.io/example/hello:1.0
    #[arg(value_name = "COMPONENT")]
    pub(super) component: PathBuf,

    #[command(flatten)]
    pub(super) loading: LoadingArguments,
}

#[derive(Debug, Clone, Args)]
pub(super) struct LoadingArguments {
    /// COMPONENT is native code written by `wasi-mcp compile`
    ///
    /// It runs outside the sandbox's guarantees: use it only with files that
    /// you compiled yourself.
    #[arg(long)]
    pub(super) precompiled: bool,

    /// Keep neither compiled code nor pulled components between starts
    #[arg(long)]
    pub(super) no_cache: bool,

    /// The compiler for COMPONENT
    #[arg(
        long,
        value_name = "COMPILER",
        default_value = "auto",
        conflicts_with = "precompiled",
        overrides_with = "compiler"
    )]
    pub(super) compiler: CompilerChoice,

    #[command(flatten)]
    pub(super) registry: RegistryArguments,
}

/// Selects the compiler of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CompilerChoice {
    /// Give a component of 2 MiB or more baseline code until its optimised code is ready, which
    /// `serve` compiles in the background
    Auto,
    /// Compile quickly to slower code, for development. Falls back to `optimizing` where unsupported
    Baseline,
    /// Compile slowly to faster code
    Optimizing,
}

#[derive(Debug, Args)]
pub(super) struct InspectArguments {
    #[command(flatten)]
    pub(super) component: ComponentArguments,

    /// Print one JSON document with all details
    #[arg(long)]
    pub(super) json: bool,

    #[command(flatten)]
    pub(super) sandbox: SandboxArguments,
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

    #[command(flatten)]
    pub(super) client: ClientArguments,

    #[command(flatten)]
    pub(super) sandbox: SandboxArguments,
}

#[derive(Debug, Args)]
pub(super) struct ReadArguments {
    #[command(flatten)]
    pub(super) component: ComponentArguments,

    /// The resource's URI
    #[arg(value_name = "URI")]
    pub(super) uri: String,

    /// Print the whole result as JSON, with bytes in base64
    #[arg(long)]
    pub(super) json: bool,

    /// Write to this file or, if it is a folder, each of the contents to a new file in it
    ///
    /// An existing file is replaced, once the resource was read completely. In a
    /// folder nothing is replaced: the component chooses part of the names.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,

    #[command(flatten)]
    pub(super) client: ClientArguments,

    #[command(flatten)]
    pub(super) sandbox: SandboxArguments,
}

#[derive(Debug, Args)]
pub(super) struct GetArguments {
    #[command(flatten)]
    pub(super) component: ComponentArguments,

    /// The prompt's name
    #[arg(value_name = "PROMPT")]
    pub(super) prompt: String,

    /// The prompt's arguments: NAME=VALUE each, or one JSON object of strings
    #[arg(value_name = "NAME=VALUE")]
    pub(super) prompt_arguments: Vec<String>,

    /// Print the whole result as JSON
    #[arg(long)]
    pub(super) json: bool,

    #[command(flatten)]
    pub(super) client: ClientArguments,

    #[command(flatten)]
    pub(super) sandbox: SandboxArguments,
}

#[derive(Debug, Args)]
pub(super) struct CompleteArguments {
    #[command(flatten)]
    pub(super) component: ComponentArguments,

    /// The name of the argument, or of the template's variable
    #[arg(value_name = "ARGUMENT")]
    pub(super) argument: String,

    /// The text typed so far
    #[arg(value_name = "VALUE", default_value = "", hide_default_value = true)]
    pub(super) value: String,

    #[command(flatten)]
    pub(super) reference: ReferenceArguments,

    /// The known value of another argument; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) context: Vec<(String, String)>,

    /// Print the whole result as JSON
    #[arg(long)]
    pub(super) json: bool,

    #[command(flatten)]
    pub(super) client: ClientArguments,

    #[command(flatten)]
    pub(super) sandbox: SandboxArguments,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct ReferenceArguments {
    /// The prompt that the argument belongs to
    #[arg(long, value_name = "NAME")]
    pub(super) prompt: Option<String>,

    /// The resource template that the variable belongs to
    #[arg(long, value_name = "URI-TEMPLATE")]
    pub(super) template: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct CompileArguments {
    /// The component: a .wasm file, an alias, or a reference such as ghcr.io/example/hello:1.0
    #[arg(value_name = "COMPONENT")]
    pub(super) component: PathBuf,

    /// The file for the native code; an existing one is replaced
    #[arg(short, long, value_name = "FILE.cwasm")]
    pub(super) output: PathBuf,

    #[command(flatten)]
    pub(super) registry: RegistryArguments,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_help_has_its_headings_and_reads_no_value_as_a_name() {
        use clap::CommandFactory as _;
        fn check(command: &clap::Command) {
            for argument in command.get_arguments() {
                let id = argument.get_id();
                let has_heading = argument.get_help_heading().is_some();
                let place = command.get_name();
                assert!(
                    !(argument.is_positional() && has_heading),
                    "{place}: {id} stands below the options"
                );
                for value in argument.get_possible_values() {
                    let help = value.get_help().map(ToString::to_string);
                    let help = help.unwrap_or_default();
                    // `call:    None: ...` looks like a missing text.
                    assert!(!help.starts_with("None"), "{place}: {id}: {help}");
                }
            }
            command.get_subcommands().for_each(check);
        }
        check(&Arguments::command());
    }
}

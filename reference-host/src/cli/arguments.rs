//! What may stand on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use wasi_mcp_host::component::DirectoryGrant;
use wasi_mcp_host::component::instance::InstanceLimits;
use wasi_mcp_host::protocol::Limits;
use wasi_mcp_host::session::ServerOptions;
use wasi_mcp_host::transport::http::{KeySource, Origin, Resource};

const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\nMCP revision: 2025-06-18\nWIT packages: wasi:mcp@0.2.0-draft, wasi:mcp@0.3.0-draft"
);

/// Run wasi:mcp components and serve them to MCP clients.
///
/// A component of either variant of the interface (WASI 0.2 or 0.3) and of
/// either world (backend or service) is told apart when it is loaded. It runs
/// in a sandbox: clocks and randomness work; files, environment, arguments and
/// network are empty until they are granted.
#[derive(Debug, Parser)]
#[command(name = "wasi-mcp", version = VERSION)]
pub(super) struct Arguments {
    /// Log more: once for what happens, twice for every message
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,

    /// How log lines look on standard error
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub(super) log_format: LogFormat,

    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// A line for a person
    Text,
    /// A JSON object a line
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve a component to MCP clients, over stdio or Streamable HTTP
    ///
    /// Without --http, one session is served over standard input and output.
    /// With it, any number of sessions are served at http://ADDR/mcp, each with
    /// an instance of its own.
    Serve(ServeArguments),
    /// Show what a component is and what it offers
    ///
    /// The component is started, and its tools, resources, resource templates
    /// and prompts are listed.
    Inspect(InspectArguments),
    /// Call one tool and print its result
    ///
    /// Text goes to standard output as it is, other content as JSON. Progress
    /// and log messages go to standard error. The exit status is 0, or 1 when
    /// the tool says that it failed, or 2 when the call was answered with an
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

    /// COMPONENT is native code that `wasi-mcp compile` wrote
    ///
    /// It runs outside the sandbox's guarantees: use it only with files that
    /// you compiled yourself.
    #[arg(long)]
    pub(super) precompiled: bool,

    /// Do not keep compiled code between starts
    #[arg(long)]
    pub(super) no_cache: bool,

    /// Grant a folder to the component; `::ro` for reading only
    #[arg(
        long = "dir",
        value_name = "HOST::GUEST[::ro]",
        help_heading = "Sandbox"
    )]
    pub(super) directories: Vec<DirectoryGrant>,

    /// Set an environment variable for the component
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable, help_heading = "Sandbox")]
    pub(super) environment: Vec<(String, String)>,

    /// Pass a command-line argument to the component
    #[arg(
        long = "arg",
        value_name = "ARGUMENT",
        allow_hyphen_values = true,
        help_heading = "Sandbox"
    )]
    pub(super) arguments: Vec<String>,

    /// Let the component reach a host through wasi:http; with a port, that one alone
    #[arg(long = "allow-http", value_name = "HOST[:PORT]", value_parser = http_host, help_heading = "Sandbox")]
    pub(super) http_hosts: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    #[command(flatten)]
    pub(super) component: ComponentArguments,

    /// Serve Streamable HTTP on this address, for example 127.0.0.1:8080
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub(super) http: Option<SocketAddr>,

    /// Let a browser's page of this origin in, for example https://example.com
    #[arg(long, value_name = "ORIGIN", requires = "http")]
    pub(super) allow_origin: Vec<Origin>,

    #[command(flatten)]
    pub(super) authorization: AuthorizationArguments,

    /// How many items a page of a list has
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = page_size)]
    pub(super) page_size: usize,

    /// How long a request of the client may take, without the time that the
    /// component waits for the client [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Timeouts")]
    pub(super) request_timeout: Option<Duration>,

    /// How long the client may take to answer or, after that, from one report
    /// of progress to the next [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Timeouts")]
    pub(super) client_timeout: Option<Duration>,

    /// How long the client may take to answer, whatever progress it reports
    /// [default: 900]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Timeouts")]
    pub(super) client_timeout_maximum: Option<Duration>,

    /// How long the component may take to start [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Timeouts")]
    pub(super) start_timeout: Option<Duration>,

    /// How long the component may compute without waiting for anything
    /// [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Timeouts")]
    pub(super) computing_timeout: Option<Duration>,

    /// How long a cancelled call may go on while others wait for the component;
    /// then a new instance takes its place [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Timeouts")]
    pub(super) cancelled_call_timeout: Option<Duration>,

    /// Ping the client when nothing was heard of it for so long [default: never]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Timeouts")]
    pub(super) ping_interval: Option<Duration>,
}

impl ServeArguments {
    /// What each session may use.
    pub(super) fn options(&self) -> ServerOptions {
        let usual = ServerOptions::default();
        let limits = Limits {
            page_size: self.page_size,
            request_time: self.request_timeout.unwrap_or(usual.limits.request_time),
            ask_time: self.client_timeout.unwrap_or(usual.limits.ask_time),
            ask_time_maximum: self
                .client_timeout_maximum
                .unwrap_or(usual.limits.ask_time_maximum),
            ping_interval: self.ping_interval,
            ..usual.limits
        };
        let instance = InstanceLimits {
            start: self.start_timeout.unwrap_or(usual.instance.start),
            computing: self.computing_timeout.unwrap_or(usual.instance.computing),
            ..usual.instance
        };
        ServerOptions {
            limits,
            instance,
            cancelled_call_grace: self
                .cancelled_call_timeout
                .unwrap_or(usual.cancelled_call_grace),
            ..usual
        }
    }
}

/// The server as an OAuth 2.1 resource server. Off unless an issuer is named.
#[derive(Debug, Args)]
#[command(next_help_heading = "Authorization")]
pub(super) struct AuthorizationArguments {
    /// Let in only who has a token of this issuer (its `iss`); may be repeated
    #[arg(long = "auth-issuer", value_name = "URL", requires_all = ["http", "jwks", "audience"])]
    pub(super) issuers: Vec<String>,

    /// The issuer's public keys: a JSON Web Key Set, in a file or at a URL
    #[arg(
        id = "jwks",
        long = "auth-jwks",
        value_name = "FILE|URL",
        requires = "issuers"
    )]
    pub(super) keys: Option<KeySource>,

    /// What tokens name this server (`aud`): the address of its endpoint as clients see it
    #[arg(
        id = "audience",
        long = "auth-audience",
        value_name = "URL",
        requires = "issuers"
    )]
    pub(super) resource: Option<Resource>,

    /// A scope that tokens must have; may be repeated
    #[arg(long = "auth-scope", value_name = "SCOPE", requires = "issuers", value_parser = scope)]
    pub(super) scopes: Vec<String>,
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

    /// Where to write the native code
    #[arg(short, long, value_name = "FILE.cwasm")]
    pub(super) output: PathBuf,
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn http_host(text: &str) -> Result<String, String> {
    let wanted = "expected a host such as example.com, example.com:8443 or [::1]";
    match text.parse::<http::uri::Authority>() {
        Ok(authority) if !authority.host().is_empty() && !text.contains('@') => Ok(text.to_owned()),
        _ => Err(wanted.to_owned()),
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "expected an address and a port, such as 127.0.0.1:8080".to_owned())
}

/// The characters of a scope: <https://www.rfc-editor.org/rfc/rfc6749#section-3.3>.
fn scope(text: &str) -> Result<String, String> {
    let is_plain = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    if !text.is_empty() && text.bytes().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err("expected one scope, without spaces and quotes".to_owned())
    }
}

fn page_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("a page has at least one item".to_owned()),
        Ok(size) => Ok(size),
        Err(_) => Err("expected a number".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text
        .parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let positive = seconds.filter(|seconds| !seconds.is_zero());
    positive.ok_or_else(|| "expected a number of seconds above 0, such as 30 or 0.5".to_owned())
}

fn json_object(text: &str) -> Result<Box<serde_json::value::RawValue>, String> {
    let object: Box<serde_json::value::RawValue> =
        serde_json::from_str(text).map_err(|error| format!("not valid JSON: {error}"))?;
    if object.get().trim_start().starts_with('{') {
        Ok(object)
    } else {
        Err("a JSON object is expected, such as {\"text\": \"hello\"}".to_owned())
    }
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
    fn hosts_to_reach_are_no_urls() {
        for host in ["example.com", "example.com:8443", "127.0.0.1", "[::1]:80"] {
            assert_eq!(http_host(host).as_deref(), Ok(host));
        }
        for host in [
            "",
            "http://example.com",
            "example.com/path",
            "me@example.com",
            "::1",
        ] {
            assert!(http_host(host).is_err(), "{host}");
        }
    }

    #[test]
    fn timeouts_are_seconds() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for text in ["", "0", "-1", "NaN", "1e30", "ten", "5s"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn timeouts_become_limits() {
        let line = "wasi-mcp serve guest.wasm --request-timeout 1 --client-timeout 2 \
                    --client-timeout-maximum 3 --ping-interval 4 --start-timeout 5 \
                    --computing-timeout 6 --cancelled-call-timeout 7";
        let Command::Serve(arguments) = Arguments::parse_from(line.split_whitespace()).command
        else {
            panic!("another command");
        };
        let options = arguments.options();
        let times = [
            options.limits.request_time,
            options.limits.ask_time,
            options.limits.ask_time_maximum,
            options.instance.start,
            options.instance.computing,
            options.cancelled_call_grace,
        ];
        assert_eq!(times, [1, 2, 3, 5, 6, 7].map(Duration::from_secs));
        assert_eq!(options.limits.ping_interval, Some(Duration::from_secs(4)));
    }

    #[test]
    fn tool_arguments_keep_their_number_text() {
        let object = json_object(r#"{"n": 1.50, "m": 12345678901234567890}"#).unwrap();
        assert_eq!(object.get(), r#"{"n": 1.50, "m": 12345678901234567890}"#);
        assert!(json_object("[1]").unwrap_err().contains("object"));
        assert!(json_object("{").unwrap_err().contains("not valid JSON"));
    }
}

//! Options of `wasi-mcp serve`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use wasi_mcp_host::session::ServerOptions;
use wasi_mcp_host::transport::http::{HttpOptions, Origin};

use super::authorization::AuthorizationArguments;
use super::isolation::IsolationArguments;
use super::limits::LimitArguments;
use super::listen::Listen;
use super::operation::OperationArguments;
use super::timeouts::TimeoutArguments;
use super::values::host_name;
use super::{CompositionArguments, LoadingArguments, Named, SandboxArguments};

/// The options that mean nothing without sessions: `--isolation` and others, by the names of their
/// fields.
const NEED_SESSIONS: [&str; 13] = [
    "isolation",
    "instances_per_session",
    "calls_per_instance",
    "entries_per_instance",
    "max_sessions",
    "session_idle",
    "max_session_requests",
    "max_client_requests",
    "max_subscriptions",
    "max_updates",
    "client_timeout",
    "client_timeout_maximum",
    "ping_interval",
];

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// The component: a .wasm file, an alias, or a reference such as ghcr.io/example/hello:1.0
    #[arg(value_name = "COMPONENT", required_unless_present = "profile")]
    pub(crate) component: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) loading: LoadingArguments,

    /// Further components: all are composed into one server, as `wasi-mcp compose` does
    #[arg(value_name = "[NAME=]COMPONENT", conflicts_with_all = ["precompiled", "watch"])]
    pub(crate) further: Vec<Named>,

    /// Serve Streamable HTTP on this address, for example 127.0.0.1:8080; a port alone listens on
    /// 127.0.0.1
    #[arg(long, value_name = "ADDR", help_heading = "HTTP")]
    pub(crate) http: Option<Listen>,

    /// Keep no sessions: serve each request by itself, in an instance of its own, so that any
    /// replica answers any request
    #[arg(long, requires = "http", conflicts_with_all = NEED_SESSIONS, help_heading = "HTTP")]
    pub(crate) stateless: bool,

    /// Number of threads that serve HTTP [default: one for each processor]
    #[arg(long, value_name = "N", requires = "http", help_heading = "HTTP")]
    pub(crate) threads: Option<NonZeroUsize>,

    /// Accept requests from web pages of this origin, for example https://example.com; may be
    /// repeated
    #[arg(long, value_name = "ORIGIN", requires = "http", help_heading = "HTTP")]
    pub(crate) allow_origin: Vec<Origin>,

    /// Answer to this host name besides local ones, for example a proxy's; all others are refused
    /// then; may be repeated
    #[arg(long, value_name = "HOST", requires = "http", value_parser = host_name, help_heading = "HTTP")]
    pub(crate) allow_host: Vec<String>,

    #[command(flatten)]
    pub(crate) authorization: AuthorizationArguments,

    #[command(flatten)]
    pub(crate) sandbox: SandboxArguments,

    #[command(flatten)]
    pub(crate) operation: OperationArguments,

    #[command(flatten)]
    pub(crate) isolation: IsolationArguments,

    #[command(flatten)]
    pub(crate) limits: LimitArguments,

    #[command(flatten)]
    pub(crate) timeouts: TimeoutArguments,

    #[command(flatten)]
    pub(crate) composition: CompositionArguments,
}

impl ServeArguments {
    /// Checks that the options do not contradict each other.
    ///
    /// # Errors
    ///
    /// Names the options that do, and the change to make.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.limits.check(self.http.is_some())?;
        self.timeouts.check()
    }

    /// Returns the options of the server. Grants are options of the component.
    pub(crate) fn server_options(&self) -> ServerOptions {
        let mut options = ServerOptions::default();
        self.isolation.apply(&mut options);
        self.limits.apply(&mut options);
        self.timeouts.apply(&mut options);
        self.operation.apply(&mut options);
        options
    }

    /// Returns the options of HTTP.
    pub(crate) fn http_options(self) -> HttpOptions {
        let mut options = HttpOptions::default();
        options.threads = self
            .threads
            .or_else(|| std::thread::available_parallelism().ok());
        options.stateless = self.stateless;
        options.allowed_origins = self.allow_origin;
        options.allowed_hosts = self.allow_host;
        options.authorization = self.authorization.authorization();
        self.operation.apply_http(&mut options);
        self.limits.apply_http(&mut options);
        self.timeouts.apply_http(&mut options);
        options
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser as _;
    use wasi_mcp_host::session::ServerOptions;
    use wasi_mcp_host::transport::http::HttpOptions;

    use wasi_mcp_host::component::Isolation;

    use super::super::{Arguments, Command};
    use super::NEED_SESSIONS;

    fn serve(line: &str) -> super::ServeArguments {
        match Arguments::parse_from(line.split_whitespace()).command {
            Command::Serve(arguments) => *arguments,
            _ => panic!("another command"),
        }
    }

    #[test]
    fn without_arguments_the_defaults_hold() {
        let arguments = serve("wasi-mcp serve guest.wasm --http 127.0.0.1:0");
        let (options, defaults) = (arguments.server_options(), ServerOptions::default());
        assert_eq!(format!("{options:?}"), format!("{defaults:?}"));
        let options = arguments.http_options();
        let mut defaults = HttpOptions::default();
        defaults.threads = options.threads;
        assert_eq!(format!("{options:?}"), format!("{defaults:?}"));
    }

    #[test]
    fn limits_reach_what_they_limit() {
        let arguments = serve(
            "wasi-mcp serve guest.wasm --http 127.0.0.1:0 --max-memory 1MiB --max-catalog 2MiB \
             --max-instances 3 --max-computing-time 4 --max-sessions 5 --session-idle 6 \
             --max-connections 7 --max-requests 8 --max-request-memory 23 --max-session-requests 9 \
             --max-client-requests 10 --max-message 11 --max-depth 12 --max-header-fields 13 \
             --max-header 14KiB --max-bodies 22 --max-result 15 --max-unread 16 --max-subscriptions 17 --max-logs 18 \
             --max-progress 19 --max-updates 20 --page-size 21 --allow-host mcp.example",
        );
        let options = arguments.server_options();
        let (instance, limits) = (&options.instance, &options.limits);
        assert_eq!(instance.memory_bytes, 1 << 20);
        assert_eq!(instance.catalog_bytes, 2 << 20);
        assert_eq!(options.max_instances, 3);
        assert_eq!(instance.computing_in_all, Some(Duration::from_secs(4)));
        assert_eq!((options.max_requests, options.max_requests_bytes), (8, 23));
        assert_eq!(limits.requests_in_flight, 9);
        assert_eq!(limits.asks_in_flight, 10);
        assert_eq!((limits.message_bytes, limits.depth), (11, 12));
        assert_eq!((limits.result_bytes, limits.unread_bytes), (15, 16));
        assert_eq!(limits.subscriptions, 17);
        assert_eq!(
            (limits.logs_per_second, limits.progress_per_second),
            (18, 19)
        );
        assert_eq!(
            (limits.notifications_per_second, limits.page_size),
            (20, 21)
        );
        let options = arguments.http_options();
        assert_eq!(options.max_sessions, 5);
        assert_eq!(options.session_idle, Duration::from_secs(6));
        assert_eq!((options.max_connections, options.max_body_bytes), (7, 11));
        assert_eq!(options.max_bodies_bytes, 22);
        assert_eq!(
            (options.max_headers, options.max_header_bytes),
            (13, 14 << 10)
        );
        assert_eq!(options.allowed_hosts, ["mcp.example"]);
    }

    #[test]
    fn limits_that_contradict_each_other_are_refused() {
        for (options, parts) in [
            (
                "--max-request-memory 1MiB",
                &["--max-request-memory 1MiB", "4MiB", "--max-message"][..],
            ),
            (
                "--max-message 512MiB",
                &["--max-request-memory 256MiB", "512MiB"],
            ),
            ("--max-bodies 1KiB", &["--max-bodies 1KiB", "--max-message"]),
            (
                "--max-result 1GiB",
                &["--max-unread 128MiB", "--max-result"],
            ),
            (
                "--client-timeout 901",
                &["--client-timeout 901", "900", "--client-timeout-maximum"],
            ),
            (
                "--client-timeout 3 --client-timeout-maximum 2",
                &["--client-timeout 3", "at most 2"],
            ),
        ] {
            let line = format!("wasi-mcp serve guest.wasm --http 127.0.0.1:0 {options}");
            let error = serve(&line).check().expect_err(options);
            for part in parts {
                assert!(error.contains(part), "{options}: {error}");
            }
        }
        for options in [
            "",
            "--max-message 1MiB --max-request-memory 1MiB --max-bodies 1MiB",
            "--client-timeout-maximum 2",
            "--max-message 300MiB --max-request-memory 300MiB --max-bodies 300MiB",
        ] {
            let line = format!("wasi-mcp serve guest.wasm --http 127.0.0.1:0 {options}");
            assert_eq!(serve(&line).check(), Ok(()), "{options}");
        }
        // Bodies are limited over HTTP alone.
        let stdio = "wasi-mcp serve guest.wasm --max-message 256MiB";
        assert_eq!(serve(stdio).check(), Ok(()));
        let header = "wasi-mcp serve guest.wasm --http 0 --max-header 8191";
        let error = Arguments::try_parse_from(header.split_whitespace());
        let error = error.expect_err("it is too small").to_string();
        assert!(error.contains("at least 8KiB"), "{error}");
    }

    #[test]
    fn isolation_is_by_session_unless_it_is_said() {
        let options = |line: &str| {
            let line = format!("wasi-mcp serve guest.wasm {line}");
            match Arguments::parse_from(line.split_whitespace()).command {
                Command::Serve(arguments) => arguments.server_options(),
                other => panic!("{other:?}"),
            }
        };
        let default = options("");
        assert_eq!(default.isolation, Isolation::Session);
        assert_eq!(default.instance.calls, None);
        let session = options("--calls-per-instance 1 --entries-per-instance 2");
        assert_eq!(session.instance.calls, Some(1));
        assert_eq!(session.instance.table_entries, 2);
        let call = options("--isolation call --instances-per-session 3");
        assert_eq!(call.isolation, Isolation::Call);
        assert_eq!(call.instances_per_session, 3);
    }

    #[test]
    fn without_sessions_options_of_sessions_are_refused() {
        let line = "wasi-mcp serve guest.wasm --http 127.0.0.1:0 --stateless";
        assert!(serve(line).http_options().stateless);
        for option in NEED_SESSIONS {
            let value = if option == "isolation" {
                "session"
            } else {
                "7"
            };
            let option = option.replace('_', "-");
            let line = format!("{line} --{option} {value}");
            let error = Arguments::try_parse_from(line.split_whitespace());
            let error = error.expect_err(&line).to_string();
            let names = ["--stateless", "cannot be used with", &format!("--{option}")];
            for part in names {
                assert!(error.contains(part), "{line}: {error}");
            }
        }
        let stdio = "wasi-mcp serve guest.wasm --stateless".split_whitespace();
        let error = Arguments::try_parse_from(stdio).expect_err("HTTP is required");
        assert!(error.to_string().contains("--http"), "{error}");
    }

    #[test]
    fn timeouts_become_limits() {
        let line = "wasi-mcp serve guest.wasm --request-timeout 1 --client-timeout 2 \
                    --client-timeout-maximum 3 --ping-interval 4 --start-timeout 5 \
                    --computing-timeout 6 --cancelled-call-timeout 7 \
                    --http 127.0.0.1:0 --header-timeout 8 --body-timeout 9 --write-timeout 10 \
                    --silence-timeout 11";
        let arguments = serve(line);
        let options = arguments.server_options();
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
        let options = arguments.http_options();
        let times = [
            options.header_time,
            options.body_time,
            options.write_time,
            options.silence_time,
        ];
        assert_eq!(times, [8, 9, 10, 11].map(Duration::from_secs));
    }
}

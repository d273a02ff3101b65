//! What may follow `wasi-mcp serve`.

use std::net::SocketAddr;
use std::num::NonZeroUsize;

use clap::Args;
use wasi_mcp_host::session::ServerOptions;
use wasi_mcp_host::transport::http::{HttpOptions, Origin};

use super::ComponentArguments;
use super::authorization::AuthorizationArguments;
use super::isolation::IsolationArguments;
use super::limits::LimitArguments;
use super::operation::OperationArguments;
use super::timeouts::TimeoutArguments;
use super::values::address;

#[derive(Debug, Args)]
pub(in crate::cli) struct ServeArguments {
    #[command(flatten)]
    pub(in crate::cli) component: ComponentArguments,

    /// Serve Streamable HTTP on this address, for example 127.0.0.1:8080
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub(in crate::cli) http: Option<SocketAddr>,

    /// How many threads serve HTTP [default: one for each processor]
    #[arg(long, value_name = "N", requires = "http")]
    pub(in crate::cli) threads: Option<NonZeroUsize>,

    /// Let a browser's page of this origin in, for example https://example.com
    #[arg(long, value_name = "ORIGIN", requires = "http")]
    pub(in crate::cli) allow_origin: Vec<Origin>,

    #[command(flatten)]
    pub(in crate::cli) authorization: AuthorizationArguments,

    #[command(flatten)]
    pub(in crate::cli) operation: OperationArguments,

    #[command(flatten)]
    pub(in crate::cli) isolation: IsolationArguments,

    #[command(flatten)]
    pub(in crate::cli) limits: LimitArguments,

    #[command(flatten)]
    pub(in crate::cli) timeouts: TimeoutArguments,
}

impl ServeArguments {
    /// How the component is served; what it is granted is with the component.
    pub(in crate::cli) fn server_options(&self) -> ServerOptions {
        let mut options = ServerOptions::default();
        self.isolation.apply(&mut options);
        self.limits.apply(&mut options);
        self.timeouts.apply(&mut options);
        self.operation.apply(&mut options);
        options
    }

    /// How HTTP is served.
    pub(in crate::cli) fn http_options(self) -> HttpOptions {
        let mut options = HttpOptions {
            threads: self
                .threads
                .or_else(|| std::thread::available_parallelism().ok()),
            allowed_origins: self.allow_origin,
            authorization: self.authorization.authorization(),
            ..HttpOptions::default()
        };
        self.operation.apply_http(&mut options);
        options
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser as _;

    use wasi_mcp_host::component::Isolation;

    use super::super::{Arguments, Command};

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
    fn timeouts_become_limits() {
        let line = "wasi-mcp serve guest.wasm --request-timeout 1 --client-timeout 2 \
                    --client-timeout-maximum 3 --ping-interval 4 --start-timeout 5 \
                    --computing-timeout 6 --cancelled-call-timeout 7";
        let Command::Serve(arguments) = Arguments::parse_from(line.split_whitespace()).command
        else {
            panic!("another command");
        };
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
    }
}

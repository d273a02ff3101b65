//! Options for operation.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use wasi_mcp_host::session::ServerOptions;
use wasi_mcp_host::telemetry::Telemetry;
use wasi_mcp_host::transport::http::HttpOptions;

use super::listen::Listen;
use super::values::seconds;

#[derive(Debug, Args)]
#[command(next_help_heading = "Operation")]
pub(crate) struct OperationArguments {
    /// Serve /metrics (Prometheus), /healthz and /readyz on this address, for
    /// example 127.0.0.1:9090
    #[arg(long, value_name = "ADDR")]
    pub(crate) admin: Option<Listen>,

    /// Reload the component when its file changes; new sessions get the new one (SIGHUP does so
    /// once)
    #[arg(long, requires = "http")]
    pub(crate) watch: bool,

    /// Log the source lines at which COMPONENT fails, from its debug information
    ///
    /// Reading debug information takes unlimited time: use this option only with components that you
    /// trust. `dev` and the hand tools always name source lines.
    #[arg(long)]
    pub(crate) source_lines: bool,

    /// Time for calls to finish after SIGTERM, SIGINT or the end of the input; a second signal ends
    /// at once, with status 1 [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) shutdown_grace: Option<Duration>,
}

impl OperationArguments {
    /// Applies the given options.
    pub(crate) fn apply(&self, options: &mut ServerOptions) {
        if let Some(grace) = self.shutdown_grace {
            options.shutdown_grace = grace;
        }
        if self.admin.is_some() {
            let mut telemetry = Telemetry::default();
            telemetry.measures_guests = true;
            options.telemetry = Arc::new(telemetry);
        }
    }

    /// Applies the given options of HTTP.
    pub(crate) fn apply_http(&self, options: &mut HttpOptions) {
        if let Some(grace) = self.shutdown_grace {
            options.shutdown_grace = grace;
        }
    }
}

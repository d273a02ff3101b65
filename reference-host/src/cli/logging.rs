//! Log lines on standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use super::arguments::LogFormat;

/// Starts logging. `RUST_LOG` wins over `verbose`, and `verbose` over `quiet`.
pub(super) fn start(verbose: u8, quiet: bool, format: LogFormat) {
    let level = match verbose {
        0 if quiet => "warn,wasi_mcp_host::session=error",
        0 => "warn",
        1 => "warn,wasi_mcp_host=info",
        _ => "info,wasi_mcp_host=debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colour);
    match format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}

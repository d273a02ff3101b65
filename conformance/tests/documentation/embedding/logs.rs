//! The block of docs/embedding.md with logs.

use tracing_subscriber::EnvFilter;
use wasi_mcp_host::component::GuestOutput;

/// Writes log lines to standard error: those that `RUST_LOG` selects, or else warnings and
/// the output of components.
pub fn start_logging() {
    let filter = EnvFilter::try_from_default_env();
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("warn,guest=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

/// Logs what components print: assign it to `ServerOptions::sandbox.output`.
pub fn guest_output() -> GuestOutput {
    GuestOutput::lines(|line| {
        let (session, stream) = (line.session, line.stream.name());
        tracing::info!(target: "guest", session, stream, "{}", line.text);
    })
}

//! `wasi-mcp serve`

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use wasi_mcp_host::session::Server;
use wasi_mcp_host::transport::http::HttpOptions;
use wasi_mcp_host::transport::{http, stdio};

use super::arguments::ServeArguments;
use super::load;

pub(super) fn run(arguments: Box<ServeArguments>) -> Result<ExitCode> {
    let server = load::server(&arguments.component, arguments.server_options())?;
    match arguments.http {
        None => serve_stdio(server)?,
        Some(address) => serve_http(server, address, arguments.http_options())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn serve_stdio(server: Arc<Server>) -> Result<()> {
    let runtime = load::single_threaded()?;
    let served = runtime.block_on(async {
        let stopped = asked_to_stop()?;
        stdio::serve_until(server, stdio::input(), stdio::output(), stopped).await
    });
    // A thread that reads standard input cannot be stopped: do not wait for it.
    runtime.shutdown_background();
    served.context("standard input or output failed")
}

fn serve_http(server: Arc<Server>, address: SocketAddr, options: HttpOptions) -> Result<()> {
    // This one accepts connections; others serve them.
    let runtime = load::single_threaded()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        if !address.ip().is_loopback() && options.authorization.is_none() {
            tracing::warn!(
                "{address} can be reached by others, and whoever reaches it can use the component: \
                 --auth-issuer asks for tokens"
            );
        }
        // Whoever reads the next line may send a signal at once.
        let stopped = asked_to_stop().context("signals cannot be received")?;
        eprintln!(
            "serving MCP at http://{}{}",
            listener.local_addr().context("the address is unknown")?,
            options.path
        );
        http::serve(server, listener, options, stopped)
            .await
            .context("serving failed")
    })
}

/// Takes the signals that ask a process to stop, from this call on; resolves at
/// the first.
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        // Without signals the server runs until its input ends or it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}

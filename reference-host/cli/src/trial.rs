//! A trial start of a newly built component, without grants.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use wasi_mcp_authoring::Project;
use wasi_mcp_host::component::{Engine, EngineOptions, Source};
use wasi_mcp_host::protocol::missing_exports;
use wasi_mcp_host::session::Server;

use super::arguments::CompilerChoice;
use super::client::own_server;
use super::load::{compile, single_threaded};
use super::logging::Log;
use super::output::visible;
use super::status::{self, Failure};

/// Starts a component once, as a client's session would.
///
/// # Errors
///
/// The component cannot be loaded, or lacks an export for a capability that it declares. Any other failure
/// to start is only logged, because the component may start with grants or at another time.
pub(super) fn start(project: &Project, component: &[u8], log: &Log) -> Result<()> {
    let engine = Engine::new(EngineOptions::default().with_source_lines())?;
    // It runs only once, so optimised code does not pay.
    let loaded = compile(&engine, CompilerChoice::Baseline, Source::Bytes(component))
        .context("the component cannot be loaded")?;
    let mut options = own_server();
    options.sandbox.output = log.guest_output(true);
    let server = Arc::new(Server::new(loaded.component, options));
    let runtime = single_threaded()?;
    let started = runtime.block_on(server.probe());
    // The last output of the instance may be unfinished.
    runtime.shutdown_background();
    let Err(error) = started else {
        return Ok(());
    };
    let error = error.to_string();
    if missing_exports(&error).is_none() {
        let error = visible(&error);
        tracing::warn!("the component does not start without grants: {error}");
        return Ok(());
    }
    let told = hinted(error, &|error| hint(project, error));
    Err(anyhow::Error::new(Failure {
        status: status::NOT_STARTED,
        text: format!("the component does not start: {}", visible(&told)),
    }))
}

/// Appends the hint for an error, if there is one.
pub(super) fn hinted(error: String, hint: &dyn Fn(&str) -> Option<String>) -> String {
    match hint(&error) {
        Some(hint) => format!("{error}: {hint}"),
        None => error,
    }
}

/// Describes the change to the project, if its component does not start because it lacks an export.
pub(super) fn hint(project: &Project, error: &str) -> Option<String> {
    project.missing_exports(missing_exports(error)?.iter().copied())
}

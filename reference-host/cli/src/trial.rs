//! A trial start of a newly built component, without grants.

use std::path::Path;
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
/// The component cannot be loaded, or lacks an export that it needs. Any other failure to start is only
/// logged, because the component may start with grants or at another time.
pub(super) fn start(project: &Project, component: &Path, log: &Log) -> Result<()> {
    let engine = Engine::new(EngineOptions::default().with_source_lines())?;
    // It runs only once, so optimised code does not pay.
    let loaded = compile(&engine, CompilerChoice::Baseline, Source::File(component))
        .with_context(|| format!("{} cannot be loaded", component.display()))?;
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
    let place = component.display();
    match hint(project, &error) {
        Some(hint) => Err(anyhow::Error::new(Failure {
            status: status::NOT_STARTED,
            text: format!("{place} does not start: {}: {hint}", visible(&error)),
        })),
        None => {
            tracing::warn!("{place} does not start without grants: {}", visible(&error));
            Ok(())
        }
    }
}

/// Describes the change to the project, if its component does not start because it lacks an export.
pub(super) fn hint(project: &Project, error: &str) -> Option<String> {
    project.missing_exports(missing_exports(error))
}

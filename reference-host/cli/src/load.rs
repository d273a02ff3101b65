//! Makes a server from the arguments.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use wasi_mcp_host::component::{Component, Engine, EngineOptions, GuestOutput, LoadError, Source};
use wasi_mcp_host::session::{Server, ServerOptions};

use super::arguments::ComponentArguments;

/// Loads the component as configured, any number of times.
pub(super) struct Loader {
    engine: Engine,
    path: PathBuf,
    precompiled: bool,
}

impl Loader {
    /// Prepares to load a component.
    pub(super) fn new(arguments: &ComponentArguments) -> Result<Self> {
        let cache = if arguments.no_cache {
            None
        } else {
            cache_folder()
        };
        Ok(Self {
            engine: engine(cache)?,
            path: arguments.component.clone(),
            precompiled: arguments.precompiled,
        })
    }

    /// Returns the component's path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Loads the component in its current form.
    pub(super) fn load(&self) -> Result<Component> {
        let source = if self.precompiled {
            Source::Precompiled(&self.path)
        } else {
            Source::File(&self.path)
        };
        self.engine.load(source).map_err(|error| match error {
            LoadError::Unreadable { .. } => anyhow::Error::new(error),
            _ => anyhow::Error::new(error)
                .context(format!("{} cannot be loaded", self.path.display())),
        })
    }
}

/// Loads the component and makes a server of it, with the sandbox of the arguments.
pub(super) fn serve(
    loader: &Loader,
    arguments: &ComponentArguments,
    options: ServerOptions,
    output: GuestOutput,
) -> Result<Arc<Server>> {
    let mut sandbox = arguments.sandbox.sandbox();
    sandbox.output = output;
    sandbox.check()?;
    let options = ServerOptions { sandbox, ..options };
    Ok(Arc::new(Server::new(loader.load()?, options)))
}

/// Loads the component for one request.
pub(super) fn server(arguments: &ComponentArguments, output: GuestOutput) -> Result<Arc<Server>> {
    let loader = Loader::new(arguments)?;
    serve(&loader, arguments, ServerOptions::default(), output)
}

/// Creates an engine; without a cache if the folder cannot be used, since that only costs time.
pub(super) fn engine(cache: Option<PathBuf>) -> Result<Engine> {
    if let Some(folder) = cache {
        match Engine::new(EngineOptions::default().with_cache(folder)) {
            Ok(engine) => return Ok(engine),
            Err(error) => tracing::warn!("{error}: compiled code is not kept"),
        }
    }
    Ok(Engine::new(EngineOptions::default())?)
}

/// Returns `$XDG_CACHE_HOME/wasi-mcp`, or `.cache/wasi-mcp` in the home folder.
fn cache_folder() -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .and_then(absolute)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .map(|folder| folder.join("wasi-mcp"))
}

/// Creates a runtime for one session, with everything on this thread.
pub(super) fn single_threaded() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime cannot be started")
}

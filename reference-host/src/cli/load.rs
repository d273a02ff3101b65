//! From arguments to a server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use wasi_mcp_host::component::{Engine, EngineOptions, GuestOutput, LoadError, Source};
use wasi_mcp_host::session::{Server, ServerOptions};

use super::arguments::ComponentArguments;

/// Loads the component as the arguments say, any number of times.
pub(super) struct Loader {
    engine: Engine,
    path: PathBuf,
    precompiled: bool,
    options: ServerOptions,
}

impl Loader {
    /// Sets up what is needed to load a component. The sandbox is the arguments'.
    pub(super) fn new(
        arguments: &ComponentArguments,
        options: ServerOptions,
        output: GuestOutput,
    ) -> Result<Self> {
        let cache = if arguments.no_cache {
            None
        } else {
            cache_folder()
        };
        let mut sandbox = arguments.sandbox.sandbox();
        sandbox.output = output;
        sandbox.check()?;
        Ok(Self {
            engine: engine(cache)?,
            path: arguments.component.clone(),
            precompiled: arguments.precompiled,
            options: ServerOptions { sandbox, ..options },
        })
    }

    /// Where the component comes from.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Loads the component as it is now.
    pub(super) fn load(&self) -> Result<Arc<Server>> {
        let source = if self.precompiled {
            Source::Precompiled(&self.path)
        } else {
            Source::File(&self.path)
        };
        let component = self.engine.load(source).map_err(|error| match error {
            LoadError::Unreadable { .. } => anyhow::Error::new(error),
            _ => anyhow::Error::new(error)
                .context(format!("{} cannot be loaded", self.path.display())),
        })?;
        Ok(Arc::new(Server::new(component, self.options.clone())))
    }
}

/// Loads the component for one question.
pub(super) fn server(arguments: &ComponentArguments, output: GuestOutput) -> Result<Arc<Server>> {
    Loader::new(arguments, ServerOptions::default(), output)?.load()
}

/// An engine; without a cache when the folder cannot be used, since that costs
/// time alone.
pub(super) fn engine(cache: Option<PathBuf>) -> Result<Engine> {
    if cache.is_some() {
        match Engine::new(EngineOptions { cache }) {
            Ok(engine) => return Ok(engine),
            Err(error) => tracing::warn!("{error:#}: compiled code is not kept"),
        }
    }
    Engine::new(EngineOptions::default())
}

/// `$XDG_CACHE_HOME/wasi-mcp`, or `.cache/wasi-mcp` in the home folder.
fn cache_folder() -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .and_then(absolute)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .map(|folder| folder.join("wasi-mcp"))
}

/// A runtime for one session: everything on this thread.
pub(super) fn single_threaded() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime cannot be started")
}

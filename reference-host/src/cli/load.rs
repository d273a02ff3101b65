//! From arguments to a server.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use wasi_mcp_host::component::{Engine, EngineOptions, LoadError, Source};
use wasi_mcp_host::session::{Server, ServerOptions};

use super::arguments::ComponentArguments;

/// Loads the component as the arguments say; the sandbox is theirs.
pub(super) fn server(
    arguments: &ComponentArguments,
    options: ServerOptions,
) -> Result<Arc<Server>> {
    let path = &arguments.component;
    let source = if arguments.precompiled {
        Source::Precompiled(path)
    } else {
        Source::File(path)
    };
    let cache = if arguments.no_cache {
        None
    } else {
        cache_folder()
    };
    let sandbox = arguments.sandbox.sandbox();
    sandbox.check()?;
    let component = engine(cache)?.load(source).map_err(|error| match error {
        LoadError::Unreadable { .. } => anyhow::Error::new(error),
        _ => anyhow::Error::new(error).context(format!("{} cannot be loaded", path.display())),
    })?;
    Ok(Arc::new(Server::new(
        component,
        ServerOptions { sandbox, ..options },
    )))
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

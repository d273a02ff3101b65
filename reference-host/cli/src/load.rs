//! Makes a server from the arguments.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use wasi_mcp_host::component::{
    Component, Engine, EngineOptions, GuestOutput, LoadError, Sandbox, Source,
};
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
        Ok(Self {
            engine: engine(!arguments.no_cache)?,
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
    let sandbox = Sandbox {
        output,
        tell_last_words: options.sandbox.tell_last_words,
        ..arguments.sandbox.sandbox()
    };
    sandbox.check()?;
    let options = ServerOptions { sandbox, ..options };
    Ok(Arc::new(Server::new(loader.load()?, options)))
}

/// Loads the component for one request.
pub(super) fn server(arguments: &ComponentArguments, output: GuestOutput) -> Result<Arc<Server>> {
    let loader = Loader::new(arguments)?;
    let options = ServerOptions {
        sandbox: Sandbox {
            // Whoever runs the command is the one to mend the component.
            tell_last_words: true,
            ..Sandbox::default()
        },
        ..ServerOptions::default()
    };
    serve(&loader, arguments, options, output)
}

/// Creates an engine, with the cache of this user if it is wanted.
pub(super) fn engine(keeps_code: bool) -> Result<Engine> {
    let options = EngineOptions::default().on_compilation(|compilation| {
        if compilation.report == 1 {
            let megabytes = compilation.bytes.div_ceil(1 << 20);
            let later = if compilation.is_kept {
                "the result is kept for later starts"
            } else {
                "the result is not kept"
            };
            tracing::warn!(
                "compiling a component of {megabytes} MiB, which takes a while: {later}"
            );
        }
    });
    Ok(Engine::new_or_uncached(if keeps_code {
        options.with_user_cache()
    } else {
        options
    })?)
}

/// Creates a runtime for one session, with everything on this thread.
pub(super) fn single_threaded() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime cannot be started")
}

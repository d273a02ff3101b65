//! Makes a server from the arguments.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use wasi_mcp_host::component::{
    Compilation, Component, Engine, EngineOptions, GuestOutput, LoadError, Source,
};
use wasi_mcp_host::session::{Server, ServerOptions};

use super::arguments::{ComponentArguments, CompositionArguments, Named, SandboxArguments};
use super::compose;
use super::logging::Log;
use super::output::first_line;

/// The size of the smallest file whose compilation is logged: smaller ones take long only on a
/// busy machine.
const LEAST_TOLD: usize = 1 << 20;

/// Loads the component as configured, any number of times.
pub(super) struct Loader {
    engine: Engine,
    path: PathBuf,
    precompiled: bool,
    composed: Option<Composed>,
}

/// Components that are served as one.
struct Composed {
    components: Vec<Named>,
    options: CompositionArguments,
}

impl Loader {
    /// Prepares to load a component.
    pub(super) fn new(arguments: &ComponentArguments, log: &Log) -> Result<Self> {
        let path = arguments.component.clone();
        Ok(Self {
            engine: engine(&path, !arguments.no_cache, log)?,
            path,
            precompiled: arguments.precompiled,
            composed: None,
        })
    }

    /// Composes the component with further ones, or with middleware, if there are any.
    pub(super) fn with(
        mut self,
        further: Vec<Named>,
        options: CompositionArguments,
        log: &Log,
    ) -> Result<Self> {
        if further.is_empty() && options.with.is_empty() && !options.prefix {
            return Ok(self);
        }
        let Ok(first) = self.path.to_string_lossy().parse::<Named>();
        let components = [first].into_iter().chain(further).collect();
        let composed = Composed {
            components,
            options,
        };
        let composition = compose::read(&composed.components, &composed.options)?;
        // A component that does not fit is the better reason than a name that two of them have.
        composition.compose()?;
        if composition.parts.len() > 1 {
            compose::compare(&composition, log)?;
        }
        self.composed = Some(composed);
        Ok(self)
    }

    /// Returns the component's path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Loads the component in its current form.
    pub(super) fn load(&self) -> Result<Component> {
        if let Some(Composed {
            components,
            options,
        }) = &self.composed
        {
            let composed = compose::read(components, options)?.compose()?;
            return self
                .engine
                .load(Source::Bytes(&composed))
                .context("the composition cannot be loaded");
        }
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
    sandbox: &SandboxArguments,
    mut options: ServerOptions,
    output: GuestOutput,
) -> Result<Arc<Server>> {
    let mut sandbox = sandbox.sandbox();
    sandbox.output = output;
    sandbox.tell_last_words = options.sandbox.tell_last_words;
    sandbox.check()?;
    options.sandbox = sandbox;
    Ok(Arc::new(Server::new(loader.load()?, options)))
}

/// Warns of a component for WASI 0.3 that can wait through WASI 0.2.
pub(super) fn warn_of_stalls(component: &Component) {
    if let Some(import) = component.stalling_import() {
        tracing::warn!(
            "this component for WASI 0.3 imports {import}: if it waits through WASI 0.2, all calls \
             of its instance wait. Use WASI 0.3 to wait, or `--isolation call`"
        );
    }
}

/// Creates an engine for the component at `path`, with the cache of this user if it is wanted.
pub(super) fn engine(path: &Path, keeps_code: bool, log: &Log) -> Result<Engine> {
    let options = EngineOptions::default().on_compilation(shown(path, log));
    Ok(Engine::new_or_uncached(if keeps_code {
        options.with_user_cache()
    } else {
        options
    })?)
}

/// Shows a long compilation: on a terminal while it lasts, elsewhere by one
/// line.
fn shown(path: &Path, log: &Log) -> impl Fn(Compilation) + Send + Sync + 'static {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let name = first_line(&name.to_string_lossy());
    let log = log.clone();
    // True once the line is written; on a terminal the spinner.
    let state = Mutex::new((false, None::<ProgressBar>));
    move |compilation| {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let (is_told, bar) = &mut *state;
        if compilation.has_ended {
            *is_told = false;
            if let Some(bar) = bar.take() {
                bar.finish_and_clear();
            }
            return;
        }
        let what = format!(
            "compiling {name} ({})",
            HumanBytes(compilation.bytes as u64)
        );
        if log.is_for_a_person() {
            bar.get_or_insert_with(|| {
                let bar = ProgressBar::new_spinner()
                    .with_message(what)
                    .with_elapsed(compilation.elapsed);
                if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
                    bar.set_style(style);
                }
                bar.enable_steady_tick(Duration::from_millis(100));
                bar
            });
        } else if compilation.bytes >= LEAST_TOLD && !std::mem::replace(is_told, true) {
            let kept = if compilation.is_kept {
                "cached"
            } else {
                "not cached"
            };
            log.say(&format!("{what}: the result is {kept}"));
        }
    }
}

/// Creates a runtime for one session, with everything on this thread.
pub(super) fn single_threaded() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime cannot be started")
}

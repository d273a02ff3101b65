//! Makes a server from the arguments.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use wasi_mcp_host::component::{
    Compilation, Engine, EngineOptions, GuestOutput, Isolation, LoadError, Optimization, Source,
    Tiered,
};
use wasi_mcp_host::session::{Server, ServerOptions};

use super::arguments::{
    CompilerChoice, CompositionArguments, LoadingArguments, Named, SandboxArguments,
};
use super::compose;
use super::logging::Log;
use super::output::first_line;
use super::sources::{self, Located, Sources, not_started};

/// The size of the smallest file whose compilation is logged: smaller ones take long only on a
/// busy machine.
const LEAST_TOLD: usize = 1 << 20;

/// Loads the component as configured, any number of times.
pub(super) struct Loader {
    engine: Engine,
    selection: Selection,
    sources: Sources,
    precompiled: bool,
    compiler: CompilerChoice,
    file: Option<PathBuf>,
    /// As it was found at the start. The first load takes it; later ones look again, so that they
    /// follow the user's aliases and profiles.
    first: Mutex<Option<Found>>,
    log: Log,
}

/// The components, as the arguments name them.
#[derive(Default)]
pub(super) struct Selection {
    /// The first one, which may be a path with `=`.
    pub(super) first: Option<PathBuf>,
    pub(super) further: Vec<Named>,
    pub(super) options: CompositionArguments,
}

/// The components that a selection means.
enum Found {
    One(Located),
    /// Components that are served as one, with names that were compared.
    Several {
        /// The only one, behind middleware.
        only: Option<Located>,
        /// The name of the first one.
        name: String,
        /// The composition.
        composed: Vec<u8>,
    },
}

impl Loader {
    /// Prepares to load a component.
    pub(super) fn new(component: &Path, loading: &LoadingArguments, log: &Log) -> Result<Self> {
        let selection = Selection {
            first: Some(component.to_owned()),
            ..Selection::default()
        };
        // Hand tools serve debugging.
        Self::selecting(selection, loading, true, log)
    }

    /// Prepares to load a component, or the composition of several. If `names_lines` is set, failures of a
    /// component that is a file name their source lines.
    pub(super) fn selecting(
        selection: Selection,
        loading: &LoadingArguments,
        names_lines: bool,
        log: &Log,
    ) -> Result<Self> {
        let sources = Sources::new(&loading.registry, !loading.no_cache, log);
        let found = selection.find(&sources, loading.precompiled, loading.compiler, log)?;
        let (only, name) = match &found {
            Found::One(located) => (Some(located), located.name()),
            Found::Several { only, name, .. } => (only.as_ref(), name.clone()),
        };
        let file = match only {
            Some(Located::File(path)) => Some(path.clone()),
            _ => None,
        };
        // Debug information from a registry could keep the host busy.
        let has_lines = names_lines && !matches!(found, Found::One(Located::Artifact(_)));
        Ok(Self {
            engine: loading_engine(&name, !loading.no_cache, has_lines, log)?,
            selection,
            sources,
            precompiled: loading.precompiled,
            compiler: loading.compiler,
            file,
            first: Mutex::new(Some(found)),
            log: log.clone(),
        })
    }

    /// Returns the file of the component, if it is one, and the only component.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Loads the component in its current form.
    pub(super) fn load(&self) -> Result<Tiered> {
        let first = self
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let found = match first {
            Some(found) => found,
            None => {
                self.selection
                    .find(&self.sources, self.precompiled, self.compiler, &self.log)?
            }
        };
        let located = match found {
            Found::One(located) => located,
            Found::Several { composed, .. } => {
                return compile(&self.engine, self.compiler, Source::Bytes(&composed))
                    .context("the composition cannot be loaded");
            }
        };
        let pulled;
        let source = match &located {
            Located::File(path) if self.precompiled => Source::Precompiled(path),
            Located::File(path) => Source::File(path),
            Located::Artifact(reference) => {
                pulled = self.sources.pull(reference).map_err(not_started)?;
                Source::Bytes(&pulled)
            }
        };
        compile(&self.engine, self.compiler, source).map_err(|error| match error {
            LoadError::Unreadable { .. } => anyhow::Error::new(error),
            _ => anyhow::Error::new(error).context(format!("{located} cannot be loaded")),
        })
    }
}

/// Compiles a component as chosen.
pub(super) fn compile(
    engine: &Engine,
    choice: CompilerChoice,
    source: Source<'_>,
) -> Result<Tiered, LoadError> {
    match choice {
        CompilerChoice::Auto => engine.load_tiered(source),
        CompilerChoice::Optimizing => engine.load(source).map(Tiered::from),
        CompilerChoice::Baseline => match engine.load_baseline(source) {
            Err(lacking @ (LoadError::Baseline(_) | LoadError::Host(_))) => {
                // If the component itself is at fault, this is the better error.
                let component = engine.load(source)?;
                tracing::debug!("{lacking}: its code is optimised");
                Ok(component.into())
            }
            Ok(component) => {
                tracing::debug!("compiled with the baseline compiler alone");
                Ok(component.into())
            }
            Err(error) => Err(error),
        },
    }
}

impl Selection {
    /// Finds the components. Those of a composition are read, and their names compared.
    fn find(
        &self,
        sources: &Sources,
        precompiled: bool,
        compiler: CompilerChoice,
        log: &Log,
    ) -> Result<Found> {
        let named = self.first.iter().map(|path| {
            let Ok(named) = path.to_string_lossy().parse::<Named>();
            named
        });
        let components: Vec<Named> = named.chain(self.further.iter().cloned()).collect();
        let has_profile = !self.options.profile.is_empty();
        let (components, options) = sources::with_profiles(components, self.options.clone())?;
        let path = match (&self.first, components.first()) {
            (Some(path), _) if !has_profile => path,
            (_, Some(first)) => &first.path,
            (_, None) => {
                bail!("the profile has no components: `wasi-mcp registry profile list` shows it")
            }
        };
        let is_composed = components.len() > 1 || !options.with.is_empty() || options.prefix;
        if !is_composed {
            let located = sources.locate(path).map_err(not_started)?;
            if let (Located::Artifact(reference), true) = (&located, precompiled) {
                bail!(
                    "{reference}: --precompiled runs native code of this machine, from a file: \
                     `wasi-mcp compile` writes one"
                );
            }
            return Ok(Found::One(located));
        }
        if precompiled {
            bail!("--precompiled: native code cannot be composed: expected one file");
        }
        let first = sources.locate(&components[0].path).map_err(not_started)?;
        let composition = compose::read(&components, &options, sources).map_err(not_started)?;
        // A component that does not fit is the better reason than a name that two of them have.
        let composed = composition.compose()?;
        let is_alone = composition.parts.len() == 1;
        if !is_alone {
            compose::compare(&composition, compiler, log)?;
        }
        Ok(Found::Several {
            name: first.name(),
            only: is_alone.then_some(first),
            composed,
        })
    }
}

/// Loads the component and makes a server of it, with the sandbox of the arguments. Also returns the
/// optimisation that remains, if any.
pub(super) fn serve(
    loader: &Loader,
    sandbox: &SandboxArguments,
    mut options: ServerOptions,
    output: GuestOutput,
) -> Result<(Arc<Server>, Option<Optimization>)> {
    let mut sandbox = sandbox.sandbox();
    sandbox.output = output;
    sandbox.tell_last_words = options.sandbox.tell_last_words;
    sandbox.check()?;
    options.sandbox = sandbox;
    let loaded = loader.load()?;
    let server = Arc::new(Server::new(loaded.component, options));
    Ok((server, loaded.optimization))
}

/// Warns of a component for WASI 0.3 that can wait through WASI 0.2.
pub(super) fn warn_of_stalls(server: &Server) {
    // An instance for each call has no other call that waits.
    if server.isolation() == Isolation::Call {
        return;
    }
    if let Some(import) = server.component().stalling_import() {
        tracing::warn!(
            "this component for WASI 0.3 imports {import}: if it waits through WASI 0.2, all calls \
             of its instance wait. Use WASI 0.3 to wait, or `--isolation call`"
        );
    }
}

/// Creates an engine for the component of this name, with the cache of this user if it is wanted.
pub(super) fn engine(name: &str, keeps_code: bool, log: &Log) -> Result<Engine> {
    loading_engine(name, keeps_code, false, log)
}

fn loading_engine(name: &str, keeps_code: bool, has_lines: bool, log: &Log) -> Result<Engine> {
    let mut options = EngineOptions::default().on_compilation(shown(name, log));
    if has_lines {
        options = options.with_source_lines();
    }
    if keeps_code {
        options = options.with_user_cache();
    }
    Ok(Engine::new_or_uncached(options)?)
}

/// Shows a long compilation: on a terminal while it lasts, elsewhere by one
/// line.
fn shown(name: &str, log: &Log) -> impl Fn(Compilation) + Send + Sync + 'static {
    let name = first_line(name);
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
        let what = compiling(&name, compilation.bytes);
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
        } else if let Some(line) = line(&what, compilation.bytes, compilation.is_kept)
            && !std::mem::replace(is_told, true)
        {
            log.say(&line);
        }
    }
}

/// Describes the compilation of a component of this size.
fn compiling(name: &str, bytes: usize) -> String {
    format!("compiling {name} ({})", HumanBytes(bytes as u64))
}

/// Returns the log line about a slow compilation. Returns `None` for small components, which compile
/// slowly only on a busy machine.
fn line(what: &str, bytes: usize, is_kept: bool) -> Option<String> {
    let kept = if is_kept { "cached" } else { "not cached" };
    (bytes >= LEAST_TOLD).then(|| format!("{what}: the result is {kept}"))
}

/// Creates a runtime for one session, with everything on this thread.
pub(super) fn single_threaded() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime cannot be started")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_compilation_is_a_line_that_tells_what_becomes_of_it() {
        let line = |bytes, is_kept| line(&compiling("hello.wasm", bytes), bytes, is_kept);
        assert_eq!(
            line(19 << 20, true).as_deref(),
            Some("compiling hello.wasm (19.00 MiB): the result is cached")
        );
        assert_eq!(
            line(LEAST_TOLD, false).as_deref(),
            Some("compiling hello.wasm (1.00 MiB): the result is not cached")
        );
        assert_eq!(line(LEAST_TOLD - 1, true), None);
    }
}

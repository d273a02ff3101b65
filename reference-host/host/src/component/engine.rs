//! The compilers, the linkers and the clock tick for all components of a process.
//!
//! There is one of each for each kind of component that was met.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use wasmtime::component::Linker;
use wasmtime::{Cache, CacheConfig, Config, EngineWeak};

use super::load::LoadError;
use super::state::State;
use super::{p2, p3};

/// How often the epoch advances: the longest time for which a guest that
/// computes keeps other work on its thread waiting.
pub const TICK: Duration = Duration::from_millis(10);

/// How an [`Engine`] is set up.
#[derive(Clone, Default)]
pub struct EngineOptions {
    cache: Option<PathBuf>,
    configure: Option<Arc<Configure>>,
    imports: Option<Arc<AddImports>>,
}

type Configure = dyn Fn(&mut Config) + Send + Sync;
type AddImports = dyn Fn(&mut Linker<State>) -> wasmtime::Result<()> + Send + Sync;

impl EngineOptions {
    /// Keeps compiled code in a folder between starts. It is created with mode 0700, and refused
    /// where others can write to it or own it, since its files are run as native code. By default
    /// nothing is kept.
    #[must_use]
    pub fn with_cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = Some(folder.into());
        self
    }

    /// Changes the configuration of the compilers, each time before one is made. The host then
    /// sets what it relies on: the component model with its asynchronous part where a component
    /// needs it, epoch interruption, and the cache.
    #[must_use]
    pub fn with_config(mut self, configure: impl Fn(&mut Config) + Send + Sync + 'static) -> Self {
        self.configure = Some(Arc::new(configure));
        self
    }

    /// Adds imports of the embedder to each linker, beside those of WASI and `wasi:mcp`. They
    /// reach a value of the embedder with [`State::extension`].
    #[must_use]
    pub fn with_imports(
        mut self,
        add: impl Fn(&mut Linker<State>) -> wasmtime::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.imports = Some(Arc::new(add));
        self
    }
}

impl std::fmt::Debug for EngineOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("EngineOptions")
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

/// The cache folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the cache folder {} cannot be used: {reason}", folder.display())]
pub struct EngineError {
    /// The folder.
    pub folder: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// Compiles components and links them to WASI 0.2, WASI 0.3 and `wasi:mcp`.
///
/// Cheap to clone: all clones share the compiled code and the linkers.
#[derive(Clone)]
pub struct Engine(Arc<Engines>);

struct Engines {
    cache: Option<Cache>,
    options: EngineOptions,
    /// By the place of their kind in [`Kind::ALL`].
    tools: [OnceLock<Tools>; Kind::ALL.len()],
}

/// A compiler with its linker.
pub(super) struct Tools {
    pub(super) wasmtime: wasmtime::Engine,
    pub(super) linker: Linker<State>,
}

/// What a component asks of its compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// It uses the asynchronous part of the component model, as those of the 0.3
    /// package do. The stores of others do without an event loop of their own,
    /// which makes their calls cheaper.
    pub(super) concurrent: bool,
    /// Its memories begin with much in them: instances share that until they
    /// write to it. A memory that is copied instead takes two entries less in
    /// the system's table of mappings, which bounds the number of instances.
    pub(super) mapped: bool,
}

impl Kind {
    /// All kinds.
    pub(super) const ALL: [Self; 4] = [
        Self::new(false, false),
        Self::new(true, false),
        Self::new(false, true),
        Self::new(true, true),
    ];

    /// From so many bytes on a component's memories are mapped.
    const LARGE: usize = 2 << 20;

    const fn new(concurrent: bool, mapped: bool) -> Self {
        Self { concurrent, mapped }
    }

    /// The kind of a component of so many bytes.
    pub(super) fn of(concurrent: bool, bytes: usize) -> Self {
        Self::new(concurrent, bytes >= Self::LARGE)
    }
}

impl Engine {
    /// Makes an engine. Compilers and linkers are set up for what is loaded.
    ///
    /// # Errors
    ///
    /// When the cache folder cannot be created or made private.
    pub fn new(options: EngineOptions) -> Result<Self, EngineError> {
        let folder = options.cache.as_deref();
        let cache = folder.map(open_cache).transpose()?;
        Ok(Self(Arc::new(Engines {
            cache,
            options,
            tools: Default::default(),
        })))
    }

    /// Does something with what compiles and links components of this kind. That
    /// is kept once it has been of use.
    ///
    /// # Errors
    ///
    /// [`LoadError::Host`] when there can be no such tools, and what `act` fails with.
    pub(super) fn with_tools<T>(
        &self,
        kind: Kind,
        act: impl FnOnce(&Tools) -> Result<T, LoadError>,
    ) -> Result<T, LoadError> {
        let mut kinds = Kind::ALL.iter().zip(&self.0.tools);
        let place = kinds.find(|(other, _)| **other == kind);
        let place = place.map(|(_, place)| place);
        if let Some(tools) = place.and_then(OnceLock::get) {
            return act(tools);
        }
        let tools =
            Tools::new(kind, &self.0).map_err(|error| LoadError::Host(format!("{error:#}")))?;
        let done = act(&tools)?;
        if let Some(place) = place {
            // Whoever comes second throws its own away.
            let _ = place.set(tools);
        }
        Ok(done)
    }
}

impl Tools {
    fn new(kind: Kind, engines: &Engines) -> wasmtime::Result<Self> {
        let mut config = Config::new();
        if let Some(configure) = &engines.options.configure {
            configure(&mut config);
        }
        config
            .wasm_component_model(true)
            .wasm_component_model_async(kind.concurrent)
            .concurrency_support(kind.concurrent)
            .memory_init_cow(kind.mapped)
            .epoch_interruption(true)
            .cache(engines.cache.clone());
        let wasmtime = wasmtime::Engine::new(&config)?;
        let mut linker = link(&wasmtime, kind)?;
        if let Some(add) = &engines.options.imports {
            add(&mut linker)?;
        }
        start_ticker(wasmtime.weak())?;
        Ok(Self { wasmtime, linker })
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Engine").finish_non_exhaustive()
    }
}

fn link(engine: &wasmtime::Engine, kind: Kind) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    p2::add_to_linker(&mut linker)?;
    if kind.concurrent {
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
        p3::add_to_linker(&mut linker)?;
    }
    Ok(linker)
}

fn open_cache(folder: &std::path::Path) -> Result<Cache, EngineError> {
    let unusable = |reason: String| EngineError {
        folder: folder.to_owned(),
        reason,
    };
    create_private(folder).map_err(|error| unusable(error.to_string()))?;
    let folder = folder
        .canonicalize()
        .map_err(|error| unusable(error.to_string()))?;
    let mut config = CacheConfig::new();
    config.with_directory(folder);
    Cache::new(config).map_err(|error| unusable(format!("{error:#}")))
}

/// Creates the folder for its owner alone, or takes one that is so already.
/// Whoever can write there can run code as this user, so a folder that is or
/// was open is refused rather than closed: something may lie in it.
fn create_private(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
        builder.mode(0o700).create(folder)?;
        let found = std::fs::symlink_metadata(folder)?;
        // A folder that was made just now belongs to this process's user.
        let probe = tempfile::tempdir_in(folder)?;
        let user = std::fs::metadata(probe.path())?.uid();
        if !found.is_dir() || found.mode() & 0o077 != 0 || found.uid() != user {
            return Err(std::io::Error::new(
                std::io::ErrorKind::PermissionDenied,
                "it must be a folder of this user that nobody else can open (mode 0700)",
            ));
        }
        Ok(())
    }
    #[cfg(not(unix))]
    builder.create(folder)
}

/// Advances the epoch until the engine is gone.
fn start_ticker(engine: EngineWeak) -> wasmtime::Result<()> {
    std::thread::Builder::new()
        .name("wasi-mcp-epoch".to_owned())
        .spawn(move || {
            while let Some(engine) = engine.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        })
        .map_err(|error| {
            wasmtime::format_err!("the thread that advances the epoch cannot be started: {error}")
        })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_cache_folder_is_made_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let cache = parent.path().join("deep/cache");
        let options = EngineOptions::default().with_cache(&cache);
        Engine::new(options.clone()).unwrap();
        let mode = std::fs::metadata(&cache).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        Engine::new(options).expect("a private folder is taken again");
    }

    #[cfg(unix)]
    #[test]
    fn a_cache_folder_that_others_can_open_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        for mode in [0o777, 0o750, 0o701] {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(folder.path(), permissions).unwrap();
            let refused = Engine::new(EngineOptions::default().with_cache(folder.path()));
            let text = refused.expect_err("an open folder").to_string();
            assert!(text.contains("mode 0700"), "{mode:o}: {text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_the_cache_folder_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let link = parent.path().join("cache");
        std::os::unix::fs::symlink(tempfile::tempdir().unwrap().keep(), &link).unwrap();
        assert!(Engine::new(EngineOptions::default().with_cache(link)).is_err());
    }
}

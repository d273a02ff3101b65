//! The compilers, the linkers and the clock tick for all components of a process.
//!
//! There is one of each for each kind of component that was met.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context as _, Result};
use wasmtime::component::Linker;
use wasmtime::{Cache, CacheConfig, Config, EngineWeak};

use super::load::LoadError;
use super::state::State;
use super::{p2, p3};

/// How often the epoch advances: the longest time for which a guest that
/// computes keeps other work on its thread waiting.
pub const TICK: Duration = Duration::from_millis(10);

/// How an [`Engine`] is set up.
#[derive(Debug, Clone, Default)]
pub struct EngineOptions {
    /// A folder that keeps compiled code between starts. It is created with
    /// mode 0700, and refused where others can write to it or own it, since
    /// what lies in it is run as native code. `None`: nothing is kept.
    pub cache: Option<PathBuf>,
}

/// Compiles components and links them to WASI 0.2, WASI 0.3 and `wasi:mcp`.
///
/// Cheap to clone: all clones share the compiled code and the linkers.
#[derive(Clone)]
pub struct Engine(Arc<Engines>);

struct Engines {
    cache: Option<Cache>,
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
    pub fn new(options: EngineOptions) -> Result<Self> {
        let cache = options
            .cache
            .map(|folder| open_cache(&folder))
            .transpose()?;
        Ok(Self(Arc::new(Engines {
            cache,
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
        let tools = Tools::new(kind, self.0.cache.clone())
            .map_err(|error| LoadError::Host(format!("{error:#}")))?;
        let done = act(&tools)?;
        if let Some(place) = place {
            // Whoever comes second throws its own away.
            let _ = place.set(tools);
        }
        Ok(done)
    }
}

impl Tools {
    fn new(kind: Kind, cache: Option<Cache>) -> Result<Self> {
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            .wasm_component_model_async(kind.concurrent)
            .concurrency_support(kind.concurrent)
            .memory_init_cow(kind.mapped)
            .epoch_interruption(true)
            .cache(cache);
        let wasmtime = wasmtime::Engine::new(&config).map_err(boxed)?;
        let linker = link(&wasmtime, kind).map_err(boxed)?;
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

/// The same error for callers who do not know wasmtime.
pub(super) fn boxed(error: wasmtime::Error) -> anyhow::Error {
    anyhow::Error::from_boxed(error.into_boxed_dyn_error())
}

fn open_cache(folder: &std::path::Path) -> Result<Cache> {
    let describe = || format!("the cache folder {} cannot be used", folder.display());
    create_private(folder).with_context(describe)?;
    let folder = folder.canonicalize().with_context(describe)?;
    let mut config = CacheConfig::new();
    config.with_directory(folder.clone());
    Cache::new(config).map_err(boxed).with_context(describe)
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
fn start_ticker(engine: EngineWeak) -> Result<()> {
    std::thread::Builder::new()
        .name("wasi-mcp-epoch".to_owned())
        .spawn(move || {
            while let Some(engine) = engine.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        })
        .context("the thread that advances the epoch cannot be started")?;
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
        let cache = Some(parent.path().join("deep/cache"));
        Engine::new(EngineOptions {
            cache: cache.clone(),
        })
        .unwrap();
        let mode = std::fs::metadata(cache.clone().unwrap())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
        Engine::new(EngineOptions { cache }).expect("a private folder is taken again");
    }

    #[cfg(unix)]
    #[test]
    fn a_cache_folder_that_others_can_open_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        for mode in [0o777, 0o750, 0o701] {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(folder.path(), permissions).unwrap();
            let refused = Engine::new(EngineOptions {
                cache: Some(folder.path().to_owned()),
            });
            let text = format!("{:#}", refused.expect_err("an open folder"));
            assert!(text.contains("mode 0700"), "{mode:o}: {text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_the_cache_folder_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let link = parent.path().join("cache");
        std::os::unix::fs::symlink(tempfile::tempdir().unwrap().keep(), &link).unwrap();
        assert!(Engine::new(EngineOptions { cache: Some(link) }).is_err());
    }
}

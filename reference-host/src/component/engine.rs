//! One compiler, one linker and one clock tick for all components of a process.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use wasmtime::component::Linker;
use wasmtime::{Cache, CacheConfig, Config, EngineWeak};

use super::state::State;
use super::{p2, p3};

/// How often the epoch advances: the longest time for which a guest that
/// computes keeps other work on its thread waiting.
pub const TICK: Duration = Duration::from_millis(10);

/// How an [`Engine`] is set up.
#[derive(Debug, Clone, Default)]
pub struct EngineOptions {
    /// A folder that keeps compiled code between starts. It is created with
    /// mode 0700, since what lies in it is run as native code. `None`: nothing
    /// is kept.
    pub cache: Option<PathBuf>,
}

/// Compiles components and links them to WASI 0.2, WASI 0.3 and `wasi:mcp`.
///
/// Cheap to clone: all clones share the compiled code and the linker.
#[derive(Clone)]
pub struct Engine {
    wasmtime: wasmtime::Engine,
    linker: std::sync::Arc<Linker<State>>,
}

impl Engine {
    /// Sets up a compiler and links every interface that a guest may import.
    ///
    /// # Errors
    ///
    /// When the cache folder cannot be created or made private, or the machine
    /// cannot run wasmtime's code.
    pub fn new(options: EngineOptions) -> Result<Self> {
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            .wasm_component_model_async(true)
            .epoch_interruption(true);
        if let Some(folder) = options.cache {
            config.cache(Some(open_cache(&folder)?));
        }
        let wasmtime = wasmtime::Engine::new(&config).map_err(boxed)?;
        let linker = link(&wasmtime).map_err(boxed)?;
        start_ticker(wasmtime.weak())?;
        Ok(Self {
            wasmtime,
            linker: std::sync::Arc::new(linker),
        })
    }

    pub(super) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.wasmtime
    }

    pub(super) fn linker(&self) -> &Linker<State> {
        &self.linker
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Engine").finish_non_exhaustive()
    }
}

fn link(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    p2::add_to_linker(&mut linker)?;
    p3::add_to_linker(&mut linker)?;
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

/// Creates the folder for its owner alone, and takes an existing one only when
/// it can be made so: whoever can write here can run code as this user.
fn create_private(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
        builder.mode(0o700).create(folder)?;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
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
    fn the_cache_folder_is_private_even_when_it_was_open_before() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("deep/cache");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        Engine::new(EngineOptions {
            cache: Some(folder.clone()),
        })
        .unwrap();
        let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}

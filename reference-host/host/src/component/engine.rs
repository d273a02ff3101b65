//! The compilers, the linkers and the epoch ticker for all components of a process.
//!
//! Each kind of component gets one compiler and one linker, created on first use.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use wasmtime::component::Linker;
use wasmtime::{Cache, CacheConfig, Config, EngineWeak, Strategy, WasmBacktraceDetails};

use super::load::LoadError;
use super::shares::Shares;
use super::state::State;
use super::{files, p2, p3, refusals};

/// The interval at which the epoch advances: the longest time for which a guest that computes can
/// delay other work on its thread.
pub const TICK: Duration = Duration::from_millis(10);

/// Options of an [`Engine`].
#[derive(Clone, Default)]
pub struct EngineOptions {
    cache: Option<PathBuf>,
    configure: Option<Arc<Configure>>,
    imports: Option<Arc<AddImports>>,
    progress: Option<Arc<ReportProgress>>,
    lines: bool,
}

type Configure = dyn Fn(&mut Config) + Send + Sync;
type AddImports = dyn Fn(&mut Linker<State>) -> wasmtime::Result<()> + Send + Sync;
type ReportProgress = dyn Fn(Compilation) + Send + Sync;

/// The progress of a compilation that takes longer than a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compilation {
    /// The size of the component, in bytes.
    pub bytes: usize,
    /// The number of this report, counted from 1.
    pub report: u32,
    /// The time since the beginning.
    pub elapsed: Duration,
    /// The code is kept in the cache folder, so that later loads take no such time.
    pub is_kept: bool,
    /// The compilation has ended. This is the last report.
    pub has_ended: bool,
}

/// The part of a stack, in bytes, that baseline code must leave for the host's functions.
const STACK_OF_HOST: usize = 512 << 10;

/// The interval between two reports of a compilation's progress.
const REPORT: Duration = Duration::from_secs(1);

impl EngineOptions {
    /// Keeps compiled code in a folder between starts. The folder is created with mode 0700. It is
    /// refused if another user owns it or can write to it, or could put another folder in its place,
    /// since its files are run as native code. By default nothing is kept.
    #[must_use]
    pub fn with_cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = Some(folder.into());
        self
    }

    /// Keeps compiled code in the folder that all commands of this user share:
    /// `$XDG_CACHE_HOME/wasi-mcp`, or `.cache/wasi-mcp` in the home folder. Without either, nothing
    /// is kept.
    #[must_use]
    pub fn with_user_cache(mut self) -> Self {
        self.cache = user_cache();
        self
    }

    /// Reports compilations that take longer than a second, once a second and at their end. They run
    /// in the call that loads a component, the reports on another thread. That of an
    /// [`Optimization`](super::Optimization) is not reported.
    #[must_use]
    pub fn on_compilation(mut self, report: impl Fn(Compilation) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(report));
        self
    }

    /// Names the source lines at which a component fails, if it has debug information. They are logged,
    /// and added to errors that show the client the last line of the component
    /// ([`Sandbox::tell_last_words`](super::Sandbox::tell_last_words)).
    ///
    /// Debug information is read at each failure, on the thread that serves the session, and for an
    /// unlimited time: enable this option only for components that you trust. Compiled code with debug
    /// information is cached separately from that of engines without this option.
    #[must_use]
    pub fn with_source_lines(mut self) -> Self {
        self.lines = true;
        self
    }

    /// Adjusts the configuration of each compiler before it is created. The host then sets the
    /// options that it relies on: the compiler's strategy, the component model, with its asynchronous part
    /// for components that need it, the way in which memories get their contents, epoch interruption,
    /// and the cache. The baseline compiler is not used if its stack leaves less than 512 KiB for the host's functions.
    #[must_use]
    pub fn with_config(mut self, configure: impl Fn(&mut Config) + Send + Sync + 'static) -> Self {
        self.configure = Some(Arc::new(configure));
        self
    }

    /// Adds the embedder's imports to each linker, beside those of WASI and `wasi:mcp`.
    ///
    /// `add` is called once for each compiler, up to sixteen times. Functions that wait are added with
    /// `func_wrap_async`: `func_wrap` must not block, and `func_wrap_concurrent` is refused by the
    /// compilers for 0.2 components. A function reaches a value of the embedder with
    /// [`InstanceState::extension`](super::InstanceState::extension); it learns neither the session
    /// nor the caller. With `wasmtime::component::bindgen!`, implement the generated `Host` for
    /// [`InstanceState`](super::InstanceState) and call its `add_to_linker` with
    /// `HasSelf<InstanceState>`.
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
            .field("lines", &self.lines)
            .finish_non_exhaustive()
    }
}

/// The cache folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the cache folder {} cannot be used: {reason}", folder.display())]
#[non_exhaustive]
pub struct EngineError {
    /// The folder.
    pub folder: PathBuf,
    /// The problem found.
    pub reason: String,
}

/// Compiles components and links them to WASI 0.2, WASI 0.3 and `wasi:mcp`.
///
/// Cheap to clone: all clones share the compiled code and the linkers.
#[derive(Clone)]
pub struct Engine(Arc<Engines>);

struct Engines {
    shares: Shares,
    cache: Option<Cache>,
    options: EngineOptions,
    /// Indexed by the position of the kind in [`Kind::ALL`].
    toolchains: [OnceLock<Toolchain>; Kind::ALL.len()],
}

/// A compiler with its linker.
pub(super) struct Toolchain {
    pub(super) wasmtime: wasmtime::Engine,
    pub(super) linker: Linker<State>,
    pub(super) shares: Shares,
}

/// The properties of a component that determine the compiler's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// The component uses the asynchronous part of the component model, as components of the 0.3
    /// package do. Stores of other components need no event loop, which makes their calls cheaper.
    pub(super) concurrent: bool,
    /// The component's memories have large initial contents, which instances share until they write
    /// to them. Copying a memory instead saves two entries in the system's table of mappings, which
    /// bounds the number of instances.
    pub(super) mapped: bool,
    /// Keeps debug information, to name the source lines of a failure.
    pub(super) lines: bool,
    /// Its compiler.
    pub(super) compiler: Compiler,
}

/// The compiler of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compiler {
    /// Cranelift.
    Optimizing,
    /// Winch: one pass, without most proposals of WebAssembly after version 2.
    Baseline,
}

impl Kind {
    /// All kinds.
    pub(super) const ALL: [Self; 16] = {
        let mut all = [Self {
            concurrent: false,
            mapped: false,
            lines: false,
            compiler: Compiler::Optimizing,
        }; 16];
        let mut index = 0;
        while index < all.len() {
            all[index].concurrent = index & 1 != 0;
            all[index].mapped = index & 2 != 0;
            all[index].lines = index & 4 != 0;
            if index & 8 != 0 {
                all[index].compiler = Compiler::Baseline;
            }
            index += 1;
        }
        all
    };

    /// The component size, in bytes, from which memories are mapped.
    const LARGE: usize = 2 << 20;
}

impl Engine {
    /// Creates an engine. Compilers and linkers are created when a component first needs them.
    ///
    /// # Errors
    ///
    /// When the cache folder cannot be created or made private.
    pub fn new(options: EngineOptions) -> Result<Self, EngineError> {
        let folder = options.cache.as_deref();
        let cache = folder.map(open_cache).transpose()?;
        Ok(Self(Arc::new(Engines {
            shares: Shares::of_process(),
            cache,
            options,
            toolchains: Default::default(),
        })))
    }

    /// Creates an engine, without the cache if its folder cannot be used: that only costs time, and
    /// a warning says so.
    ///
    /// # Errors
    ///
    /// When the engine cannot be created without a cache either.
    pub fn new_or_uncached(mut options: EngineOptions) -> Result<Self, EngineError> {
        match Self::new(options.clone()) {
            Err(error) if options.cache.is_some() => {
                tracing::warn!("{error}: compiled code is not kept");
                options.cache = None;
                Self::new(options)
            }
            created => created,
        }
    }

    /// Returns the cache, if there is one.
    pub(super) fn cache(&self) -> Option<&Cache> {
        self.0.cache.as_ref()
    }

    /// Returns whether failures name their source lines.
    pub(super) fn names_lines(&self) -> bool {
        self.0.options.lines
    }

    /// Returns the kind of a component of these bytes.
    pub(super) fn kind_of(&self, concurrent: bool, bytes: &[u8], compiler: Compiler) -> Kind {
        Kind {
            concurrent,
            mapped: bytes.len() >= Kind::LARGE,
            // Without debug information the code is the same as that of engines without the option.
            lines: self.names_lines() && memchr::memmem::find(bytes, b".debug_line").is_some(),
            compiler,
        }
    }

    /// Reports a compilation while it runs.
    pub(super) fn watch_compilation<T>(&self, bytes: usize, compile: impl FnOnce() -> T) -> T {
        let Some(report) = &self.0.options.progress else {
            return compile();
        };
        let began = Instant::now();
        let is_kept = self.0.cache.is_some();
        std::thread::scope(|scope| {
            let (running, ended) = mpsc::channel::<()>();
            scope.spawn(move || {
                for number in 1.. {
                    let has_ended = ended.recv_timeout(REPORT) != Err(RecvTimeoutError::Timeout);
                    if number > 1 || !has_ended {
                        report(Compilation {
                            bytes,
                            report: number,
                            elapsed: began.elapsed(),
                            is_kept,
                            has_ended,
                        });
                    }
                    if has_ended {
                        return;
                    }
                }
            });
            let compiled = compile();
            drop(running);
            compiled
        })
    }

    /// Calls `act` with the compiler and linker for this kind of component. They are kept once
    /// `act` has succeeded with them.
    ///
    /// # Errors
    ///
    /// [`LoadError::Host`] when the compiler or linker cannot be created, and any error of `act`.
    pub(super) fn with_toolchain<T>(
        &self,
        kind: Kind,
        act: impl FnOnce(&Toolchain) -> Result<T, LoadError>,
    ) -> Result<T, LoadError> {
        let mut kinds = Kind::ALL.iter().zip(&self.0.toolchains);
        let place = kinds.find(|(other, _)| **other == kind);
        let place = place.map(|(_, place)| place);
        if let Some(toolchain) = place.and_then(OnceLock::get) {
            return act(toolchain);
        }
        let toolchain =
            Toolchain::new(kind, &self.0).map_err(|error| LoadError::Host(format!("{error:#}")))?;
        let done = act(&toolchain)?;
        if let Some(place) = place {
            // Another thread may have won the race: then drop ours.
            let _ = place.set(toolchain);
        }
        Ok(done)
    }
}

impl Toolchain {
    fn new(kind: Kind, engines: &Engines) -> wasmtime::Result<Self> {
        let mut config = Config::new();
        if kind.compiler == Compiler::Baseline {
            // Its frames are larger, and half of a stack is enough for the host.
            config.max_wasm_stack(1 << 20);
        }
        if let Some(configure) = &engines.options.configure {
            configure(&mut config);
        }
        // The default would follow a variable of the environment.
        config.wasm_backtrace_details(match kind.lines {
            true => WasmBacktraceDetails::Enable,
            false => WasmBacktraceDetails::Disable,
        });
        config
            .wasm_component_model(true)
            .wasm_component_model_async(kind.concurrent)
            .concurrency_support(kind.concurrent)
            .memory_init_cow(kind.mapped)
            .epoch_interruption(true)
            .cache(engines.cache.clone());
        config.strategy(match kind.compiler {
            Compiler::Optimizing => Strategy::Cranelift,
            Compiler::Baseline => Strategy::Winch,
        });
        let wasmtime = wasmtime::Engine::new(&config)?;
        let of_host = wasmtime
            .get_async_stack_size()
            .saturating_sub(wasmtime.get_max_wasm_stack());
        if kind.compiler == Compiler::Baseline && of_host < STACK_OF_HOST {
            wasmtime::bail!("the stack leaves {of_host} bytes for the host's functions");
        }
        let mut linker = link(&wasmtime, kind)?;
        if let Some(add) = &engines.options.imports {
            add(&mut linker)?;
        }
        start_ticker(wasmtime.weak())?;
        Ok(Self {
            wasmtime,
            linker,
            shares: engines.shares.clone(),
        })
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
    linker.allow_shadowing(true);
    files::guard_p2(&mut linker)?;
    refusals::note_p2(&mut linker)?;
    if kind.concurrent {
        files::guard_p3(&mut linker)?;
        refusals::note_p3(&mut linker)?;
    }
    linker.allow_shadowing(false);
    Ok(linker)
}

fn open_cache(folder: &Path) -> Result<Cache, EngineError> {
    let unusable = |reason: String| EngineError {
        folder: folder.to_owned(),
        reason,
    };
    let folder = create_private(folder).map_err(|error| unusable(error.to_string()))?;
    let mut config = CacheConfig::new();
    config.with_directory(folder);
    Cache::new(config).map_err(|error| unusable(format!("{error:#}")))
}

/// Creates the folder with access for its owner alone, or accepts an existing one that is already
/// private. Anyone who can write to it can run code as this user. A folder that is or was open is
/// therefore refused rather than made private: it may already hold files of another user.
///
/// Returns the path without links. None of its folders can be replaced by another user.
fn create_private(folder: &Path) -> std::io::Result<PathBuf> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
        builder.mode(0o700).create(folder)?;
        let found = std::fs::symlink_metadata(folder)?;
        // A file created just now belongs to this process's user.
        let probe = tempfile::tempdir_in(folder)?;
        let user = std::fs::metadata(probe.path())?.uid();
        if !found.is_dir() || found.mode() & 0o077 != 0 || found.uid() != user {
            return Err(std::io::Error::new(
                std::io::ErrorKind::PermissionDenied,
                "it must be a folder of this user that nobody else can open (mode 0700)",
            ));
        }
        let folder = folder.canonicalize()?;
        for above in folder.ancestors().skip(1) {
            check_above(above, &std::fs::symlink_metadata(above)?, user)?;
        }
        // From here on nobody else can replace it. It may have been replaced before.
        let now = std::fs::symlink_metadata(&folder)?;
        if (now.dev(), now.ino()) != (found.dev(), found.ino()) {
            return Err(std::io::Error::new(
                std::io::ErrorKind::PermissionDenied,
                "another folder was put in its place",
            ));
        }
        Ok(folder)
    }
    #[cfg(not(unix))]
    {
        builder.create(folder)?;
        folder.canonicalize()
    }
}

/// Checks that only this user and the system's administrator can rename entries of a folder
/// above the cache, and so put another folder in its place.
#[cfg(unix)]
fn check_above(folder: &Path, found: &std::fs::Metadata, user: u32) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    // In such a folder, for example `/tmp`, users can rename only their own entries.
    const STICKY: u32 = 0o1000;
    let mode = found.mode();
    let is_safe = mode & WRITABLE_BY_OTHERS == 0 || mode & STICKY != 0;
    let owner = found.uid();
    if is_safe && (owner == user || owner == 0) {
        return Ok(());
    }
    Err(std::io::Error::new(
        std::io::ErrorKind::PermissionDenied,
        format!(
            "others can write to {}, and put another folder in its place: expected folders of this \
             user or of root, without write access for others (`chmod go-w`)",
            folder.display()
        ),
    ))
}

/// Returns the cache folder of this user, if there is one.
fn user_cache() -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .and_then(absolute)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .map(|folder| folder.join("wasi-mcp"))
}

/// Advances the epoch until the engine is dropped.
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

    #[cfg(unix)]
    #[test]
    fn a_folder_above_the_cache_that_others_can_write_to_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let above = parent.path().join("above");
        let cache = above.join("between/cache");
        let options = || EngineOptions::default().with_cache(&cache);
        Engine::new(options()).unwrap();
        for (mode, is_refused) in [
            (0o777, true),
            (0o775, true),
            (0o757, true),
            (0o1777, false),
            (0o755, false),
            (0o700, false),
        ] {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&above, permissions).unwrap();
            let opened = Engine::new(options());
            assert_eq!(opened.is_err(), is_refused, "{mode:o}");
            if let Err(error) = opened {
                assert!(error.to_string().contains("others can write to"), "{error}");
                Engine::new_or_uncached(options()).expect("an engine without a cache");
            }
        }
        // A link from a safe place into an unsafe one is unsafe, too.
        let permissions = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(&above, permissions).unwrap();
        let link = parent.path().join("link");
        std::os::unix::fs::symlink(&above, &link).unwrap();
        let through = EngineOptions::default().with_cache(link.join("between/cache"));
        assert!(Engine::new(through).is_err());
    }

    #[test]
    fn only_engines_that_name_lines_keep_debug_information() {
        let default = Engine::new(EngineOptions::default()).unwrap();
        let naming = Engine::new(EngineOptions::default().with_source_lines()).unwrap();
        for (engine, bytes, expected) in [
            (&default, "code .debug_line", false),
            (&naming, "code .debug_line", true),
            (&naming, "code", false),
        ] {
            let kind = engine.kind_of(true, bytes.as_bytes(), Compiler::Optimizing);
            assert_eq!(kind.lines, expected, "{bytes}");
            assert!(Kind::ALL.contains(&kind));
        }
    }

    #[test]
    fn a_long_compilation_is_reported_until_its_end() {
        let (sender, reports) = mpsc::channel();
        let sender = std::sync::Mutex::new(sender);
        let options = EngineOptions::default().on_compilation(move |report| {
            // The test may have seen enough.
            let _ = sender.lock().unwrap().send(report);
        });
        let engine = Engine::new(options).unwrap();
        assert_eq!(engine.watch_compilation(1, || 5), 5);
        assert!(reports.try_recv().is_err(), "a short one is not reported");
        let first = engine.watch_compilation(7, || reports.recv().unwrap());
        assert!(!first.has_ended && first.bytes == 7 && !first.is_kept);
        assert_eq!(first.report, 1);
        assert!(first.elapsed >= REPORT);
        let rest: Vec<_> = reports.try_iter().collect();
        assert!(rest.last().is_some_and(|last| last.has_ended), "{rest:?}");
    }
}

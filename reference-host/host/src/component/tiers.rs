//! Two tiers of code for a large component: one that is ready soon, and one that is fast.
//!
//! An optimising compiler takes many seconds for an interpreter of 20 MB. A baseline compiler, which makes
//! a single pass, takes a fraction of them, and its code is slower. So a large component starts with
//! baseline code, and its optimised code replaces that later. Once the optimised code is cached, the
//! next start takes it at once.
//!
//! The cache cannot be asked for its contents. A *mark*, an empty file beside the code, records that the
//! optimised code of a component is there. The cache treats it as one of its own files, and removes it
//! once it has not been used for long.

use std::borrow::Cow;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use super::engine::{Compiler, Engine};
use super::load::{Component, LoadError, Progress, Source, names_0_3, read};

/// The size, in bytes, of the smallest component that starts with baseline code.
const LARGE: usize = 2 << 20;

/// True where wasmtime supports its baseline compiler in tier 1: docs.wasmtime.dev/stability-tiers.html.
const HAS_BASELINE: bool = cfg!(target_arch = "x86_64");

/// The folder of the marks, within the cache. The cache keeps files at this depth.
const MARKS: [&str; 2] = ["optimized", "components"];

/// The lead of a mark's age over the code's: the cache removes old files first, and the code must not
/// go before its mark.
const LEAD: Duration = Duration::from_secs(60);

/// A component that can be served.
#[derive(Debug)]
#[non_exhaustive]
pub struct Tiered {
    /// The component, with the code that was ready first.
    pub component: Component,
    /// The work that remains if that is baseline code. Until it runs, the component stays slow.
    pub optimization: Option<Optimization>,
}

impl From<Component> for Tiered {
    /// Takes a component for which nothing remains to be done.
    fn from(component: Component) -> Self {
        Self {
            component,
            optimization: None,
        }
    }
}

/// The compilation of optimised code for a component that is served with baseline code.
pub struct Optimization {
    engine: Engine,
    component: Vec<u8>,
    mark: Option<PathBuf>,
}

impl Optimization {
    /// Returns whether [`run`](Self::run) tries to store the optimised code for later starts.
    pub fn has_cache(&self) -> bool {
        self.mark.is_some()
    }

    /// Returns whether the optimised code is stored.
    pub fn is_cached(&self) -> bool {
        self.mark.as_deref().is_some_and(Path::exists)
    }

    /// Compiles the component, on half of the processors at a low priority, to leave the others for
    /// serving. This takes seconds, and blocks. The result behaves like the component before, and is
    /// for [`Server::with_component`](crate::session::Server::with_component).
    ///
    /// # Errors
    ///
    /// As of [`Engine::load`]. A component that the baseline compiler has compiled should have none.
    pub fn run(&self) -> Result<Component, LoadError> {
        let mark = self.mark.as_deref();
        let compile = || {
            self.engine
                .load_optimized(&self.component, mark, Progress::Silent)
        };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads((processors / 2).max(1))
            .thread_name(|_| "optimizing".to_owned())
            .start_handler(|_| yield_to_others())
            .build();
        match pool {
            Ok(pool) => pool.install(compile),
            Err(error) => {
                tracing::debug!(%error, "cannot start threads to optimise on");
                compile()
            }
        }
    }
}

impl std::fmt::Debug for Optimization {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Optimization")
            .field("bytes", &self.component.len())
            .finish_non_exhaustive()
    }
}

/// Lowers the priority of this thread. Elsewhere than on Linux, that would be the process's.
fn yield_to_others() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(10) {
        tracing::debug!(%error, "the priority cannot be lowered");
    }
}

impl Engine {
    /// Loads a component so that it can be served soon. A component of 2 MiB or more gets baseline
    /// code and an [`Optimization`] to run, unless its optimised code is cached, or the baseline
    /// compiler does not take it. Others are loaded as by [`Engine::load`].
    ///
    /// # Errors
    ///
    /// As of [`Engine::load`].
    pub fn load_tiered(&self, source: Source<'_>) -> Result<Tiered, LoadError> {
        let bytes = match source {
            Source::Precompiled(_) => return self.load(source).map(Tiered::from),
            Source::Bytes(bytes) => Cow::Borrowed(bytes),
            Source::File(path) => Cow::Owned(read(path)?),
        };
        let mark = self.mark(&bytes);
        let is_optimized = mark.as_deref().is_some_and(Path::exists);
        if HAS_BASELINE && bytes.len() >= LARGE && !is_optimized {
            match self.load_baseline(Source::Bytes(&bytes)) {
                Ok(component) => {
                    return Ok(Tiered {
                        component,
                        optimization: Some(Optimization {
                            engine: self.clone(),
                            component: bytes.into_owned(),
                            mark,
                        }),
                    });
                }
                Err(error @ (LoadError::Baseline(_) | LoadError::Host(_))) => {
                    tracing::debug!(%error, "optimised code is compiled instead");
                }
                Err(error) => return Err(error),
            }
        }
        self.load_optimized(&bytes, mark.as_deref(), Progress::Reported)
            .map(Tiered::from)
    }

    /// Loads a component with baseline code: for development, where no code lives long. The compiler
    /// reports most features that it lacks as errors, and panics at some; the message of such a panic may
    /// be printed.
    ///
    /// # Errors
    ///
    /// As of [`Engine::load`], and [`LoadError::Baseline`].
    pub fn load_baseline(&self, source: Source<'_>) -> Result<Component, LoadError> {
        let bytes = match source {
            Source::Bytes(bytes) => Cow::Borrowed(bytes),
            Source::File(path) => Cow::Owned(read(path)?),
            Source::Precompiled(_) => return self.load(source),
        };
        if !HAS_BASELINE {
            let reason = "wasmtime's support for it is of tier 1 on x86-64 alone";
            return Err(LoadError::Baseline(reason.to_owned()));
        }
        catch_unwind(AssertUnwindSafe(|| {
            self.load_with(&bytes, Compiler::Baseline, Progress::Reported)
        }))
        .unwrap_or_else(|_| Err(LoadError::Baseline("it panicked".to_owned())))
    }

    /// Loads a component with optimised code, and marks it if that is in the cache.
    pub(super) fn load_optimized(
        &self,
        bytes: &[u8],
        mark: Option<&Path>,
        progress: Progress,
    ) -> Result<Component, LoadError> {
        // A miss counts once its code is stored.
        let kept = || {
            self.cache()
                .map_or(0, |cache| cache.cache_hits() + cache.cache_misses())
        };
        let (begun, before) = (SystemTime::now(), kept());
        let component = self.load_with(bytes, Compiler::Optimizing, progress)?;
        if let Some(mark) = mark {
            let marked = if kept() > before {
                // Each time, so that it counts as used.
                write(mark)
            } else {
                remove(mark, begun)
            };
            if let Err(error) = marked {
                tracing::debug!(%error, "{} cannot be changed", mark.display());
            }
        }
        Ok(component)
    }

    /// Returns the path of the component's mark, if it is large and there is a cache.
    pub(super) fn mark(&self, bytes: &[u8]) -> Option<PathBuf> {
        let folder = self.cache().filter(|_| bytes.len() >= LARGE)?.directory();
        let kind = self.kind_of(names_0_3(bytes), bytes, Compiler::Optimizing);
        let mut settings = DefaultHasher::new();
        self.with_toolchain(kind, |toolchain| {
            let hash = toolchain.wasmtime.precompile_compatibility_hash();
            hash.hash(&mut settings);
            Ok(())
        })
        .ok()?;
        let component = Sha256::digest(bytes);
        let name = format!("{component:x}-{:x}", settings.finish());
        Some(folder.join(MARKS[0]).join(MARKS[1]).join(name))
    }
}

fn write(mark: &Path) -> io::Result<()> {
    mark.parent().map_or(Ok(()), fs::create_dir_all)?;
    let file = File::create(mark)?;
    file.set_modified(SystemTime::now() - LEAD)
}

/// Removes a mark, unless another process has made it since.
fn remove(mark: &Path, begun: SystemTime) -> io::Result<()> {
    match fs::metadata(mark).and_then(|found| found.modified()) {
        Ok(modified) if modified + LEAD < begun => fs::remove_file(mark),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

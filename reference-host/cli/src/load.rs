//! Makes a server from the arguments.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use wasi_mcp_host::component::{Component, Engine, EngineOptions, GuestOutput, LoadError, Source};
use wasi_mcp_host::session::{Server, ServerOptions};

use super::arguments::{ComponentArguments, SandboxArguments};
use super::logging::Log;
use super::output::first_line;

/// The time after which a person is shown that a component is being compiled.
const SHOWN_AFTER: Duration = Duration::from_millis(500);
/// The time after which a log tells it.
const TOLD_AFTER: Duration = Duration::from_secs(1);
/// The size of the smallest file of which a log tells it: others take long only on a busy machine.
const LEAST_TOLD: u64 = 1 << 20;

/// Loads the component as configured, any number of times.
pub(super) struct Loader {
    engine: Engine,
    path: PathBuf,
    precompiled: bool,
    cache: Option<PathBuf>,
    log: Log,
}

impl Loader {
    /// Prepares to load a component.
    pub(super) fn new(arguments: &ComponentArguments, log: &Log) -> Result<Self> {
        let cache = if arguments.no_cache {
            None
        } else {
            cache_folder()
        };
        let (engine, cache) = engine(cache)?;
        Ok(Self {
            engine,
            path: arguments.component.clone(),
            precompiled: arguments.precompiled,
            cache,
            log: log.clone(),
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
        let load = || self.engine.load(source);
        let loaded = if self.precompiled {
            load()
        } else {
            while_shown(&self.path, self.cache.as_deref(), &self.log, load)
        };
        loaded.map_err(|error| match error {
            LoadError::Unreadable { .. } => anyhow::Error::new(error),
            _ => anyhow::Error::new(error)
                .context(format!("{} cannot be loaded", self.path.display())),
        })
    }
}

/// Does `compile`, and shows if it takes long: on a terminal for as long as it takes, elsewhere by
/// one line.
pub(super) fn while_shown<T>(
    path: &Path,
    cache: Option<&Path>,
    log: &Log,
    compile: impl FnOnce() -> T,
) -> T {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let size = path.metadata().map_or(0, |file| file.len());
    let what = format!(
        "compiling {} ({})",
        first_line(&name.to_string_lossy()),
        HumanBytes(size)
    );
    if log.is_for_a_person() {
        let show = |ended: &Receiver<()>| {
            let bar = ProgressBar::new_spinner().with_message(what);
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            // Nothing is ever sent: this waits until the other side is dropped.
            let _ = ended.recv();
            bar.finish_and_clear();
        };
        return while_shown_after(SHOWN_AFTER, show, compile);
    }
    if size < LEAST_TOLD {
        return compile();
    }
    let tell = |_: &Receiver<()>| {
        log.say(&match cache {
            Some(folder) => format!("{what}; the result is cached in {}", folder.display()),
            None => what,
        });
    };
    while_shown_after(TOLD_AFTER, tell, compile)
}

/// Does `work`, and calls `show` on another thread if it takes longer. The receiver ends with the
/// work.
fn while_shown_after<T>(
    time: Duration,
    show: impl FnOnce(&Receiver<()>) + Send,
    work: impl FnOnce() -> T,
) -> T {
    let (working, ended) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let watch = move || {
            if ended.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
                show(&ended);
            }
        };
        // Without a thread nothing is shown.
        let _ = std::thread::Builder::new().spawn_scoped(scope, watch);
        let done = work();
        drop(working);
        done
    })
}

/// Loads the component and makes a server of it, with the sandbox of the arguments.
pub(super) fn serve(
    loader: &Loader,
    sandbox: &SandboxArguments,
    options: ServerOptions,
    output: GuestOutput,
) -> Result<Arc<Server>> {
    let mut sandbox = sandbox.sandbox();
    sandbox.output = output;
    sandbox.check()?;
    let options = ServerOptions { sandbox, ..options };
    Ok(Arc::new(Server::new(loader.load()?, options)))
}

/// Creates an engine, and returns it with the folder that it keeps compiled code in; none if the
/// folder cannot be used, since that only costs time.
pub(super) fn engine(cache: Option<PathBuf>) -> Result<(Engine, Option<PathBuf>)> {
    if let Some(folder) = cache {
        match Engine::new(EngineOptions::default().with_cache(folder.clone())) {
            Ok(engine) => return Ok((engine, Some(folder))),
            Err(error) => tracing::warn!("{error}: compiled code is not kept"),
        }
    }
    Ok((Engine::new(EngineOptions::default())?, None))
}

/// Returns `$XDG_CACHE_HOME/wasi-mcp`, or `.cache/wasi-mcp` in the home folder.
fn cache_folder() -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .and_then(absolute)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .map(|folder| folder.join("wasi-mcp"))
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
    fn work_that_takes_long_is_shown_until_it_ends() {
        let (shown, was_shown) = mpsc::channel();
        let show = |ended: &Receiver<()>| {
            shown.send(()).unwrap();
            assert!(ended.recv().is_err(), "it waits for the end");
        };
        let done = while_shown_after(Duration::from_millis(1), show, || {
            was_shown.recv().unwrap();
            42
        });
        assert_eq!(done, 42);
    }

    #[test]
    fn work_that_is_done_at_once_is_not_shown() {
        let show = |_: &Receiver<()>| panic!("it is done");
        assert_eq!(while_shown_after(Duration::from_hours(1), show, || 42), 42);
    }
}

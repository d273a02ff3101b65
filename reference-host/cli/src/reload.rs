//! Loads a changed component while sessions are open.

use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use wasi_mcp_host::session::ServerHandle;
use wasi_mcp_host::telemetry;

use super::load::{self, Loader};
use super::optimizing::Optimizer;
use super::output::visible;
use super::serve::Hint;
use super::signals::Signals;
use super::trial::hinted;

/// The time for which a file must stay unchanged to count as complete.
const SETTLED: Duration = Duration::from_millis(200);
/// The polling interval for the file, if the system does not report changes.
const LOOK: Duration = Duration::from_secs(5);
/// The delays before retries of a changed file: it may be half written, or depend on something that is late.
const RETRIES: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// Replaces the server for new sessions.
pub(super) struct Reload {
    loader: Arc<Loader>,
    served: ServerHandle,
    optimizer: Optimizer,
    starts: Starts,
    asked: watch::Receiver<u64>,
    stop: CancellationToken,
}

/// What follows when a component is loaded and does not start.
pub(super) struct Starts {
    /// Says what to do about it.
    pub(super) hint: Hint,
    /// True if a start is tried again after a while.
    pub(super) are_retried: bool,
}

/// A reason why a component is not served.
enum Refusal {
    NotLoaded(anyhow::Error),
    /// With the hint.
    NotStarted(String),
}

impl Display for Refusal {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLoaded(error) => write!(formatter, "{error:#}"),
            Self::NotStarted(error) => formatter.write_str(&visible(error)),
        }
    }
}

impl Reload {
    pub(super) fn new(
        loader: Loader,
        served: ServerHandle,
        optimizer: Optimizer,
        starts: Starts,
        signals: &Signals,
    ) -> Self {
        Self {
            loader: Arc::new(loader),
            served,
            optimizer,
            starts,
            asked: signals.reload.clone(),
            stop: signals.stop.clone(),
        }
    }

    /// Loads the component at each SIGHUP and, if there is a `watch`, at each change of its file,
    /// until the command is to stop.
    pub(super) async fn run(mut self, mut watch: Option<FileWatch>) {
        let stop = self.stop.clone();
        let run = async {
            loop {
                tokio::select! {
                    asked = self.asked.changed() => match asked {
                        Ok(()) => self.at_signal().await,
                        Err(_) => return std::future::pending().await,
                    },
                    () = changed(&mut watch) => {
                        if let Some(watch) = &mut watch {
                            self.at_change(watch).await;
                        }
                    }
                }
            }
        };
        stop.run_until_cancelled(run).await;
    }

    async fn at_signal(&self) {
        match self.load().await {
            Ok(()) => self.loaded(),
            Err(error) => self.failed(&error),
        }
    }

    /// Retries for a while. A change meanwhile starts over.
    async fn at_change(&self, watch: &mut FileWatch) {
        let mut retries = RETRIES.into_iter();
        loop {
            match (self.load().await, retries.next()) {
                (Ok(()), _) => return self.loaded(),
                (Err(error @ Refusal::NotStarted(_)), _) if !self.starts.are_retried => {
                    return self.failed(&error);
                }
                (Err(error), None) => return self.failed(&error),
                (Err(error), Some(pause)) => {
                    tracing::debug!("{error}: trying again");
                    sleep(pause).await;
                    if watch.has_changed() {
                        return;
                    }
                }
            }
        }
    }

    /// Loads the component and starts it once before any session gets it.
    async fn load(&self) -> Result<(), Refusal> {
        let loader = Arc::clone(&self.loader);
        let loaded = tokio::task::spawn_blocking(move || loader.load())
            .await
            .context("loading it failed")
            .flatten()
            .map_err(Refusal::NotLoaded)?;
        let server = Arc::new(self.served.current().with_component(loaded.component));
        server
            .probe()
            .await
            .map_err(|error| Refusal::NotStarted(hinted(error.to_string(), &*self.starts.hint)))?;
        load::warn_of_stalls(&server);
        self.served.replace(Arc::clone(&server));
        if let Some(optimization) = loaded.optimization {
            self.optimizer.begin(server, optimization);
        }
        Ok(())
    }

    fn loaded(&self) {
        self.count(telemetry::Reload::Loaded);
        tracing::info!("new sessions get the changed component");
    }

    fn failed(&self, error: &Refusal) {
        self.count(telemetry::Reload::Failed);
        tracing::error!(
            "the changed component does not load or start, the previous one is still served: {error}"
        );
    }

    fn count(&self, outcome: telemetry::Reload) {
        let server = self.served.current();
        server.telemetry().reloads.increment(outcome);
    }
}

/// Resolves when the watched file has changed.
async fn changed(watch: &mut Option<FileWatch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}

/// Watches one file, which may be replaced by another of its name.
pub(super) struct FileWatch {
    path: PathBuf,
    seen: Option<Fingerprint>,
    /// Notified of events in its folder.
    noticed: Arc<Notify>,
    /// Watches until it is dropped.
    _watcher: Option<RecommendedWatcher>,
}

/// Metadata that changes with a file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fingerprint {
    file: PathBuf,
    bytes: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    number: u64,
}

impl Fingerprint {
    /// Returns that of the file at the path, if it exists.
    fn of(path: &Path) -> Option<Self> {
        let file = path.canonicalize().ok()?;
        let metadata = std::fs::metadata(&file).ok()?;
        Some(Self {
            file,
            bytes: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            number: std::os::unix::fs::MetadataExt::ino(&metadata),
        })
    }
}

impl FileWatch {
    /// Detects changes from this call on.
    pub(super) fn new(path: &Path) -> Self {
        let noticed = Arc::new(Notify::new());
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let watcher = watch_folder(folder.unwrap_or(Path::new(".")), &noticed);
        let watcher = watcher
            .inspect_err(|error| {
                tracing::warn!(%error, "changes are seen {LOOK:?} late at most");
            })
            .ok();
        Self {
            path: path.to_owned(),
            seen: Fingerprint::of(path),
            noticed,
            _watcher: watcher,
        }
    }

    /// Waits until the file differs from the last one, and stays unchanged for a while.
    async fn changed(&mut self) {
        loop {
            // An event, or the polling interval.
            let _ = timeout(LOOK, self.noticed.notified()).await;
            if !self.has_changed() {
                continue;
            }
            let mut now = Fingerprint::of(&self.path);
            loop {
                sleep(SETTLED).await;
                let later = Fingerprint::of(&self.path);
                if later == now {
                    break;
                }
                now = later;
            }
            self.seen = now;
            if self.seen.is_some() {
                return;
            }
            // It may be missing only briefly, until another one takes its place.
            tracing::warn!("the component's file is gone: the component before is served");
        }
    }

    fn has_changed(&self) -> bool {
        Fingerprint::of(&self.path) != self.seen
    }
}

/// Watches the file's folder, since a file that is replaced takes its watch along.
fn watch_folder(folder: &Path, noticed: &Arc<Notify>) -> notify::Result<RecommendedWatcher> {
    let noticed = Arc::clone(noticed);
    let mut watcher = notify::recommended_watcher(move |_| noticed.notify_one())?;
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

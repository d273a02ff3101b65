//! Changes of a project's sources.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context as _, Result};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use wasi_mcp_authoring::{Project, unfinished};

/// The time without a further change after which the sources count as complete.
const SETTLED: Duration = Duration::from_millis(200);

/// Watches the sources of a project, but not what its build writes.
pub(super) struct SourceWatch {
    changes: Receiver<()>,
    /// Watches until it is dropped.
    _watcher: RecommendedWatcher,
}

impl SourceWatch {
    /// Notices changes from this call on.
    pub(super) fn new(project: &Project, component: &Path) -> Result<Self> {
        let folder = project.folder();
        let describe = || format!("{} cannot be watched", folder.display());
        // Event paths start with the watched path.
        let folder = folder.canonicalize().with_context(describe)?;
        let sources = Sources {
            folder: folder.clone(),
            ignored: project.ignored_names(),
            component: component.file_name().unwrap_or_default().to_owned(),
        };
        let (sender, changes) = channel();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // A lost event may have been of a source.
            if event.is_ok_and(|event| !sources.concern(&event)) {
                return;
            }
            // The receiver ends with the command.
            let _ = sender.send(());
        })
        .with_context(describe)?;
        watcher
            .watch(&folder, RecursiveMode::Recursive)
            .with_context(describe)?;
        Ok(Self {
            changes,
            _watcher: watcher,
        })
    }

    /// Waits until a source has changed, and nothing more changes for a while.
    pub(super) fn wait(&mut self) -> Result<()> {
        self.changes.recv().context("the file watcher stopped")?;
        loop {
            match self.changes.recv_timeout(SETTLED) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(error) => return Err(error).context("the file watcher stopped"),
            }
        }
    }
}

/// Tells source files from what a build writes.
struct Sources {
    folder: PathBuf,
    ignored: &'static [&'static str],
    component: OsString,
}

impl Sources {
    /// Returns whether the event is about a source.
    fn concern(&self, event: &Event) -> bool {
        !matches!(event.kind, EventKind::Access(_))
            && event.paths.iter().any(|path| self.is_source(path))
    }

    fn is_source(&self, path: &Path) -> bool {
        let path = path.strip_prefix(&self.folder).unwrap_or(path);
        let is_ignored = |part: &std::ffi::OsStr| self.ignored.iter().any(|name| part == *name);
        let is_component = path
            .file_name()
            .is_some_and(|name| name == self.component || name == unfinished(&self.component));
        // The first build may write it.
        let is_lock = path == Path::new("Cargo.lock");
        !path.as_os_str().is_empty() && !path.iter().any(is_ignored) && !is_component && !is_lock
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_writes_is_no_source() {
        let sources = Sources {
            folder: "/project".into(),
            ignored: &["target", "__pycache__"],
            component: "server.wasm".into(),
        };
        for source in [
            "/project/src/lib.rs",
            "/project/app.py",
            "/project/vendor/a.py",
        ] {
            assert!(sources.is_source(Path::new(source)), "{source}");
        }
        for other in [
            "/project",
            "/project/target/release/a",
            "/project/vendor/__pycache__/a.pyc",
            "/project/server.wasm",
            "/project/server.wasm.unfinished",
            "/project/Cargo.lock",
        ] {
            assert!(!sources.is_source(Path::new(other)), "{other}");
        }
    }
}

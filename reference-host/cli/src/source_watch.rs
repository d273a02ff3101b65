//! Changes of a project's sources.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context as _, Result};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use wasi_mcp_authoring::Project;
use wasi_mcp_registry::is_partial;

/// The time without a further change after which the sources count as complete.
const SETTLED: Duration = Duration::from_millis(200);

/// Watches the sources of a project, but not what its build writes.
pub(super) struct SourceWatch {
    /// The paths of sources that changed, or none where they are unknown.
    changes: Receiver<Vec<PathBuf>>,
    sources: Arc<Sources>,
    watcher: RecommendedWatcher,
}

impl SourceWatch {
    /// Notices changes from this call on.
    pub(super) fn new(project: &Project, component: &Path) -> Result<Self> {
        let folder = project.folder();
        let describe = || format!("{} cannot be watched", folder.display());
        // Event paths start with the watched path.
        let folder = folder.canonicalize().with_context(describe)?;
        let sources = Arc::new(Sources {
            folder: folder.clone(),
            ignored: project.ignored_names(),
            component: component.file_name().unwrap_or_default().to_owned(),
            unfinished: project
                .unfinished()
                .file_name()
                .unwrap_or_default()
                .to_owned(),
        });
        let (sender, changes) = channel();
        let relevant = Arc::clone(&sources);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let changed = match event {
                Ok(event) => relevant.changed_sources(event),
                // A lost event may have been of a source.
                Err(_) => Some(Vec::new()),
            };
            if let Some(changed) = changed {
                // The receiver ends with the command.
                let _ = sender.send(changed);
            }
        })
        .with_context(describe)?;
        let mut watch = Self {
            changes,
            sources,
            watcher,
        };
        watch.follow(&folder).with_context(describe)?;
        Ok(watch)
    }

    /// Waits until a source has changed, and nothing more changes for a while.
    pub(super) fn wait(&mut self) -> Result<()> {
        let changed = self.changes.recv().context("the file watcher stopped")?;
        self.follow_all(&changed);
        loop {
            match self.changes.recv_timeout(SETTLED) {
                Ok(changed) => self.follow_all(&changed),
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(error) => return Err(error).context("the file watcher stopped"),
            }
        }
    }

    fn follow_all(&mut self, changed: &[PathBuf]) {
        for path in changed.iter().filter(|path| path.is_dir()) {
            // It may be gone again.
            let _ = self.follow(path);
        }
    }

    /// Watches a folder and those below it, but for those that hold no sources: the folders of a build and of
    /// packages have thousands below them.
    fn follow(&mut self, folder: &Path) -> Result<()> {
        self.watcher.watch(folder, RecursiveMode::NonRecursive)?;
        let entries = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
        for path in entries.filter(|path| path.is_dir()) {
            // A link to a folder above would lead here again and again.
            let is_new = path.canonicalize().is_ok_and(|it| !folder.starts_with(it));
            if is_new && self.sources.is_source(&path) {
                // It may be gone, or closed to this user: the others are watched all the same.
                let _ = self.follow(&path);
            }
        }
        Ok(())
    }
}

/// Tells source files from what a build writes.
struct Sources {
    folder: PathBuf,
    ignored: &'static [&'static str],
    component: OsString,
    unfinished: OsString,
}

impl Sources {
    /// Returns the paths of sources that an event is about, if there are any.
    fn changed_sources(&self, event: Event) -> Option<Vec<PathBuf>> {
        let mut paths = event.paths;
        paths.retain(|path| self.is_source(path));
        let is_change = !matches!(event.kind, EventKind::Access(_));
        (is_change && !paths.is_empty()).then_some(paths)
    }

    fn is_source(&self, path: &Path) -> bool {
        let path = path.strip_prefix(&self.folder).unwrap_or(path);
        let is_ignored = |part: &OsStr| self.ignored.iter().any(|name| part == *name);
        // A linker puts temporary files beside the unfinished component, with longer names.
        let is_component = path.file_name().is_some_and(|name| {
            let begins =
                |with: &OsStr| name.as_encoded_bytes().starts_with(with.as_encoded_bytes());
            name == self.component || begins(&self.unfinished) || is_partial(name)
        });
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
            unfinished: "server.wasm.unfinished".into(),
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
            "/project/.aB3.part",
            "/project/server.wasm.unfinished.core",
            "/project/server.wasm.unfinished.core.tmp1234",
            "/project/Cargo.lock",
        ] {
            assert!(!sources.is_source(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn new_folders_are_watched_but_not_those_of_packages() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().canonicalize().unwrap();
        fs::write(at.join("pyproject.toml"), "[project]\nname = 'a'\n").unwrap();
        fs::create_dir_all(at.join(".venv/package")).unwrap();
        let project = Project::find(&at).unwrap();
        let mut watch = SourceWatch::new(&project, &project.component()).unwrap();
        let next = |watch: &SourceWatch| watch.changes.recv_timeout(Duration::from_secs(10));

        fs::write(at.join(".venv/package/a.py"), "").unwrap();
        fs::create_dir(at.join("words")).unwrap();
        let changed = next(&watch).expect("a new folder is noticed");
        assert_eq!(changed, [at.join("words")]);
        watch.follow_all(&changed);
        fs::write(at.join("words/a.py"), "").unwrap();
        let changed = next(&watch).expect("a file in it is noticed");
        assert_eq!(changed, [at.join("words/a.py")]);
    }
}

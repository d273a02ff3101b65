//! Building a component with the tools of its language.

mod javascript;
mod python;
mod rust;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use crate::language::Language;
use crate::project::Project;
use crate::tool::MissingTool;

/// A component that cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A tool is not there.
    #[error(transparent)]
    Missing(#[from] MissingTool),
    /// A tool failed. It has said why.
    #[error("{tool} failed ({status}): see its output above")]
    Failed {
        /// The tool.
        tool: &'static str,
        /// Its status.
        status: ExitStatus,
    },
    /// A tool cannot be started.
    #[error("{tool} cannot be started")]
    Start {
        /// The tool.
        tool: &'static str,
        /// The cause.
        source: io::Error,
    },
    /// The project lacks something that its build needs.
    #[error("{0}")]
    Project(String),
    /// The component cannot be written.
    #[error("{} cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

/// Builds a project's component and renames it into place, so that a watcher never reads a part of it.
pub(crate) fn build(project: &Project, component: &Path) -> Result<(), BuildError> {
    let unfinished =
        component.with_file_name(unfinished(component.file_name().unwrap_or_default()));
    let built = match project.language() {
        Language::Rust => rust::build(project, &unfinished),
        Language::Python => python::build(project, &unfinished),
        Language::TypeScript | Language::JavaScript => javascript::build(project, &unfinished),
    };
    let moved = built.and_then(|()| {
        let renamed = fs::rename(&unfinished, component);
        renamed.map_err(|source| BuildError::Write {
            path: component.to_owned(),
            source,
        })
    });
    if moved.is_err() {
        // It may not exist.
        let _ = fs::remove_file(&unfinished);
    }
    moved
}

/// Returns the name of a component's file until it is complete, in the same folder.
#[must_use]
pub fn unfinished(component: &OsStr) -> OsString {
    let mut name = component.to_owned();
    name.push(".unfinished");
    name
}

//! Reasons why a component cannot be built.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

/// A missing tool.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{tool} is missing: {remedy}")]
pub struct MissingTool {
    /// The tool.
    pub tool: &'static str,
    /// The command that installs it, or the page that says how.
    pub remedy: Cow<'static, str>,
}

impl MissingTool {
    pub(crate) fn command(tool: &'static str, remedy: impl Into<Cow<'static, str>>) -> Self {
        let remedy = remedy.into();
        Self { tool, remedy }
    }
}

/// A component that cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A tool is not there.
    #[error(transparent)]
    Missing(#[from] MissingTool),
    /// A tool failed. It has said why.
    #[error("{tool} failed ({status}): {}", advice.as_deref().unwrap_or("see its output above"))]
    Failed {
        /// The tool.
        tool: &'static str,
        /// Its status.
        status: ExitStatus,
        /// The change to the project that its output calls for, if that is known.
        advice: Option<String>,
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

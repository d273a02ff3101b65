//! Reports on runs, for human readers and for programs.

pub mod areas;
pub mod badge;
pub mod human;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod page;
mod sections;
mod text;

use serde::Serialize;

use crate::model::requirements::REVISION;
use crate::model::{Run, Summary};

/// Version of the JSON form of [`Report`]. It changes when a member is removed or changes its
/// meaning; members may be added at any time.
pub const SCHEMA: u32 = 2;

/// A report on a set of runs.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of the report's form.
    pub schema: u32,
    /// The version of the suite.
    pub suite: &'static str,
    /// The revision of MCP.
    pub revision: &'static str,
    /// The number of checks by status in all runs together.
    pub summary: Summary,
    /// The runs.
    pub runs: Vec<Run>,
}

impl Report {
    /// Creates a report on these runs.
    pub fn new(runs: Vec<Run>) -> Self {
        let summary = Summary::count(runs.iter().flat_map(|run| &run.results));
        Self {
            schema: SCHEMA,
            suite: env!("CARGO_PKG_VERSION"),
            revision: REVISION,
            summary,
            runs,
        }
    }

    /// Returns true if the report contains a failure.
    pub fn has_failures(&self) -> bool {
        self.summary.failures() > 0
    }
}

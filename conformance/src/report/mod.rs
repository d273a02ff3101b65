//! What a run found, for people and for programs.

pub mod human;
pub mod json;

use serde::Serialize;

use crate::discover::survey::LeftOut;
use crate::driver::connection::Transport;
use crate::requirements::{Level, REVISION};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It holds.
    Pass,
    /// A MUST is violated.
    Fail,
    /// Something less is violated.
    Warn,
    /// The target does not show it.
    Skip,
}

/// The outcome of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The check.
    pub check: String,
    /// The requirements that it judges.
    pub requirements: Vec<String>,
    /// Their level.
    pub level: Level,
    /// How it came out.
    pub status: Status,
    /// What was seen; on a failure what was sent, what came, what was expected.
    pub message: String,
    /// Why it was skipped.
    pub reason: Option<String>,
}

/// How many checks came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Passed.
    pub pass: usize,
    /// Failed.
    pub fail: usize,
    /// Passed with a warning.
    pub warn: usize,
    /// Skipped.
    pub skip: usize,
}

impl Summary {
    fn count<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Self {
        let mut summary = Self::default();
        for verdict in verdicts {
            *match verdict.status {
                Status::Pass => &mut summary.pass,
                Status::Fail => &mut summary.fail,
                Status::Warn => &mut summary.warn,
                Status::Skip => &mut summary.skip,
            } += 1;
        }
        summary
    }
}

/// What was tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// `component`, `command` or `url`.
    pub kind: String,
    /// The component's name, the command line, the URL.
    pub name: String,
    /// Of a component: `0.2` or `0.3`.
    pub variant: Option<String>,
    /// Of a component: `backend` or `service`.
    pub world: Option<String>,
    /// The transport.
    pub transport: Transport,
}

/// A run of the checks against one target over one transport.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// What was tested.
    pub target: Identity,
    /// How many checks came out how.
    pub summary: Summary,
    /// The outcome of each check.
    pub results: Vec<Verdict>,
    /// What could not be exercised, and why.
    #[serde(rename = "notExercised")]
    pub left_out: Vec<LeftOut>,
}

impl Run {
    /// A run with its results.
    pub fn new(target: Identity, results: Vec<Verdict>, left_out: Vec<LeftOut>) -> Self {
        Self {
            target,
            summary: Summary::count(&results),
            results,
            left_out,
        }
    }
}

/// A report on some runs.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of the report's form.
    pub schema: u32,
    /// The revision of MCP.
    pub revision: &'static str,
    /// How many checks came out how in all runs together.
    pub summary: Summary,
    /// The runs.
    pub runs: Vec<Run>,
}

impl Report {
    /// A report on these runs.
    pub fn new(runs: Vec<Run>) -> Self {
        let summary = Summary::count(runs.iter().flat_map(|run| &run.results));
        Self {
            schema: 1,
            revision: REVISION,
            summary,
            runs,
        }
    }

    /// Whether a check failed.
    pub fn has_failures(&self) -> bool {
        self.summary.fail > 0
    }
}

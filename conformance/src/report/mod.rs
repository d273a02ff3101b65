//! What a run found, for people and for programs.

pub mod areas;
pub mod badge;
pub mod human;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod page;
mod sections;
pub mod visible;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::discover::arguments::DEFAULT_SEED;
use crate::discover::survey::LeftOut;
use crate::driver::connection::Transport;
use crate::requirements::{Level, REVISION, catalog};
use crate::runtime;
use crate::transcript::Line;

/// Version of the form of [`Report`] as JSON. It changes when a member is
/// removed or means something else; members may be added at any time.
pub const SCHEMA: u32 = 2;

/// How a check came out, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It holds.
    Pass,
    /// The target does not show it, or the check was not to be made.
    Skip,
    /// It is violated, as the expectations say.
    ExpectedFailure,
    /// Something less than a MUST is violated.
    Warn,
    /// It holds, though the expectations say that it is violated.
    UnexpectedPass,
    /// A MUST is violated; with `--strict` also anything less.
    Fail,
    /// The check was not over in time.
    Timeout,
    /// It is violated, and the server ended the connection by itself.
    Crash,
    /// The suite itself could not do its work.
    HarnessError,
}

impl Status {
    /// All of them, from good to bad.
    pub const ALL: [Self; 9] = [
        Self::Pass,
        Self::Skip,
        Self::ExpectedFailure,
        Self::Warn,
        Self::UnexpectedPass,
        Self::Fail,
        Self::Timeout,
        Self::Crash,
        Self::HarnessError,
    ];

    /// Whether it makes a run fail.
    pub fn is_failure(self) -> bool {
        self >= Self::UnexpectedPass
    }

    /// Whether the check found a requirement violated, expected or not.
    pub fn is_violation(self) -> bool {
        match self {
            Self::ExpectedFailure | Self::Warn | Self::Fail | Self::Timeout | Self::Crash => true,
            Self::Pass | Self::Skip | Self::UnexpectedPass | Self::HarnessError => false,
        }
    }

    /// Its name in reports for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Skip => "skip",
            Self::ExpectedFailure => "expected-failure",
            Self::Warn => "warn",
            Self::UnexpectedPass => "unexpected-pass",
            Self::Fail => "fail",
            Self::Timeout => "timeout",
            Self::Crash => "crash",
            Self::HarnessError => "harness-error",
        }
    }

    /// What is said of so many checks that came out like this: `3 failed`.
    pub fn participle(self) -> &'static str {
        match self {
            Self::Pass => "passed",
            Self::Skip => "skipped",
            Self::ExpectedFailure => "failed as expected",
            Self::Warn => "warned",
            Self::UnexpectedPass => "passed unexpectedly",
            Self::Fail => "failed",
            Self::Timeout => "timed out",
            Self::Crash => "crashed the server",
            Self::HarnessError => "could not be judged",
        }
    }
}

/// A requirement that is violated, for someone who wants to read about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// Its id in the catalogue.
    pub requirement: String,
    /// What it says, in one sentence.
    pub text: String,
    /// Where the specification says it.
    pub link: String,
}

/// The outcome of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The check.
    pub check: String,
    /// What it is for, in one sentence.
    pub intent: String,
    /// The requirements that it judges.
    pub requirements: Vec<String>,
    /// Their level.
    pub level: Level,
    /// How it came out.
    pub status: Status,
    /// What was seen; on a failure what was sent, what came, what was expected.
    pub message: String,
    /// Why it was skipped; for an expected failure why it is expected.
    pub reason: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(rename = "durationMilliseconds", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// Where the run was repeated and did not always come out alike: how often it came out how.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub repetitions: BTreeMap<&'static str, usize>,
    /// On a violation: the clauses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<Clause>,
    /// On a violation: the last messages of the sessions in which the check worked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wire: Vec<Line>,
}

impl Verdict {
    /// The page of the specification to which the check belongs.
    pub fn page(&self) -> &str {
        self.check.split('/').next().unwrap_or(&self.check)
    }
}

/// The clauses of these requirements, of MCP or of the interface `wasi:mcp`.
pub fn clauses(requirements: &[String]) -> Vec<Clause> {
    let of_mcp = |id: &str| catalog().get(id).map(|row| (row.requirement, row.link()));
    let of_the_interface =
        |id: &str| runtime::requirements::get(id).map(|row| (row.requirement, row.link()));
    let clauses = requirements.iter().filter_map(|id| {
        let (text, link) = of_mcp(id).or_else(|| of_the_interface(id))?;
        Some(Clause {
            requirement: id.clone(),
            text: text.to_owned(),
            link,
        })
    });
    clauses.collect()
}

fn milliseconds<S: serde::Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

/// How many checks came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    counts: [usize; Status::ALL.len()],
}

impl Summary {
    /// Counts verdicts.
    pub fn count<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Self {
        let mut summary = Self::default();
        for verdict in verdicts {
            summary.add(verdict.status);
        }
        summary
    }

    /// Counts one more.
    pub fn add(&mut self, status: Status) {
        self.counts[status as usize] += 1;
    }

    /// How many came out like this.
    pub fn of(self, status: Status) -> usize {
        self.counts[status as usize]
    }

    /// How many make the run fail.
    pub fn failures(self) -> usize {
        let failing = Status::ALL.into_iter().filter(|status| status.is_failure());
        failing.map(|status| self.of(status)).sum()
    }

    /// The outcomes that are told: passed and failed always and first, others where there are any.
    pub fn told(self) -> Vec<Status> {
        let always = |status: &Status| matches!(status, Status::Pass | Status::Fail);
        let first = Status::ALL.into_iter().filter(always);
        let others = Status::ALL.into_iter();
        let others = others.filter(|status| !always(status) && self.of(*status) > 0);
        first.chain(others).collect()
    }

    /// How many there are.
    pub fn total(self) -> usize {
        self.counts.iter().sum()
    }
}

impl Serialize for Summary {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            Status::ALL
                .into_iter()
                .map(|status| (status.name(), self.of(status))),
        )
    }
}

/// What was tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// `component`, `command`, `url` or `runtime`.
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

impl Identity {
    /// What it is, in a few words.
    pub fn title(&self) -> String {
        let detail = [self.world.as_deref(), self.variant.as_deref()];
        let detail: Vec<&str> = detail.into_iter().flatten().collect();
        let detail = if detail.is_empty() {
            String::new()
        } else {
            format!(" ({})", detail.join(", "))
        };
        format!(
            "{} {}{detail} over {}",
            self.kind, self.name, self.transport
        )
    }
}

/// A run of the checks against one target over one transport.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// What was tested.
    pub target: Identity,
    /// The seed of the arguments that were made by chance.
    pub seed: u64,
    /// How long it took, in milliseconds.
    #[serde(rename = "durationMilliseconds", serialize_with = "milliseconds")]
    pub duration: Duration,
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
    pub fn new(
        target: Identity,
        duration: Duration,
        results: Vec<Verdict>,
        left_out: Vec<LeftOut>,
    ) -> Self {
        Self {
            target,
            seed: DEFAULT_SEED,
            duration,
            summary: Summary::count(&results),
            results,
            left_out,
        }
    }

    /// Counts again, after verdicts were changed.
    pub fn recount(&mut self) {
        self.summary = Summary::count(&self.results);
    }

    /// The verdicts by the page of the specification, in order.
    pub fn pages(&self) -> Vec<(&str, Vec<&Verdict>)> {
        let mut pages: Vec<(&str, Vec<&Verdict>)> = Vec::new();
        for verdict in &self.results {
            match pages.last_mut().filter(|(last, _)| *last == verdict.page()) {
                Some((_, verdicts)) => verdicts.push(verdict),
                None => pages.push((verdict.page(), vec![verdict])),
            }
        }
        pages
    }
}

/// A report on some runs.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of the report's form.
    pub schema: u32,
    /// The version of the suite.
    pub suite: &'static str,
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
            schema: SCHEMA,
            suite: env!("CARGO_PKG_VERSION"),
            revision: REVISION,
            summary,
            runs,
        }
    }

    /// Whether something makes the report fail.
    pub fn has_failures(&self) -> bool {
        self.summary.failures() > 0
    }
}

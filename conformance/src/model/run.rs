//! A run of the checks against one target.

use std::fmt;
use std::ops::AddAssign;
use std::time::Duration;

use serde::Serialize;

use super::duration::in_words;
use super::transport::Transport;
use super::verdict::{Summary, Verdict, milliseconds};

/// The default seed of generated arguments.
pub const DEFAULT_SEED: u64 = 20_250_618;

/// The judged target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// `component`, `command`, `url`, `runtime` or `recording`.
    pub kind: String,
    /// The component's name, the command line, the URL, the name of the file.
    pub name: String,
    /// `0.2` or `0.3`, for a component.
    pub variant: Option<String>,
    /// `backend` or `service`, for a component.
    pub world: Option<String>,
    /// The transport.
    pub transport: Transport,
}

impl Identity {
    /// Returns true for a component that the suite runs itself.
    pub fn is_component(&self) -> bool {
        self.kind == "component"
    }

    /// Describes the target in a few words.
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

/// The time of a run by purpose, summed over checks that ran at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeSpent {
    /// The number of sessions.
    pub sessions: usize,
    /// Starting processes, and waiting for the answer to `initialize`, in milliseconds.
    #[serde(rename = "startingMilliseconds", serialize_with = "milliseconds")]
    pub starting: Duration,
    /// Waiting for the server or for its silence, in milliseconds.
    #[serde(rename = "waitingMilliseconds", serialize_with = "milliseconds")]
    pub waiting: Duration,
    /// The rest, in milliseconds.
    #[serde(rename = "judgingMilliseconds", serialize_with = "milliseconds")]
    pub judging: Duration,
}

impl AddAssign for TimeSpent {
    fn add_assign(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.starting += other.starting;
        self.waiting += other.waiting;
        self.judging += other.judging;
    }
}

impl fmt::Display for TimeSpent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} starting {} sessions, {} waiting for the server, {} judging",
            in_words(self.starting),
            self.sessions,
            in_words(self.waiting),
            in_words(self.judging)
        )
    }
}

/// A run of the checks against one target over one transport.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// The judged target.
    pub target: Identity,
    /// The seed of randomly generated arguments; `None` if nothing is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Duration in milliseconds.
    #[serde(rename = "durationMilliseconds", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// The time by purpose; `None` for targets that are not driven by sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<TimeSpent>,
    /// The number of checks by outcome.
    pub summary: Summary,
    /// The outcome of each check.
    pub results: Vec<Verdict>,
    /// Remarks on the run as a whole that fail no check.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Features that could not be exercised, with reasons.
    #[serde(rename = "notExercised")]
    pub left_out: Vec<LeftOut>,
}

impl Run {
    /// Creates a run from its results.
    pub fn new(
        target: Identity,
        duration: Duration,
        results: Vec<Verdict>,
        left_out: Vec<LeftOut>,
    ) -> Self {
        Self {
            target,
            seed: Some(DEFAULT_SEED),
            duration,
            time: None,
            summary: Summary::count(&results),
            results,
            notes: Vec::new(),
            left_out,
        }
    }

    /// Counts the results again after verdicts have changed.
    pub fn recount(&mut self) {
        self.summary = Summary::count(&self.results);
    }

    /// Returns the verdicts grouped by page of the specification, in order.
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

/// A feature that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The feature.
    pub what: String,
    /// The reason.
    pub why: String,
}

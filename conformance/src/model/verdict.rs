//! The outcome of a check.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::requirements::Level;

/// The status of a judged check, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The requirement holds.
    Pass,
    /// The target does not exhibit it, or the check was deselected.
    Skip,
    /// The requirement is violated as the expectations predict.
    ExpectedFailure,
    /// A requirement weaker than a MUST is violated.
    Warn,
    /// The requirement holds although the expectations predict a violation.
    UnexpectedPass,
    /// A MUST is violated; with `--strict`, any requirement.
    Fail,
    /// The check exceeded its time limit.
    Timeout,
    /// The requirement is violated, and the server ended the connection by itself.
    Crash,
    /// The suite itself failed.
    HarnessError,
}

impl Status {
    /// All statuses, from good to bad.
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

    /// Returns true if this status makes a run fail.
    pub fn is_failure(self) -> bool {
        self >= Self::UnexpectedPass
    }

    /// Returns true if a requirement is violated, expectedly or not.
    pub fn is_violation(self) -> bool {
        match self {
            Self::ExpectedFailure | Self::Warn | Self::Fail | Self::Timeout | Self::Crash => true,
            Self::Pass | Self::Skip | Self::UnexpectedPass | Self::HarnessError => false,
        }
    }

    /// Returns the name used in reports for programs.
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

    /// Returns the participle that follows a count: `3 failed`.
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

/// A violated requirement, with a link for further reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// Id in the catalog.
    pub requirement: String,
    /// The requirement in one sentence.
    pub text: String,
    /// Address of the section of the specification.
    pub link: String,
}

/// The outcome of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The check.
    pub check: String,
    /// The purpose of the check in one sentence.
    pub intent: String,
    /// The requirements that it judges.
    pub requirements: Vec<String>,
    /// Their level.
    pub level: Level,
    /// The status.
    pub status: Status,
    /// The observation; on a failure, what was sent, received and expected.
    pub message: String,
    /// The reason of a skip or of an expected failure.
    pub reason: Option<String>,
    /// Duration in milliseconds.
    #[serde(rename = "durationMilliseconds", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// The number of runs by status, if a repeated run had different outcomes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub repetitions: BTreeMap<&'static str, usize>,
    /// The violated clauses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<Clause>,
    /// The last messages of the check's sessions, on a violation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wire: Vec<Line>,
}

impl Verdict {
    /// Returns the page of the specification to which the check belongs.
    pub fn page(&self) -> &str {
        self.check.split('/').next().unwrap_or(&self.check)
    }
}

/// One message of a transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Time in milliseconds since the first message of the transcript.
    pub at: u64,
    /// The session.
    pub session: String,
    /// `to-server` or `to-client`.
    pub direction: &'static str,
    /// The HTTP exchange: method, number within its session, and for an answer the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
    /// The message as text.
    pub message: String,
}

/// Writes a duration as whole milliseconds.
pub(super) fn milliseconds<S: serde::Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

/// The number of checks by status.
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

    /// Counts one more verdict.
    pub fn add(&mut self, status: Status) {
        self.counts[status as usize] += 1;
    }

    /// Returns the number of verdicts with this status.
    pub fn of(self, status: Status) -> usize {
        self.counts[status as usize]
    }

    /// Returns the number of verdicts that make the run fail.
    pub fn failures(self) -> usize {
        let failing = Status::ALL.into_iter().filter(|status| status.is_failure());
        failing.map(|status| self.of(status)).sum()
    }

    /// Returns the statuses worth reporting: passed and failed first and always, others if they
    /// occur.
    pub fn told(self) -> Vec<Status> {
        let always = |status: &Status| matches!(status, Status::Pass | Status::Fail);
        let first = Status::ALL.into_iter().filter(always);
        let others = Status::ALL.into_iter();
        let others = others.filter(|status| !always(status) && self.of(*status) > 0);
        first.chain(others).collect()
    }

    /// Returns the number of verdicts.
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

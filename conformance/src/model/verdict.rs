//! The outcome of a check.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::requirements::Level;

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

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// When it was seen, in milliseconds after the first message of the transcript.
    pub at: u64,
    /// The session.
    pub session: String,
    /// `to-server` or `to-client`.
    pub direction: &'static str,
    /// Over HTTP: the method, the number of the exchange in its session, and for an answer the status.
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

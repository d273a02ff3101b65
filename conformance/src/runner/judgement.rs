//! From what a check says to a verdict.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures::FutureExt;

use super::aftermath;
use crate::checks::{About, Finding, Judgement};
use crate::duration::in_words;
use crate::report::{Status, Verdict, clauses};
use crate::requirements::Level;
use crate::transcript::{self, Part};

/// How many messages of its sessions a violation shows.
const WIRE: usize = 40;

/// How a check that was made ended.
pub(super) struct Ended {
    judgement: Judgement,
    /// How it did not end by itself, if so.
    instead: Option<Status>,
    duration: Duration,
}

/// Makes a check. One that panics or takes too long does not take the run with it.
pub(super) async fn guarded(check: impl Future<Output = Judgement>, limit: Duration) -> Ended {
    let began = Instant::now();
    let outcome = tokio::time::timeout(limit, AssertUnwindSafe(check).catch_unwind()).await;
    let (judgement, instead) = match outcome {
        Ok(Ok(judgement)) => (judgement, None),
        Ok(Err(_)) => (
            Err(Finding::Broken("the check itself panicked".to_owned())),
            None,
        ),
        Err(_) => {
            let message = format!(
                "the check was not over after {} (--check-timeout)",
                in_words(limit)
            );
            (Err(Finding::Violation(message)), Some(Status::Timeout))
        }
    };
    Ended {
        judgement,
        instead,
        duration: began.elapsed(),
    }
}

impl Ended {
    /// The verdict on a check that drove something.
    pub(super) fn verdict(self, check: About, wire: &[Part], strict: bool) -> Verdict {
        let mut verdict = judge(check, self.judgement, strict);
        verdict.duration = self.duration;
        match self.instead {
            Some(status) => {
                verdict.status = status;
                if let Some(request) = aftermath::awaited(wire) {
                    let waited = format!(" (waiting for the answer to {request})");
                    verdict.message.push_str(&waited);
                }
            }
            None if verdict.status.is_violation() => {
                if let Some(message) = aftermath::crash(wire, &verdict.message) {
                    verdict.message = message;
                    if verdict.status == Status::Fail {
                        verdict.status = Status::Crash;
                    }
                }
            }
            None => {}
        }
        if verdict.status.is_violation() {
            verdict.wire = transcript::excerpt(&transcript::lines(wire), WIRE);
        }
        verdict
    }
}

/// Turns what a check says into a verdict: a violation of a MUST is a
/// failure, of anything less a warning, or where the run is strict a failure.
pub fn judge(check: impl Into<About>, judgement: Judgement, strict: bool) -> Verdict {
    let check = check.into();
    let level = check.level;
    let less = if strict { Status::Fail } else { Status::Warn };
    let (status, message, reason) = match judgement {
        Ok(message) => (Status::Pass, message, None),
        Err(Finding::Violation(message)) if level == Level::Must => (Status::Fail, message, None),
        Err(Finding::Violation(message) | Finding::Warning(message)) => (less, message, None),
        Err(Finding::Skip(reason)) => (Status::Skip, String::new(), Some(reason)),
        Err(Finding::Broken(message)) => (Status::HarnessError, message, None),
    };
    let mut verdict = bare(check, status, message, reason);
    if status.is_violation() {
        verdict.clauses = clauses(&verdict.requirements);
    }
    verdict
}

/// The verdict that a check was not made.
pub(super) fn skipped(check: About, reason: &str) -> Verdict {
    bare(check, Status::Skip, String::new(), Some(reason.to_owned()))
}

fn bare(check: About, status: Status, message: String, reason: Option<String>) -> Verdict {
    let requirements = check.requirements.iter().map(|id| (*id).to_owned());
    Verdict {
        check: check.id.to_owned(),
        intent: check.intent.to_owned(),
        requirements: requirements.collect(),
        level: check.level,
        status,
        message,
        reason,
        duration: Duration::ZERO,
        repetitions: BTreeMap::new(),
        clauses: Vec::new(),
        wire: Vec::new(),
    }
}

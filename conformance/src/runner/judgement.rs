//! Running one check, and its verdict.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures::FutureExt;

use super::aftermath;
use crate::checks::{About, judge};
use crate::driver::transcript::{self, LogRange};
use crate::model::duration::in_words;
use crate::model::{Finding, Judgement, Status, Verdict};

/// The number of messages that a violation shows.
const WIRE: usize = 40;

/// The end of a check.
pub(super) struct CheckOutcome {
    judgement: Judgement,
    /// The status of a check that did not end by itself.
    instead: Option<Status>,
    duration: Duration,
}

/// Runs a check. Panics and timeouts do not affect the rest of the run.
pub(super) async fn run_guarded(
    check: impl Future<Output = Judgement>,
    limit: Duration,
) -> CheckOutcome {
    let began = Instant::now();
    let outcome = tokio::time::timeout(limit, AssertUnwindSafe(check).catch_unwind()).await;
    let (judgement, instead) = match outcome {
        Ok(Ok(judgement)) => (judgement, None),
        Ok(Err(_)) => (Err(Finding::Broken("the check panicked".to_owned())), None),
        Err(_) => {
            let message = format!(
                "the check did not end within {} (--check-timeout)",
                in_words(limit)
            );
            (Err(Finding::Violation(message)), Some(Status::Timeout))
        }
    };
    CheckOutcome {
        judgement,
        instead,
        duration: began.elapsed(),
    }
}

/// Returns the verdict on a check in which the server was lost.
pub(super) fn crashed(
    check: About,
    duration: Duration,
    message: String,
    wire: &[LogRange],
) -> Verdict {
    let mut verdict = judge(check, Err(Finding::Violation(message)), true);
    verdict.status = Status::Crash;
    verdict.duration = duration;
    verdict.wire = transcript::excerpt(&transcript::lines(wire), WIRE);
    verdict
}

/// Returns the verdict on a check for which no process of the server started in time.
pub(super) fn not_started(check: About, verdict: Verdict, why: &str) -> Verdict {
    let said = match verdict.status {
        Status::HarnessError => verdict.message,
        _ => format!("the server did not start: {why}; see --start-timeout"),
    };
    let mut judged = judge(check, Err(Finding::Broken(said)), true);
    judged.duration = verdict.duration;
    judged
}

/// Returns the verdict on a check during which the server began to refuse this client.
pub(super) fn refused(check: About, verdict: Verdict, why: &str) -> Verdict {
    let said = format!("the server refuses this client since this check: {why}");
    let mut judged = judge(check, Err(Finding::Broken(said)), true);
    judged.duration = verdict.duration;
    judged
}

impl CheckOutcome {
    /// Returns the verdict on a check that drove something.
    pub(super) fn verdict(self, check: About, wire: &[LogRange], strict: bool) -> Verdict {
        let mut verdict = judge(check, self.judgement, strict);
        verdict.duration = self.duration;
        match self.instead {
            Some(_) if aftermath::awaits_start(wire) => {
                let said = format!(
                    "the server did not start: {}; see --start-timeout and --check-timeout",
                    verdict.message
                );
                let duration = verdict.duration;
                verdict = judge(check, Err(Finding::Broken(said)), strict);
                verdict.duration = duration;
            }
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
                    // A server that dies has failed, whatever the level of the requirement.
                    verdict.status = Status::Crash;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::checks;
    use crate::driver::log::{Direction, Log, Via};

    const START: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#;
    const STARTED: &str = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
    const CALL: &str = r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"a"}}"#;

    /// A session that was asked to begin, and with an answer is asked further.
    fn session(started: bool) -> LogRange {
        let log = Arc::new(Log::new("a"));
        let record = |direction: Direction, text: &str| {
            log.record(direction, Via::Line, text.as_bytes().to_vec(), true);
        };
        record(Direction::ToServer, START);
        if started {
            record(Direction::ToClient, STARTED);
            record(Direction::ToServer, CALL);
        }
        LogRange::whole(&log)
    }

    /// The verdict on a check that ran out of time with these sessions.
    fn timed_out(wire: &[LogRange]) -> Verdict {
        let check = checks::all().next().expect("a check");
        let outcome = CheckOutcome {
            judgement: Err(Finding::Violation("too long".to_owned())),
            instead: Some(Status::Timeout),
            duration: Duration::ZERO,
        };
        outcome.verdict(About::from(check), wire, false)
    }

    #[test]
    fn a_timeout_is_a_slow_start_only_if_a_start_is_awaited() {
        let (late, asked) = (session(false), session(true));
        let hangs = timed_out(&[late.clone(), asked.clone()]);
        assert_eq!(hangs.status, Status::Timeout, "{}", hangs.message);
        let told = "(waiting for the answer to tools/call a)";
        assert!(hangs.message.ends_with(told), "{}", hangs.message);
        for wire in [vec![asked, session(false)], vec![late]] {
            let slow = timed_out(&wire);
            assert_eq!(slow.status, Status::HarnessError, "{}", slow.message);
            assert!(slow.message.contains("did not start"), "{}", slow.message);
        }
    }
}

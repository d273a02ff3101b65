//! The queue of checks of a run, processed by several workers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::OnceCell;

use super::secrets::Secrets;
use super::{RunOptions, RunWatcher, aftermath, contact, judgement};
use crate::checks::verdict::skipped;
use crate::checks::{About, Check, CheckContext, CheckEnvironment, Probe, judge};
use crate::driver::pool::Health;
use crate::driver::transcript::{self, LogRange};
use crate::model::{Identity, Judgement, Status, Verdict};

impl CheckEnvironment for CheckContext {
    type Check = Check;

    fn make<'a>(&'a self, check: &Check) -> Option<BoxFuture<'a, Judgement>> {
        match &check.probe {
            Probe::Active(run) => {
                let secrets = Secrets(self.tokens());
                let id = check.id;
                let said = run(self).map(move |said| self.explained(id, secrets.judgement(said)));
                Some(Box::pin(said))
            }
            Probe::Observer(_) | Probe::Shape(_) => None,
        }
    }

    fn transcript(&self) -> Vec<LogRange> {
        Self::transcript(self)
    }

    async fn health(&self) -> Health {
        Self::health(self).await
    }

    fn cause(&self, parts: &[LogRange]) -> Option<String> {
        aftermath::cause(parts)
    }

    async fn ends_idle(&self, parts: &[LogRange]) -> Option<String> {
        contact::ends_idle(self, parts).await
    }

    fn be_patient(&self, patient: bool) {
        self.sessions().be_patient(patient);
    }

    async fn retire(&self) {
        Self::retire(self).await;
    }

    async fn dismiss(&self) {
        Self::dismiss(self).await;
    }
}

/// Runs a check and judges it. Returns the verdict and the messages.
pub(crate) async fn run_check(
    environment: &impl CheckEnvironment,
    check: About,
    run: impl Future<Output = Judgement>,
    options: &RunOptions,
) -> (Verdict, Vec<LogRange>) {
    let outcome = judgement::run_guarded(run, options.check_timeout).await;
    let parts = environment.transcript();
    let verdict = outcome.verdict(check, &parts, options.strict);
    (verdict, parts)
}

/// Returns true if a check with this status failed over a process that did not start in time, and no
/// second one was tried. If another session was lost, that counts.
fn made_for_a_slow_start(status: Status, parts: &[LogRange]) -> bool {
    if parts.iter().any(LogRange::shows_loss_of_started) {
        return false;
    }
    match status {
        Status::HarnessError => parts.iter().filter(|part| part.is_late()).count() == 1,
        status => status.is_violation() && aftermath::awaits_start(parts),
    }
}

/// The checks of a run, and the verdicts so far.
pub(crate) struct Queue<'a, C: 'static> {
    identity: &'a Identity,
    options: &'a RunOptions,
    checks: &'a [&'static C],
    watcher: &'a dyn RunWatcher,
    next: AtomicUsize,
    over: AtomicBool,
    /// The reason why no further check is made, once the server is gone.
    gone: OnceLock<String>,
    /// The description of a server that ends idle sessions, if it was found to be one. Looked for at
    /// the first end of a session.
    idle_end: OnceCell<Option<String>>,
    verdicts: Mutex<Vec<Option<Judged>>>,
}

/// A verdict, and for a crash the messages that presumably caused it.
#[derive(Clone)]
struct Judged {
    verdict: Verdict,
    cause: Option<String>,
}

/// The crashes reported so far by cause: the checks, and whether a failure of them is expected.
#[derive(Default)]
struct Reported(HashMap<String, Vec<(&'static str, bool)>>);

impl Reported {
    /// Returns the check that has reported this cause, or adds this one. An expected failure reports
    /// nothing for a check whose failure is not expected, so that of the unexpected crashes of one
    /// cause one always counts.
    fn known(&mut self, cause: String, check: &'static str, excused: bool) -> Option<&'static str> {
        let reports = self.0.entry(cause).or_default();
        let mut fitting = reports.iter().filter(|(_, known)| excused || !known);
        let first = fitting.next().map(|(first, _)| *first);
        if first.is_none() {
            reports.push((check, excused));
        }
        first
    }
}

impl<'a, C> Queue<'a, C>
where
    C: Sync,
    About: From<&'static C>,
{
    pub(crate) fn new(
        identity: &'a Identity,
        options: &'a RunOptions,
        checks: &'a [&'static C],
        watcher: &'a dyn RunWatcher,
    ) -> Self {
        Self {
            identity,
            options,
            checks,
            watcher,
            next: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            gone: OnceLock::new(),
            idle_end: OnceCell::new(),
            verdicts: Mutex::new(vec![None; checks.len()]),
        }
    }

    /// Makes active checks until none is left.
    pub(crate) async fn work(
        &self,
        environment: impl CheckEnvironment<Check = C>,
    ) -> anyhow::Result<()> {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(check) = self.checks.get(index).copied() else {
                break;
            };
            let Some(run) = environment.make(check) else {
                continue;
            };
            let about = About::from(check);
            if self.over.load(Ordering::Relaxed) {
                let reason = "--fail-fast: a check before it failed";
                self.keep(index, skipped(about, reason), None);
                continue;
            }
            if let Some(reason) = self.gone.get() {
                self.keep(index, skipped(about, reason), None);
                continue;
            }
            self.watcher.check(about.id);
            environment.prepare(check).await;
            let (mut verdict, mut parts) = run_check(&environment, about, run, self.options).await;
            let mut told = parts.clone();
            if made_for_a_slow_start(verdict.status, &parts) {
                // It says nothing about the subject of the check. A server that never answers this
                // `initialize` will not answer it later either.
                environment.be_patient(true);
                if let Some(again) = self.make_again(&environment, check).await {
                    (verdict, parts) = again;
                    told.extend_from_slice(&parts);
                }
                environment.be_patient(false);
            }
            let mut health = environment.health().await;
            if health == Health::Ended
                && let Some(again) = self.make_again(&environment, check).await
            {
                // A server may end a session at any time, and the client has to open a new one.
                (verdict, parts) = again;
                told.extend_from_slice(&parts);
                health = environment.health().await;
            }
            if verdict.status == Status::Crash {
                let idle_end = || environment.ends_idle(&parts);
                if let Some(why) = self.idle_end.get_or_init(idle_end).await {
                    // No check is to blame, and none says anything.
                    let _ = self.gone.set(why.clone());
                }
            }
            let verdict = self.examined(about, verdict, &parts, health);
            self.write_transcript(about.id, &told)?;
            environment.retire().await;
            let expectations = &self.options.expectations;
            let expected = expectations.expect(self.identity, &verdict);
            // It counts in the end: if it is not reported, another unexpected crash is, of this cause.
            if self.options.fail_fast && verdict.status.is_failure() && !expected {
                self.over.store(true, Ordering::Relaxed);
            }
            let cause = match verdict.status {
                Status::Crash => environment.cause(&parts),
                _ => None,
            };
            self.keep(index, verdict, cause);
        }
        environment.dismiss().await;
        Ok(())
    }

    /// Makes a check once more, in new sessions.
    async fn make_again(
        &self,
        environment: &impl CheckEnvironment<Check = C>,
        check: &'static C,
    ) -> Option<(Verdict, Vec<LogRange>)> {
        environment.retire().await;
        let run = environment.make(check)?;
        Some(run_check(environment, About::from(check), run, self.options).await)
    }

    /// Turns the verdict of a check in which the server was lost into that of a crash. The findings
    /// of other checks on the same loss are dropped.
    fn examined(
        &self,
        about: About,
        verdict: Verdict,
        parts: &[LogRange],
        health: Health,
    ) -> Verdict {
        let how = match health {
            // What is found again in a new session is not due to its end.
            Health::Well | Health::Ended => return verdict,
            Health::Back => "and came back".to_owned(),
            Health::Gone(why) => {
                let first = format!("the server is gone since {}: {why}", about.id);
                if self.gone.set(first).is_err() {
                    let reason = self.gone().unwrap_or_default();
                    return skipped(about, reason);
                }
                if !parts.iter().any(LogRange::shows_loss_of_started) {
                    // Nothing that the check sent is to blame.
                    if parts.iter().any(LogRange::is_refused) {
                        return judgement::refused(about, verdict, &why);
                    }
                    return judgement::not_started(about, verdict, &why);
                }
                format!("and did not come back: {why}")
            }
        };
        let said = if verdict.status.is_violation() || verdict.message.is_empty() {
            verdict.message.as_str()
        } else {
            ""
        };
        let message = aftermath::loss(parts, &how, said);
        judgement::crashed(about, verdict.duration, message, parts)
    }

    /// Returns the reason why the rest was not judged, if the server is gone.
    pub(crate) fn gone(&self) -> Option<&str> {
        self.gone.get().map(String::as_str)
    }

    /// Describes the server if it ends sessions in which nothing happens.
    pub(crate) fn idle_end(&self) -> Option<&str> {
        self.idle_end.get()?.as_deref()
    }

    fn keep(&self, index: usize, verdict: Verdict, cause: Option<String>) {
        self.watcher.judged(&verdict);
        let mut verdicts = self
            .verdicts
            .lock()
            .unwrap_or_else(|lock| lock.into_inner());
        verdicts[index] = Some(Judged { verdict, cause });
    }

    /// Returns all verdicts; `look` judges the checks that drive nothing. Of the checks in which the
    /// server died of the same messages, the first one alone reports it.
    pub(crate) fn verdicts(self, look: impl Fn(&'static C) -> Judgement) -> Vec<Verdict> {
        let strict = self.options.strict;
        let verdicts = self.verdicts.into_inner();
        let verdicts = verdicts.unwrap_or_else(|lock| lock.into_inner());
        let mut reported = Reported::default();
        let all = self.checks.iter().zip(verdicts).map(|(check, judged)| {
            let about = About::from(*check);
            let Some(Judged { verdict, cause }) = judged else {
                let verdict = judge(*check, look(check), strict);
                self.watcher.judged(&verdict);
                return verdict;
            };
            let excused = self.options.expectations.expect(self.identity, &verdict);
            let known = cause.and_then(|cause| reported.known(cause, about.id, excused));
            match known {
                Some(first) => skipped(about, &format!("the server died of this in {first}")),
                None => verdict,
            }
        });
        all.collect()
    }

    /// Writes the messages of a check if the options ask for it.
    pub(crate) fn write_transcript(&self, name: &str, parts: &[LogRange]) -> anyhow::Result<()> {
        match &self.options.transcripts {
            Some(folder) => {
                transcript::write(folder, self.identity, name, &transcript::lines(parts))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::driver::log::{Direction, Log, Via};

    /// A session with these messages from either side, that the server ended if told so.
    fn session(messages: &[(Direction, &str)], ended: bool) -> LogRange {
        let log = Arc::new(Log::new("a"));
        for (direction, text) in messages {
            log.record(*direction, Via::Line, text.as_bytes().to_vec(), true);
        }
        if ended {
            log.write(|state| state.closed = Some("its output ended".to_owned()));
        }
        LogRange::whole(&log)
    }

    #[test]
    fn a_slow_start_hides_no_other_failure() {
        const START: (Direction, &str) = (
            Direction::ToServer,
            r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#,
        );
        const STARTED: (Direction, &str) = (
            Direction::ToClient,
            r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        );
        const ASKED: (Direction, &str) = (
            Direction::ToServer,
            r#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#,
        );
        let late = || session(&[START], false);
        let died = || session(&[START, STARTED, ASKED], true);
        let hangs = || session(&[START, STARTED, ASKED], false);
        let well = || session(&[START, STARTED], false);
        assert!(made_for_a_slow_start(Status::Fail, &[late()]));
        assert!(made_for_a_slow_start(Status::Fail, &[well(), late()]));
        assert!(made_for_a_slow_start(
            Status::HarnessError,
            &[well(), late()]
        ));
        assert!(!made_for_a_slow_start(
            Status::HarnessError,
            &[late(), late()]
        ));
        assert!(!made_for_a_slow_start(Status::Crash, &[late(), died()]));
        assert!(!made_for_a_slow_start(
            Status::HarnessError,
            &[late(), died()]
        ));
        assert!(!made_for_a_slow_start(Status::Fail, &[late(), hangs()]));
        assert!(!made_for_a_slow_start(Status::Pass, &[late()]));
    }

    #[test]
    fn an_expected_crash_hides_no_unexpected_one() {
        let cause = || "a".to_owned();
        let mut reported = Reported::default();
        assert_eq!(reported.known(cause(), "expected", true), None);
        assert_eq!(
            reported.known(cause(), "expected too", true),
            Some("expected")
        );
        assert_eq!(reported.known(cause(), "first", false), None);
        assert_eq!(reported.known(cause(), "second", false), Some("first"));
        assert_eq!(reported.known("b".to_owned(), "other", false), None);
    }
}

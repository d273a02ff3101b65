//! Judging a recording by the checks that only observe.

use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;

use super::contact::is_revision;
use super::{Judged, RunOptions, Watcher, concluded, look};
use crate::checks::verdict::skipped;
use crate::checks::{self, About, Check, Probe, judge};
use crate::driver::log::Log;
use crate::model::requirements::REVISION;
use crate::model::{Identity, LeftOut, Run};
use crate::observe::Evidence;
use crate::targets::recording::Recording;
use crate::wire::envelope::Message;

/// Reasons why a check cannot judge a recording.
const ACTIVE: &str = "a recording is judged, and this check drives the server";
const NO_HEADERS: &str = "a recording holds neither the headers nor the streams of HTTP";
const NO_BYTES: &str = "a recording holds text, not the bytes that were written";
const NO_TIMES: &str = "the recording has no times";
const NO_BEGINNING: &str = "no recorded session begins with initialize";

/// Checks of bytes.
const OF_BYTES: [&str; 3] = ["base/utf-8", "stdio/newline", "stdio/stderr-utf-8"];
/// Checks of rates.
const OF_TIMES: [&str; 3] = ["logging/rate", "progress/rate", "ping/not-excessive"];
/// Checks that need all messages before a message.
const OF_WHOLE_SESSIONS: [&str; 2] = ["base/answers-once", "base/request-id-unique"];

/// The evidence of a recording.
struct Recorded {
    all: Evidence,
    /// The evidence of sessions that begin with `initialize`.
    begun: Evidence,
    timed: bool,
}

impl Recorded {
    fn of(logs: &[Arc<Log>], timed: bool) -> Self {
        let begins = |log: &Log| {
            let state = log.read();
            let mut entries = state.entries.iter();
            entries.any(|entry| !entry.from_server() && entry.is("initialize"))
        };
        let begun = logs.iter().filter(|log| begins(log));
        let begun: Vec<_> = begun.cloned().collect();
        Self {
            all: Evidence::read(logs),
            begun: Evidence::read(&begun),
            timed,
        }
    }

    /// Returns the evidence for a check, or the reason why it cannot judge the recording.
    fn for_check(&self, check: &Check) -> Result<&Evidence, &'static str> {
        let is = |ids: &[&str]| ids.contains(&check.id);
        let of_messages = matches!(check.page(), "base" | "stdio");
        let alone = of_messages && !is(&OF_WHOLE_SESSIONS);
        match &check.probe {
            Probe::Active(_) => Err(ACTIVE),
            _ if check.page() == "http" => Err(NO_HEADERS),
            _ if is(&OF_BYTES) => Err(NO_BYTES),
            _ if is(&OF_TIMES) && !self.timed => Err(NO_TIMES),
            Probe::Observer(_) if alone => Ok(&self.all),
            Probe::Observer(_) if self.begun.conversations.is_empty() => Err(NO_BEGINNING),
            Probe::Observer(_) => Ok(&self.begun),
            Probe::Shape(_) => Ok(&self.all),
        }
    }
}

/// Returns the other revision of MCP that the server of a session has chosen.
fn other_revision(log: &Log) -> Option<String> {
    log.since(0).iter().find_map(|entry| {
        let Message::Response {
            answer: Ok(result), ..
        } = &entry.envelope.message
        else {
            return None;
        };
        // Only the result of `initialize` has it.
        let version = result.get("protocolVersion")?.as_str()?;
        (entry.from_server() && version != REVISION && is_revision(version))
            .then(|| version.to_owned())
    })
}

impl Judged for Recording {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    async fn run_once(&self, options: &RunOptions, watcher: &dyn Watcher) -> anyhow::Result<Run> {
        let began = Instant::now();
        let mut logs = Vec::new();
        let mut others = Vec::new();
        for log in &self.logs {
            match other_revision(log) {
                Some(version) => others.push(version),
                None => logs.push(log.clone()),
            }
        }
        let other_sessions = others.len();
        others.sort();
        others.dedup();
        let others = others.join(", ");
        ensure!(
            !logs.is_empty() || other_sessions == 0,
            "the recorded server speaks another revision of MCP: {others}\nThe suite judges {REVISION}"
        );
        let recorded = Recorded::of(&logs, self.timed);
        let selected: Vec<&Check> = checks::all()
            .filter(|check| check.scope.includes(self.identity.transport))
            .filter(|check| options.selection.includes(check))
            .collect();
        let watcher = watcher.begin(&self.identity, selected.len());
        let verdicts = selected.into_iter().map(|check| {
            watcher.check(check.id);
            let verdict = match recorded.for_check(check) {
                Ok(evidence) => judge(check, look(check, evidence), options.strict),
                Err(why) => skipped(About::from(check), why),
            };
            watcher.judged(&verdict);
            verdict
        });
        let verdicts = verdicts.collect();
        let remarks = (self.remarks > 0).then(|| LeftOut {
            what: format!("{} lines of the recording", self.remarks),
            why: "they hold no message with a direction".to_owned(),
        });
        let other_sessions = (other_sessions > 0).then(|| LeftOut {
            what: format!("sessions of the recording: {other_sessions}"),
            why: format!("they are of another revision of MCP: {others}"),
        });
        let left_out = remarks.into_iter().chain(other_sessions).collect();
        let mut run = Run::new(self.identity.clone(), began.elapsed(), verdicts, left_out);
        run.seed = None;
        Ok(concluded(run, options, watcher.as_ref()))
    }
}

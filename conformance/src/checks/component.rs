//! The checks of a component that the suite runs in its own process: there the host tells whether
//! an answer is the component's, or the host's in place of one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use super::{About, Judgement, Tally};
use crate::driver::connection::Server;
use crate::driver::log::{Entry, Log};
use crate::model::{Level, Status, Verdict};
use crate::runtime::requirements;
use crate::targets::component::{Failure, failure, quoted_failure};
use crate::wire::envelope::Message;
use crate::wire::shapes::shorten;

/// The number of lines of the component's stderr that a finding shows.
const STDERR_LINES: usize = 5;
/// The maximum length of shown arguments, in characters.
const SHOWN: usize = 400;

/// A check of a component. It sends nothing: it examines all messages after the sessions have
/// ended.
pub struct ComponentCheck {
    /// Its name: `component/`, subject.
    pub id: &'static str,
    /// Its purpose in one sentence.
    pub intent: &'static str,
    /// The requirements of the interface that it judges, which bind the guest.
    pub requirements: &'static [&'static str],
    /// The failure that it looks for.
    failure: Failure,
}

/// All checks of a component.
pub const CHECKS: &[ComponentCheck] = &[
    ComponentCheck {
        id: "component/no-traps",
        intent: "Answers every request without a trap, an exit or a stop by the host, whatever the arguments.",
        requirements: &["wit.guest.tool-failure", "wit.guest.answers"],
        failure: Failure::Lost,
    },
    ComponentCheck {
        id: "component/keeps-rules",
        intent: "Returns only results that keep the rules of the interface.",
        requirements: &["wit.guest.output-schema", "wit.guest.content"],
        failure: Failure::RuleBroken,
    },
];

impl From<&ComponentCheck> for About {
    fn from(check: &ComponentCheck) -> Self {
        let rows = check.requirements.iter();
        let rows = rows.filter_map(|id| requirements::get(id));
        Self {
            id: check.id,
            intent: check.intent,
            requirements: check.requirements,
            level: rows.map(|row| row.level).max().unwrap_or(Level::May),
        }
    }
}

/// A request that the component did not answer itself.
struct Unanswered {
    request: Arc<Entry>,
    /// The host's description of the failure.
    why: String,
    /// Other requests that were lost together with it.
    companions: usize,
    /// The last lines that the component wrote to stderr.
    stderr: String,
}

impl ComponentCheck {
    /// Judges the messages of all sessions with the component of this name, which this server runs.
    pub fn judge(&self, name: &str, logs: &[Arc<Log>], server: &dyn Server) -> Judgement {
        let mut tally = Tally::default();
        // The losses that answers told, at most: one loss may end several requests.
        let mut explained = 0;
        // One finding for each tool, prompt or resource.
        let mut found: BTreeMap<String, Vec<Unanswered>> = BTreeMap::new();
        for log in logs {
            let (answered, unanswered) = self.examine(log, server);
            tally.tried += answered;
            explained += unanswered.len() as u64;
            for unanswered in unanswered {
                found
                    .entry(subject(&unanswered))
                    .or_default()
                    .push(unanswered);
            }
        }
        // A request that was lost together with others is blamed only if no other is.
        let alone = found.values().flatten().any(|it| it.companions == 0);
        for (subject, all) in found {
            let shown = all.iter().min_by_key(|it| it.companions);
            let shown = shown.filter(|it| !alone || it.companions == 0);
            if let Some(shown) = shown {
                tally.fail(describe(name, &subject, all.len(), shown));
            }
        }
        let lost = server.instances_lost();
        if self.failure == Failure::Lost && lost > explained {
            tally.fail(without_request(lost - explained, logs, server));
        }
        tally.judge(
            "requests were answered by the component",
            "the component received no request",
        )
    }

    /// Returns the number of answered requests, and those that failed in this way.
    fn examine(&self, log: &Log, server: &dyn Server) -> (usize, Vec<Unanswered>) {
        let entries = log.since(0);
        let mut answered = 0;
        let mut unanswered: Vec<Unanswered> = Vec::new();
        for answer in entries.iter().filter(|entry| entry.from_server()) {
            let Message::Response { id: Some(id), .. } = &answer.envelope.message else {
                continue;
            };
            let asks = |entry: &&Arc<Entry>| {
                !entry.from_server()
                    && entry.index < answer.index
                    && matches!(&entry.envelope.message, Message::Request { id: own, .. } if own == id)
            };
            let Some(request) = entries.iter().rev().find(asks) else {
                continue;
            };
            answered += 1;
            let arrived = answer.at;
            let answer: Value = serde_json::from_slice(&answer.bytes).unwrap_or_default();
            let why = answer["error"]["message"].as_str().unwrap_or_default();
            if answer["error"]["code"] == -32603 && failure(why) == Some(self.failure) {
                let (from, until) = (request.at, arrived);
                let during = || server.output_during(log.began() + from, log.began() + until);
                unanswered.push(Unanswered {
                    request: request.clone(),
                    why: why.to_owned(),
                    companions: 0,
                    stderr: Some(last_lines(&stderr(log)))
                        .filter(|lines| !lines.is_empty())
                        .unwrap_or_else(|| last_lines(&during())),
                });
            }
        }
        // Requests that were open at the same time are lost together.
        for index in 0..unanswered.len() {
            let open = |other: usize| {
                let (one, other) = (&unanswered[index].request, &unanswered[other].request);
                entries[one.index.min(other.index)..one.index.max(other.index)]
                    .iter()
                    .all(|entry| !entry.from_server() || !entry.is_response())
            };
            let companions = (0..unanswered.len()).filter(|other| *other != index && open(*other));
            unanswered[index].companions = companions.count();
        }
        (answered, unanswered)
    }
}

/// Leaves out the warnings that say nothing but what a check of components has found: that the host
/// answered for the component.
pub fn leave_out_repetitions(results: &mut [Verdict]) {
    let found = CHECKS.iter().filter(|check| {
        let mut results = results.iter();
        results.any(|verdict| verdict.check == check.id && verdict.status.is_violation())
    });
    let found: Vec<&ComponentCheck> = found.collect();
    for verdict in results.iter_mut().filter(|it| it.status == Status::Warn) {
        let lines = verdict.message.lines();
        let lines = lines.filter(|line| !(line.starts_with("and ") && line.ends_with(" more")));
        let causes: Vec<_> = lines.map(quoted_failure).collect();
        let first = causes.first().copied().flatten();
        let reported = found.iter().find(|check| Some(check.failure) == first);
        if let Some(check) = reported.filter(|_| causes.iter().all(|cause| *cause == first)) {
            verdict.status = Status::Skip;
            verdict.reason = Some(format!(
                "{} reports this failure of the component",
                check.id
            ));
            verdict.message.clear();
            verdict.clauses.clear();
            verdict.wire.clear();
        }
    }
}

/// The method, and the name or URI in a request.
fn subject(unanswered: &Unanswered) -> String {
    let request = &unanswered.request;
    let params = request.params().unwrap_or(&Value::Null);
    let about = ["name", "uri"].into_iter();
    let about = about.filter_map(|member| params[member].as_str()).next();
    let method = request.method().unwrap_or_default();
    about.map_or_else(|| method.to_owned(), |about| format!("{method} {about}"))
}

/// Describes losses of instances that no answer told.
fn without_request(count: u64, logs: &[Arc<Log>], server: &dyn Server) -> String {
    let lost = match count {
        1 => "an instance was lost".to_owned(),
        many => format!("{many} instances were lost"),
    };
    let mut text = format!(
        "{lost} in the background, in a notification or in a cancelled request: no answer tells it"
    );
    // A panic is the likely end of an instance.
    let written = logs.iter().map(|log| stderr(log));
    let all = server.output_during(earliest(logs), Instant::now());
    let written: Vec<String> = written.chain([all]).collect();
    let panicked = written.iter().find(|text| text.contains("panicked"));
    let last = panicked.or(written.iter().find(|text| !text.trim().is_empty()));
    if let Some(last) = last {
        let lines = last_lines(last);
        text.push_str(&format!("\nIts last lines on stderr:\n{lines}"));
    }
    text
}

fn earliest(logs: &[Arc<Log>]) -> Instant {
    let began = logs.iter().map(|log| log.began()).min();
    began.unwrap_or_else(Instant::now)
}

/// What the component wrote to stderr in a session.
fn stderr(log: &Log) -> String {
    String::from_utf8_lossy(&log.read().stderr).into_owned()
}

/// The last of these lines.
fn last_lines(stderr: &str) -> String {
    let lines: Vec<&str> = stderr.trim_end().lines().collect();
    lines[lines.len().saturating_sub(STDERR_LINES)..].join("\n")
}

fn describe(name: &str, subject: &str, count: usize, unanswered: &Unanswered) -> String {
    let params = unanswered.request.params().unwrap_or(&Value::Null);
    let mut text = format!("{subject}: {}", unanswered.why);
    if count > 1 {
        text.push_str(&format!(" ({count} times)"));
    }
    if unanswered.companions > 0 {
        text.push_str(&format!(
            "; {} other requests were open in the instance and may be the cause",
            unanswered.companions
        ));
    }
    if unanswered.request.is("tools/call") {
        let arguments = params
            .get("arguments")
            .map_or_else(String::new, Value::to_string);
        let words = [
            "wasi-mcp",
            "call",
            name,
            params["name"].as_str().unwrap_or_default(),
        ];
        let words = words.into_iter().map(str::to_owned).chain([arguments]);
        let words = words
            .filter(|word| !word.is_empty())
            .map(|word| quoted(&word));
        let command = words.collect::<Vec<_>>().join(" ");
        text.push_str(&format!("\nReproduce it: {}", shorten(&command, SHOWN)));
    } else {
        text.push_str(&format!(
            "\nSent: {}",
            shorten(&unanswered.request.text(), SHOWN)
        ));
    }
    if !unanswered.stderr.is_empty() {
        text.push_str(&format!(
            "\nIts last lines on stderr:\n{}",
            unanswered.stderr
        ));
    }
    text
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    match shlex::try_quote(word) {
        Ok(quoted) => quoted.into_owned(),
        // A word with a NUL cannot be passed.
        Err(_) => word.escape_default().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_names_rows_of_one_level_that_bind_the_guest() {
        for check in CHECKS {
            for id in check.requirements {
                let row = requirements::get(id).unwrap_or_else(|| panic!("no row `{id}`"));
                assert_eq!(row.party, "guest", "{id}");
                assert_eq!(row.level, About::from(check).level, "{id}");
            }
        }
    }
}

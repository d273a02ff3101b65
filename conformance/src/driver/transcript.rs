//! Transcripts: the messages exchanged during a check, as lines for readers and programs.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::driver::http::SESSION_ID;
use crate::driver::log::{Direction, Entry, Exchange, Log, Via};
use crate::model::{Identity, Line};
use crate::wire::shapes::shorten;

/// The length in characters up to which a report shows a message in full.
const SHOWN: usize = 2000;

/// A part of the log of one session.
#[derive(Clone, Debug)]
pub struct LogRange {
    log: Arc<Log>,
    messages: std::ops::Range<usize>,
    exchanges: std::ops::Range<usize>,
}

/// A position in the log of a session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    messages: usize,
    exchanges: usize,
}

impl Mark {
    /// Returns the number of exchanges before it.
    pub fn exchanges(&self) -> usize {
        self.exchanges
    }

    /// Returns the current end of a log.
    pub fn end(log: &Log) -> Self {
        let state = log.read();
        Self {
            messages: state.entries.len(),
            exchanges: state.exchanges.len(),
        }
    }
}

impl LogRange {
    /// Returns the part from this position to the current end.
    pub fn since(log: &Arc<Log>, mark: Mark) -> Self {
        let end = Mark::end(log);
        Self {
            log: log.clone(),
            messages: mark.messages..end.messages,
            exchanges: mark.exchanges..end.exchanges,
        }
    }

    /// Returns the whole log.
    pub fn whole(log: &Arc<Log>) -> Self {
        Self::since(log, Mark::default())
    }

    /// Returns the log.
    pub fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// Returns true if this part may show the loss of the server: an end of its
    /// output, an exchange that failed, a wait without any sign of life, a start that takes too long.
    pub fn shows_loss(&self) -> bool {
        self.shows_loss_of_started() || self.is_late()
    }

    /// Returns true if this part may show the loss of a server that had started.
    pub fn shows_loss_of_started(&self) -> bool {
        let state = self.log.read();
        let exchanges = state.exchanges.iter().skip(self.exchanges.start);
        let lost = exchanges.filter(|_| !state.given_up).any(Exchange::is_lost);
        let ended = state.closed.is_some() && state.ending.is_none();
        let hung = state.hung;
        drop(state);
        // A process that never started does not hang.
        lost || ended || hung && !self.is_late()
    }

    /// Returns true if the server refuses all messages of the session.
    pub fn is_refused(&self) -> bool {
        self.log.read().refused
    }

    /// Returns true if the process of this part did not start in time.
    pub fn is_late(&self) -> bool {
        self.messages.start == 0 && self.log.is_late()
    }

    /// Returns true if the server ended the connection by itself in this part.
    pub fn broke_off(&self) -> bool {
        let state = self.log.read();
        state.closed.is_some() && state.ending.is_none()
    }

    /// Returns the messages.
    pub fn entries(&self) -> Vec<Arc<Entry>> {
        let state = self.log.read();
        let entries = state.entries.get(self.messages.clone());
        entries.unwrap_or_default().to_vec()
    }

    /// Returns the time at which the session began.
    pub fn began(&self) -> Instant {
        self.log.began()
    }

    /// Returns the exit status of a process that has ended.
    pub fn exit(&self) -> Option<String> {
        self.log.read().exit.clone()
    }

    fn lines(&self) -> Vec<(Instant, Line)> {
        let state = self.log.read();
        let moment = |at: Duration| self.log.began() + at;
        let line = |at: Duration, to_server: bool, exchange: Option<String>, message: String| {
            let line = Line {
                at: 0,
                session: self.log.label.clone(),
                direction: if to_server { "to-server" } else { "to-client" },
                exchange,
                message: self.log.shown(message),
            };
            (moment(at), line)
        };
        let entries = state.entries.get(self.messages.clone()).unwrap_or_default();
        let messages = entries.iter().map(|entry| {
            let to_server = entry.direction == Direction::ToServer;
            let exchange = match entry.via {
                Via::Line => None,
                Via::Post(number) | Via::Get(number) => state
                    .exchanges
                    .get(number)
                    .map(|exchange| describe(number, exchange, !to_server)),
            };
            line(entry.at, to_server, exchange, entry.text())
        });
        let numbered = state.exchanges.iter().enumerate();
        let numbered = numbered
            .skip(self.exchanges.start)
            .take(self.exchanges.len());
        let bare = numbered.flat_map(|(number, exchange)| {
            // A POST and its JSON or events are among the messages.
            let carried = |way: Direction| {
                entries.iter().any(|entry| {
                    entry.direction == way
                        && matches!(entry.via, Via::Post(of) | Via::Get(of) if of == number)
                })
            };
            let sent = (!carried(Direction::ToServer)).then(|| {
                let body = String::from_utf8_lossy(&exchange.sent).into_owned();
                line(
                    exchange.at,
                    true,
                    Some(describe(number, exchange, false)),
                    body,
                )
            });
            let known = exchange.status.is_some() || exchange.failure.is_some();
            let came = (known && !carried(Direction::ToClient)).then(|| {
                let body = match &exchange.failure {
                    Some(failure) if exchange.status.is_none() => failure.clone(),
                    _ => String::from_utf8_lossy(&exchange.body).into_owned(),
                };
                let at = exchange.ended.unwrap_or(exchange.at);
                line(at, false, Some(describe(number, exchange, true)), body)
            });
            [sent, came].into_iter().flatten().collect::<Vec<_>>()
        });
        messages.chain(bare).collect()
    }
}

fn describe(number: usize, exchange: &Exchange, answer: bool) -> String {
    let head = format!("{} {}", exchange.method, number + 1);
    match exchange.status {
        // A recording has no headers, and some checks judge servers with sessions only.
        Some(status) if answer && exchange.header(SESSION_ID.as_str()).is_some() => {
            format!("{head}, status {status}{NAMES_SESSION}")
        }
        Some(status) if answer => format!("{head}, status {status}"),
        _ => head,
    }
}

/// The end of the description of an exchange whose answer has the header `Mcp-Session-Id`.
pub const NAMES_SESSION: &str = ", names the session";

/// Returns the lines of several parts in chronological order.
pub fn lines(parts: &[LogRange]) -> Vec<Line> {
    let mut all: Vec<(Instant, Line)> = parts.iter().flat_map(LogRange::lines).collect();
    all.sort_by_key(|(moment, _)| *moment);
    let Some(first) = all.first().map(|(moment, _)| *moment) else {
        return Vec::new();
    };
    let numbered = all.into_iter().map(|(moment, mut line)| {
        line.at = u64::try_from((moment - first).as_millis()).unwrap_or(u64::MAX);
        line
    });
    numbered.collect()
}

/// Returns the last lines for a report, with long messages shortened.
pub fn excerpt(lines: &[Line], most: usize) -> Vec<Line> {
    let last = &lines[lines.len().saturating_sub(most)..];
    let mut last = last.to_vec();
    for line in &mut last {
        line.message = shorten(&line.message, SHOWN);
    }
    last
}

/// Writes lines as JSON into `FOLDER/TARGET/NAME.jsonl`. Slashes in the name become folders.
///
/// # Errors
///
/// When the file cannot be written.
pub fn write(folder: &Path, target: &Identity, name: &str, lines: &[Line]) -> anyhow::Result<()> {
    let path = folder
        .join(folder_name(target))
        .join(format!("{name}.jsonl"));
    let write = || -> anyhow::Result<()> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = BufWriter::new(fs::File::create(&path)?);
        for line in lines {
            serde_json::to_writer(&mut file, line)?;
            file.write_all(b"\n")?;
        }
        Ok(file.flush()?)
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}

/// Returns a name for the folder of a target.
fn folder_name(target: &Identity) -> String {
    let plain = |character: char| {
        if character.is_alphanumeric() || ".-_".contains(character) {
            character
        } else {
            '-'
        }
    };
    let name: String = target.name.chars().map(plain).take(80).collect();
    format!("{name}-{}", target.transport)
}

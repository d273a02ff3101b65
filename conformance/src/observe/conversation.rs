//! A session as a conversation: requests, and the answers to them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::driver::log::{Entry, Exchange, Log, Via};
use crate::wire::envelope::{Message, Rule};
use crate::wire::identifier::Identifier;

/// A request in a conversation.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its id.
    pub id: Identifier,
    /// Its method.
    pub method: String,
    /// Its parameters.
    pub params: Value,
    /// Position in the log.
    pub sent: usize,
    /// Time of sending.
    pub sent_at: Duration,
    /// The channel.
    pub via: Via,
    /// Positions of its responses.
    pub answers: Vec<usize>,
    /// Time of the first response.
    pub answered_at: Option<Duration>,
    /// Time at which the other side certainly had the first response: over HTTP, when the POST that
    /// carried it was answered.
    pub settled_at: Option<Duration>,
    /// Position of the notification that cancelled it.
    pub cancelled: Option<usize>,
}

impl Asked {
    /// Returns true if it was in flight at this position of the log.
    pub fn runs_at(&self, position: usize) -> bool {
        self.sent < position && self.answers.first().is_none_or(|answer| position < *answer)
    }

    /// Returns its progress token.
    pub fn progress_token(&self) -> Option<Identifier> {
        self.params
            .pointer("/_meta/progressToken")
            .map(Identifier::from_value)
    }
}

/// A session as a conversation.
#[derive(Debug)]
pub struct Conversation {
    /// The session's name.
    pub label: String,
    /// Its messages.
    pub entries: Vec<Arc<Entry>>,
    /// Its HTTP exchanges.
    pub exchanges: Vec<Exchange>,
    /// Well-formed requests of the driver.
    pub ours: Vec<Asked>,
    /// Requests of the server.
    pub theirs: Vec<Asked>,
    /// The capabilities of the driver.
    pub client_capabilities: Value,
    /// The capabilities of the server.
    pub server_capabilities: Value,
    /// Positions of messages that a check has judged as its subject.
    pub judged: BTreeSet<usize>,
    /// The process's stderr.
    pub stderr: Vec<u8>,
    /// Time at which the driver began to end the session.
    pub ending: Option<Duration>,
}

impl Conversation {
    /// Reads a log.
    pub fn read(log: &Log) -> Self {
        let state = log.read();
        let mut conversation = Self {
            label: log.label.clone(),
            entries: state.entries.clone(),
            exchanges: state.exchanges.clone(),
            ours: Vec::new(),
            theirs: Vec::new(),
            client_capabilities: json!({}),
            server_capabilities: json!({}),
            judged: state.judged.clone(),
            stderr: state.stderr.clone(),
            ending: state.ending,
        };
        drop(state);
        for entry in conversation.entries.clone() {
            if !entry.replayed {
                conversation.take(&entry);
            }
        }
        conversation
    }

    /// Returns true if the server answers over HTTP and has assigned no session.
    pub fn has_no_session(&self) -> bool {
        let mut answered = self.exchanges.iter().filter(|one| one.is_success());
        let assigned = |one: &Exchange| one.header("mcp-session-id").is_some();
        let Some(first) = answered.next() else {
            return false;
        };
        !assigned(first) && !answered.any(assigned)
    }

    /// Returns the server's messages, without replays and those that a check has judged as its
    /// subject.
    pub fn from_server(&self) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .map(AsRef::as_ref)
            .filter(|entry| entry.from_server() && !entry.replayed)
            .filter(|entry| !self.judged.contains(&entry.index))
    }

    /// Returns true for an array that may answer an array that the driver sent before.
    pub fn answers_a_batch(&self, entry: &Entry) -> bool {
        let mut sent = self.entries[..entry.index].iter();
        entry.envelope.breaks(Rule::NoBatch)
            && sent.any(|sent| !sent.from_server() && sent.envelope.breaks(Rule::NoBatch))
    }

    /// Finds the driver's request that a response answers. If the driver reused an id on purpose,
    /// the earliest unanswered request counts.
    pub fn question_of(&self, response: &Entry) -> Option<&Asked> {
        let mut answered = self
            .ours
            .iter()
            .filter(|asked| asked.answers.contains(&response.index));
        answered.next()
    }

    /// Returns true if a message could have overtaken the response before it: both arrived on
    /// different HTTP streams at about the same time, and the message's stream was requested before
    /// that response arrived.
    pub fn may_have_crossed(&self, message: &Entry, other: Option<Duration>, via: Via) -> bool {
        const CROSSING: Duration = Duration::from_secs(1);
        let began = match message.via {
            Via::Post(index) => self.exchanges.get(index).map(|exchange| exchange.at),
            Via::Line | Via::Get(_) => None,
        };
        let crosses = |other: Duration| {
            message.at.saturating_sub(other) < CROSSING && began.is_none_or(|began| began <= other)
        };
        message.via != via && other.is_some_and(crosses)
    }

    /// Returns true if the server certainly sent a message after this time, whatever its delay.
    ///
    /// Over lines, a request sent since then was answered before it. Over HTTP, its stream was
    /// requested since then, or far too much time had passed.
    pub fn was_sent_after(&self, message: &Entry, time: Duration) -> bool {
        const FAR_TOO_LONG: Duration = Duration::from_secs(5);
        let later = match message.via {
            Via::Line => self.ours.iter().any(|asked| {
                let answered = asked.answers.first();
                asked.sent_at > time && answered.is_some_and(|answer| *answer < message.index)
            }),
            Via::Post(index) | Via::Get(index) => {
                let exchange = self.exchanges.get(index);
                exchange.is_some_and(|exchange| exchange.at > time)
            }
        };
        later || message.at.saturating_sub(time) > FAR_TOO_LONG
    }

    fn take(&mut self, entry: &Entry) {
        let server = entry.from_server();
        match &entry.envelope.message {
            Message::Request { id, method, params }
                if server || entry.envelope.defects.is_empty() =>
            {
                self.request(entry, id, method, params);
            }
            Message::Notification { method, params } if method == "notifications/cancelled" => {
                self.cancelled(entry, &params["requestId"]);
            }
            Message::Response {
                id: Some(id),
                answer,
            } => {
                let asked = self.answered(server, id, entry);
                if let (Some("initialize"), Ok(result)) = (asked.as_deref(), answer) {
                    self.server_capabilities =
                        result.get("capabilities").cloned().unwrap_or(json!({}));
                }
            }
            _ => {}
        }
    }

    fn request(&mut self, entry: &Entry, id: &Identifier, method: &str, params: &Value) {
        if method == "initialize" && !entry.from_server() && self.client_capabilities == json!({}) {
            self.client_capabilities = params.get("capabilities").cloned().unwrap_or(json!({}));
        }
        let asked = Asked {
            id: id.clone(),
            method: method.to_owned(),
            params: params.clone(),
            sent: entry.index,
            sent_at: entry.at,
            via: entry.via,
            answers: Vec::new(),
            answered_at: None,
            settled_at: None,
            cancelled: None,
        };
        self.side(!entry.from_server()).push(asked);
    }

    /// Notes a response. Returns the method of the request that it answers.
    fn answered(&mut self, by_server: bool, id: &Identifier, entry: &Entry) -> Option<String> {
        let settled = match entry.via {
            Via::Post(index) if !by_server => self
                .exchanges
                .get(index)
                .and_then(|exchange| exchange.ended),
            _ => Some(entry.at),
        };
        let side = self.side(by_server);
        let same = || side.iter().enumerate().filter(|(_, asked)| asked.id == *id);
        let open = same().find(|(_, asked)| asked.answers.is_empty());
        let position = open
            .or_else(|| same().next_back())
            .map(|(position, _)| position)?;
        let asked = &mut side[position];
        asked.answers.push(entry.index);
        if asked.answered_at.is_none() {
            asked.answered_at = Some(entry.at);
            asked.settled_at = settled;
        }
        Some(asked.method.clone())
    }

    fn cancelled(&mut self, entry: &Entry, id: &Value) {
        let id = Identifier::from_value(id);
        let side = self.side(!entry.from_server());
        if let Some(asked) = side.iter_mut().rev().find(|asked| asked.id == id) {
            asked.cancelled.get_or_insert(entry.index);
        }
    }

    fn side(&mut self, ours: bool) -> &mut Vec<Asked> {
        if ours {
            &mut self.ours
        } else {
            &mut self.theirs
        }
    }
}

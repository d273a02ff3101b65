//! The log of a session: every message in either direction and every HTTP exchange, in the order in
//! which the driver saw them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ::http::{HeaderMap, Method};
use tokio::sync::watch;

use super::clock::Clock;
use super::http::LAST_EVENT_ID;
use super::limits::MESSAGE_COST;
use super::text;
use super::tokens::Tokens;
use crate::wire::envelope::{Defect, Envelope, Message, Rule};
use crate::wire::identifier::Identifier;
use crate::wire::shapes::quoted;

/// The number of lines of stderr that a message shows.
const STDERR_LINES: usize = 10;

/// The length in characters up to which a finding shows a message.
const SHOWN: usize = 400;

/// The introduction to the last lines of stderr.
pub const LAST_WORDS: &str = "Its last lines on stderr:";

/// The direction of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the driver to the server.
    ToServer,
    /// From the server to the driver.
    ToClient,
}

/// The channel that carried a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Via {
    /// A line of stdio.
    Line,
    /// The POST with this number: its body, or the body or stream of its answer.
    Post(usize),
    /// The listening stream of the GET with this number.
    Get(usize),
}

/// A message in the log.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Position in the log.
    pub index: usize,
    /// Time since the session began.
    pub at: Duration,
    /// The direction.
    pub direction: Direction,
    /// The channel.
    pub via: Via,
    /// Its bytes without the framing.
    pub bytes: Vec<u8>,
    /// The message as parsed by the driver.
    pub envelope: Envelope,
    /// False for a last line without newline.
    pub complete: bool,
    /// True for a message that is replayed on a resumed stream.
    pub replayed: bool,
    /// True for output on stdout that is not meant as a message.
    pub stray: bool,
}

impl Entry {
    /// Returns its text, with invalid UTF-8 replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Returns the beginning of its text for a message to a reader, in one line.
    pub fn shown(&self) -> String {
        quoted(&self.text(), SHOWN)
    }

    /// Returns true if the server sent it.
    pub fn from_server(&self) -> bool {
        self.direction == Direction::ToClient
    }

    /// Returns its method if it is a request or a notification.
    pub fn method(&self) -> Option<&str> {
        match &self.envelope.message {
            Message::Request { method, .. } | Message::Notification { method, .. } => Some(method),
            Message::Response { .. } | Message::Unreadable => None,
        }
    }

    /// Returns its parameters if it is a request or a notification.
    pub fn params(&self) -> Option<&serde_json::Value> {
        match &self.envelope.message {
            Message::Request { params, .. } | Message::Notification { params, .. } => Some(params),
            Message::Response { .. } | Message::Unreadable => None,
        }
    }

    /// Returns true for a request or a notification of this method.
    pub fn is(&self, method: &str) -> bool {
        self.method() == Some(method)
    }

    /// Returns true for a response to the request with this id.
    pub fn answers(&self, wanted: &Identifier) -> bool {
        matches!(&self.envelope.message, Message::Response { id: Some(id), .. } if id == wanted)
    }

    /// Returns true if characters of its strings were replaced to read it: halves of surrogate pairs,
    /// or invalid UTF-8.
    pub fn is_mended(&self) -> bool {
        self.envelope.breaks(Rule::Surrogates) || self.envelope.breaks(Rule::Utf8)
    }

    /// Returns the id of a request or a response.
    pub fn id(&self) -> Option<&Identifier> {
        match &self.envelope.message {
            Message::Request { id, .. } => Some(id),
            Message::Response { id, .. } => id.as_ref(),
            Message::Notification { .. } | Message::Unreadable => None,
        }
    }

    /// Returns true for a response.
    pub fn is_response(&self) -> bool {
        matches!(self.envelope.message, Message::Response { .. })
    }
}

/// An event of a stream of server-sent events.
#[derive(Clone, Debug)]
pub struct StreamEvent {
    /// Its id, if any.
    pub id: Option<String>,
    /// Time of arrival.
    pub at: Duration,
    /// The entry of the log that it carried, if any.
    pub entry: Option<usize>,
}

/// One HTTP request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// GET, POST, DELETE.
    pub method: Method,
    /// The request's headers.
    pub sent_headers: HeaderMap,
    /// The request's body.
    pub sent: Vec<u8>,
    /// Time of sending.
    pub at: Duration,
    /// The answer's status, once known.
    pub status: Option<u16>,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The answer's body, unless it is a stream of events.
    pub body: Vec<u8>,
    /// True if the answer is a stream of events.
    pub is_stream: bool,
    /// Events of the stream.
    pub events: Vec<StreamEvent>,
    /// Time at which the answer was complete.
    pub ended: Option<Duration>,
    /// True if the driver itself cut it off.
    pub cut: bool,
    /// True if a check has judged it, or the loss of the server has, so that no observer judges it
    /// again.
    pub judged: bool,
    /// An error below HTTP.
    pub failure: Option<String>,
}

impl Exchange {
    /// Creates an exchange without an answer.
    pub fn new(method: Method, sent_headers: HeaderMap, sent: Vec<u8>, at: Duration) -> Self {
        Self {
            method,
            sent_headers,
            sent,
            at,
            status: None,
            headers: HeaderMap::new(),
            body: Vec::new(),
            is_stream: false,
            events: Vec::new(),
            ended: None,
            cut: false,
            judged: false,
            failure: None,
        }
    }

    /// Returns a header of the answer as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the essence of the answer's media type, in lower case.
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(
            value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase(),
        )
    }

    /// Returns true if the status is 2xx.
    pub fn is_success(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }

    /// Returns true if it failed as exchanges do when the server is lost: without an answer, with
    /// half of one, or with a status of 5xx.
    pub fn is_lost(&self) -> bool {
        let failed = self.failure.is_some() && !self.cut;
        failed || self.status.is_some_and(|status| status >= 500)
    }

    /// Returns true if the status refuses the client.
    pub fn refuses_client(&self) -> bool {
        self.status.is_some_and(refuses_client)
    }

    /// Describes the answer for a message to a reader.
    pub fn describe(&self) -> String {
        match (self.status, &self.failure) {
            (Some(status), _) => {
                let media = self
                    .media_type()
                    .map_or(String::new(), |media| format!(", {media}"));
                let body = String::from_utf8_lossy(&self.body);
                let body = crate::wire::shapes::shorten(&body, 160);
                let broken = self.failure.as_ref();
                let broken = broken.map_or(String::new(), |why| format!(", broken off: {why}"));
                format!("HTTP status {status}{media}, body {body:?}{broken}")
            }
            (None, Some(failure)) => format!("no HTTP answer ({failure})"),
            (None, None) => "no HTTP answer yet".to_owned(),
        }
    }
}

/// Returns true for a status that refuses the client, whatever it asks: the session has ended, a
/// token is no longer accepted, or there were too many requests.
pub fn refuses_client(status: u16) -> bool {
    matches!(status, 401 | 403 | 404 | 429)
}

/// The contents of a log.
#[derive(Debug, Default)]
pub struct State {
    /// Messages.
    pub entries: Vec<Arc<Entry>>,
    /// HTTP exchanges.
    pub exchanges: Vec<Exchange>,
    /// The reason why the server will send nothing more, once that is so.
    pub closed: Option<String>,
    /// True if the driver abandoned the session.
    pub given_up: bool,
    /// True if another process took its place, as it did not start in time.
    pub replaced: bool,
    /// True if the driver abandoned it because the server gave no sign of life.
    pub hung: bool,
    /// True if the server refuses all messages of the session, which it may have ended.
    pub refused: bool,
    /// Time at which the driver began to end the session.
    pub ending: Option<Duration>,
    /// Exit status of the process, once it has exited by itself.
    pub exit: Option<String>,
    /// True if the process was killed.
    pub killed: bool,
    /// The process's stderr.
    pub stderr: Vec<u8>,
    /// The session id assigned by the server over HTTP.
    pub session_id: Option<String>,
    /// The number of bytes kept for messages in either direction.
    pub kept: usize,
    /// Positions of messages that a check has judged as its subject.
    pub judged: BTreeSet<usize>,
}

impl State {
    /// Returns true for a message on a resumed stream that was seen before.
    fn is_replay(&self, via: Via, bytes: &[u8]) -> bool {
        let Via::Get(index) = via else {
            return false;
        };
        let exchange = self.exchanges.get(index);
        let resumed =
            exchange.is_some_and(|exchange| exchange.sent_headers.contains_key(LAST_EVENT_ID));
        let mut earlier = self.entries.iter().filter(|entry| entry.from_server());
        resumed && earlier.any(|entry| entry.bytes == bytes)
    }
}

/// The log of one session. Waiting for an event means waiting for the log to show it.
#[derive(Debug)]
pub struct Log {
    /// The session's name for messages to a reader.
    pub label: String,
    tokens: Option<Tokens>,
    clock: Arc<Clock>,
    counts: AtomicBool,
    began: Instant,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
}

impl Log {
    /// Creates an empty log.
    pub fn new(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            tokens: None,
            clock: Arc::default(),
            counts: AtomicBool::new(true),
            began: Instant::now(),
            state: Mutex::default(),
            changed: watch::Sender::new(0),
        }
    }

    /// Hides these tokens in shown text.
    pub fn hiding(self, tokens: Option<&Tokens>) -> Self {
        Self {
            tokens: tokens.cloned(),
            ..self
        }
    }

    /// Counts waiting on this clock.
    pub fn timed(self, clock: Arc<Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Returns the clock on which waiting is counted.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Sets whether waiting is counted.
    pub fn count_waiting(&self, counts: bool) {
        self.counts.store(counts, Ordering::Relaxed);
    }

    /// Counts a wait for the server, or for its silence.
    pub fn waited(&self, took: Duration) {
        if self.counts.load(Ordering::Relaxed) {
            self.clock.waited(took);
        }
    }

    /// Returns the last lines on stderr, introduced for a message; nothing if there are none.
    pub fn last_words(&self) -> String {
        let stderr = String::from_utf8_lossy(&self.read().stderr).into_owned();
        let lines: Vec<&str> = stderr.trim_end().lines().collect();
        if lines.is_empty() {
            return String::new();
        }
        let last = &lines[lines.len().saturating_sub(STDERR_LINES)..];
        format!("\n{LAST_WORDS}\n{}", last.join("\n"))
    }

    /// Returns text of the log with tokens hidden.
    pub fn shown(&self, text: String) -> String {
        match &self.tokens {
            Some(tokens) => tokens.hide(&text),
            None => text,
        }
    }

    /// Returns true if the server has not answered anything since `initialize`, and did not end by
    /// itself: over stdio, a process that is slow to start.
    pub fn is_late(&self) -> bool {
        let state = self.read();
        let mut entries = state.entries.iter();
        let asked = entries.any(|entry| !entry.from_server() && entry.is("initialize"));
        let mut entries = state.entries.iter();
        let heard = entries.any(|entry| entry.from_server() && !entry.stray);
        let ended = state.closed.is_some() && state.ending.is_none();
        asked && !heard && !ended && !state.replaced && state.exchanges.is_empty()
    }

    /// Returns the time at which the session began.
    pub fn began(&self) -> Instant {
        self.began
    }

    /// Returns the time since the session began.
    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Locks the current state.
    pub fn read(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and notifies the waiters.
    pub fn write<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.read());
        self.changed.send_modify(|count| *count += 1);
        result
    }

    /// Adds a message.
    pub fn record(
        &self,
        direction: Direction,
        via: Via,
        bytes: Vec<u8>,
        complete: bool,
    ) -> Arc<Entry> {
        self.record_and(direction, via, bytes, complete, Vec::new(), |_, _| ())
    }

    /// Adds a message, with defects that its bytes no longer show, and makes another change
    /// atomically. The change receives the position of the message.
    pub fn record_and(
        &self,
        direction: Direction,
        via: Via,
        bytes: Vec<u8>,
        complete: bool,
        defects: Vec<Defect>,
        change: impl FnOnce(&mut State, usize),
    ) -> Arc<Entry> {
        let mut envelope = match direction {
            Direction::ToServer => Envelope::read(&bytes),
            Direction::ToClient => text::read(&bytes),
        };
        envelope.defects.extend(defects);
        let stray = direction == Direction::ToClient
            && via == Via::Line
            && text::is_stray(&bytes, &envelope);
        let at = self.now();
        self.write(|state| {
            let index = state.entries.len();
            state.kept += bytes.len() + MESSAGE_COST;
            let replayed = state.is_replay(via, &bytes);
            let entry = Arc::new(Entry {
                index,
                at,
                direction,
                via,
                bytes,
                envelope,
                complete,
                replayed,
                stray,
            });
            state.entries.push(entry.clone());
            change(state, index);
            entry
        })
    }

    /// Marks a message, and the exchange that carried it, as the subject of a check, so that no
    /// observer judges it again.
    pub fn mark_judged(&self, entry: &Entry) {
        self.write(|state| {
            state.judged.insert(entry.index);
            if let Via::Post(index) | Via::Get(index) = entry.via
                && let Some(exchange) = state.exchanges.get_mut(index)
            {
                exchange.judged = true;
            }
        });
    }

    /// Returns the number of messages so far.
    pub fn len(&self) -> usize {
        self.read().entries.len()
    }

    /// Returns true if nothing was sent or received yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the messages from this position on.
    pub fn since(&self, from: usize) -> Vec<Arc<Entry>> {
        self.read().entries.iter().skip(from).cloned().collect()
    }

    /// Waits until the log satisfies a condition, for at most this long.
    pub async fn until<T>(
        &self,
        most: Duration,
        mut look: impl FnMut(&State) -> Option<T>,
    ) -> Option<T> {
        let mut changes = self.changed.subscribe();
        let began = tokio::time::Instant::now();
        let deadline = began + most;
        let found = loop {
            changes.borrow_and_update();
            if let Some(found) = look(&self.read()) {
                break Some(found);
            }
            match tokio::time::timeout_at(deadline, changes.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => break None,
            }
        };
        self.waited(began.elapsed());
        found
    }

    /// Waits for a message from the server at or after this position.
    pub async fn wait_for(
        &self,
        from: usize,
        most: Duration,
        mut wanted: impl FnMut(&Entry) -> bool,
    ) -> Option<Arc<Entry>> {
        let found = |state: &State| {
            let mut arrived = state
                .entries
                .iter()
                .skip(from)
                .filter(|entry| entry.from_server());
            arrived.find(|entry| wanted(entry)).cloned()
        };
        self.until(most, found).await
    }
}

//! The log of a session: every message in either direction, and over HTTP
//! every exchange, in the order in which the driver saw them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ::http::{HeaderMap, Method};
use tokio::sync::watch;

use super::http::LAST_EVENT_ID;
use super::limits::MESSAGE_COST;
use super::tokens::Tokens;
use crate::wire::envelope::{Envelope, Message};
use crate::wire::identifier::Identifier;

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the driver to the server.
    ToServer,
    /// From the server to the driver.
    ToClient,
}

/// The way on which a message travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A line of stdio.
    Line,
    /// The POST with this number: its body, or the body or stream that answered it.
    Post(usize),
    /// The listening stream that the GET with this number opened.
    Get(usize),
}

/// A message in the log.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Position in the log.
    pub index: usize,
    /// Time since the session began.
    pub at: Duration,
    /// Which way it went.
    pub direction: Direction,
    /// On which way.
    pub via: Via,
    /// Its bytes without the framing.
    pub bytes: Vec<u8>,
    /// The message as the driver read it.
    pub envelope: Envelope,
    /// Whether the framing was complete: false for a last line without newline.
    pub complete: bool,
    /// Whether it came before, and was only replayed on a stream that was resumed.
    pub replayed: bool,
}

impl Entry {
    /// Its text, with bytes that are no UTF-8 replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Whether it came from the server.
    pub fn from_server(&self) -> bool {
        self.direction == Direction::ToClient
    }

    /// Its method, if it is a request or a notification.
    pub fn method(&self) -> Option<&str> {
        match &self.envelope.message {
            Message::Request { method, .. } | Message::Notification { method, .. } => Some(method),
            Message::Response { .. } | Message::Unreadable => None,
        }
    }

    /// Its parameters, if it is a request or a notification.
    pub fn params(&self) -> Option<&serde_json::Value> {
        match &self.envelope.message {
            Message::Request { params, .. } | Message::Notification { params, .. } => Some(params),
            Message::Response { .. } | Message::Unreadable => None,
        }
    }

    /// Whether it is a request or a notification of this method.
    pub fn is(&self, method: &str) -> bool {
        self.method() == Some(method)
    }

    /// Whether it is a response to the request with this id.
    pub fn answers(&self, wanted: &Identifier) -> bool {
        matches!(&self.envelope.message, Message::Response { id: Some(id), .. } if id == wanted)
    }

    /// Whether it is a response.
    pub fn is_response(&self) -> bool {
        matches!(self.envelope.message, Message::Response { .. })
    }
}

/// An event of a stream of server-sent events.
#[derive(Clone, Debug)]
pub struct StreamEvent {
    /// Its id, if it has one.
    pub id: Option<String>,
    /// When it came.
    pub at: Duration,
    /// The entry of the log that it carried, if it carried one.
    pub entry: Option<usize>,
}

/// One HTTP request and what answered it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// GET, POST, DELETE.
    pub method: Method,
    /// Headers that were sent.
    pub sent_headers: HeaderMap,
    /// Body that was sent.
    pub sent: Vec<u8>,
    /// When it was sent.
    pub at: Duration,
    /// Status, once it came.
    pub status: Option<u16>,
    /// Headers of the answer.
    pub headers: HeaderMap,
    /// Body of the answer, unless it was a stream of events.
    pub body: Vec<u8>,
    /// Whether the answer is a stream of events.
    pub is_stream: bool,
    /// Events of the stream.
    pub events: Vec<StreamEvent>,
    /// When the answer was complete.
    pub ended: Option<Duration>,
    /// Whether the driver itself cut it off.
    pub cut: bool,
    /// What went wrong below HTTP.
    pub failure: Option<String>,
}

impl Exchange {
    /// An exchange of which only the request is known.
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
            failure: None,
        }
    }

    /// A header of the answer, as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The essence of the answer's media type, in lower case.
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

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }

    /// What came, for a message to a person.
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

/// What a log holds.
#[derive(Debug, Default)]
pub struct State {
    /// Messages.
    pub entries: Vec<Arc<Entry>>,
    /// HTTP exchanges.
    pub exchanges: Vec<Exchange>,
    /// Why nothing more will come from the server, once that is so.
    pub closed: Option<String>,
    /// Whether it was the driver that gave the session up.
    pub given_up: bool,
    /// When the driver began to end the session.
    pub ending: Option<Duration>,
    /// Exit code of the process, once it exited by itself.
    pub exit: Option<String>,
    /// Whether the process had to be killed.
    pub killed: bool,
    /// What the process wrote to stderr.
    pub stderr: Vec<u8>,
    /// Session id that the server gave over HTTP.
    pub session_id: Option<String>,
    /// How many bytes are kept of what was sent and received.
    pub kept: usize,
}

impl State {
    /// Whether a message is on a resumed stream and was seen before.
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

/// The log of one session. Waiting for something means waiting for the log to show it.
#[derive(Debug)]
pub struct Log {
    /// Which session it is, for messages to a person.
    pub label: String,
    tokens: Option<Tokens>,
    began: Instant,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
}

impl Log {
    /// An empty log.
    pub fn new(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            tokens: None,
            began: Instant::now(),
            state: Mutex::default(),
            changed: watch::Sender::new(0),
        }
    }

    /// The same log, of which these tokens are not shown.
    pub fn hiding(self, tokens: Option<&Tokens>) -> Self {
        Self {
            tokens: tokens.cloned(),
            ..self
        }
    }

    /// A text of the log, as people may see it.
    pub fn shown(&self, text: String) -> String {
        match &self.tokens {
            Some(tokens) => tokens.hide(&text),
            None => text,
        }
    }

    /// When the session began.
    pub fn began(&self) -> Instant {
        self.began
    }

    /// Time since the session began.
    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// The log as it stands.
    pub fn read(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the log and wakes up who waits for it.
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
        self.record_and(direction, via, bytes, complete, |_, _| ())
    }

    /// Adds a message and changes something else in the same breath; the
    /// change is told the position of the message.
    pub fn record_and(
        &self,
        direction: Direction,
        via: Via,
        bytes: Vec<u8>,
        complete: bool,
        change: impl FnOnce(&mut State, usize),
    ) -> Arc<Entry> {
        let envelope = Envelope::read(&bytes);
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
            });
            state.entries.push(entry.clone());
            change(state, index);
            entry
        })
    }

    /// Number of messages so far.
    pub fn len(&self) -> usize {
        self.read().entries.len()
    }

    /// Whether nothing was sent or received yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Messages from this position on.
    pub fn since(&self, from: usize) -> Vec<Arc<Entry>> {
        self.read().entries.iter().skip(from).cloned().collect()
    }

    /// Waits until the log shows something, at most so long.
    pub async fn until<T>(
        &self,
        most: Duration,
        mut look: impl FnMut(&State) -> Option<T>,
    ) -> Option<T> {
        let mut changes = self.changed.subscribe();
        let deadline = tokio::time::Instant::now() + most;
        loop {
            changes.borrow_and_update();
            if let Some(found) = look(&self.read()) {
                return Some(found);
            }
            match tokio::time::timeout_at(deadline, changes.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return None,
            }
        }
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

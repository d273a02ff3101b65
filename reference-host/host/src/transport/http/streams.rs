//! The streams of one session: routing of its messages, and their readers.
//!
//! Each POST of a request has a stream, and so has each listening GET. A stream outlives the
//! connection that reads it: a client that lost the connection resumes the stream by a GET that
//! names the last event it saw.
//!
//! A message goes to exactly one stream. Messages that belong to no request go to the most recently
//! opened listening stream: an earlier one may belong to a connection that the client has lost. If
//! none is open, they are kept, within bounds, for the next one.
//!
//! A request to the client whose own stream is gone goes there as well. Its client left before it
//! saw an event, so it cannot resume, yet it has not cancelled and can still answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tracing::{debug, warn};

use crate::session::{Outlet, StreamedResponse};
use crate::telemetry::{DroppedNotification, Telemetry};
use wasi_mcp_protocol::{MessageKind, Outgoing, Route, StreamId};

use super::event::{EventId, Purpose};
use super::event_log::{Bounds, EventLog, Weight};
use super::message::Message;
use super::options::HttpOptions;
use super::unread::Unread;

/// The streams of one session, used by the session as its [`Outlet`] and by the handlers of HTTP
/// requests.
#[derive(Debug)]
pub(super) struct Streams {
    limits: Limits,
    state: Mutex<State>,
    unread: Unread,
}

/// The limits of the streams of one session.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    stream: Bounds,
    session_bytes: usize,
    listening: usize,
    resumable: usize,
}

impl From<&HttpOptions> for Limits {
    fn from(options: &HttpOptions) -> Self {
        Self {
            stream: Bounds {
                events: options.max_stream_events,
                bytes: options.max_stream_bytes,
            },
            session_bytes: options.max_session_bytes,
            listening: options.max_listening_streams.max(1),
            resumable: options.max_resumable_streams,
        }
    }
}

#[derive(Debug, Default)]
struct State {
    /// By number, which is the order of opening.
    streams: BTreeMap<u64, Stream>,
    /// Streams that have no reader and expect no message.
    idle: BTreeSet<u64>,
    /// The listening streams that have a reader; the last one gets messages.
    listening: Vec<u64>,
    /// Messages that belong to no request and wait for a listening stream.
    backlog: EventLog,
    /// The size of all logs together.
    weight: Weight,
    next_stream: u64,
    next_reader: u64,
    telemetry: Arc<Telemetry>,
    /// No stream is opened and no message accepted any more.
    closed: bool,
}

#[derive(Debug)]
struct Stream {
    purpose: Purpose,
    log: EventLog,
    reader: Option<Reader>,
    /// No further message will come.
    over: bool,
    /// The response that comes in parts, after all events in the log.
    streamed: Option<StreamedResponse>,
}

#[derive(Debug)]
struct Reader {
    key: u64,
    waker: Option<Waker>,
}

impl Streams {
    pub(super) fn new(limits: Limits, telemetry: Arc<Telemetry>) -> Arc<Self> {
        let state = State {
            telemetry,
            ..State::default()
        };
        Arc::new(Self {
            limits,
            state: Mutex::new(state),
            unread: Unread::default(),
        })
    }

    /// A panic while the lock is held leaves nothing half done that matters more than the other
    /// clients of this process.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the stream of a request, before the session gets the request. Returns `None` if the
    /// session has ended.
    pub(super) fn open_call(self: &Arc<Self>) -> Option<Call> {
        let (stream, key) = self.lock().open(Purpose::Call)?;
        Some(Call(StreamReader {
            streams: Arc::clone(self),
            stream,
            key,
        }))
    }

    /// Opens a listening stream. Returns `None` if the session has ended.
    pub(super) fn listen(self: &Arc<Self>) -> Option<StreamReader> {
        let mut state = self.lock();
        let (stream, key) = state.open(Purpose::Listening)?;
        let wakers = self.begin_listening(&mut state, stream);
        drop(state);
        wake(wakers);
        Some(StreamReader {
            streams: Arc::clone(self),
            stream,
            key,
        })
    }

    /// Resumes a stream after the event `last`. Returns `None` if this stream or event is unknown
    /// or has been forgotten, or the session has ended.
    pub(super) fn resume(self: &Arc<Self>, last: EventId) -> Option<StreamReader> {
        let number = last.stream.0;
        let mut state = self.lock();
        if state.closed {
            return None;
        }
        let purpose = state.streams.get(&number)?.purpose;
        if purpose != last.purpose || !state.change_log(number, |log| log.rewind(last.number))? {
            return None;
        }
        let key = state.new_reader();
        let stream = state.streams.get_mut(&number)?;
        // A reader that still exists has lost its client without noticing.
        let mut wakers = Vec::from_iter(stream.reader.take().and_then(|reader| reader.waker));
        stream.reader = Some(Reader { key, waker: None });
        let is_listening = stream.purpose == Purpose::Listening;
        if is_listening {
            stream.over = false;
        }
        state.note_idle(number);
        if is_listening {
            wakers.extend(self.begin_listening(&mut state, number));
        }
        drop(state);
        wake(wakers);
        Some(StreamReader {
            streams: Arc::clone(self),
            stream: number,
            key,
        })
    }

    /// Makes a stream the one that gets messages that belong to no request.
    fn begin_listening(&self, state: &mut State, stream: u64) -> Vec<Waker> {
        let mut wakers = Vec::new();
        state.listening.retain(|other| *other != stream);
        state.listening.push(stream);
        while state.listening.len() > self.limits.listening {
            let oldest = state.listening[0];
            debug!(
                stream_id = oldest,
                "too many listening streams: the oldest one ends"
            );
            wakers.extend(self.stop_listening(state, oldest));
        }
        for message in state.take_backlog() {
            wakers.extend(self.push(state, stream, message));
        }
        wakers
    }

    /// Removes the reader from a listening stream and hands its undelivered events to the others.
    fn stop_listening(&self, state: &mut State, number: u64) -> Vec<Waker> {
        let mut wakers = Vec::new();
        state.listening.retain(|other| *other != number);
        let Some(stream) = state.streams.get_mut(&number) else {
            return wakers;
        };
        stream.over = true;
        wakers.extend(stream.reader.take().and_then(|reader| reader.waker));
        state.note_idle(number);
        for message in state.take_untold(number) {
            wakers.extend(self.push_unrelated(state, message));
        }
        wakers
    }

    /// Ends every stream, permanently.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.listening.clear();
        state.idle.clear();
        state.backlog = EventLog::default();
        state.weight = Weight::default();
        let streams = std::mem::take(&mut state.streams);
        drop(state);
        wake(
            streams
                .into_values()
                .filter_map(|stream| stream.reader?.waker),
        );
    }

    /// Ends every stream once all sent messages are read, and opens no others.
    pub(super) fn drain(&self) {
        self.end_listening();
        let mut state = self.lock();
        state.closed = true;
        let mut wakers = Vec::new();
        let State { streams, idle, .. } = &mut *state;
        for (number, stream) in streams {
            stream.over = true;
            wakers.extend(stream.take_waker());
            if stream.is_idle() {
                idle.insert(*number);
            }
        }
        drop(state);
        wake(wakers);
    }

    /// Ends the listening streams, so that their connections can close.
    pub(super) fn end_listening(&self) {
        let mut state = self.lock();
        let mut wakers = Vec::new();
        while let Some(newest) = state.listening.last().copied() {
            wakers.extend(self.stop_listening(&mut state, newest));
        }
        drop(state);
        wake(wakers);
    }

    /// Returns whether the session has ended: it opens no further stream.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Returns the number of streams with a reader.
    #[cfg(test)]
    pub(super) fn readers(&self) -> usize {
        let state = self.lock();
        let read = |stream: &&Stream| stream.reader.is_some();
        state.streams.values().filter(read).count()
    }

    /// Recounts the size of all logs together.
    #[cfg(test)]
    pub(super) fn weight(&self) -> Weight {
        let state = self.lock();
        let mut weight = state.backlog.weight();
        for stream in state.streams.values() {
            weight += stream.log.weight();
        }
        assert_eq!(weight, state.weight, "the running count is right");
        let idle = state.streams.iter().filter(|(_, stream)| stream.is_idle());
        assert!(
            idle.map(|(number, _)| number).eq(&state.idle),
            "the idle streams are known"
        );
        weight
    }

    fn push_unrelated(&self, state: &mut State, message: Message) -> Option<Waker> {
        if let Some(newest) = state.listening.last().copied() {
            return self.push(state, newest, message);
        }
        let dropped = state.change_backlog(|log| log.push(message, self.limits.stream));
        report_dropped(&state.telemetry, "nobody listens", dropped, &state.backlog);
        self.enforce(state);
        None
    }

    fn push(&self, state: &mut State, number: u64, message: Message) -> Option<Waker> {
        if !state.streams.contains_key(&number) {
            return self.push_stranded(state, number, message);
        }
        let dropped = state.change_log(number, |log| log.push(message, self.limits.stream))?;
        let stream = state.streams.get_mut(&number)?;
        report_dropped(&state.telemetry, "too slow a reader", dropped, &stream.log);
        let waker = stream.take_waker();
        self.enforce(state);
        waker
    }

    /// Reroutes a message whose stream is gone, if possible.
    fn push_stranded(&self, state: &mut State, number: u64, message: Message) -> Option<Waker> {
        if matches!(
            message.kind,
            MessageKind::Request(_) | MessageKind::Cancelled(_)
        ) {
            return self.push_unrelated(state, message);
        }
        debug!(
            stream_id = number,
            "nobody can read this stream any more: message dropped"
        );
        None
    }

    /// Enforces the bounds of the session. Streams that have no reader and expect no message go
    /// first, then events kept for replay, then waiting notifications.
    fn enforce(&self, state: &mut State) {
        self.forget_idle(state);
        let Limits { session_bytes, .. } = self.limits;
        if state.weight.bytes <= session_bytes {
            return;
        }
        // More is removed than necessary, and data that must be kept may exceed the bound. So not
        // every message causes a search through all streams.
        let spare = session_bytes / 8;
        if state.weight.firm > session_bytes && state.weight.loose() <= spare {
            return;
        }
        state.lighten(session_bytes - spare);
    }

    /// Forgets streams that have no reader and expect no message while there are too many, or all
    /// together keep too much: those whose client has read everything before those with events to
    /// resume for. The newest one is kept.
    fn forget_idle(&self, state: &mut State) {
        loop {
            let too_many = state.idle.len() > self.limits.resumable;
            let too_much = state.weight.bytes > self.limits.session_bytes;
            if !(too_many || too_much && state.idle.len() > 1) {
                break;
            }
            let youngest = state.idle.last().copied();
            let is_read = |number: &&u64| {
                let stream = state.streams.get(number);
                Some(**number) != youngest
                    && stream.is_some_and(|stream| stream.log.peek().is_none())
            };
            let read = state.idle.iter().find(is_read);
            let Some(number) = read.or(state.idle.first()).copied() else {
                break;
            };
            debug!(
                stream_id = number,
                "too much kept: the stream cannot be resumed any more"
            );
            state.remove(number);
        }
    }
}

impl Outlet for Streams {
    fn send(&self, route: Route, message: Outgoing) {
        let last = message.kind.is_response();
        let message = Message::new(message, &self.unread);
        let mut state = self.lock();
        if state.closed {
            return;
        }
        let waker = match route {
            Route::Stream(stream) => {
                if last && let Some(ended) = state.streams.get_mut(&stream.0) {
                    ended.over = true;
                    state.note_idle(stream.0);
                }
                self.push(&mut state, stream.0, message)
            }
            Route::Unrelated => self.push_unrelated(&mut state, message),
        };
        drop(state);
        wake(waker);
    }

    /// A client that is not connected may resume, so it gets a response that can be kept.
    fn can_stream(&self, stream: StreamId) -> bool {
        let state = self.lock();
        let stream = state.streams.get(&stream.0);
        stream.is_some_and(|stream| stream.reader.is_some())
    }

    /// It cannot be resumed, so it needs a connected reader.
    fn send_streamed(&self, stream: StreamId, response: StreamedResponse) {
        let mut state = self.lock();
        let Some(ended) = state.streams.get_mut(&stream.0) else {
            return;
        };
        ended.over = true;
        if ended.reader.is_some() {
            ended.streamed = Some(response.map_around(|text| self.unread.counted(text)));
        }
        let waker = ended.take_waker();
        state.note_idle(stream.0);
        drop(state);
        wake(waker);
    }

    /// Notifications do not count: the streams drop them beyond their bounds.
    fn unread_bytes(&self) -> usize {
        self.unread.bytes()
    }

    fn listens(&self) -> bool {
        !self.lock().listening.is_empty()
    }

    fn ended(&self) {
        self.drain();
    }

    fn end(&self, stream: StreamId) {
        let mut state = self.lock();
        let Some(ended) = state.streams.get_mut(&stream.0) else {
            return;
        };
        ended.over = true;
        ended.streamed = None;
        let waker = ended.take_waker();
        state.note_idle(stream.0);
        self.enforce(&mut state);
        drop(state);
        wake(waker);
    }
}

impl State {
    fn new_reader(&mut self) -> u64 {
        self.next_reader += 1;
        self.next_reader
    }

    fn open(&mut self, purpose: Purpose) -> Option<(u64, u64)> {
        if self.closed {
            return None;
        }
        let key = self.new_reader();
        self.next_stream += 1;
        let number = self.next_stream;
        self.streams.insert(
            number,
            Stream {
                purpose,
                log: EventLog::default(),
                reader: Some(Reader { key, waker: None }),
                over: false,
                streamed: None,
            },
        );
        Some((number, key))
    }

    fn remove(&mut self, number: u64) {
        if let Some(stream) = self.streams.remove(&number) {
            self.weight -= stream.log.weight();
        }
        self.idle.remove(&number);
    }

    /// Updates the set of idle streams. To be called when a stream ended or restarted, or its
    /// reader came or went.
    fn note_idle(&mut self, number: u64) {
        if self.streams.get(&number).is_some_and(Stream::is_idle) {
            self.idle.insert(number);
        } else {
            self.idle.remove(&number);
        }
    }

    /// Changes a stream's log. Returns `None` if there is no such stream.
    fn change_log<R>(&mut self, number: u64, change: impl FnOnce(&mut EventLog) -> R) -> Option<R> {
        let log = &mut self.streams.get_mut(&number)?.log;
        Some(weighed(&mut self.weight, log, change))
    }

    fn change_backlog<R>(&mut self, change: impl FnOnce(&mut EventLog) -> R) -> R {
        weighed(&mut self.weight, &mut self.backlog, change)
    }

    fn take_untold(&mut self, number: u64) -> Vec<Message> {
        self.change_log(number, EventLog::take_untold)
            .unwrap_or_default()
    }

    fn take_backlog(&mut self) -> Vec<Message> {
        self.change_backlog(EventLog::take_untold)
    }

    /// Drops events until no more than `bytes` are kept: first those kept for replay, then
    /// notifications without a reader, then those whose reader is slow.
    fn lighten(&mut self, bytes: usize) {
        let (weight, telemetry) = (&mut self.weight, &*self.telemetry);
        for stream in self.streams.values_mut() {
            if weight.bytes <= bytes {
                return;
            }
            weighed(weight, &mut stream.log, EventLog::forget_given);
        }
        let drop_waiting = |weight: &mut Weight, log: &mut EventLog| {
            let excess = weight.bytes.saturating_sub(bytes);
            if excess > 0 {
                let dropped = weighed(weight, log, |log| log.drop_waiting(excess));
                report_dropped(telemetry, "the session keeps too much", dropped, log);
            }
        };
        let has_reader = |stream: &Stream| stream.reader.is_some();
        for stream in self.streams.values_mut().filter(|it| !has_reader(it)) {
            drop_waiting(weight, &mut stream.log);
        }
        drop_waiting(weight, &mut self.backlog);
        for stream in self.streams.values_mut().filter(|it| has_reader(it)) {
            drop_waiting(weight, &mut stream.log);
        }
    }

    /// Returns the stream, if this reader still owns it.
    fn read_by(&mut self, number: u64, key: u64) -> Option<&mut Stream> {
        let stream = self.streams.get_mut(&number)?;
        let is_reader = stream
            .reader
            .as_ref()
            .is_some_and(|reader| reader.key == key);
        is_reader.then_some(stream)
    }
}

/// Changes a log and updates the size of all logs.
fn weighed<R>(
    weight: &mut Weight,
    log: &mut EventLog,
    change: impl FnOnce(&mut EventLog) -> R,
) -> R {
    *weight -= log.weight();
    let result = change(log);
    *weight += log.weight();
    result
}

impl Stream {
    /// Returns whether it has no reader and expects no message.
    fn is_idle(&self) -> bool {
        self.over && self.reader.is_none()
    }

    fn take_waker(&mut self) -> Option<Waker> {
        self.reader.as_mut()?.waker.take()
    }

    fn wait(&mut self, context: &Context<'_>) {
        if let Some(reader) = &mut self.reader {
            reader.waker = Some(context.waker().clone());
        }
    }
}

/// Wakes the readers. Wakers run foreign code, so they are called without holding the lock of the
/// streams. The lock of the session is held if a message comes through the [`Outlet`]: a waker must
/// therefore only mark its task as ready, as tokio's do, and never poll it immediately.
fn wake(wakers: impl IntoIterator<Item = Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

/// Logs the first dropped notification, the second, the fourth and so on: a flood must not flood
/// the log as well.
fn report_dropped(telemetry: &Telemetry, reason: &str, dropped: u64, log: &EventLog) {
    let unread = telemetry
        .notifications_dropped
        .of(DroppedNotification::Unread);
    unread.add(dropped);
    let total = log.dropped();
    if (total - dropped).leading_zeros() != total.leading_zeros() {
        warn!(total, reason, "notifications dropped");
    }
}

/// Reads a stream. It is dropped when its client disconnects; the stream remains.
#[derive(Debug)]
pub(super) struct StreamReader {
    streams: Arc<Streams>,
    stream: u64,
    key: u64,
}

/// An event for a reader.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) id: EventId,
    pub(super) message: Message,
}

impl StreamReader {
    #[cfg(test)]
    pub(super) fn stream(&self) -> StreamId {
        StreamId(self.stream)
    }

    /// Takes the response that comes in parts, once all events are read.
    pub(super) fn take_streamed(&mut self) -> Option<StreamedResponse> {
        let mut state = self.streams.lock();
        state.read_by(self.stream, self.key)?.streamed.take()
    }

    /// Polls for the next event. Returns `None` if the stream has ended, or another reader has
    /// taken it over.
    pub(super) fn poll_next(&mut self, context: &Context<'_>) -> Poll<Option<Event>> {
        let mut state = self.streams.lock();
        let Some(stream) = state.read_by(self.stream, self.key) else {
            return Poll::Ready(None);
        };
        if stream.log.peek().is_none() {
            if stream.over {
                return Poll::Ready(None);
            }
            stream.wait(context);
            return Poll::Pending;
        }
        let purpose = stream.purpose;
        let given = state.change_log(self.stream, EventLog::give).flatten();
        Poll::Ready(given.map(|(number, message)| Event {
            id: EventId {
                purpose,
                stream: StreamId(self.stream),
                number,
            },
            message,
        }))
    }
}

impl Drop for StreamReader {
    fn drop(&mut self) {
        let mut state = self.streams.lock();
        let Some(stream) = state.read_by(self.stream, self.key) else {
            return;
        };
        stream.reader = None;
        stream.streamed = None;
        let purpose = stream.purpose;
        let was_read = stream.log.was_read();
        state.note_idle(self.stream);
        let mut wakers = Vec::new();
        if purpose == Purpose::Listening {
            wakers = self.streams.stop_listening(&mut state, self.stream);
        }
        if !was_read {
            // Its client has no event to resume from.
            let stranded = state.take_untold(self.stream);
            state.remove(self.stream);
            for message in stranded {
                wakers.extend(self.streams.push_stranded(&mut state, self.stream, message));
            }
        }
        self.streams.enforce(&mut state);
        drop(state);
        wake(wakers);
    }
}

/// The stream of a request that has not been answered in any way. Dropping it forgets the stream:
/// its client has no event to resume from.
#[derive(Debug)]
pub(super) struct Call(StreamReader);

/// The beginning of the answer to a request.
#[derive(Debug)]
pub(super) enum Beginning {
    /// The response, which is the whole answer.
    Response {
        /// Its JSON text.
        text: Bytes,
        /// True if it is a JSON-RPC error.
        is_error: bool,
    },
    /// A response that comes in parts, which is the whole answer.
    Streamed(StreamedResponse),
    /// Another message: the answer is a stream of events.
    Events,
    /// No message: the request was cancelled.
    Ended,
    /// The session has ended.
    Closed,
}

impl Call {
    pub(super) fn id(&self) -> StreamId {
        StreamId(self.0.stream)
    }

    /// Waits for the first message.
    pub(super) async fn beginning(&mut self) -> Beginning {
        std::future::poll_fn(|context| self.poll_beginning(context)).await
    }

    fn poll_beginning(&mut self, context: &Context<'_>) -> Poll<Beginning> {
        let mut state = self.0.streams.lock();
        let Some(stream) = state.read_by(self.0.stream, self.0.key) else {
            return Poll::Ready(Beginning::Closed);
        };
        if let Some(message) = stream.log.peek() {
            return Poll::Ready(match message.kind {
                MessageKind::Response { is_error } => Beginning::Response {
                    text: message.text.clone(),
                    is_error,
                },
                _ => Beginning::Events,
            });
        }
        if let Some(response) = stream.streamed.take() {
            return Poll::Ready(Beginning::Streamed(response));
        }
        if stream.over {
            return Poll::Ready(Beginning::Ended);
        }
        stream.wait(context);
        Poll::Pending
    }

    /// Begins a stream of events before there is a message. Returns the id to resume from.
    pub(super) fn begin(&self) -> Option<EventId> {
        let mut state = self.0.streams.lock();
        let stream = state.read_by(self.0.stream, self.0.key)?;
        Some(EventId {
            purpose: Purpose::Call,
            stream: self.id(),
            number: stream.log.begin()?,
        })
    }

    /// Continues as a stream of events.
    pub(super) fn into_reader(self) -> StreamReader {
        self.0
    }
}

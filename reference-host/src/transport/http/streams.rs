//! The streams of one session: where its messages go, and who reads them.
//!
//! Each POST of a request has a stream, and so has each listening GET. A stream
//! outlives the connection that reads it: a client that lost the connection
//! resumes the stream by a GET that names the last event it saw.
//!
//! A message goes to exactly one stream. What belongs to no request goes to the
//! listening stream that was opened last: an earlier one may well be the
//! remains of a connection that the client has lost. With none open it is kept,
//! within bounds, for the next one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tracing::{debug, warn};

use crate::protocol::{Route, StreamId};
use crate::session::Outlet;

use super::event::EventId;
use super::event_log::{Bounds, EventLog};
use super::message::{Kind, Message};
use super::options::HttpOptions;

/// The streams of one session, as the session's [`Outlet`] and for the handlers
/// of HTTP requests.
#[derive(Debug)]
pub(super) struct Streams {
    limits: Limits,
    state: Mutex<State>,
}

/// What the streams of one session may keep.
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
    /// By number, which is the order in which they were opened.
    streams: BTreeMap<u64, Stream>,
    /// The listening streams that have a reader; the last one gets messages.
    listening: Vec<u64>,
    /// Messages that belong to no request and wait for a listening stream.
    backlog: EventLog,
    /// Bytes in all logs.
    bytes: usize,
    next_stream: u64,
    next_reader: u64,
    /// No stream is opened and no message taken any more.
    closed: bool,
}

#[derive(Debug)]
struct Stream {
    purpose: Purpose,
    log: EventLog,
    reader: Option<Reader>,
    /// No further message will come.
    over: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// The messages of one request of the client, its response the last.
    Call,
    /// What belongs to no request.
    Listening,
}

#[derive(Debug)]
struct Reader {
    key: u64,
    waker: Option<Waker>,
}

impl Streams {
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            state: Mutex::default(),
        })
    }

    /// A panic while the lock is held leaves nothing half done that matters
    /// more than the other clients of this process.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the stream of a request, before the session gets the request.
    /// None: the session has ended.
    pub(super) fn open_call(self: &Arc<Self>) -> Option<Call> {
        let (stream, key) = self.lock().open(Purpose::Call)?;
        Some(Call(StreamReader {
            streams: Arc::clone(self),
            stream,
            key,
        }))
    }

    /// Opens a listening stream. None: the session has ended.
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

    /// Goes on with a stream behind the event `last`. None: this stream or this
    /// event is not known (any more), or the session has ended.
    pub(super) fn resume(self: &Arc<Self>, last: EventId) -> Option<StreamReader> {
        let number = last.stream.0;
        let mut state = self.lock();
        if state.closed {
            return None;
        }
        let key = state.new_reader();
        let stream = state.streams.get_mut(&number)?;
        if !stream.log.rewind(last.number) {
            return None;
        }
        // A reader that is still there has lost its client without noticing.
        let mut wakers = Vec::from_iter(stream.reader.take().and_then(|reader| reader.waker));
        stream.reader = Some(Reader { key, waker: None });
        if stream.purpose == Purpose::Listening {
            stream.over = false;
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

    /// Makes a stream the one that gets what belongs to no request.
    fn begin_listening(&self, state: &mut State, stream: u64) -> Vec<Waker> {
        let mut wakers = Vec::new();
        state.listening.retain(|other| *other != stream);
        state.listening.push(stream);
        while state.listening.len() > self.limits.listening {
            let oldest = state.listening[0];
            debug!(
                stream = oldest,
                "too many listening streams: the oldest one ends"
            );
            wakers.extend(self.stop_listening(state, oldest));
        }
        for message in state.take_backlog() {
            wakers.extend(self.push(state, stream, message));
        }
        wakers
    }

    /// Takes the reader from a listening stream and hands what nobody was told
    /// there to the others.
    fn stop_listening(&self, state: &mut State, number: u64) -> Vec<Waker> {
        let mut wakers = Vec::new();
        state.listening.retain(|other| *other != number);
        let Some(stream) = state.streams.get_mut(&number) else {
            return wakers;
        };
        stream.over = true;
        wakers.extend(stream.reader.take().and_then(|reader| reader.waker));
        let before = stream.log.bytes();
        let untold = stream.log.take_untold();
        state.bytes -= before - stream.log.bytes();
        for message in untold {
            wakers.extend(self.push_unrelated(state, message));
        }
        wakers
    }

    /// Ends every stream, now and for ever.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.listening.clear();
        state.take_backlog();
        state.bytes = 0;
        let streams = std::mem::take(&mut state.streams);
        drop(state);
        wake(
            streams
                .into_values()
                .filter_map(|stream| stream.reader?.waker),
        );
    }

    /// Ends every stream once what was sent is read, and opens no other.
    pub(super) fn drain(&self) {
        self.end_listening();
        let mut state = self.lock();
        state.closed = true;
        let mut wakers = Vec::new();
        for stream in state.streams.values_mut() {
            stream.over = true;
            wakers.extend(stream.take_waker());
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

    /// Bytes of the messages that are kept, counted anew.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let state = self.lock();
        let logs = state.streams.values().map(|stream| stream.log.bytes());
        let bytes = logs.sum::<usize>() + state.backlog.bytes();
        assert_eq!(bytes, state.bytes, "the running count is right");
        bytes
    }

    fn push_unrelated(&self, state: &mut State, message: Message) -> Option<Waker> {
        if let Some(newest) = state.listening.last().copied() {
            return self.push(state, newest, message);
        }
        let before = state.backlog.bytes();
        let dropped = state.backlog.push(message, self.limits.stream);
        state.bytes = state.bytes + state.backlog.bytes() - before;
        report_dropped("nobody listens", dropped, &state.backlog);
        self.enforce(state);
        None
    }

    fn push(&self, state: &mut State, number: u64, message: Message) -> Option<Waker> {
        let Some(stream) = state.streams.get_mut(&number) else {
            debug!(
                stream = number,
                "nobody can read this stream any more: message dropped"
            );
            return None;
        };
        let before = stream.log.bytes();
        let dropped = stream.log.push(message, self.limits.stream);
        state.bytes = state.bytes + stream.log.bytes() - before;
        report_dropped("too slow a reader", dropped, &stream.log);
        let waker = stream.take_waker();
        self.enforce(state);
        waker
    }

    /// Holds the session to its bounds: streams that have no reader and expect
    /// no message go first, those whose client has read everything before those
    /// with something to resume for; the youngest one stays. Then what other
    /// streams keep for replay goes.
    fn enforce(&self, state: &mut State) {
        loop {
            let idle: Vec<u64> = state
                .streams
                .iter()
                .filter(|(_, stream)| stream.over && stream.reader.is_none())
                .map(|(number, _)| *number)
                .collect();
            let too_many = idle.len() > self.limits.resumable;
            let too_much = state.bytes > self.limits.session_bytes;
            if !(too_many || too_much && idle.len() > 1) {
                break;
            }
            let Some((_youngest, older)) = idle.split_last() else {
                break;
            };
            let is_read = |number: &&u64| {
                let stream = state.streams.get(number);
                stream.is_some_and(|stream| stream.log.peek().is_none())
            };
            let Some(number) = older.iter().find(is_read).or(idle.first()).copied() else {
                break;
            };
            debug!(
                stream = number,
                "too much kept: the stream cannot be resumed any more"
            );
            state.remove(number);
        }
        for stream in state.streams.values_mut() {
            if state.bytes <= self.limits.session_bytes {
                break;
            }
            let before = stream.log.bytes();
            stream.log.forget_given();
            state.bytes -= before - stream.log.bytes();
        }
    }
}

impl Outlet for Streams {
    fn send(&self, route: Route, message: Vec<u8>, last: bool) {
        let message = Message::new(message, last);
        let mut state = self.lock();
        if state.closed {
            return;
        }
        let waker = match route {
            Route::Stream(stream) => {
                if last && let Some(stream) = state.streams.get_mut(&stream.0) {
                    stream.over = true;
                }
                self.push(&mut state, stream.0, message)
            }
            Route::Unrelated => self.push_unrelated(&mut state, message),
        };
        drop(state);
        wake(waker);
    }

    fn end(&self, stream: StreamId) {
        let mut state = self.lock();
        let Some(ended) = state.streams.get_mut(&stream.0) else {
            return;
        };
        ended.over = true;
        let waker = ended.take_waker();
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
            },
        );
        Some((number, key))
    }

    fn remove(&mut self, number: u64) {
        if let Some(stream) = self.streams.remove(&number) {
            self.bytes -= stream.log.bytes();
        }
    }

    fn take_backlog(&mut self) -> Vec<Message> {
        let before = self.backlog.bytes();
        let messages = self.backlog.take_untold();
        self.bytes -= before - self.backlog.bytes();
        messages
    }

    /// The stream, if this reader still has it.
    fn read_by(&mut self, number: u64, key: u64) -> Option<&mut Stream> {
        let stream = self.streams.get_mut(&number)?;
        let is_reader = stream
            .reader
            .as_ref()
            .is_some_and(|reader| reader.key == key);
        is_reader.then_some(stream)
    }
}

impl Stream {
    fn take_waker(&mut self) -> Option<Waker> {
        self.reader.as_mut()?.waker.take()
    }

    fn wait(&mut self, context: &Context<'_>) {
        if let Some(reader) = &mut self.reader {
            reader.waker = Some(context.waker().clone());
        }
    }
}

/// Wakers are woken when no lock is held: they run foreign code.
fn wake(wakers: impl IntoIterator<Item = Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

/// One line for the first notification that is dropped, the second, the fourth
/// and so on: a flood must not flood the log as well.
fn report_dropped(reason: &str, dropped: u64, log: &EventLog) {
    let total = log.dropped();
    if (total - dropped).leading_zeros() != total.leading_zeros() {
        warn!(total, reason, "notifications dropped");
    }
}

/// Reads a stream. Dropped when its client is gone; the stream stays.
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

    /// The next event. None: the stream is over, or somebody else reads it now.
    pub(super) fn poll_next(&mut self, context: &Context<'_>) -> Poll<Option<Event>> {
        let mut state = self.streams.lock();
        let Some(stream) = state.read_by(self.stream, self.key) else {
            return Poll::Ready(None);
        };
        if let Some((number, message)) = stream.log.give() {
            let stream = StreamId(self.stream);
            let id = EventId { stream, number };
            return Poll::Ready(Some(Event { id, message }));
        }
        if stream.over {
            return Poll::Ready(None);
        }
        stream.wait(context);
        Poll::Pending
    }
}

impl Drop for StreamReader {
    fn drop(&mut self) {
        let mut state = self.streams.lock();
        let Some(stream) = state.read_by(self.stream, self.key) else {
            return;
        };
        stream.reader = None;
        let purpose = stream.purpose;
        let was_read = stream.log.was_read();
        let mut wakers = Vec::new();
        if purpose == Purpose::Listening {
            wakers = self.streams.stop_listening(&mut state, self.stream);
        }
        if !was_read {
            // Its client has no event to resume from.
            state.remove(self.stream);
        }
        self.streams.enforce(&mut state);
        drop(state);
        wake(wakers);
    }
}

/// The stream of a request that was not answered yet in any way. When it is
/// dropped the stream is forgotten: its client has no event to resume from.
#[derive(Debug)]
pub(super) struct Call(StreamReader);

/// How the answer to a request begins.
#[derive(Debug)]
pub(super) enum Beginning {
    /// With the response, so it is the whole answer.
    Response(Bytes),
    /// With another message: the answer is a stream of events.
    Events,
    /// No message comes: the request was cancelled.
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
                Kind::Response => Beginning::Response(message.text.clone()),
                _ => Beginning::Events,
            });
        }
        if stream.over {
            return Poll::Ready(Beginning::Ended);
        }
        stream.wait(context);
        Poll::Pending
    }

    /// Goes on as a stream of events.
    pub(super) fn into_reader(self) -> StreamReader {
        self.0
    }
}

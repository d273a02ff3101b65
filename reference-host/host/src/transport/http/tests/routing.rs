//! Routing of messages under random sequences of events.

use std::collections::HashMap;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use serde_json::json;

use super::fake::outgoing;
use crate::session::Outlet;
use crate::transport::http::HttpOptions;
use crate::transport::http::event::EventId;
use crate::transport::http::streams::{Limits, StreamReader, Streams};
use wasi_mcp_protocol::{Route, StreamId};

/// The limit on a session's stored bytes.
const SESSION_BYTES: usize = 3000;

/// A step that affects the streams of a session. Numbers select one of the existing items.
#[derive(Debug, Clone)]
enum Step {
    Call,
    Notify(usize),
    Ask(usize),
    Respond(usize),
    Cancel(usize),
    Announce,
    Listen,
    Read(usize),
    Disconnect(usize),
    Resume(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let any = any::<usize>();
    prop_oneof![
        2 => Just(Step::Call),
        6 => any.prop_map(Step::Notify),
        2 => any.prop_map(Step::Ask),
        1 => any.prop_map(Step::Respond),
        1 => any.prop_map(Step::Cancel),
        4 => Just(Step::Announce),
        1 => Just(Step::Listen),
        6 => any.prop_map(Step::Read),
        1 => any.prop_map(Step::Disconnect),
        2 => any.prop_map(Step::Resume),
    ]
}

/// A sent message, identified by its text.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sent {
    /// The stream of its request; `None` if it belongs to no request.
    stream: Option<StreamId>,
    /// A request to the client, which moves on if its stream is lost before anything was read from
    /// it.
    is_request: bool,
    must_arrive: bool,
}

struct World {
    streams: Arc<Streams>,
    /// The calls in flight.
    running: Vec<StreamId>,
    calls: Vec<StreamId>,
    /// The readers, each with the number of the event that it read last.
    readers: Vec<(StreamReader, Option<u64>)>,
    sent: HashMap<String, Sent>,
    /// The event in which each text was seen. It must not be seen in any other.
    seen: HashMap<String, EventId>,
    /// The events, each with its stream, in the order of reading.
    events: Vec<EventId>,
    /// The streams that lost their reader at least once.
    disturbed: Vec<StreamId>,
}

fn pick<T>(from: &[T], number: usize) -> Option<usize> {
    (!from.is_empty()).then(|| number % from.len())
}

impl World {
    fn new() -> Self {
        let options = HttpOptions {
            max_stream_events: 5,
            max_stream_bytes: 1000,
            max_session_bytes: SESSION_BYTES,
            max_listening_streams: 2,
            max_resumable_streams: 3,
            ..HttpOptions::default()
        };
        Self {
            streams: Streams::new(Limits::from(&options), Arc::default()),
            running: Vec::new(),
            calls: Vec::new(),
            readers: Vec::new(),
            sent: HashMap::new(),
            seen: HashMap::new(),
            events: Vec::new(),
            disturbed: Vec::new(),
        }
    }

    /// Sends a message with a unique text.
    fn send(&mut self, stream: Option<StreamId>, ask: bool, last: bool) {
        let number = self.sent.len();
        let message = if last {
            json!({"id": 1, "result": {"number": number}})
        } else if ask {
            json!({"id": number, "method": "ping"})
        } else {
            json!({"method": "notifications/message", "params": number})
        };
        let text = message.to_string();
        let must_arrive = ask || last;
        self.sent.insert(
            text.clone(),
            Sent {
                stream,
                is_request: ask,
                must_arrive,
            },
        );
        let route = stream.map_or(Route::Unrelated, Route::Stream);
        self.streams.send(route, outgoing(&message));
        let weight = self.streams.weight();
        assert!(
            weight.bytes <= SESSION_BYTES || weight.loose() <= SESSION_BYTES / 8,
            "kept although it could go: {weight:?}"
        );
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Call => {
                let call = self.streams.open_call().expect("the session is open");
                self.running.push(call.id());
                self.calls.push(call.id());
                self.readers.push((call.into_reader(), None));
            }
            Step::Notify(which) => {
                if let Some(at) = pick(&self.running, which) {
                    self.send(Some(self.running[at]), false, false);
                }
            }
            Step::Ask(which) => {
                if let Some(at) = pick(&self.running, which) {
                    self.send(Some(self.running[at]), true, false);
                }
            }
            Step::Respond(which) => {
                if let Some(at) = pick(&self.running, which) {
                    let stream = self.running.swap_remove(at);
                    self.send(Some(stream), false, true);
                }
            }
            Step::Cancel(which) => {
                if let Some(at) = pick(&self.running, which) {
                    self.streams.end(self.running.swap_remove(at));
                }
            }
            Step::Announce => self.send(None, false, false),
            Step::Listen => {
                let reader = self.streams.listen().expect("the session is open");
                self.readers.push((reader, None));
            }
            Step::Read(which) => {
                if let Some(at) = pick(&self.readers, which) {
                    self.read(at);
                }
            }
            Step::Disconnect(which) => {
                if let Some(at) = pick(&self.readers, which) {
                    let (reader, _) = self.readers.swap_remove(at);
                    self.disturbed.push(reader.stream());
                }
            }
            Step::Resume(which) => {
                if let Some(at) = pick(&self.events, which) {
                    let last = self.events[at];
                    self.disturbed.push(last.stream);
                    if let Some(reader) = self.streams.resume(last) {
                        assert_eq!(reader.stream(), last.stream);
                        self.readers.push((reader, Some(last.number)));
                    }
                }
            }
        }
    }

    /// Reads one event and checks it against the rules. Returns false if there is none now.
    fn read(&mut self, at: usize) -> bool {
        let (reader, last) = &mut self.readers[at];
        let context = Context::from_waker(Waker::noop());
        let Poll::Ready(Some(event)) = reader.poll_next(&context) else {
            return false;
        };
        let text = String::from_utf8(event.message.text.to_vec()).expect("text");
        assert_eq!(
            event.id.stream,
            reader.stream(),
            "an event of another stream"
        );
        assert!(
            last.is_none_or(|last| event.id.number > last),
            "out of order"
        );
        *last = Some(event.id.number);
        let sent = self.sent[&text];
        let is_call = self.calls.contains(&event.id.stream);
        let has_moved = !is_call
            && sent.is_request
            && sent.stream.is_some_and(|own| self.disturbed.contains(&own));
        assert!(
            has_moved || sent.stream == is_call.then_some(event.id.stream),
            "on the wrong stream"
        );
        let before = self.seen.insert(text, event.id);
        assert!(
            before.is_none_or(|before| before == event.id),
            "on two streams"
        );
        self.events.push(event.id);
        true
    }

    /// Lets the remaining readers read to the end, and checks that no required message is missing.
    fn finish(&mut self) {
        for stream in std::mem::take(&mut self.running) {
            self.send(Some(stream), false, true);
        }
        for at in 0..self.readers.len() {
            while self.read(at) {}
        }
        for (text, sent) in &self.sent {
            let undisturbed = sent
                .stream
                .is_some_and(|stream| !self.disturbed.contains(&stream));
            if sent.must_arrive && undisturbed {
                assert!(self.seen.contains_key(text), "never arrived: {text}");
            }
        }
        let ids: std::collections::HashSet<_> =
            self.seen.values().map(ToString::to_string).collect();
        assert_eq!(ids.len(), self.seen.len(), "two messages under one id");
        self.streams.close();
        assert_eq!(self.streams.weight().bytes, 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_message_keeps_to_one_stream_and_what_must_arrive_does(
        steps in proptest::collection::vec(step(), 1..120)
    ) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
            world.streams.weight();
        }
        world.finish();
    }
}

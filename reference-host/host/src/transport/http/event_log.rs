//! The events of one stream: a bounded queue of unread events, and bounded storage of read events
//! for replay.

use std::collections::VecDeque;
use std::ops::{AddAssign, SubAssign};

use bytes::Bytes;

use super::message::{Message, is_change, is_droppable};
use wasi_mcp_protocol::MessageKind;

/// The capacity of one log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// The number of events.
    pub(super) events: usize,
    /// The bytes of their messages.
    pub(super) bytes: usize,
}

/// The size of the messages in one or more logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weight {
    /// The bytes of all messages.
    pub(super) bytes: usize,
    /// The bytes of messages that must be kept: they wait for a reader and may not be dropped.
    pub(super) firm: usize,
}

impl Weight {
    /// Returns the bytes of the messages that may be dropped.
    pub(super) fn loose(self) -> usize {
        self.bytes - self.firm
    }
}

impl AddAssign for Weight {
    fn add_assign(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.firm += other.firm;
    }
}

impl SubAssign for Weight {
    fn sub_assign(&mut self, other: Self) {
        self.bytes -= other.bytes;
        self.firm -= other.firm;
    }
}

/// An event in a log.
#[derive(Debug)]
struct Event {
    number: u64,
    message: Message,
}

/// Events in the order of their numbers. Those below `given` went to a reader and are kept for
/// replay; the others wait for one.
#[derive(Debug, Default)]
pub(super) struct EventLog {
    events: VecDeque<Event>,
    /// The number of the next event.
    next: u64,
    /// The first number that waits for the reader.
    given: u64,
    /// The first number that no reader ever received. It exceeds `given` only during a replay.
    untold: u64,
    weight: Weight,
    dropped: u64,
}

impl Event {
    fn len(&self) -> usize {
        self.message.text.len()
    }

    /// Returns its size while it waits for a reader.
    fn waiting_weight(&self) -> Weight {
        let bytes = self.len();
        let firm = if is_droppable(self.message.kind) {
            0
        } else {
            bytes
        };
        Weight { bytes, firm }
    }
}

impl EventLog {
    /// Appends an event and enforces the bounds of the log. Returns how many notifications were
    /// dropped for it.
    pub(super) fn push(&mut self, message: Message, bounds: Bounds) -> u64 {
        match message.kind {
            MessageKind::Cancelled(id) if self.withdraw(id) => return 0,
            kind if is_change(kind) && self.waits(&message.text) => return 0,
            _ => {}
        }
        let event = Event {
            number: self.next,
            message,
        };
        self.weight += event.waiting_weight();
        self.events.push_back(event);
        self.next += 1;
        self.trim(bounds)
    }

    /// Removes a request that no reader has seen, as if neither it nor its cancellation had
    /// existed. Otherwise messages that may not be dropped would pile up.
    fn withdraw(&mut self, id: u64) -> bool {
        let untold = self.position(self.untold);
        let request = MessageKind::Request(id);
        let mut events = self.events.range(untold..);
        let Some(offset) = events.position(|event| event.message.kind == request) else {
            return false;
        };
        self.remove(untold + offset);
        true
    }

    /// Returns whether a message with this text is already waiting.
    fn waits(&self, text: &Bytes) -> bool {
        let untold = self.position(self.untold);
        let mut events = self.events.range(untold..);
        events.any(|event| event.message.text == *text)
    }

    /// Returns the position of the first event with this number or above.
    fn position(&self, number: u64) -> usize {
        self.events.partition_point(|event| event.number < number)
    }

    fn trim(&mut self, bounds: Bounds) -> u64 {
        let mut dropped = 0;
        while self.events.len() > bounds.events || self.weight.bytes > bounds.bytes {
            let first_waiting = self.position(self.given);
            if first_waiting > 0 {
                self.remove(0);
                continue;
            }
            let Some(oldest) = self
                .events
                .iter()
                .position(|event| is_droppable(event.message.kind))
            else {
                break;
            };
            self.remove(oldest);
            dropped += 1;
        }
        self.dropped += dropped;
        dropped
    }

    fn remove(&mut self, position: usize) {
        if let Some(event) = self.events.remove(position) {
            self.weight -= if event.number < self.given {
                Weight {
                    bytes: event.len(),
                    firm: 0,
                }
            } else {
                event.waiting_weight()
            };
        }
    }

    /// Drops waiting notifications, the oldest first, until `excess` bytes are freed or none is
    /// left. Returns how many were dropped.
    pub(super) fn drop_waiting(&mut self, excess: usize) -> u64 {
        let goal = self.weight.bytes.saturating_sub(excess);
        let (weight, given) = (&mut self.weight, self.given);
        let before = self.events.len();
        self.events.retain(|event| {
            let waits = event.number >= given;
            let goes = weight.bytes > goal && waits && is_droppable(event.message.kind);
            if goes {
                *weight -= event.waiting_weight();
            }
            !goes
        });
        let dropped = u64::try_from(before - self.events.len()).unwrap_or(u64::MAX);
        self.dropped += dropped;
        dropped
    }

    /// Forgets the events that went to a reader.
    pub(super) fn forget_given(&mut self) {
        for _ in 0..self.position(self.given) {
            self.remove(0);
        }
    }

    /// Returns the next message for the reader without removing it.
    pub(super) fn peek(&self) -> Option<&Message> {
        let event = self.events.get(self.position(self.given))?;
        Some(&event.message)
    }

    /// Gives the reader the next event: its number and its message.
    pub(super) fn give(&mut self) -> Option<(u64, Message)> {
        let event = self.events.get(self.position(self.given))?;
        self.weight.firm -= event.waiting_weight().firm;
        self.given = event.number + 1;
        self.untold = self.untold.max(self.given);
        Some((event.number, event.message.clone()))
    }

    /// Gives the reader the number of an event without a message, if nothing was logged before.
    pub(super) fn begin(&mut self) -> Option<u64> {
        if self.next > 0 {
            return None;
        }
        self.next = 1;
        self.given = 1;
        self.untold = 1;
        Some(0)
    }

    /// Removes and returns the events that never went to any reader, as if they had never been
    /// logged.
    pub(super) fn take_untold(&mut self) -> Vec<Message> {
        let untold = self.position(self.untold);
        let untold: Vec<_> = self.events.drain(untold..).collect();
        untold
            .into_iter()
            .map(|event| {
                self.weight -= event.waiting_weight();
                event.message
            })
            .collect()
    }

    /// Replays the events after the event `number`. Returns false if no event of this number was
    /// given to a reader.
    pub(super) fn rewind(&mut self, number: u64) -> bool {
        let known = number < self.untold;
        if known {
            self.given = number + 1;
            let waiting = self.events.range(self.position(self.given)..);
            self.weight.firm = waiting.map(|event| event.waiting_weight().firm).sum();
        }
        known
    }

    /// Returns whether any event ever went to a reader.
    pub(super) fn was_read(&self) -> bool {
        self.untold > 0
    }

    /// Returns the size of the messages that are kept.
    pub(super) fn weight(&self) -> Weight {
        self.weight
    }

    /// Returns the number of notifications dropped so far.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Bounds = Bounds {
        events: 100,
        bytes: 10_000,
    };

    fn message(kind: MessageKind, text: &str) -> Message {
        Message {
            text: Bytes::copy_from_slice(text.as_bytes()),
            kind,
        }
    }

    fn note(text: &str) -> Message {
        message(MessageKind::Report, text)
    }

    fn rest(log: &mut EventLog) -> Vec<(u64, String)> {
        std::iter::from_fn(|| log.give())
            .map(|(number, message)| {
                let text = String::from_utf8_lossy(&message.text).into_owned();
                (number, text)
            })
            .collect()
    }

    fn numbers(log: &mut EventLog) -> Vec<u64> {
        rest(log).into_iter().map(|(number, _)| number).collect()
    }

    #[test]
    fn events_come_once_and_in_order_and_again_after_a_rewind() {
        let mut log = EventLog::default();
        for text in ["a", "b", "c"] {
            assert_eq!(log.push(note(text), WIDE), 0);
        }
        assert_eq!(numbers(&mut log), [0, 1, 2]);
        assert!(log.give().is_none());
        assert!(log.rewind(0));
        assert_eq!(numbers(&mut log), [1, 2]);
        assert!(log.rewind(2));
        assert!(log.give().is_none());
        assert!(!log.rewind(3), "event 3 was never given");
    }

    #[test]
    fn an_event_that_still_waits_cannot_be_resumed_from() {
        let mut log = EventLog::default();
        log.push(note("a"), WIDE);
        assert!(!log.rewind(0));
    }

    #[test]
    fn what_was_given_goes_first_then_the_oldest_waiting_notification() {
        let bounds = Bounds {
            events: 3,
            bytes: 1000,
        };
        let mut log = EventLog::default();
        log.push(note("a"), bounds);
        log.give();
        log.push(message(MessageKind::Request(9), "r"), bounds);
        log.push(note("b"), bounds);
        assert_eq!(log.push(note("c"), bounds), 0, "`a` made room");
        assert_eq!(log.push(note("d"), bounds), 1, "`b` had to go");
        let texts: Vec<_> = rest(&mut log).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["r", "c", "d"]);
        assert_eq!(log.dropped(), 1);
    }

    #[test]
    fn requests_and_responses_are_never_dropped() {
        let bounds = Bounds {
            events: 2,
            bytes: 4,
        };
        let mut log = EventLog::default();
        for _ in 0..5 {
            log.push(message(MessageKind::Request(9), "request"), bounds);
        }
        log.push(
            message(MessageKind::Response { is_error: false }, "response"),
            bounds,
        );
        assert_eq!(log.push(note("n"), bounds), 1, "there is no room for it");
        assert_eq!(rest(&mut log).len(), 6);
    }

    #[test]
    fn bytes_are_counted() {
        let bounds = Bounds {
            events: 100,
            bytes: 10,
        };
        let mut log = EventLog::default();
        for _ in 0..10 {
            log.push(note("four"), bounds);
        }
        assert_eq!(log.weight().bytes, 8);
        assert_eq!(numbers(&mut log), [8, 9]);
        log.forget_given();
        assert_eq!(log.weight().bytes, 0);
    }

    #[test]
    fn an_identical_change_is_told_once_until_it_was_read() {
        let change = || message(MessageKind::ListChanged, "tools changed");
        let mut log = EventLog::default();
        log.push(change(), WIDE);
        log.push(note("other"), WIDE);
        log.push(change(), WIDE);
        assert_eq!(numbers(&mut log), [0, 1]);
        log.push(change(), WIDE);
        assert_eq!(numbers(&mut log), [2]);
    }

    #[test]
    fn what_was_told_once_does_not_move_elsewhere() {
        let mut log = EventLog::default();
        for text in ["a", "b", "c"] {
            log.push(note(text), WIDE);
        }
        log.give();
        log.give();
        assert!(log.rewind(0), "a reader gets `b` once more");
        let moved = log.take_untold();
        assert_eq!(moved.len(), 1);
        assert_eq!(&moved[0].text[..], b"c");
        assert!(log.rewind(1), "`b` was told, even if not again");
        assert!(log.rewind(0));
        assert_eq!(numbers(&mut log), [1]);
    }

    #[test]
    fn untold_events_can_move_elsewhere() {
        let mut log = EventLog::default();
        log.push(note("a"), WIDE);
        log.give();
        log.push(note("b"), WIDE);
        let moved = log.take_untold();
        assert_eq!(moved.len(), 1);
        assert_eq!(&moved[0].text[..], b"b");
        assert_eq!(log.weight().bytes, 1);
        assert!(log.peek().is_none());
        log.push(note("c"), WIDE);
        assert_eq!(numbers(&mut log), [2], "numbers are never used twice");
    }

    #[test]
    fn weight_tells_what_must_stay() {
        let mut log = EventLog::default();
        let weight = |log: &EventLog| (log.weight().bytes, log.weight().firm);
        log.push(note("note"), WIDE);
        log.push(message(MessageKind::Request(1), "request"), WIDE);
        log.push(
            message(MessageKind::Response { is_error: false }, "response"),
            WIDE,
        );
        assert_eq!(weight(&log), (19, 15));
        log.give();
        log.give();
        assert_eq!(weight(&log), (19, 8), "what was given need not stay");
        assert!(log.rewind(0));
        assert_eq!(weight(&log), (19, 15));
        assert_eq!(log.take_untold().len(), 1);
        assert_eq!(weight(&log), (11, 7));
        log.give();
        log.forget_given();
        assert_eq!(weight(&log), (0, 0));
    }

    #[test]
    fn no_more_notifications_are_dropped_than_asked_for_and_nothing_else() {
        let mut log = EventLog::default();
        log.push(note("given"), WIDE);
        log.give();
        log.push(note("a"), WIDE);
        log.push(message(MessageKind::Request(9), "r"), WIDE);
        log.push(note("b"), WIDE);
        log.push(message(MessageKind::ListChanged, "c"), WIDE);
        assert_eq!(log.drop_waiting(0), 0);
        assert_eq!(log.drop_waiting(2), 2);
        assert_eq!(log.dropped(), 2);
        assert_eq!(log.weight().bytes, 7);
        assert_eq!(log.drop_waiting(100), 1);
        let texts: Vec<_> = rest(&mut log).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["r"]);
        assert!(log.rewind(0), "what was given is not looked at");
    }

    #[test]
    fn a_request_that_was_cancelled_before_it_was_told_leaves_nothing() {
        let mut log = EventLog::default();
        for id in [1, 2] {
            log.push(message(MessageKind::Request(id), "request"), WIDE);
        }
        log.push(message(MessageKind::Cancelled(2), "never mind"), WIDE);
        assert_eq!(numbers(&mut log), [0]);
        log.push(message(MessageKind::Cancelled(1), "never mind"), WIDE);
        assert_eq!(numbers(&mut log), [2], "the client has seen request 1");
    }
}

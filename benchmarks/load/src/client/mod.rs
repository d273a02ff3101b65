//! The driver's own client: JSON-RPC as text, without an SDK, on one thread.

pub mod http;
pub mod lines;
mod response;
mod unwritten;

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use hdrhistogram::Histogram;
use mio::{Events, Poll};

use crate::messages::Request;

/// The silence after which a server is given up.
const SILENCE: Duration = Duration::from_secs(120);
/// Events per poll.
const EVENTS: usize = 1024;
/// Bytes per read.
const CHUNK: usize = 256 << 10;

/// Waits until a read or write is possible.
fn wait(poll: &mut Poll, events: &mut Events) -> Result<()> {
    match poll.poll(events, Some(SILENCE)) {
        Err(error) if error.kind() != ErrorKind::Interrupted => Err(error.into()),
        Ok(()) if events.is_empty() => bail!("no answer for {} s", SILENCE.as_secs()),
        _ => Ok(()),
    }
}

/// The end of a burst of requests.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// After this time.
    Time(Duration),
    /// After this many requests.
    Count(u64),
}

/// A client with its sessions open.
pub trait Client {
    /// Prepares for a burst: opens the connections, and uses each once.
    fn prepare(&mut self, request: &Request, in_flight: usize) -> Result<()>;

    /// Repeats the request, `in_flight` at a time, until the burst ends, and waits for every answer.
    fn burst(&mut self, request: &Request, in_flight: usize, until: Until) -> Result<Burst>;
}

/// The client's measurements of a burst.
#[derive(Debug)]
pub struct Burst {
    /// The number of requests that were answered.
    pub requests: u64,
    /// The duration.
    pub time: Duration,
    /// The time from the request to its answer, in nanoseconds.
    pub latency: Histogram<u64>,
}

/// The requests of a burst in flight, each in a slot.
#[derive(Debug)]
struct Flight {
    until: Until,
    begun: Instant,
    slots: Vec<Slot>,
    sent: u64,
    is_over: bool,
    latency: Histogram<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    id: u64,
    sent: Instant,
}

impl Flight {
    /// Starts a burst. `next_id` is the client's next free id, and stays so: ids are unique in a
    /// session.
    fn new(in_flight: usize, until: Until, next_id: u64) -> Result<Self> {
        let begun = Instant::now();
        // The slot of an id is the remainder of dividing it by the number of slots.
        let stride = in_flight as u64;
        let first = next_id.next_multiple_of(stride);
        let slot = |slot| Slot {
            id: first + slot,
            sent: begun,
        };
        Ok(Self {
            until,
            begun,
            slots: (0..stride).map(slot).collect(),
            sent: 0,
            is_over: false,
            latency: Histogram::new_with_max(600_000_000_000, 3)?,
        })
    }

    /// Reads the clock, once per turn.
    fn tick(&mut self) {
        if let Until::Time(time) = self.until {
            self.is_over |= self.begun.elapsed() >= time;
        }
    }

    /// Returns the id of the next request in a slot; `None` at the end of the burst.
    fn send(&mut self, slot: usize) -> Option<u64> {
        if let Until::Count(count) = self.until {
            self.is_over |= self.sent >= count;
        }
        if self.is_over {
            return None;
        }
        self.sent += 1;
        let stride = self.slots.len() as u64;
        let slot = &mut self.slots[slot];
        slot.id += stride;
        slot.sent = Instant::now();
        Some(slot.id)
    }

    /// Handles an answer and returns its slot.
    fn answered(&mut self, id: u64) -> Result<usize> {
        let index = (id % self.slots.len() as u64) as usize;
        let slot = &self.slots[index];
        ensure!(slot.id == id, "an answer to {id}, which was not asked");
        let time = slot.sent.elapsed().as_nanos();
        self.latency
            .saturating_record(u64::try_from(time).unwrap_or(u64::MAX));
        Ok(index)
    }

    fn is_empty(&self) -> bool {
        self.latency.len() == self.sent
    }

    /// Returns the measurements.
    fn end(self, next_id: &mut u64) -> Burst {
        let stride = self.slots.len() as u64;
        let last = self.slots.iter().map(|slot| slot.id).max();
        *next_id = last.unwrap_or_default() + stride;
        Burst {
            requests: self.sent,
            time: self.begun.elapsed(),
            latency: self.latency,
        }
    }
}

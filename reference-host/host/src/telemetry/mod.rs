//! What the host counts for whoever operates it: plain atomic counters that the
//! other layers increment, and their text for Prometheus.
//!
//! Counting must cost next to nothing where calls are made: a count is one
//! relaxed addition at a place that is known at compile time. Nothing here
//! locks, allocates or looks a name up before somebody asks for the figures.

mod counter;
#[cfg(feature = "metrics")]
mod exposition;
mod histogram;
mod label;
mod limit;
mod live_counts;
mod observer;
mod requests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use counter::{Counter, Gauge};
#[cfg(feature = "metrics")]
pub use exposition::{CONTENT_TYPE, encode};
pub use histogram::{BOUNDS, Histogram};
pub use label::{ByLabel, Label};
pub use limit::{Limit, Limits};
pub use live_counts::LiveCounts;
pub(crate) use live_counts::LiveGuard;
pub use observer::SessionObserver;
pub use requests::Requests;

use label::labels;

labels! {
    /// Why a session ended.
    pub enum SessionEnd {
        /// The client said so: the end of its input, or DELETE.
        Client = "client",
        /// Nobody used it for too long.
        Idle = "idle",
        /// The host stops.
        HostStopped = "host-stopped",
        /// Its `initialize` was not answered with a result, so nobody could use it.
        NotStarted = "not-started",
        /// The host failed: a defect of its own.
        Failed = "failed",
        /// Whoever held it let go of it: the connection broke, or it served a single question.
        Dropped = "dropped",
    }
}

labels! {
    /// Why a notification did not reach its client.
    pub enum DroppedNotification {
        /// More log messages in a second than the limit allows.
        LogRate = "log-rate",
        /// A later report of progress took its place.
        ProgressRate = "progress-rate",
        /// Too much was kept for a client that does not read.
        Unread = "unread",
    }
}

labels! {
    /// How an attempt to load a changed component came out.
    pub enum Reload {
        /// New sessions get the new component.
        Loaded = "loaded",
        /// It did not load or start: the old one stays.
        Failed = "failed",
    }
}

/// All counters of one host.
#[derive(Debug, Default)]
pub struct Telemetry {
    /// Sessions that were opened.
    pub sessions_begun: Counter,
    /// Sessions that have ended.
    pub sessions_ended: ByLabel<SessionEnd>,
    /// Requests of clients.
    pub requests: Requests,
    /// Messages of clients, and their bytes.
    pub received: Traffic,
    /// Messages to clients, and their bytes.
    pub sent: Traffic,
    /// Notifications that clients did not get.
    pub notifications_dropped: ByLabel<DroppedNotification>,
    /// How often each limit was reached.
    pub limits: Limits,
    /// Lines that guests wrote to their standard output and error.
    pub guest_lines: Counter,
    /// Lines of guests that were dropped, as there were too many.
    pub guest_lines_dropped: Counter,
    /// How long guests were driven, where that is measured.
    pub guest_time: Elapsed,
    /// Whether it is measured, which takes two looks at the clock each time.
    pub measures_guests: bool,
    /// Attempts to load a changed component.
    pub reloads: ByLabel<Reload>,
}

impl Telemetry {
    /// A limit was reached, in this session if it is one's: counts it, and writes a log line,
    /// one a second for each limit.
    pub fn reached(&self, limit: Limit, session: Option<u64>) {
        if let Some(times) = self.limits.reached(limit) {
            tracing::warn!(session, limit = limit.name(), times, "a limit was reached");
        }
    }

    /// How many sessions are open.
    pub fn sessions_open(&self) -> u64 {
        // Ends first: none is counted whose beginning is not.
        let ended = self.sessions_ended.sum();
        self.sessions_begun.get().saturating_sub(ended)
    }
}

/// Messages and their bytes.
#[derive(Debug, Default)]
pub struct Traffic {
    /// How many.
    pub messages: Counter,
    /// Bytes of all of them, without what the transport puts around them.
    pub bytes: Counter,
}

impl Traffic {
    /// Counts one message.
    pub fn count(&self, bytes: usize) {
        self.messages.increment();
        self.bytes.add(bytes as u64);
    }
}

/// Time that adds up.
#[derive(Debug, Default)]
pub struct Elapsed(AtomicU64);

impl Elapsed {
    /// Adds some.
    pub fn add(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.0.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// All of it.
    pub fn get(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// A number for a session that no other of this process has. It is no secret,
/// unlike a session's id.
pub fn next_session() -> u64 {
    static ISSUED: AtomicU64 = AtomicU64::new(0);
    ISSUED.fetch_add(1, Ordering::Relaxed) + 1
}

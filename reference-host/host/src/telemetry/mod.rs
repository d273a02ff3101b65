//! Metrics for the operator: plain atomic counters that the other layers increment, and their text
//! for Prometheus.
//!
//! Counting must cost next to nothing on the path of a call: each count is one relaxed addition to
//! a counter that is known at compile time. Nothing here locks, allocates or looks up a name before
//! the metrics are requested.

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
#[cfg(feature = "http")]
pub(crate) use observer::refused;
pub use requests::Requests;

use label::labels;

labels! {
    /// The reason for a session's end.
    pub enum SessionEnd {
        /// The client ended it: by the end of its input, or by DELETE.
        Client = "client",
        /// It was idle for too long.
        Idle = "idle",
        /// The client did not answer a ping.
        Unresponsive = "unresponsive",
        /// The host stops.
        HostStopped = "host-stopped",
        /// Its `initialize` was not answered with a result, so it was unusable.
        NotStarted = "not-started",
        /// The host failed because of a defect of its own.
        Failed = "failed",
        /// Its owner dropped it: the connection broke, or it served a single request.
        Dropped = "dropped",
    }
}

labels! {
    /// The reason for dropping a notification.
    pub enum DroppedNotification {
        /// More log messages in a second than the limit allows.
        LogRate = "log-rate",
        /// A later report of progress replaced it.
        ProgressRate = "progress-rate",
        /// Too much unread output was kept for the client.
        Unread = "unread",
    }
}

labels! {
    /// The outcome of an attempt to load a changed component.
    pub enum Reload {
        /// New sessions get the new component.
        Loaded = "loaded",
        /// It did not load or start: the old one remains.
        Failed = "failed",
    }
}

/// All counters of one host.
#[derive(Debug, Default)]
#[non_exhaustive]
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
    /// Notifications dropped before they reached the client.
    pub notifications_dropped: ByLabel<DroppedNotification>,
    /// The number of times that each limit was reached.
    pub limits: Limits,
    /// Lines that guests wrote to stdout and stderr.
    pub guest_lines: Counter,
    /// Lines of guests that were dropped because there were too many.
    pub guest_lines_dropped: Counter,
    /// The time spent running guests, if it is measured.
    pub guest_time: Elapsed,
    /// Enables this measurement, which reads the clock twice each time.
    pub measures_guests: bool,
    /// Attempts to load a changed component.
    pub reloads: ByLabel<Reload>,
}

impl Telemetry {
    /// Counts that a limit was reached, in this session if there is one, and writes a log line, at
    /// most one a second for each limit.
    pub fn reached(&self, limit: Limit, session: Option<u64>) {
        if let Some(times) = self.limits.reached(limit) {
            tracing::warn!(session, limit = limit.name(), times, "a limit was reached");
        }
    }

    /// Returns the number of open sessions.
    pub fn sessions_open(&self) -> u64 {
        // Read the ends first, so that no end is counted without its beginning.
        let ended = self.sessions_ended.sum();
        self.sessions_begun.get().saturating_sub(ended)
    }
}

/// Messages and their bytes.
#[derive(Debug, Default)]
pub struct Traffic {
    /// The number of messages.
    pub messages: Counter,
    /// The bytes of all messages, without the transport's framing.
    pub bytes: Counter,
}

impl Traffic {
    /// Counts one message.
    pub fn count(&self, bytes: usize) {
        self.messages.increment();
        self.bytes.add(bytes as u64);
    }
}

/// Accumulated time.
#[derive(Debug, Default)]
pub struct Elapsed(AtomicU64);

impl Elapsed {
    /// Adds a duration.
    pub fn add(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.0.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// Returns the total.
    pub fn get(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// Returns a number for a session that is unique within this process. It is not secret, unlike a
/// session's id.
pub fn next_session() -> u64 {
    static ISSUED: AtomicU64 = AtomicU64::new(0);
    ISSUED.fetch_add(1, Ordering::Relaxed) + 1
}

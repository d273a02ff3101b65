//! Records of the time that a run takes.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// The time spent on a server, summed over concurrent checks.
#[derive(Debug, Default)]
pub struct Clock {
    starting: AtomicU64,
    waiting: AtomicU64,
    sessions: AtomicUsize,
    replaced: AtomicUsize,
}

impl Clock {
    /// Counts the start of a session: the process, and the answer to `initialize`.
    pub fn started(&self, took: Duration) {
        self.starting
            .fetch_add(microseconds(took), Ordering::Relaxed);
    }

    /// Counts a session.
    pub fn opened(&self) {
        self.sessions.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a process in whose place another one was started, as it did not start in time.
    pub fn replaced_one(&self) {
        self.replaced.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a wait for the server, or for its silence.
    pub fn waited(&self, took: Duration) {
        self.waiting
            .fetch_add(microseconds(took), Ordering::Relaxed);
    }

    /// Returns the number of sessions.
    pub fn sessions(&self) -> usize {
        self.sessions.load(Ordering::Relaxed)
    }

    /// Returns the number of processes that others replaced.
    pub fn replaced(&self) -> usize {
        self.replaced.load(Ordering::Relaxed)
    }

    /// Returns the time spent on starting sessions.
    pub fn starting(&self) -> Duration {
        Duration::from_micros(self.starting.load(Ordering::Relaxed))
    }

    /// Returns the time spent on waiting, without starts.
    pub fn waiting(&self) -> Duration {
        Duration::from_micros(self.waiting.load(Ordering::Relaxed))
    }
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

//! Counts of live sessions and instances, for metrics and for tests that look for leaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wasi_mcp_protocol::AskMethod;

/// Counts the sessions, instances and calls of one [`Server`](crate::session::Server),
/// or of several that share it. Reading is cheap and may be done at any time.
#[derive(Debug, Default)]
pub struct LiveCounts {
    sessions: Population,
    instances: Population,
    starts_failed: AtomicU64,
    instances_lost: AtomicU64,
    instances_replaced: AtomicU64,
    calls: AtomicU64,
    most_table_entries: AtomicU64,
    /// By [`AskMethod`].
    asks_unsupported: [AtomicU64; 3],
}

/// The numbers of objects created and dropped.
#[derive(Debug, Default)]
struct Population {
    made: AtomicU64,
    gone: AtomicU64,
}

impl Population {
    fn now(&self) -> u64 {
        // Read in this order, so that the difference is never negative.
        let gone = read(&self.gone);
        read(&self.made).saturating_sub(gone)
    }
}

/// Counts one session or instance until it is dropped.
#[derive(Debug)]
pub(crate) struct LiveGuard {
    live_counts: Arc<LiveCounts>,
    population: fn(&LiveCounts) -> &Population,
}

impl Drop for LiveGuard {
    fn drop(&mut self) {
        count(&(self.population)(&self.live_counts).gone);
    }
}

impl LiveCounts {
    /// Returns the number of open sessions.
    pub fn sessions(&self) -> u64 {
        self.sessions.now()
    }

    /// Returns the number of sessions opened so far.
    pub fn sessions_opened(&self) -> u64 {
        read(&self.sessions.made)
    }

    /// Returns the number of live instances. Each has its own store and counts until that store's
    /// memory is freed.
    pub fn instances(&self) -> u64 {
        self.instances.now()
    }

    /// Returns the number of instances created so far.
    pub fn instances_made(&self) -> u64 {
        read(&self.instances.made)
    }

    /// Returns the number of instances that failed to start.
    pub fn starts_failed(&self) -> u64 {
        read(&self.starts_failed)
    }

    /// Returns the number of instances that trapped, exited or were stopped after they had started.
    pub fn instances_lost(&self) -> u64 {
        read(&self.instances_lost)
    }

    /// Returns the number of instances that were recycled between two calls, because they reached a
    /// limit of calls or table entries.
    pub fn instances_replaced(&self) -> u64 {
        read(&self.instances_replaced)
    }

    /// Returns the number of calls that instances began, however they ended.
    pub fn calls(&self) -> u64 {
        read(&self.calls)
    }

    /// Returns the largest growth of an instance's tables seen between calls, in entries.
    pub fn most_table_entries(&self) -> u64 {
        read(&self.most_table_entries)
    }

    /// Returns the number of requests to clients that do not support them.
    pub fn asks_unsupported(&self, method: AskMethod) -> u64 {
        read(&self.asks_unsupported[method as usize])
    }

    pub(crate) fn session(self: &Arc<Self>) -> LiveGuard {
        self.join(|live_counts| &live_counts.sessions)
    }

    pub(crate) fn instance(self: &Arc<Self>) -> LiveGuard {
        self.join(|live_counts| &live_counts.instances)
    }

    fn join(self: &Arc<Self>, population: fn(&Self) -> &Population) -> LiveGuard {
        count(&population(self).made);
        LiveGuard {
            live_counts: Arc::clone(self),
            population,
        }
    }

    pub(crate) fn start_failed(&self) {
        count(&self.starts_failed);
    }

    pub(crate) fn instance_lost(&self) {
        count(&self.instances_lost);
    }

    pub(crate) fn instance_replaced(&self) {
        count(&self.instances_replaced);
    }

    pub(crate) fn call(&self) {
        count(&self.calls);
    }

    pub(crate) fn ask_unsupported(&self, method: AskMethod) {
        count(&self.asks_unsupported[method as usize]);
    }

    pub(crate) fn saw_table_entries(&self, entries: usize) {
        let entries = u64::try_from(entries).unwrap_or(u64::MAX);
        self.most_table_entries
            .fetch_max(entries, Ordering::Relaxed);
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_count_while_they_are_there() {
        let live_counts = Arc::new(LiveCounts::default());
        let first = live_counts.instance();
        let second = live_counts.instance();
        let session = live_counts.session();
        drop(first);
        assert_eq!(
            (live_counts.instances(), live_counts.instances_made()),
            (1, 2)
        );
        drop((second, session));
        assert_eq!((live_counts.instances(), live_counts.sessions()), (0, 0));
        assert_eq!(live_counts.sessions_opened(), 1);
    }
}

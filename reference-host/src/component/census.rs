//! What there is, and was, of sessions, instances and calls: numbers for
//! metrics, and the proof that nothing is left behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the sessions, instances and calls of one [`Server`](crate::session::Server),
/// or of several that share it. Reading is cheap and may be done at any time.
#[derive(Debug, Default)]
pub struct Census {
    sessions: Population,
    instances: Population,
    starts_failed: AtomicU64,
    instances_lost: AtomicU64,
    instances_replaced: AtomicU64,
    calls: AtomicU64,
    most_table_entries: AtomicU64,
}

/// How many there are, and how many there ever were.
#[derive(Debug, Default)]
struct Population {
    made: AtomicU64,
    gone: AtomicU64,
}

impl Population {
    fn now(&self) -> u64 {
        // Read in this order, so that it is never negative.
        let gone = read(&self.gone);
        read(&self.made).saturating_sub(gone)
    }
}

/// One of those that are counted, until it is dropped.
#[derive(Debug)]
pub(crate) struct Member {
    census: Arc<Census>,
    population: fn(&Census) -> &Population,
}

impl Drop for Member {
    fn drop(&mut self) {
        count(&(self.population)(&self.census).gone);
    }
}

impl Census {
    /// Sessions that are open now.
    pub fn sessions(&self) -> u64 {
        self.sessions.now()
    }

    /// Sessions that were ever opened.
    pub fn sessions_opened(&self) -> u64 {
        read(&self.sessions.made)
    }

    /// Instances that there are now. Each has a store of its own, and is counted
    /// until the memory of that store is given back.
    pub fn instances(&self) -> u64 {
        self.instances.now()
    }

    /// Instances that were ever made.
    pub fn instances_made(&self) -> u64 {
        read(&self.instances.made)
    }

    /// Instances that did not start.
    pub fn starts_failed(&self) -> u64 {
        read(&self.starts_failed)
    }

    /// Instances that trapped, exited or were stopped after they had started.
    pub fn instances_lost(&self) -> u64 {
        read(&self.instances_lost)
    }

    /// Instances that were replaced while no call was in them, because they had
    /// been used enough
    /// ([`InstanceLimits::calls`](super::instance::InstanceLimits::calls) and
    /// [`table_entries`](super::instance::InstanceLimits::table_entries)).
    pub fn instances_replaced(&self) -> u64 {
        read(&self.instances_replaced)
    }

    /// Calls that instances have begun with, however they ended.
    pub fn calls(&self) -> u64 {
        read(&self.calls)
    }

    /// The most entries that the tables of an instance were seen to have grown
    /// by, when it was looked at between calls.
    pub fn most_table_entries(&self) -> u64 {
        read(&self.most_table_entries)
    }

    pub(crate) fn session(self: &Arc<Self>) -> Member {
        self.join(|census| &census.sessions)
    }

    pub(super) fn instance(self: &Arc<Self>) -> Member {
        self.join(|census| &census.instances)
    }

    fn join(self: &Arc<Self>, population: fn(&Self) -> &Population) -> Member {
        count(&population(self).made);
        Member {
            census: Arc::clone(self),
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

    pub(super) fn call(&self) {
        count(&self.calls);
    }

    pub(super) fn saw_table_entries(&self, entries: usize) {
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
        let census = Arc::new(Census::default());
        let first = census.instance();
        let second = census.instance();
        let session = census.session();
        drop(first);
        assert_eq!((census.instances(), census.instances_made()), (1, 2));
        drop((second, session));
        assert_eq!((census.instances(), census.sessions()), (0, 0));
        assert_eq!(census.sessions_opened(), 1);
    }
}

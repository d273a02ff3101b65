//! The decision to replace a worn instance.
//!
//! Some instances grow with each call: resources that a guest does not drop stay in the tables of
//! its store, and wasmtime 48 itself keeps an entry for each call of a composed component for WASI
//! 0.3. A full table traps the guest, and its memory is the host's until then. The size of the
//! tables is therefore checked from time to time, and an instance that has grown is replaced
//! between two calls. A stream that is open then must end within a grace period, so that a client
//! that reads slowly cannot keep the instance.

use std::sync::Arc;

use tokio::sync::watch;

use super::handlers::Call;
use super::instance::InstanceLimits;
use super::job::Job;
use crate::telemetry::LiveCounts;

/// The minimum number of checks while an instance makes as many calls as its tables may grow by.
/// The cost of a check is linear in the number of entries.
const LOOKS: usize = 16;

/// The number of entries that a call in flight may have in the tables.
const CALL: usize = 32;

/// The number of entries that a subscription repeated on a new instance may leave in its tables
/// without counting: the instance that replaces this one has them too.
const SUBSCRIPTION: usize = 16;

/// Notifies the calls in an instance that it is due to be replaced.
#[derive(Debug)]
pub(super) struct RecycleSignal(watch::Sender<bool>);

impl Default for RecycleSignal {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl RecycleSignal {
    /// Records that the instance is due.
    pub(super) fn set(&self) {
        self.0
            .send_if_modified(|is_due| !std::mem::replace(is_due, true));
    }

    /// Resolves once the instance is due.
    pub(super) async fn due(&self) {
        // The sender is `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|is_due| *is_due).await;
    }
}

/// Decides when an instance is replaced, from the calls that it has made and the growth of its tables.
pub(super) struct RecyclePolicy {
    calls: u64,
    most_calls: u64,
    entries_at_start: usize,
    most_entries: usize,
    /// The numbers of calls at which the tables are next checked: while the instance is idle, and
    /// while calls are in flight.
    next_look: u64,
    next_look_at_work: u64,
    interval: u64,
    used_up: bool,
    exhausted: bool,
    live_counts: Arc<LiveCounts>,
}

impl RecyclePolicy {
    /// Starts measuring an instance that has just started, with its current number of table
    /// entries.
    pub(super) fn new(
        limits: &InstanceLimits,
        entries: usize,
        live_counts: &Arc<LiveCounts>,
    ) -> Self {
        let interval = (limits.table_entries / LOOKS).max(1) as u64;
        Self {
            calls: 0,
            most_calls: limits.calls.unwrap_or(u64::MAX),
            entries_at_start: entries,
            most_entries: limits.table_entries,
            next_look: interval,
            next_look_at_work: 2 * interval,
            interval,
            used_up: false,
            exhausted: false,
            live_counts: Arc::clone(live_counts),
        }
    }

    /// Counts a call that has begun. Repeated subscriptions do not count, or an instance with many
    /// of them would be replaced for ever.
    pub(super) fn begun(&mut self, job: &Job) {
        let is_repeated = matches!(job.call, Call::Subscribe(_)) && job.request.id.is_none();
        if is_repeated {
            self.most_entries += SUBSCRIPTION;
        } else {
            self.calls += 1;
        }
    }

    /// Records the end of a call, while `others` are still in flight. `entries` counts the entries
    /// in the tables; it is called only when a check is due.
    pub(super) fn ended(&mut self, others: usize, entries: impl FnOnce() -> usize) {
        let idle = others == 0;
        let of_others = others.saturating_mul(CALL);
        self.used_up |= self.calls >= self.most_calls;
        self.exhausted |= self.calls >= self.most_calls.saturating_mul(2);
        // The entries of calls in flight are temporary and can only be estimated. So check while
        // the instance is idle, or else more rarely.
        let is_time = idle && self.calls >= self.next_look || self.calls >= self.next_look_at_work;
        if !is_time {
            return;
        }
        self.next_look = self.calls + self.interval;
        self.next_look_at_work = self.calls + 2 * self.interval;
        let growth = entries().saturating_sub(self.entries_at_start + of_others);
        if idle {
            self.live_counts.saw_table_entries(growth);
        }
        self.used_up |= growth > self.most_entries;
        self.exhausted |= growth > self.most_entries.saturating_mul(2);
    }

    /// Returns whether the instance is to be replaced as soon as it is idle.
    pub(super) fn is_used_up(&self) -> bool {
        self.used_up
    }

    /// Returns whether the instance must not begin another call. It would never become idle by
    /// itself.
    pub(super) fn is_exhausted(&self) -> bool {
        self.exhausted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_policy(calls: Option<u64>, table_entries: usize) -> RecyclePolicy {
        let limits = InstanceLimits {
            calls,
            table_entries,
            ..InstanceLimits::default()
        };
        let mut policy = RecyclePolicy::new(&limits, 5, &Arc::default());
        policy.calls = 1;
        policy
    }

    #[test]
    fn an_instance_that_has_grown_is_replaced_when_it_is_idle() {
        let mut policy = new_policy(None, 10);
        policy.ended(0, || 15);
        assert!(!policy.is_used_up(), "it has grown by what it may");
        policy.calls += 1;
        policy.ended(0, || 16);
        assert!(policy.is_used_up() && !policy.is_exhausted());
    }

    #[test]
    fn one_that_is_never_idle_gets_no_more_calls_at_twice_the_growth() {
        let mut policy = new_policy(None, 10);
        policy.ended(1, || unreachable!("it is not time yet"));
        policy.calls += 1;
        policy.ended(1, || 26);
        assert!(!policy.is_exhausted(), "the other call may have them");
        policy.ended(0, || 5);
        policy.calls += 2;
        policy.ended(1, || 26 + CALL);
        assert!(policy.is_exhausted());
    }

    #[test]
    fn tables_are_looked_at_in_proportion_to_what_they_may_hold() {
        let mut policy = new_policy(None, 160);
        for calls in 1..=100 {
            policy.calls = calls;
            let mut looked = false;
            policy.ended(0, || {
                looked = true;
                5
            });
            assert_eq!(looked, calls % 10 == 0, "{calls}");
        }
    }

    #[test]
    fn calls_count_where_they_are_limited() {
        let mut policy = new_policy(Some(2), 1000);
        policy.ended(3, || 5);
        assert!(!policy.is_used_up());
        policy.calls = 2;
        policy.ended(3, || 5);
        assert!(policy.is_used_up() && !policy.is_exhausted());
        policy.calls = 4;
        policy.ended(3, || 5);
        assert!(policy.is_exhausted());
    }
}

//! What is to happen when.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use super::asks::AskKey;
use super::pacing::ListChange;
use super::requests::RequestKey;
use super::session::Session;

/// What a point in time stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// Progress was held back and may go now.
    Progress(RequestKey),
    /// The count of dropped log messages may go now.
    DroppedLogs,
    /// A list change was held back and may go now.
    ListChange(ListChange),
    /// Updates of resources were held back and may go now.
    Updates,
    /// The client was not heard for a while.
    Ping,
    /// The client took too long.
    Ask(AskKey),
}

/// At most one point in time for each [`Timer`].
#[derive(Debug, Default)]
pub(super) struct Timers {
    order: BTreeSet<(Instant, Timer)>,
    due: HashMap<Timer, Instant>,
}

impl Timers {
    pub(super) fn set(&mut self, timer: Timer, at: Instant) {
        self.clear(timer);
        self.due.insert(timer, at);
        self.order.insert((at, timer));
    }

    /// Sets the timer unless it is due sooner already.
    pub(super) fn set_earlier(&mut self, timer: Timer, at: Instant) {
        if self.due.get(&timer).is_none_or(|due| at < *due) {
            self.set(timer, at);
        }
    }

    pub(super) fn clear(&mut self, timer: Timer) {
        if let Some(at) = self.due.remove(&timer) {
            self.order.remove(&(at, timer));
        }
    }

    pub(super) fn is_set(&self, timer: Timer) -> bool {
        self.due.contains_key(&timer)
    }

    pub(super) fn is_due(&self, timer: Timer, now: Instant) -> bool {
        self.due.get(&timer).is_some_and(|at| *at <= now)
    }

    fn next(&self) -> Option<Instant> {
        self.order.first().map(|(at, _)| *at)
    }

    fn take_due(&mut self, now: Instant) -> Option<Timer> {
        let &(at, timer) = self.order.first()?;
        (at <= now).then(|| {
            self.clear(timer);
            timer
        })
    }
}

/// The point in time after `duration`, or one that nobody lives to see.
pub(super) fn later(now: Instant, duration: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    now + duration.min(CENTURY)
}

impl Session {
    /// When [`Session::handle_timeout`] is to be called, if no other method is
    /// called before.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.timers
            .next()
            .into_iter()
            .chain(self.requests.due())
            .min()
    }

    /// Does what has become due by `now`. Calling it too early does no harm.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.latest = Some(now);
        while let Some(timer) = self.timers.take_due(now) {
            match timer {
                Timer::Progress(key) => self.release_progress(now, key),
                Timer::DroppedLogs => self.report_dropped_logs(now),
                Timer::ListChange(change) => self.send_list_change(now, change),
                Timer::Updates => self.release_updates(now),
                Timer::Ping => self.ping_due(now),
                Timer::Ask(ask) => self.ask_timed_out(now, ask),
            }
        }
        while let Some(key) = self.requests.timed_out(now) {
            self.request_timed_out(now, key);
        }
    }
}

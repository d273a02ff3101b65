//! Timers.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use super::asks::AskKey;
use super::pacing::ListChange;
use super::requests::RequestKey;
use super::session::Session;

/// The purpose of a timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// Held progress may be sent.
    Progress(RequestKey),
    /// The count of dropped log messages may be sent.
    DroppedLogs,
    /// A held list change may be sent.
    ListChange(ListChange),
    /// Held updates of resources may be sent.
    Updates,
    /// The client was silent for a while.
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

    /// Returns the timers of messages that are held back, in their order.
    fn held(&self) -> Vec<Timer> {
        let timers = self.order.iter().map(|(_, timer)| *timer);
        timers
            .filter(|timer| !matches!(timer, Timer::Ping | Timer::Ask(_)))
            .collect()
    }

    fn take_due(&mut self, now: Instant) -> Option<Timer> {
        let &(at, timer) = self.order.first()?;
        (at <= now).then(|| {
            self.clear(timer);
            timer
        })
    }
}

/// Returns the point in time after `duration`, or one in the far future.
pub(super) fn later(now: Instant, duration: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    now + duration.min(CENTURY)
}

impl Session {
    /// Returns the time at which to call [`Session::handle_timeout`], unless another method is
    /// called before.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.timers
            .next()
            .into_iter()
            .chain(self.requests.due())
            .min()
    }

    /// Sends what is held back until a later time: reports of progress, the number of dropped log
    /// messages, changes of lists and updates of resources. Call it before the output ends.
    pub fn flush(&mut self, now: Instant) {
        for timer in self.timers.held() {
            self.timers.clear(timer);
            match timer {
                Timer::Progress(key) => self.flush_progress(key),
                Timer::DroppedLogs => self.report_dropped_logs(now),
                Timer::ListChange(change) => self.send_list_change(now, change),
                Timer::Updates => self.flush_updates(),
                Timer::Ping | Timer::Ask(_) => {}
            }
        }
    }

    /// Performs the work that is due by `now`. Calling it too early is harmless.
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

//! Stops a guest that computes without end, and lets others run meanwhile.
//!
//! A deadline on the epoch itself would also count the time in which a guest merely waits. Instead,
//! the epoch callback, which runs only while the guest computes, counts ticks. The count restarts
//! whenever an awaited event wakes the store's future.
//!
//! A guest's total computing time is the time in which its store's future was polled. This is
//! processor time, and somewhat more on a busy machine.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use wasmtime::{Store, UpdateDeadline};

use super::engine::TICK;
use super::failure::{OutOfTime, Spinning};
use super::state::State;
use crate::telemetry::Limit;

/// The computing time that the instances of one session have used, and its limit. Clones share one
/// count.
#[derive(Debug, Clone)]
pub struct ComputingTime {
    limit: Option<Duration>,
    /// In nanoseconds: enough for centuries.
    spent: Arc<AtomicU64>,
}

impl ComputingTime {
    /// Starts at zero. `None` means no limit.
    pub fn new(limit: Option<Duration>) -> Self {
        Self {
            limit,
            spent: Arc::default(),
        }
    }

    /// Fails once the limit is reached.
    pub(super) fn check(&self) -> Result<(), OutOfTime> {
        match self.limit {
            Some(limit) if self.spent() >= limit => Err(OutOfTime(limit)),
            _ => Ok(()),
        }
    }

    pub(super) fn spent(&self) -> Duration {
        Duration::from_nanos(self.spent.load(Ordering::Relaxed))
    }

    /// Adds time for which the host worked for the guest.
    pub(super) fn spend(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.spent.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

/// Watches one store.
#[derive(Debug, Clone)]
pub(super) struct Watchdog {
    flags: Arc<Flags>,
    time: ComputingTime,
}

#[derive(Debug, Default)]
struct Flags {
    /// The number of times that the guest has returned from waiting.
    waits: AtomicU64,
    /// The epoch interrupted the guest: it is not waiting for anything.
    interrupted: AtomicBool,
}

impl Watchdog {
    /// Adds the computing time of the store's guest to `time`.
    pub(super) fn new(time: ComputingTime) -> Self {
        Self {
            flags: Arc::default(),
            time,
        }
    }

    /// Lets the guest of `store` compute for `limit` at a time, and no longer than its session's
    /// total allows; then it traps.
    pub(super) fn guard(&self, store: &mut Store<State>, limit: Duration) {
        let Self { flags, time } = self.clone();
        let most_ticks = limit.as_nanos().div_ceil(TICK.as_nanos());
        let mut last_wait = 0;
        let mut ticks = 0;
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |mut store| {
            store.data_mut().check_holdings()?;
            if let Err(end) = time.check() {
                store.data().session.observer().reached(Limit::CpuTime);
                return Err(end.into());
            }
            let wait = flags.waits.load(Ordering::Relaxed);
            if wait != last_wait {
                // The deadline may have passed long ago, while the guest waited: start counting
                // its computing time now.
                last_wait = wait;
                ticks = 0;
                return Ok(UpdateDeadline::Continue(1));
            }
            ticks += 1;
            if ticks > most_ticks {
                store
                    .data()
                    .session
                    .observer()
                    .reached(Limit::ComputingTime);
                return Err(Spinning(limit).into());
            }
            flags.interrupted.store(true, Ordering::Relaxed);
            Ok(UpdateDeadline::Yield(1))
        });
    }

    /// Runs the future that drives the store.
    pub(super) async fn run<F: Future>(&self, driving: F) -> F::Output {
        let mut driving = pin!(driving);
        std::future::poll_fn(|context| {
            if !self.flags.interrupted.swap(false, Ordering::Relaxed) {
                self.flags.waits.fetch_add(1, Ordering::Relaxed);
            }
            // Without a limit, skip reading the clock: it has a cost.
            let began = self.time.limit.map(|_| Instant::now());
            let polled = driving.as_mut().poll(context);
            if let Some(began) = began {
                self.time.spend(began.elapsed());
            }
            polled
        })
        .await
    }
}

//! Stops a guest that computes without end, and lets others run meanwhile.
//!
//! A deadline on the epoch itself would also count the time in which a guest
//! merely waits. So the epoch callback, which runs only while the guest
//! computes, counts ticks, and the count begins anew whenever the store's
//! future was woken by something that it waited for.
//!
//! What a guest computes in all is the time in which its store's future was
//! polled: that of the processor, and on a busy machine somewhat more.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use wasmtime::{Store, UpdateDeadline};

use super::engine::TICK;
use super::failure::{OutOfTime, Spinning};
use super::state::State;
use crate::telemetry::Limit;

/// How long the instances of one session have computed, and how long they may.
/// Clones count together.
#[derive(Debug, Clone)]
pub struct ComputingTime {
    limit: Option<Duration>,
    /// In nanoseconds: enough for centuries.
    spent: Arc<AtomicU64>,
}

impl ComputingTime {
    /// Nothing has been spent yet. `None`: there is no end to it.
    pub fn new(limit: Option<Duration>) -> Self {
        Self {
            limit,
            spent: Arc::default(),
        }
    }

    /// Fails once it is all spent.
    pub(super) fn check(&self) -> Result<(), OutOfTime> {
        match self.limit {
            Some(limit) if self.spent() >= limit => Err(OutOfTime(limit)),
            _ => Ok(()),
        }
    }

    fn spent(&self) -> Duration {
        Duration::from_nanos(self.spent.load(Ordering::Relaxed))
    }

    fn spend(&self, time: Duration) {
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
    /// How often the guest has come back from waiting.
    waits: AtomicU64,
    /// The guest was interrupted by the epoch: it does not wait for anything.
    interrupted: AtomicBool,
}

impl Watchdog {
    /// Counts what the store's guest computes as part of `time`.
    pub(super) fn new(time: ComputingTime) -> Self {
        Self {
            flags: Arc::default(),
            time,
        }
    }

    /// Lets the guest of `store` compute for `limit` at a time, and no longer
    /// than its session may in all; then it traps.
    pub(super) fn guard(&self, store: &mut Store<State>, limit: Duration) {
        let Self { flags, time } = self.clone();
        let most_ticks = limit.as_nanos().div_ceil(TICK.as_nanos());
        let mut last_wait = 0;
        let mut ticks = 0;
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |store| {
            if let Err(end) = time.check() {
                store.data().peer.observer().reached(Limit::CpuTime);
                return Err(end.into());
            }
            let wait = flags.waits.load(Ordering::Relaxed);
            if wait != last_wait {
                // The deadline may have passed long ago, while the guest
                // waited: its computing starts to count now.
                last_wait = wait;
                ticks = 0;
                return Ok(UpdateDeadline::Continue(1));
            }
            ticks += 1;
            if ticks > most_ticks {
                store.data().peer.observer().reached(Limit::ComputingTime);
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
            // Looking at the clock costs something, too.
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

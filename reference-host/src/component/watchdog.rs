//! Stops a guest that computes without end, and lets others run meanwhile.
//!
//! A deadline on the epoch itself would also count the time in which a guest
//! merely waits. So the epoch callback, which runs only while the guest
//! computes, counts ticks, and the count begins anew whenever the store's
//! future was woken by something that it waited for.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use wasmtime::{Store, UpdateDeadline};

use super::engine::TICK;
use super::failure::Spinning;
use super::state::State;
use crate::telemetry::Limit;

/// Watches one store.
#[derive(Debug, Clone, Default)]
pub(super) struct Watchdog(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    /// How often the guest has come back from waiting.
    waits: AtomicU64,
    /// The guest was interrupted by the epoch: it does not wait for anything.
    interrupted: AtomicBool,
}

impl Watchdog {
    /// Lets the guest of `store` compute for `limit` at a time; then it traps.
    pub(super) fn guard(&self, store: &mut Store<State>, limit: Duration) {
        let flags = Arc::clone(&self.0);
        let most_ticks = limit.as_nanos().div_ceil(TICK.as_nanos());
        let mut last_wait = 0;
        let mut ticks = 0;
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |store| {
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
            if !self.0.interrupted.swap(false, Ordering::Relaxed) {
                self.0.waits.fetch_add(1, Ordering::Relaxed);
            }
            driving.as_mut().poll(context)
        })
        .await
    }
}

//! Stops a guest that computes without end, and lets others run meanwhile.
//!
//! The epoch callback runs only while the guest computes: it counts ticks since
//! the event loop last turned. A deadline on the epoch itself would also count
//! the time in which a guest merely waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use wasmtime::{Store, UpdateDeadline};

use super::engine::TICK;
use super::failure::Spinning;
use super::state::State;

/// Tells the watchdog that the event loop turns.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<AtomicU64>);

impl Turns {
    /// Called whenever the host regains control: a 0.3 event loop is polled, a
    /// 0.2 call begins.
    pub(super) fn turn(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Watches a store: after `limit` of computing without a turn the guest traps.
pub(super) fn watch(store: &mut Store<State>, limit: Duration) -> Turns {
    let turns = Turns::default();
    let seen_by_callback = turns.clone();
    let most_ticks = limit.as_nanos().div_ceil(TICK.as_nanos());
    let mut last_turn = 0;
    let mut ticks = 0;
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| {
        let turn = seen_by_callback.0.load(Ordering::Relaxed);
        if turn != last_turn {
            // The deadline may have passed long ago, while the guest waited:
            // its computing starts to count now.
            last_turn = turn;
            ticks = 0;
            return Ok(UpdateDeadline::Continue(1));
        }
        ticks += 1;
        if ticks > most_ticks {
            return Err(Spinning(limit).into());
        }
        Ok(UpdateDeadline::Yield(1))
    });
    turns
}

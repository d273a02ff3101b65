//! Clocks and random numbers that are identical in every run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder};

/// The initial time: 2025-06-18, at midnight.
const BEGINNING: Duration = Duration::from_secs(1_750_204_800);
/// The step by which each reading advances a clock. A guest that polls the clock until a deadline
/// therefore terminates.
const STEP: Duration = Duration::from_millis(1);

/// Arbitrary seeds, one for each source.
const SECURE: u64 = 1;
const INSECURE: u64 = 2;
const SEED: u128 = 3;

/// Gives every guest the same clocks and random numbers.
pub(super) fn fix(builder: &mut WasiCtxBuilder) {
    let clock = Clock::default();
    builder
        .wall_clock(clock.clone())
        .monotonic_clock(clock)
        .secure_random(ChaCha8Rng::seed_from_u64(SECURE))
        .insecure_random(ChaCha8Rng::seed_from_u64(INSECURE))
        .insecure_random_seed(SEED);
}

/// Both clocks of a guest. They advance together.
#[derive(Debug, Clone, Default)]
struct Clock {
    looks: Arc<AtomicU64>,
}

impl Clock {
    fn elapsed(&self) -> Duration {
        let looks = self.looks.fetch_add(1, Ordering::Relaxed);
        STEP.saturating_mul(u32::try_from(looks).unwrap_or(u32::MAX))
    }
}

impl HostWallClock for Clock {
    fn resolution(&self) -> Duration {
        STEP
    }

    fn now(&self) -> Duration {
        BEGINNING + self.elapsed()
    }
}

impl HostMonotonicClock for Clock {
    fn resolution(&self) -> u64 {
        nanoseconds(STEP)
    }

    fn now(&self) -> u64 {
        nanoseconds(self.elapsed())
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

//! `wasi:clocks`

use wasip3::clocks::{monotonic_clock, system_clock};

const MILLISECOND: u64 = 1_000_000;

pub fn wall_milliseconds() -> u64 {
    let now = system_clock::now();
    let seconds = u64::try_from(now.seconds).unwrap_or(0);
    seconds * 1_000 + u64::from(now.nanoseconds) / MILLISECOND
}

pub fn monotonic_nanoseconds() -> u64 {
    monotonic_clock::now()
}

pub async fn wait_a_millisecond() {
    monotonic_clock::wait_for(MILLISECOND).await;
}

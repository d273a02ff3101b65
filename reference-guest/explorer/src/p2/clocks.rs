//! `wasi:clocks`

use std::time::{Duration, SystemTime};

use wasip2::clocks::monotonic_clock;

pub fn wall_milliseconds() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}

pub fn monotonic_nanoseconds() -> u64 {
    monotonic_clock::now()
}

pub async fn wait_a_millisecond() {
    std::thread::sleep(Duration::from_millis(1));
}

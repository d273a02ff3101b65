//! Limits the number of messages of a kind per second.

use std::time::{Duration, Instant};

use super::timers::later;

const WINDOW: Duration = Duration::from_secs(1);

/// A rate limit in windows of one second, each of which begins with its first message.
#[derive(Debug, Default)]
pub(super) struct Rate {
    window: Option<Window>,
}

#[derive(Debug)]
struct Window {
    end: Instant,
    passed: u32,
}

impl Rate {
    /// Admits one message, or returns the beginning of the next window. At least one message is
    /// admitted in each window, whatever the limit.
    pub(super) fn admit(&mut self, now: Instant, per_second: u32) -> Result<(), Instant> {
        let window = match &mut self.window {
            Some(window) if now < window.end => window,
            window => window.insert(Window {
                end: later(now, WINDOW),
                passed: 0,
            }),
        };
        if window.passed >= per_second.max(1) {
            return Err(window.end);
        }
        window.passed += 1;
        Ok(())
    }
}

//! How many messages of a kind go out in a second.

use std::time::{Duration, Instant};

use super::timers::later;

const WINDOW: Duration = Duration::from_secs(1);

/// Lets so many through in each window of a second, which begins with the first.
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
    /// Lets one through, or says when the next window begins. At least one goes
    /// through in each window, whatever the limit.
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

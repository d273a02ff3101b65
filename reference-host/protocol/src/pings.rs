//! [Pings](https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/ping) of a
//! silent client.

use std::time::Instant;

use super::effect::Route;
use super::outgoing::MessageKind;
use super::reception::Framing;
use super::response;
use super::session::Session;
use super::timers::{Timer, later};

impl Session {
    /// Notes that the client is alive.
    pub(super) fn heard_from_client(&mut self, now: Instant) {
        self.ping_unanswered = false;
        let interval = self.limits.ping_interval;
        if let Some(interval) = interval.filter(|_| self.is_initialized()) {
            self.timers.set(Timer::Ping, later(now, interval));
        }
    }

    /// Pings a client that was silent for the interval. If the next interval passes in silence too,
    /// the client counts as gone until it is heard again.
    pub(super) fn ping_due(&mut self, now: Instant) {
        let Some(interval) = self.limits.ping_interval else {
            return;
        };
        if self.ping_unanswered {
            // Over HTTP the client need not have a stream for pings: requests on the stream of
            // another request may still reach it.
            if self.framing == Framing::Stdio {
                self.client_is_gone(now);
            }
        } else if self.stopping.is_none() {
            let id = self.asks.next_id();
            self.effects.send(
                Route::Unrelated,
                MessageKind::Request(id),
                response::request(id, "ping", "{}"),
            );
            self.ping_unanswered = true;
            self.timers.set(Timer::Ping, later(now, interval));
        }
    }
}

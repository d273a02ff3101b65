//! [Pings](https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/ping) of a
//! silent client.

use std::time::Instant;

use super::effect::{Effect, Route};
use super::outgoing::MessageKind;
use super::response;
use super::session::Session;
use super::timers::{Timer, later};

impl Session {
    /// Notes that the client is alive, although it sent no message. Over HTTP it may have opened a
    /// stream.
    pub fn heard(&mut self, now: Instant) {
        self.heard_from_client(now);
    }

    /// Notes that the client is alive.
    pub(super) fn heard_from_client(&mut self, now: Instant) {
        self.ping_unanswered = false;
        let interval = self.limits.ping_interval;
        // Pings are the only requests that a server may send before `notifications/initialized`.
        if let Some(interval) = interval.filter(|_| self.is_operating()) {
            self.timers.set(Timer::Ping, later(now, interval));
        }
    }

    /// Pings a client that was silent for the interval. After each further interval of silence, the
    /// driver is told. It knows whether the ping reached the client: over HTTP it waits until the
    /// client opens a stream.
    pub(super) fn ping_due(&mut self, now: Instant) {
        let Some(interval) = self.limits.ping_interval else {
            return;
        };
        if self.stopping.is_some() {
            return;
        }
        if self.ping_unanswered {
            self.effects.push(Effect::PingUnanswered);
        } else {
            let id = self.asks.next_id();
            self.effects.send(
                Route::Unrelated,
                MessageKind::Request(id),
                response::request(id, "ping", "{}"),
            );
            self.ping_unanswered = true;
        }
        self.timers.set(Timer::Ping, later(now, interval));
    }
}

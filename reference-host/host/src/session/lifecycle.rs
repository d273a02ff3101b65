//! Start, loss and replacement of instances, the clock, and the end of a session.

use std::time::Instant;

use super::core::SessionCore;
use super::state::Serving;
use crate::telemetry::{Label as _, Limit, SessionEnd};
use wasi_mcp_protocol::Outcome;

/// The result of a tick.
pub(super) struct Tick {
    pub(super) next: Option<Instant>,
    pub(super) replace_instance: bool,
}

impl SessionCore {
    /// Records a sign of life of the client.
    pub(super) fn heard(&self) {
        self.locked(|state| state.protocol.heard(Instant::now()));
    }

    pub(super) fn in_flight(&self) -> usize {
        self.lock().protocol.requests_in_flight()
    }

    pub(super) fn is_initialized(&self) -> bool {
        self.lock().protocol.is_initialized()
    }

    /// Ends the session: streams end, waiting imports fail, the supervisor drops the instance.
    pub(super) fn close(&self, reason: SessionEnd) {
        let mut state = self.lock();
        if std::mem::replace(&mut state.is_closed, true) {
            return;
        }
        self.closed.cancel();
        if self.server.keeps_sessions {
            self.server.telemetry.sessions_ended.increment(reason);
            tracing::info!(
                session = self.number,
                reason = reason.name(),
                "session ends"
            );
        }
        state.offer_awaited = None;
        self.stopping.send_replace(true);
        for stream in state.protocol.open_streams() {
            self.outlet.end(stream);
        }
        self.outlet.ended();
        state.asks.clear();
        state.calls.clear();
        state.budget.set(0, 0);
    }

    /// Returns whether the guest has asked to be told that the host stops.
    pub(super) fn is_stop_awaited(&self) -> bool {
        self.lock().stop_awaited
    }

    /// Tells the guest that the host stops, and fails requests that wait for the client.
    pub(super) fn begin_to_stop(&self) {
        self.stopping.send_replace(true);
        self.locked(|state| state.protocol.stop(Instant::now(), "the host stops"));
    }

    /// Answers the requests still in flight with an error.
    pub(super) fn give_up(&self, reason: &str) {
        self.not_started(reason);
        // The supervisor drops the instance when the session is closed.
        self.locked(|state| {
            for key in state.calls.keys() {
                state.finish(key, Outcome::Lost(reason.to_owned()));
            }
        });
    }

    /// Resolves when no request is in flight.
    pub(super) async fn idle(&self) {
        loop {
            let notified = self.idle.notified();
            if self.in_flight() == 0 {
                return;
            }
            notified.await;
        }
    }

    /// Returns whether calls are queued.
    pub(super) fn has_queued_calls(&self) -> bool {
        self.lock().calls.has_queued()
    }

    /// Returns whether a message waits for the component to start.
    pub(super) fn is_initializing(&self) -> bool {
        let state = self.lock();
        state.initializing.is_some() || state.offer_awaited.is_some()
    }

    /// Handles a component that did not start. Answers `initialize` with an error, so that the
    /// client may retry, and all requests that wait for an instance.
    pub(super) fn not_started(&self, reason: &str) {
        self.locked(|state| {
            if let Some(key) = state.initializing.take() {
                state.protocol.start_failed(Instant::now(), key, reason);
            }
            if let Some(awaited) = state.offer_awaited.take() {
                // The client may have disconnected.
                let _ = awaited.send(Err(reason.to_owned()));
            }
            for key in state.calls.queued_keys() {
                state.finish(key, Outcome::Lost(reason.to_owned()));
            }
        });
    }

    /// Handles the loss of the instance, and of the calls in it. Returns its service record.
    pub(super) fn lost(&self, reason: &str) -> Option<Serving> {
        self.locked(|state| {
            let served = state.instance_gone();
            let lost = state.calls.lose();
            tracing::warn!(
                session = self.number,
                reason,
                calls = %lost,
                "an instance was lost"
            );
            for (key, call) in lost.described() {
                let text = format!("{reason}, while it ran {call}");
                state.finish(key, Outcome::Lost(text));
            }
            served
        })
    }

    /// Handles the end of an idle instance.
    pub(super) fn used_up(&self) {
        self.locked(|state| state.instance_gone());
    }

    /// Returns whether an instance has started.
    pub(super) fn is_serving(&self) -> bool {
        self.lock().serving.is_some()
    }

    /// Performs the actions that are due. Returns the time of the next tick, and whether the
    /// instance must be replaced because a call in it has exceeded its time.
    pub(super) fn tick(&self) -> Tick {
        let now = Instant::now();
        let (tick, is_unresponsive) = self.locked(|state| {
            state.protocol.handle_timeout(now);
            let grace = self.server.cancelled_call_grace;
            let replacement = state.calls.replacement(now, grace);
            let next = state
                .protocol
                .next_timeout()
                .into_iter()
                .chain(replacement)
                .min();
            state.armed = next;
            let replace_instance = replacement.is_some_and(|time| time <= now);
            if replace_instance {
                state.calls.requeue_held_up(now);
                self.job_added.notify_one();
            }
            let tick = Tick {
                next,
                replace_instance,
            };
            (tick, state.is_unresponsive)
        });
        if is_unresponsive {
            self.observer.reached(Limit::PingTime);
            tracing::warn!(
                session = self.number,
                "the client did not answer a ping: its session ends"
            );
            self.close(SessionEnd::Unresponsive);
        }
        tick
    }
}

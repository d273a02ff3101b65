//! Notifications of the client that are passed to the component.

use std::time::Instant;

use super::effect::Effect;
use super::initialize::Phase;
use super::requests::Request;
use super::session::Session;
use crate::json::RawValue;

/// A notification of the client for a component with `client-events`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// `notifications/initialized`
    Initialized,
    /// `notifications/roots/list_changed`
    RootsChanged,
}

/// Tracks whether the component is handling a change of the roots, so that calls do not pile up if
/// a client sends many.
#[derive(Debug, Default)]
pub(super) struct Events {
    roots_changed: bool,
    roots_changed_again: bool,
}

impl Session {
    pub(super) fn announce_initialized(&mut self, now: Instant, meta: Option<&RawValue>) {
        self.announce(now, Event::Initialized, meta);
    }

    /// Handles
    /// [`notifications/roots/list_changed`](https://modelcontextprotocol.io/specification/2025-06-18/client/roots#root-list-changes).
    /// Changes that arrive while the component handles one are coalesced into one more.
    pub(super) fn receive_roots_changed(&mut self, now: Instant, meta: Option<&RawValue>) {
        let has_roots = self.client.as_ref().is_some_and(|client| client.roots);
        if self.phase != (Phase::Operating { initialized: true }) || !has_roots {
            return;
        }
        if self.events.roots_changed {
            self.events.roots_changed_again = true;
        } else {
            self.announce(now, Event::RootsChanged, meta);
        }
    }

    pub(super) fn event_done(&mut self, now: Instant, event: Event) {
        if event == Event::RootsChanged {
            self.events.roots_changed = false;
            if std::mem::take(&mut self.events.roots_changed_again) {
                self.announce(now, Event::RootsChanged, None);
            }
        }
    }

    fn announce(&mut self, now: Instant, event: Event, meta: Option<&RawValue>) {
        if !self.offered.client_events || self.stopping.is_some() {
            return;
        }
        self.events.roots_changed |= event == Event::RootsChanged;
        let key = self.track(now, Request::for_event(event, self.limits.request_time));
        self.effects.push(Effect::Notify {
            key,
            event,
            meta: meta.map(ToOwned::to_owned),
        });
    }
}

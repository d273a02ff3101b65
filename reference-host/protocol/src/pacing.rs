//! Coalesces change notifications: one stands for all that follow soon after it, so a component
//! that announces each small change does not flood the client.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::catalog::Changed;
use super::effect::Route;
use super::observer::Limit;
use super::outgoing::MessageKind;
use super::rate::Rate;
use super::response;
use super::session::Session;
use super::timers::{Timer, later};
use crate::json::Writer;

/// The minimum interval between two identical notifications.
const QUIET: Duration = Duration::from_millis(50);

/// The list that has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum ListChange {
    Tools,
    Resources,
    Prompts,
}

impl ListChange {
    const fn method(self) -> &'static str {
        match self {
            Self::Tools => "notifications/tools/list_changed",
            Self::Resources => "notifications/resources/list_changed",
            Self::Prompts => "notifications/prompts/list_changed",
        }
    }
}

/// Recently sent notifications, and those held back because of them.
#[derive(Debug, Default)]
pub(super) struct Pacing {
    /// The time until which each list change is held back. Those that are held have a timer.
    lists: HashMap<ListChange, Instant>,
    /// The time until which updates of each URI are held back.
    quiet: HashMap<Arc<str>, Instant>,
    /// The entries of `quiet`, ordered by time.
    quiet_in_order: VecDeque<(Instant, Arc<str>)>,
    /// Updates that are held back, in the order of their arrival.
    held: VecDeque<Arc<str>>,
    /// The subscribed resource of each held update.
    held_for: HashMap<Arc<str>, Box<str>>,
    /// Bytes of the URIs of both.
    held_bytes: usize,
    rate: Rate,
}

impl Pacing {
    fn quiet_until(&self, uri: &str) -> Option<Instant> {
        self.quiet.get(uri).copied()
    }

    fn sent(&mut self, now: Instant, uri: Arc<str>) {
        let end = later(now, QUIET);
        self.quiet.insert(Arc::clone(&uri), end);
        self.quiet_in_order.push_back((end, uri));
    }

    fn forget_past(&mut self, now: Instant) {
        while let Some((end, uri)) = self.quiet_in_order.pop_front_if(|(end, _)| *end <= now) {
            if self.quiet.get(&uri) == Some(&end) {
                self.quiet.remove(&uri);
            }
        }
    }

    fn hold(&mut self, uri: Arc<str>, subscribed: &str) {
        self.held_bytes += uri.len() + subscribed.len();
        self.held.push_back(Arc::clone(&uri));
        self.held_for.insert(uri, subscribed.into());
    }

    fn let_go(&mut self, uri: &str) {
        if let Some(subscribed) = self.held_for.remove(uri) {
            self.held_bytes -= uri.len() + subscribed.len();
        }
    }

    /// Returns the time at which `uri` may be sent; `Ok` counts it as sent now.
    fn admit(&mut self, now: Instant, per_second: u32, uri: &Arc<str>) -> Result<(), Instant> {
        if let Some(end) = self.quiet_until(uri).filter(|end| *end > now) {
            return Err(end);
        }
        self.rate.admit(now, per_second)?;
        self.sent(now, Arc::clone(uri));
        Ok(())
    }
}

impl Session {
    pub(super) fn announce_list_changes(&mut self, now: Instant, changed: Changed) {
        let lists = [
            (changed.tools, ListChange::Tools),
            (changed.resources, ListChange::Resources),
            (changed.prompts, ListChange::Prompts),
        ];
        for (_, change) in lists.into_iter().filter(|(changed, _)| *changed) {
            let timer = Timer::ListChange(change);
            if self.timers.is_set(timer) {
                continue;
            }
            match self.pacing.lists.get(&change) {
                Some(end) if *end > now => self.timers.set(timer, *end),
                _ => self.send_list_change(now, change),
            }
        }
    }

    pub(super) fn send_list_change(&mut self, now: Instant, change: ListChange) {
        self.pacing.lists.insert(change, later(now, QUIET));
        let message = response::notification(change.method(), |_| {});
        self.effects
            .send(Route::Unrelated, MessageKind::ListChanged, message);
    }

    /// Announces to the client that `uri`, which is `subscribed` or belongs to it, was updated.
    pub(super) fn announce_update(&mut self, now: Instant, subscribed: &str, uri: &str) {
        // Held updates come first.
        if self.timers.is_due(Timer::Updates, now) {
            self.timers.clear(Timer::Updates);
            self.release_updates(now);
        }
        self.pacing.forget_past(now);
        if self.pacing.held_for.contains_key(uri) {
            return;
        }
        let arc: Arc<str> = uri.into();
        let per_second = self.limits.notifications_per_second;
        let Err(next) = self.pacing.admit(now, per_second, &arc) else {
            self.send_update(uri);
            return;
        };
        let is_quiet = self.pacing.quiet_until(uri).is_some_and(|end| end > now);
        if !is_quiet {
            self.observer.limit_reached(Limit::UpdatesPerSecond);
        }
        // The number of sub-resources is unbounded, but that of resources is limited by the
        // subscriptions, so those always fit.
        let bytes = self.pacing.held_bytes + uri.len() + subscribed.len();
        let is_full = self.pacing.held.len() >= self.limits.subscriptions
            || bytes > self.limits.subscription_bytes;
        let arc = if uri != subscribed && is_full {
            if self.pacing.held_for.contains_key(subscribed) {
                return;
            }
            subscribed.into()
        } else {
            arc
        };
        self.pacing.hold(arc, subscribed);
        self.timers.set_earlier(Timer::Updates, next);
    }

    /// Sends the updates whose interval has passed, if the client is still subscribed.
    pub(super) fn release_updates(&mut self, now: Instant) {
        self.pacing.forget_past(now);
        let mut next: Option<Instant> = None;
        for uri in std::mem::take(&mut self.pacing.held) {
            let is_wanted = self
                .pacing
                .held_for
                .get(&uri)
                .is_some_and(|subscribed| self.subscriptions.contains(subscribed));
            if is_wanted {
                let per_second = self.limits.notifications_per_second;
                if let Err(end) = self.pacing.admit(now, per_second, &uri) {
                    next = Some(next.map_or(end, |next| next.min(end)));
                    self.pacing.held.push_back(uri);
                    continue;
                }
                self.send_update(&uri);
            }
            self.pacing.let_go(&uri);
        }
        if let Some(next) = next {
            self.timers.set(Timer::Updates, next);
        }
    }

    /// Sends all updates that are held back, if the client is still subscribed.
    pub(super) fn flush_updates(&mut self) {
        for uri in std::mem::take(&mut self.pacing.held) {
            if let Some(subscribed) = self.pacing.held_for.get(&uri)
                && self.subscriptions.contains(subscribed)
            {
                self.send_update(&uri);
            }
            self.pacing.let_go(&uri);
        }
    }

    fn send_update(&mut self, uri: &str) {
        let message =
            response::notification("notifications/resources/updated", |params: &mut Writer| {
                params.key("uri").string(uri);
            });
        self.effects
            .send(Route::Unrelated, MessageKind::ResourceUpdated, message);
    }
}

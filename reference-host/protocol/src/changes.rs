//! Changes of the server: list changes, and a new instance of the component.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use super::catalog::{Catalog, Changed};
use super::effect::Effect;
use super::offer::Offer;
use super::requests::Request;
use super::session::Session;

/// Changes to announce once the client has sent `notifications/initialized`.
#[derive(Debug, Default)]
pub(super) struct Held(Changed);

impl Session {
    /// Replaces the component's lists after it has registered or unregistered something, and
    /// announces those that have changed.
    pub fn set_catalog(&mut self, now: Instant, catalog: Arc<Catalog>, changed: Changed) {
        self.catalog = Some(catalog);
        self.lists_changed(now, changed);
    }

    /// Handles a new instance of the component. The negotiated state stays. The client is notified
    /// of lists that differ, or may differ if the component keeps them, and an effect for each
    /// subscription asks to repeat it.
    pub fn restarted(&mut self, now: Instant, offer: Offer) {
        let changed = match (&self.catalog, &offer.catalog) {
            (Some(old), Some(new)) => old.differences(new),
            _ => Changed::ALL,
        };
        self.catalog = offer.catalog;
        self.lists_changed(now, changed);
        // Work that the lost instance had not begun is done on the new one anyway.
        let underway: HashSet<&str> = self.requests.resubscribed().collect();
        let mut uris: Vec<(String, bool)> = self
            .subscriptions
            .iter()
            .filter(|(uri, _)| !underway.contains(uri))
            .map(|(uri, suspect)| (uri.to_owned(), suspect))
            .collect();
        // Subscriptions that may have crashed the last instance come first, each alone, so they
        // cannot take others down with them.
        uris.sort_by_key(|(_, suspect)| !suspect);
        for (uri, alone) in uris {
            let work = Request::for_resubscription(&uri, self.limits.request_time);
            let key = self.track(now, work);
            self.effects.push(Effect::Resubscribe { key, uri, alone });
        }
    }

    /// Announces changed lists
    /// ([notification](https://modelcontextprotocol.io/specification/2025-06-18/server/tools#list-changed-notification)).
    /// The client is notified of those for which `listChanged` was declared, of each at most once
    /// in 50 ms.
    pub fn lists_changed(&mut self, now: Instant, changed: Changed) {
        if changed.tools {
            // Tools seen in a component's own list may have changed.
            self.remembered_tools.clear();
        }
        let declared = Changed {
            tools: changed.tools && self.offered.tools_list_changed,
            resources: changed.resources && self.offered.resources_list_changed,
            prompts: changed.prompts && self.offered.prompts_list_changed,
        };
        if self.is_initialized() {
            self.announce_list_changes(now, declared);
        } else {
            self.held_changes.0 = self.held_changes.0.or(declared);
        }
    }

    pub(super) fn release_changes(&mut self, now: Instant) {
        let held = std::mem::take(&mut self.held_changes.0);
        self.announce_list_changes(now, held);
    }
}

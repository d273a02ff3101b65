//! Changes of what the server has: list changes, and a new instance of the
//! component.

use std::sync::Arc;
use std::time::Instant;

use super::catalog::{Catalog, Changed};
use super::effect::Effect;
use super::offer::Offer;
use super::requests::Request;
use super::session::Session;

/// Changes of which the client hears once it has sent `notifications/initialized`.
#[derive(Debug, Default)]
pub(super) struct Held(Changed);

impl Session {
    /// The component has registered or unregistered something: these are its
    /// lists now, and the client hears of those that have changed.
    pub fn set_catalog(&mut self, _now: Instant, catalog: Arc<Catalog>, changed: Changed) {
        self.catalog = Some(catalog);
        self.lists_changed(changed);
    }

    /// A new instance of the component serves the session. What was negotiated
    /// stays; the client hears of lists that differ, and an effect for each
    /// subscription asks to repeat it.
    pub fn restarted(&mut self, now: Instant, offer: Offer) {
        if let Some(new) = offer.catalog {
            let changed = self.catalog.as_ref().map(|old| old.differences(&new));
            self.catalog = Some(new);
            self.lists_changed(changed.unwrap_or_default());
        }
        let uris: Vec<String> = self.subscriptions.iter().map(str::to_owned).collect();
        for uri in uris {
            let work = Request::for_resubscription(&uri, self.limits.request_time);
            let key = self.track(now, work);
            self.effects.push(Effect::Resubscribe { key, uri });
        }
    }

    /// Lists have changed
    /// ([notification](https://modelcontextprotocol.io/specification/2025-06-18/server/tools#list-changed-notification)).
    /// The client hears of those for which `listChanged` was declared.
    pub fn lists_changed(&mut self, changed: Changed) {
        if changed.tools {
            // What was seen of a component's own list may no longer hold.
            self.remembered_tools.clear();
        }
        let declared = Changed {
            tools: changed.tools && self.offered.tools_list_changed,
            resources: changed.resources && self.offered.resources_list_changed,
            prompts: changed.prompts && self.offered.prompts_list_changed,
        };
        if self.is_initialized() {
            self.effects.lists_changed(declared);
        } else {
            self.held_changes.0 = self.held_changes.0.or(declared);
        }
    }

    pub(super) fn release_changes(&mut self) {
        self.effects
            .lists_changed(std::mem::take(&mut self.held_changes.0));
    }
}

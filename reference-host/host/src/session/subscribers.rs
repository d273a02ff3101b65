//! The principals of subscriptions, for those that are repeated on a new instance.

use std::collections::HashMap;
use std::sync::Arc;

use wasi_mcp_types::types::Principal;

use crate::component::handlers::Call;
use wasi_mcp_protocol::{ByRequest, Outcome, RequestKey};

/// Remembers the subscriber of each URI. Only authenticated sessions have entries, and only as many
/// as there are subscriptions and requests in flight.
#[derive(Debug, Default)]
pub(super) struct Subscribers {
    pending: ByRequest<Change>,
    by_uri: HashMap<String, Arc<Principal>>,
}

#[derive(Debug)]
enum Change {
    Subscribe(String, Arc<Principal>),
    Unsubscribe(String),
}

impl Subscribers {
    /// Notes a call that may change the subscriptions of an authenticated session.
    pub(super) fn begin(&mut self, key: RequestKey, call: &Call, principal: &Arc<Principal>) {
        let change = match call {
            Call::Subscribe(uri) => Change::Subscribe(uri.clone(), Arc::clone(principal)),
            Call::Unsubscribe(uri) => Change::Unsubscribe(uri.clone()),
            _ => return,
        };
        self.pending.insert(key, change);
    }

    /// Applies the change of a call that has ended, if it succeeded.
    pub(super) fn finish(&mut self, key: RequestKey, outcome: &Outcome) {
        let Some(change) = self.pending.remove(&key) else {
            return;
        };
        if !matches!(outcome, Outcome::Empty) {
            return;
        }
        match change {
            Change::Subscribe(uri, principal) => {
                self.by_uri.insert(uri, principal);
            }
            Change::Unsubscribe(uri) => {
                self.by_uri.remove(&uri);
            }
        }
    }

    /// Returns the principal that subscribed to a URI.
    pub(super) fn of(&self, uri: &str) -> Option<Arc<Principal>> {
        self.by_uri.get(uri).cloned()
    }
}

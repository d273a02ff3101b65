//! [Subscriptions](https://modelcontextprotocol.io/specification/2025-06-18/server/resources#subscriptions)
//! to resources.

use std::collections::BTreeMap;
use std::time::Instant;

use super::error::RpcError;
use super::observer::Limit;
use super::requests::Outcome;
use super::session::Session;

/// The resources that the client is subscribed to.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    /// The URIs, each with the number of times in a row that its instance was lost while it was
    /// being repeated.
    uris: BTreeMap<Box<str>, u32>,
    /// Bytes of all URIs.
    bytes: usize,
}

/// The number of losses in a row after which a subscription is given up: the second time nothing
/// else ran, so it is what crashed the instance.
const MOST_LOSSES: u32 = 2;

impl Subscriptions {
    pub(super) fn insert(&mut self, uri: &str) {
        if self.uris.insert(uri.into(), 0).is_none() {
            self.bytes += uri.len();
        }
    }

    pub(super) fn remove(&mut self, uri: &str) {
        if self.uris.remove(uri).is_some() {
            self.bytes -= uri.len();
        }
    }

    /// Handles the outcome of a repeat on a new instance: a refused one is removed, one that is
    /// lost with the instance gets another attempt.
    pub(super) fn repeated(&mut self, uri: &str, outcome: &Outcome) {
        let Some(losses) = self.uris.get_mut(uri) else {
            return;
        };
        let is_over = match outcome {
            Outcome::Error(_) | Outcome::Faulty(_) | Outcome::Unfit(_) => true,
            Outcome::Lost(_) => {
                *losses += 1;
                *losses >= MOST_LOSSES
            }
            Outcome::Result(_)
            | Outcome::ToolResult(_)
            | Outcome::ToolList { .. }
            | Outcome::Streamed { .. }
            | Outcome::Empty => {
                *losses = 0;
                false
            }
        };
        if is_over {
            self.remove(uri);
        }
    }

    pub(super) fn contains(&self, uri: &str) -> bool {
        self.uris.contains_key(uri)
    }

    /// Iterates over all of them, each with whether the instance was lost at its last repeat.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, bool)> {
        self.uris.iter().map(|(uri, losses)| (&**uri, *losses > 0))
    }
}

impl Session {
    /// Checks that there is room for a subscription, which takes effect once the component has
    /// agreed.
    pub(super) fn check_subscription(&self, uri: &str) -> Result<(), RpcError> {
        let subscriptions = &self.subscriptions;
        if !subscriptions.contains(uri) {
            let limit = self.limits.subscriptions;
            if subscriptions.uris.len() >= limit {
                self.observer.limit_reached(Limit::Subscriptions);
                return Err(RpcError::busy(format!(
                    "there are {limit} subscriptions already"
                )));
            }
            let limit = self.limits.subscription_bytes;
            if subscriptions.bytes.saturating_add(uri.len()) > limit {
                self.observer.limit_reached(Limit::Subscriptions);
                return Err(RpcError::busy(format!(
                    "the URIs of all subscriptions have no more than {limit} bytes"
                )));
            }
        }
        Ok(())
    }

    /// Takes over whether the client is subscribed to a resource, which another session object, of
    /// the same session, has learned. Call it before [`Session::resource_updated`].
    pub fn assume_subscription(&mut self, uri: &str, is_subscribed: bool) {
        if is_subscribed {
            self.subscriptions.insert(uri);
        } else {
            self.subscriptions.remove(uri);
        }
    }

    /// Announces a change of the resource `subscribed`, or of its sub-resource `uri`. A subscribed
    /// client is notified at most once in 50 ms.
    pub fn resource_updated(&mut self, now: Instant, subscribed: &str, uri: Option<&str>) {
        if self.offered.subscribe && self.subscriptions.contains(subscribed) {
            self.announce_update(now, subscribed, uri.unwrap_or(subscribed));
        }
    }
}

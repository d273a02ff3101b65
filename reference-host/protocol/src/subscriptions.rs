//! [Subscriptions](https://modelcontextprotocol.io/specification/2025-06-18/server/resources#subscriptions)
//! to resources.

use std::collections::BTreeMap;
use std::time::Instant;

use super::error::RpcError;
use super::method::Method;
use super::observer::Limit;
use super::requests::Outcome;
use super::session::{Incoming, Session, Verdict};
use crate::json;

/// The resources whose changes the client wants to hear of.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    /// Each with the number of times in a row that it was lost with the
    /// instance on which it was being repeated.
    uris: BTreeMap<Box<str>, u32>,
    /// Bytes of all URIs.
    bytes: usize,
}

/// A subscription that is lost so often in a row is given up: the second time
/// nothing else ran, so it is what the instance died of.
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

    /// It was repeated on a new instance: one that is refused is taken off the
    /// list, one that is lost with the instance has another chance.
    pub(super) fn repeated(&mut self, uri: &str, outcome: &Outcome<'_>) {
        let Some(losses) = self.uris.get_mut(uri) else {
            return;
        };
        let is_over = match outcome {
            Outcome::Error(_) | Outcome::Faulty(_) => true,
            Outcome::Lost(_) => {
                *losses += 1;
                *losses >= MOST_LOSSES
            }
            Outcome::Result(_)
            | Outcome::ToolResult { .. }
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

    /// All of them, each with whether the instance was lost on which it was
    /// repeated last.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, bool)> {
        self.uris.iter().map(|(uri, losses)| (&**uri, *losses > 0))
    }
}

impl Session {
    /// `resources/subscribe` and `resources/unsubscribe`. They count once the
    /// component has agreed.
    pub(super) fn judge_subscription(&self, incoming: &Incoming<'_>) -> Result<Verdict, RpcError> {
        let uri = incoming.params.required("uri", json::string)?;
        let subscriptions = &self.subscriptions;
        if incoming.method == Method::Subscribe && !subscriptions.contains(&uri) {
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
        let mut request = self.invoke(incoming)?;
        request.uri = Some(uri.into_owned());
        Ok(Verdict::Invoke(request))
    }

    /// The resource `subscribed` has changed, or its sub-resource `uri`. The
    /// client hears of it where it is subscribed, at most once in 50 ms.
    pub fn resource_updated(&mut self, now: Instant, subscribed: &str, uri: Option<&str>) {
        if self.offered.subscribe && self.subscriptions.contains(subscribed) {
            self.announce_update(now, subscribed, uri.unwrap_or(subscribed));
        }
    }
}

//! The data of a session behind its lock.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use std::sync::Arc;

use serde_json::value::RawValue;
use tokio::sync::oneshot;

use super::calls::Calls;
use super::request_budget::BudgetShare;
use super::server::Server;
use super::subscribers::Subscribers;
use wasi_mcp_protocol::{AskFailure, AskKey, Offer, Outcome, RequestKey, Session as Protocol};
use wasi_mcp_types::capabilities::Client;
use wasi_mcp_types::types;

/// The lifetime below which an instance that made no call and was lost is not replaced at once: a
/// guest that traps by itself must not keep the host busy.
const SHORT_LIFE: Duration = Duration::from_secs(1);

/// The state of one session.
pub(super) struct SessionState {
    pub(super) protocol: Protocol,
    pub(super) calls: Calls,
    pub(super) client: Option<Client>,
    /// The server description that the client has received.
    pub(super) negotiated: Option<Negotiated>,
    /// The `initialize` that waits for the component to start.
    pub(super) initializing: Option<RequestKey>,
    /// Gets the offer, or the reason why the component did not start, in a session for a single
    /// message.
    pub(super) offer_awaited: Option<oneshot::Sender<Result<Offer, String>>>,
    /// The sender of the most recent message, as the transport has verified it.
    pub(super) principal: Option<Arc<types::Principal>>,
    pub(super) subscribers: Subscribers,
    pub(super) asks: HashMap<AskKey, oneshot::Sender<Result<Box<RawValue>, AskFailure>>>,
    /// This session's share of all requests in flight.
    pub(super) budget: BudgetShare,
    /// The instance that has started and accepts jobs.
    pub(super) serving: Option<Serving>,
    /// Its offer, while no `initialize` waits for it because the request has timed out.
    pub(super) unclaimed_offer: Option<Offer>,
    /// The timeout until which the supervisor sleeps.
    pub(super) armed: Option<Instant>,
    pub(super) stop_awaited: bool,
    /// A copy of the core's `closed`, which is slower to read.
    pub(super) is_closed: bool,
    /// The client did not answer a ping that reached it.
    pub(super) is_unresponsive: bool,
}

impl SessionState {
    pub(super) fn new(protocol: Protocol, server: &Server) -> Self {
        Self {
            protocol,
            calls: Calls::default(),
            client: None,
            negotiated: None,
            initializing: None,
            offer_awaited: None,
            principal: None,
            subscribers: Subscribers::default(),
            asks: HashMap::new(),
            budget: BudgetShare::of(&server.request_budget),
            serving: None,
            unclaimed_offer: None,
            armed: None,
            stop_awaited: false,
            is_closed: false,
            is_unresponsive: false,
        }
    }

    /// Records that there is no instance. Returns its service record.
    pub(super) fn instance_gone(&mut self) -> Option<Serving> {
        self.unclaimed_offer = None;
        // The next instance asks again if it wants to be told.
        self.stop_awaited = false;
        self.serving.take()
    }

    /// Records that the instance, if there is one, has made a call.
    pub(super) fn has_finished_a_call(&mut self) {
        if let Some(serving) = &mut self.serving {
            serving.has_finished_a_call = true;
        }
    }

    /// Ends a request with its outcome.
    pub(super) fn finish(&mut self, key: RequestKey, outcome: Outcome) {
        self.calls.finish(key);
        self.subscribers.finish(key, &outcome);
        self.protocol.finish(Instant::now(), key, outcome);
    }

    /// Answers `initialize` with the offer of the instance that has started.
    pub(super) fn started(&mut self, now: Instant, key: RequestKey, offer: Offer) {
        if self.protocol.started(now, key, offer.clone()) {
            self.negotiated = Some(Negotiated::of(&offer));
        } else {
            self.unclaimed_offer = Some(offer);
        }
    }
}

/// A server's description of itself, as sent to the client.
pub(super) struct Negotiated {
    info: String,
    capabilities: String,
    instructions: Option<String>,
}

impl Negotiated {
    fn of(offer: &Offer) -> Self {
        Self {
            info: offer.info.clone(),
            capabilities: offer.capabilities.clone(),
            instructions: offer.instructions.clone(),
        }
    }

    pub(super) fn differs(&self, offer: &Offer) -> bool {
        self.info != offer.info
            || self.capabilities != offer.capabilities
            || self.instructions != offer.instructions
    }
}

/// The service record of an instance, for the supervisor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Serving {
    pub(super) since: Instant,
    pub(super) has_finished_a_call: bool,
}

impl Serving {
    /// Returns whether it made no call and was short-lived.
    pub(super) fn was_in_vain(self) -> bool {
        !self.has_finished_a_call && self.since.elapsed() < SHORT_LIFE
    }
}

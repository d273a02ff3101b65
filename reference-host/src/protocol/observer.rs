//! What a session lets its operator see: figures and log lines of requests.

use std::sync::Arc;
use std::time::Instant;

use super::identifier::RequestId;
use super::method::Method;
use super::requests::{Outcome, Request, Work};
use super::session::Session;
use crate::telemetry::{DroppedNotification, Label as _, Limit, RequestOutcome, Telemetry};

/// Who counts what happens in a session, and under which number.
#[derive(Debug, Clone, Default)]
pub struct Observer {
    /// The counters.
    pub telemetry: Arc<Telemetry>,
    /// The session's number in log lines.
    pub session: u64,
}

impl Observer {
    /// A limit was reached.
    pub(crate) fn reached(&self, limit: Limit) {
        self.telemetry.reached(limit, Some(self.session));
    }

    /// A notification will not reach the client.
    pub(super) fn dropped(&self, reason: DroppedNotification) {
        self.telemetry.notifications_dropped.increment(reason);
    }

    /// A request was answered at once.
    pub(super) fn answered(&self, id: &RequestId, method: Option<Method>, outcome: RequestOutcome) {
        self.telemetry.requests.answered(method, outcome);
        tracing::info!(
            session = self.session,
            id = id.as_json(),
            method = method.map_or("other", Method::name),
            outcome = outcome.name(),
            "request answered"
        );
    }

    /// The component begins to work on a request.
    pub(super) fn begun(&self, request: &Request) {
        if let Work::Request { .. } = request.work {
            self.telemetry.requests.in_flight.increment();
        }
    }

    /// A request on which the component worked has been answered, or never will.
    pub(super) fn ended(&self, now: Instant, request: &Request, outcome: RequestOutcome) {
        let Work::Request { id, method, .. } = &request.work else {
            return;
        };
        let took = request.began.map_or_else(Default::default, |began| {
            now.saturating_duration_since(began)
        });
        self.telemetry.requests.ended(*method, outcome, took);
        tracing::info!(
            session = self.session,
            id = id.as_json(),
            method = method.name(),
            outcome = outcome.name(),
            ?took,
            "request ended"
        );
    }
}

/// What becomes of a request that has come out so, where the host answers it
/// with an error.
pub(super) fn found_faulty(outcome: RequestOutcome) -> RequestOutcome {
    match outcome {
        RequestOutcome::Result | RequestOutcome::ToolError => RequestOutcome::Faulty,
        other => other,
    }
}

impl Outcome<'_> {
    /// What becomes of the request, unless the host finds fault with it.
    pub(super) fn label(&self) -> RequestOutcome {
        match self {
            Self::Result(_) | Self::ToolList { .. } | Self::Empty => RequestOutcome::Result,
            Self::ToolResult { is_error: true, .. } => RequestOutcome::ToolError,
            Self::ToolResult { .. } => RequestOutcome::Result,
            Self::Error(_) => RequestOutcome::Error,
            Self::Faulty(_) => RequestOutcome::Faulty,
            Self::Lost(_) => RequestOutcome::Lost,
        }
    }
}

impl Drop for Session {
    /// What is in work now is never answered.
    fn drop(&mut self) {
        let now = Instant::now();
        for request in self.requests.unanswered() {
            self.observer.ended(now, request, RequestOutcome::Dropped);
        }
    }
}

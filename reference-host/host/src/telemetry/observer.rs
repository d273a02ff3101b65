//! Counts and logs the events of one session.

use std::sync::Arc;
use std::time::Duration;

use wasi_mcp_protocol::{self as protocol, Method, RequestId, RequestOutcome, RpcError};

use super::{DroppedNotification, Limit, Telemetry};
use crate::visible::Visible;

/// Counts the events of one session, and writes a log line for each request that ends.
#[derive(Debug, Clone, Default)]
pub struct SessionObserver {
    /// The host's counters.
    pub telemetry: Arc<Telemetry>,
    /// The session's number in log lines.
    pub session: u64,
}

impl SessionObserver {
    /// Counts that a limit was reached.
    pub(crate) fn reached(&self, limit: Limit) {
        self.telemetry.reached(limit, Some(self.session));
    }
}

/// Logs a message that was refused as malformed, and the reason.
pub(crate) fn refused(session: Option<u64>, error: &RpcError) {
    let reason = Visible(error.message.as_bytes());
    tracing::info!(session, code = error.code, %reason, "message refused");
}

fn reason(error: &RpcError) -> tracing::field::DisplayValue<Visible<'_>> {
    tracing::field::display(Visible(error.message.as_bytes()))
}

fn shown(id: &RequestId) -> Visible<'_> {
    Visible(id.as_json().as_bytes())
}

impl protocol::Observer for SessionObserver {
    fn received(&self, bytes: usize) {
        self.telemetry.received.count(bytes);
    }

    fn sent(&self, bytes: usize) {
        self.telemetry.sent.count(bytes);
    }

    fn limit_reached(&self, limit: protocol::Limit) {
        self.reached(limit.into());
    }

    fn message_refused(&self, error: &RpcError) {
        refused(Some(self.session), error);
    }

    fn notification_dropped(&self, reason: protocol::DroppedNotification) {
        let reason = match reason {
            protocol::DroppedNotification::LogRate => DroppedNotification::LogRate,
            protocol::DroppedNotification::ProgressRate => DroppedNotification::ProgressRate,
        };
        self.telemetry.notifications_dropped.increment(reason);
    }

    fn request_answered(&self, id: &RequestId, method: Option<Method>, error: Option<&RpcError>) {
        let outcome = match error {
            None => RequestOutcome::Result,
            Some(_) => RequestOutcome::Error,
        };
        self.telemetry.requests.answered(method, outcome);
        tracing::info!(
            session = self.session,
            id = %shown(id),
            method = method.map_or("other", Method::name),
            outcome = outcome.name(),
            code = error.map(|error| error.code),
            reason = error.map(reason),
            "request answered"
        );
    }

    fn request_begun(&self, _id: &RequestId, _method: Method) {
        self.telemetry.requests.in_flight.increment();
    }

    fn request_ended(
        &self,
        id: &RequestId,
        method: Method,
        outcome: RequestOutcome,
        error: Option<&RpcError>,
        took: Duration,
    ) {
        self.telemetry.requests.ended(method, outcome, took);
        tracing::info!(
            session = self.session,
            id = %shown(id),
            method = method.name(),
            outcome = outcome.name(),
            code = error.map(|error| error.code),
            reason = error.map(reason),
            ?took,
            "request ended"
        );
    }
}

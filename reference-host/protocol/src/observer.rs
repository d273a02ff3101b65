//! Observations for a session's operator: traffic, requests, and limits reached.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use super::error::RpcError;
use super::identifier::RequestId;
use super::method::Method;
use super::requests::{Outcome, Request, Work};
use super::session::Session;

/// Receives events that an operator may count or log. Each method is a no-op unless implemented.
///
/// A session calls it while it handles a message, so an implementation must not block.
pub trait Observer: Debug + Send + Sync {
    /// Called for each message from the client, with its size in bytes.
    fn received(&self, bytes: usize) {
        let _ = bytes;
    }

    /// Called for each message to the client, with its size in bytes.
    fn sent(&self, bytes: usize) {
        let _ = bytes;
    }

    /// Called each time a limit is reached.
    fn limit_reached(&self, limit: Limit) {
        let _ = limit;
    }

    /// Called for each message of the client that is malformed, with the reason.
    fn message_refused(&self, error: &RpcError) {
        let _ = error;
    }

    /// Called for each notification that is not sent.
    fn notification_dropped(&self, reason: DroppedNotification) {
        let _ = reason;
    }

    /// Called when a request is answered without the component, with the error if it is refused.
    /// `method` is `None` if unknown.
    fn request_answered(&self, id: &RequestId, method: Option<Method>, error: Option<&RpcError>) {
        let _ = (id, method, error);
    }

    /// Called when a request is passed to the component.
    fn request_begun(&self, id: &RequestId, method: Method) {
        let _ = (id, method);
    }

    /// Called when a request that the component worked on is answered or given up.
    ///
    /// `error` is that of a request whose parameters did not pass their check: the component was not
    /// called.
    fn request_ended(
        &self,
        id: &RequestId,
        method: Method,
        outcome: RequestOutcome,
        error: Option<&RpcError>,
        took: Duration,
    ) {
        let _ = (id, method, outcome, error, took);
    }
}

/// Ignores everything.
impl Observer for () {}

/// A limit that a session enforces. The values are in [`Limits`](super::Limits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Requests of the client in flight.
    RequestsInFlight,
    /// Time for a request.
    RequestTime,
    /// Size of a message.
    MessageBytes,
    /// Nesting of arrays and objects in a message.
    MessageDepth,
    /// Size of a result or message of the component.
    ResultBytes,
    /// Requests to the client in flight.
    AsksInFlight,
    /// Time for the client to answer.
    AskTime,
    /// Subscriptions.
    Subscriptions,
    /// Log messages per second.
    LogsPerSecond,
    /// Progress notifications per second.
    ProgressPerSecond,
    /// Updates of resources per second.
    UpdatesPerSecond,
}

/// Reasons why a notification is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DroppedNotification {
    /// The limit of log messages per second is reached.
    LogRate,
    /// A later progress notification of the same request replaces it.
    ProgressRate,
}

/// Outcomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestOutcome {
    /// Answered with a result.
    Result,
    /// Answered with a tool result whose `isError` is true.
    ToolError,
    /// Answered with an error, by the host or by the component.
    Error,
    /// Answered with an error because the component broke a rule.
    Faulty,
    /// Answered with an error because the instance was lost.
    Lost,
    /// Answered with an error because it took too long.
    TimedOut,
    /// Cancelled by the client.
    Cancelled,
    /// Not answered, because its session ended.
    Dropped,
}

impl RequestOutcome {
    /// All outcomes, in the order of their declaration.
    pub const ALL: [Self; 8] = [
        Self::Result,
        Self::ToolError,
        Self::Error,
        Self::Faulty,
        Self::Lost,
        Self::TimedOut,
        Self::Cancelled,
        Self::Dropped,
    ];

    /// The name for logs and metrics, in kebab-case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::ToolError => "tool-error",
            Self::Error => "error",
            Self::Faulty => "faulty",
            Self::Lost => "lost",
            Self::TimedOut => "timed-out",
            Self::Cancelled => "cancelled",
            Self::Dropped => "dropped",
        }
    }
}

impl Session {
    /// Reports that the component begins to work on a request.
    pub(super) fn report_begun(&self, request: &Request) {
        if let Work::Request { id, method, .. } = &request.work {
            self.observer.request_begun(id, *method);
        }
    }

    /// Reports that a request on which the component worked was answered or given up.
    pub(super) fn report_ended(&self, now: Instant, request: &Request, outcome: RequestOutcome) {
        self.report(now, request, outcome, None);
    }

    /// Reports that a request was refused before the component was called.
    pub(super) fn report_refused(&self, now: Instant, request: &Request, error: &RpcError) {
        self.report(now, request, RequestOutcome::Error, Some(error));
    }

    fn report(
        &self,
        now: Instant,
        request: &Request,
        outcome: RequestOutcome,
        error: Option<&RpcError>,
    ) {
        let Work::Request { id, method, .. } = &request.work else {
            return;
        };
        let took = request.began.map_or_else(Default::default, |began| {
            now.saturating_duration_since(began)
        });
        self.observer
            .request_ended(id, *method, outcome, error, took);
    }
}

impl Outcome {
    /// Returns the outcome of the request.
    pub(super) fn label(&self) -> RequestOutcome {
        match self {
            Self::Result(_) | Self::ToolList { .. } | Self::Empty => RequestOutcome::Result,
            Self::ToolResult(result) if result.is_error => RequestOutcome::ToolError,
            Self::ToolResult(_) => RequestOutcome::Result,
            Self::Streamed {
                is_complete: true, ..
            } => RequestOutcome::Result,
            Self::Streamed { .. } => RequestOutcome::Error,
            Self::Error(_) => RequestOutcome::Error,
            Self::Faulty(_) | Self::Unfit(_) => RequestOutcome::Faulty,
            Self::Lost(_) => RequestOutcome::Lost,
        }
    }
}

impl Drop for Session {
    /// Reports requests in flight as never answered. Their time is counted until the last message
    /// or event, since a session has no clock.
    fn drop(&mut self) {
        let Some(now) = self.latest else { return };
        for request in self.requests.unanswered() {
            self.report_ended(now, request, RequestOutcome::Dropped);
        }
    }
}

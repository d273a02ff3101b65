//! Requests of the client in flight at the component.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::asks::AskKey;
use super::effect::{Effect, Route};
use super::error::{ContextError, RpcError, code};
use super::events::Event;
use super::identifier::RequestId;
use super::method::Method;
use super::observer::{Limit, RequestOutcome};
use super::progress::Progress;
use super::reception::StreamId;
use super::response;
use super::session::{Incoming, Session};
use super::timers::{Timer, later};
use super::tools::{SeenTool, ToolResult};
use crate::json::Writer;

/// A request, or a notification of the client that was passed to the component, while it is in
/// flight. Unique in the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey(pub(super) u64);

impl RequestKey {
    /// Returns the key with this number, for tests of a driver's own tables. Sessions issue keys
    /// from 1 on.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }
}

/// A map by the session's own keys, which cannot be chosen to collide.
pub type ByRequest<T> = HashMap<RequestKey, T, rustc_hash::FxBuildHasher>;

/// Outcomes of the work on a request.
#[derive(Debug)]
pub enum Outcome {
    /// The `result` as one JSON object without line breaks.
    Result(Vec<u8>),
    /// The result of `tools/call`, made by [`ToolResult::checked`].
    ToolResult(ToolResult),
    /// The result of `tools/list` by a component that lists its tools itself.
    ToolList {
        /// The `result` as one JSON object without line breaks.
        json: Vec<u8>,
        /// The tools in the result.
        tools: Vec<SeenTool>,
    },
    /// A result without members, or the end of the work on a notification.
    Empty,
    /// The response was streamed after [`Session::begin_streaming`].
    Streamed {
        /// The size of the message so far, in bytes.
        bytes: usize,
        /// The stream was completed.
        is_complete: bool,
    },
    /// An error that the component chose.
    Error(RpcError),
    /// The result of a tool does not match its output schema: the error that
    /// [`ToolResult::checked`] made of it.
    Unfit(RpcError),
    /// The component broke a rule: a description of the violation.
    Faulty(String),
    /// The component could not finish: a description of the cause, without paths of the host.
    Lost(String),
}

/// The purpose of the work.
#[derive(Debug)]
pub(super) enum Work {
    Request {
        id: RequestId,
        method: Method,
        stream: StreamId,
    },
    Event(Event),
    /// Repeats a subscription on a new instance of the component.
    Resubscription,
}

/// Reasons why the result of unfinished work is no longer needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Cancelled,
    TimedOut,
}

impl End {
    const fn label(self) -> RequestOutcome {
        match self {
            Self::Cancelled => RequestOutcome::Cancelled,
            Self::TimedOut => RequestOutcome::TimedOut,
        }
    }
}

#[derive(Debug)]
pub(super) struct Request {
    pub(super) work: Work,
    pub(super) end: Option<End>,
    pub(super) progress: Progress,
    /// The resource to read, to subscribe to or to unsubscribe from.
    pub(super) uri: Option<String>,
    /// Requests to the client in flight on its behalf.
    pub(super) asks: Vec<AskKey>,
    /// The time at which the component was called.
    pub(super) began: Option<Instant>,
    /// The remaining time of the component.
    time_left: Duration,
    /// The time since which the clock runs; it is stopped while the client is asked.
    running_since: Option<Instant>,
    /// Its response is being streamed.
    pub(super) is_streamed: bool,
    /// The component has returned; its result is being prepared.
    has_returned: bool,
}

impl Request {
    pub(super) fn new(incoming: &Incoming<'_>, time: Duration) -> Self {
        let work = Work::Request {
            id: incoming.id.clone(),
            method: incoming.method,
            stream: incoming.stream,
        };
        let mut request = Self::for_work(work, time);
        request.progress = Progress::new(incoming.progress_token);
        request
    }

    pub(super) fn for_event(event: Event, time: Duration) -> Self {
        Self::for_work(Work::Event(event), time)
    }

    pub(super) fn for_resubscription(uri: &str, time: Duration) -> Self {
        let mut request = Self::for_work(Work::Resubscription, time);
        request.uri = Some(uri.to_owned());
        request
    }

    fn for_work(work: Work, time: Duration) -> Self {
        Self {
            work,
            end: None,
            progress: Progress::default(),
            uri: None,
            asks: Vec::new(),
            began: None,
            time_left: time,
            running_since: None,
            is_streamed: false,
            has_returned: false,
        }
    }

    fn is_initialize(&self) -> bool {
        matches!(
            self.work,
            Work::Request {
                method: Method::Initialize,
                ..
            }
        )
    }

    /// Returns the deadline, if the clock runs and the request is not abandoned.
    fn deadline(&self) -> Option<Instant> {
        let since = self.running_since.filter(|_| self.end.is_none())?;
        Some(later(since, self.time_left))
    }

    /// [Adds the URI of the
    /// resource](https://modelcontextprotocol.io/specification/2025-06-18/server/resources#error-handling)
    /// that was not found, unless the component has.
    fn with_uri(&self, mut error: RpcError) -> RpcError {
        if let (code::RESOURCE_NOT_FOUND, None, Some(uri)) = (error.code, &error.data, &self.uri) {
            let mut writer = Writer::new();
            writer.begin_object().key("uri").string(uri).end_object();
            error.data = Some(writer.into_string());
        }
        error
    }

    /// Returns the route of messages about this request.
    pub(super) fn route(&self) -> Route {
        match self.work {
            Work::Request { stream, .. } => Route::Stream(stream),
            Work::Event(_) | Work::Resubscription => Route::Unrelated,
        }
    }
}

/// All work in progress.
#[derive(Debug, Default)]
pub(super) struct Requests {
    issued: u64,
    by_key: ByRequest<Request>,
    /// Those yet to be answered.
    by_id: HashMap<RequestId, RequestKey>,
    /// The number of client requests in `by_key`, answered or not.
    of_client: usize,
    /// The earliest possible timeout of a request. (Not a timer per request: most would be cleared
    /// soon after being set.)
    due: Option<Instant>,
}

impl Requests {
    /// Returns the number of client requests that the component works on, including cancelled and
    /// timed-out ones.
    pub(super) fn of_client(&self) -> usize {
        self.of_client
    }

    /// Returns the resources whose subscriptions are being repeated.
    pub(super) fn resubscribed(&self) -> impl Iterator<Item = &str> {
        self.by_key
            .values()
            .filter(|request| matches!(request.work, Work::Resubscription) && request.end.is_none())
            .filter_map(|request| request.uri.as_deref())
    }

    /// Returns the client requests yet to be answered.
    pub(super) fn unanswered(&self) -> impl Iterator<Item = &Request> {
        self.by_key
            .values()
            .filter(|request| matches!(request.work, Work::Request { .. }) && request.end.is_none())
    }

    /// Returns the time at which to look for a request that has timed out.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Returns a request that has timed out by `now`.
    pub(super) fn timed_out(&mut self, now: Instant) -> Option<RequestKey> {
        if self.due.is_none_or(|due| due > now) {
            return None;
        }
        let deadlines = self
            .by_key
            .iter()
            .filter_map(|(key, request)| Some((request.deadline()?, *key)));
        let first = deadlines.min();
        self.due = first.map(|(deadline, _)| deadline);
        let (deadline, key) = first?;
        (deadline <= now).then_some(key)
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    pub(super) fn has_id(&self, id: &RequestId) -> bool {
        self.by_id.contains_key(id)
    }

    pub(super) fn key_of(&self, id: &RequestId) -> Option<RequestKey> {
        self.by_id.get(id).copied()
    }

    pub(super) fn get(&self, key: RequestKey) -> Option<&Request> {
        self.by_key.get(&key)
    }

    pub(super) fn get_mut(&mut self, key: RequestKey) -> Option<&mut Request> {
        self.by_key.get_mut(&key)
    }

    fn insert(&mut self, request: Request) -> RequestKey {
        self.issued += 1;
        let key = RequestKey(self.issued);
        if let Work::Request { id, .. } = &request.work {
            self.by_id.insert(id.clone(), key);
            self.of_client += 1;
        }
        self.by_key.insert(key, request);
        key
    }

    /// Ends a request whose result is no longer needed and frees its id; the work may continue.
    fn end(&mut self, key: RequestKey, end: End) {
        if let Some(request) = self.by_key.get_mut(&key) {
            request.end = Some(end);
            if let Work::Request { id, .. } = &request.work {
                self.by_id.remove(id);
            }
        }
    }

    fn remove(&mut self, key: RequestKey) -> Option<Request> {
        let request = self.by_key.remove(&key)?;
        if self.by_key.is_empty() {
            self.due = None;
        }
        if let Work::Request { id, .. } = &request.work {
            self.of_client -= 1;
            if self.by_id.get(id) == Some(&key) {
                self.by_id.remove(id);
            }
        }
        Some(request)
    }
}

impl Session {
    /// Returns the number of requests yet to be answered. Excludes abandoned work that the
    /// component has not finished, notifications and repeated subscriptions, none of which needs an
    /// answer.
    #[must_use]
    pub fn requests_in_flight(&self) -> usize {
        self.requests.by_id.len()
    }

    /// Returns the number of client requests that the component works on, including cancelled and
    /// timed-out ones.
    #[must_use]
    pub fn requests_in_work(&self) -> usize {
        self.requests.of_client()
    }

    /// Returns the streams on which a response is yet to come.
    pub fn open_streams(&self) -> impl Iterator<Item = StreamId> + '_ {
        self.requests
            .unanswered()
            .filter_map(|request| match request.work {
                Work::Request { stream, .. } => Some(stream),
                _ => None,
            })
    }

    /// Returns whether the request was cancelled or timed out. `false` once the work on it has been
    /// reported as finished.
    #[must_use]
    pub fn is_cancelled(&self, key: RequestKey) -> bool {
        self.requests
            .get(key)
            .is_some_and(|request| request.end.is_some())
    }

    /// Records that a request waits for its turn: its time limit does not count until
    /// [`Session::begun`]. An unknown key is ignored.
    pub fn queued(&mut self, now: Instant, key: RequestKey) {
        self.halt_clock(now, key);
    }

    /// Records that the component is called for a request that was [queued](Session::queued). An
    /// unknown key is ignored.
    pub fn begun(&mut self, now: Instant, key: RequestKey) {
        self.run_clock(now, key);
    }

    /// Records that the component has returned, if [`Session::finish`] follows later: a result that
    /// takes time to be checked and written. The time limit is the component's, so the request can
    /// no longer time out. An unknown key is ignored.
    pub fn returned(&mut self, now: Instant, key: RequestKey) {
        self.halt_clock(now, key);
        if let Some(request) = self.requests.get_mut(key) {
            request.has_returned = true;
        }
    }

    /// Ends the work on a request. Nothing is sent for one that was cancelled or timed out; an
    /// unknown key is ignored. An `initialize` that is finished this way has failed; see
    /// [`Session::started`].
    pub fn finish(&mut self, now: Instant, key: RequestKey, outcome: Outcome) {
        let Some(request) = self.requests.get(key) else {
            return;
        };
        let label = outcome.label();
        if request.is_initialize() {
            let error = match outcome {
                Outcome::Error(error) | Outcome::Unfit(error) => error,
                Outcome::Faulty(rule) => RpcError::internal(broken(&rule)),
                Outcome::Lost(reason) => RpcError::internal(reason),
                _ => RpcError::internal("the server has not started"),
            };
            return self.fail_initialize(now, key, label, &error);
        }
        if request.end.is_none() {
            self.close_asks(now, key);
            self.flush_progress(key);
        }
        let Some(request) = self.forget(key) else {
            return;
        };
        match &request.work {
            Work::Event(event) => self.event_done(now, *event),
            Work::Resubscription => {
                // A request that timed out may never have begun, so its end proves nothing.
                let proves_nothing = request.end.is_some() && matches!(outcome, Outcome::Empty);
                if let Some(uri) = request.uri.as_ref().filter(|_| !proves_nothing) {
                    self.subscriptions.repeated(uri, &outcome);
                }
            }
            Work::Request { .. } if request.is_streamed => {
                if let Outcome::Streamed { bytes, .. } = outcome {
                    self.observer.sent(bytes);
                }
                if request.end.is_none() {
                    self.report_ended(now, &request, label);
                }
            }
            Work::Request { id, stream, method } if request.end.is_none() => {
                let concluded = self.conclude(&request, *method, outcome);
                self.report_ended(now, &request, label);
                match concluded {
                    Ok(result) => self.effects.send_result(*stream, id, result),
                    Err(error) => self.effects.send_error(*stream, id, &error),
                }
            }
            Work::Request { .. } => {}
        }
    }

    /// Ends a request whose parameters did not pass their check; the component was not called.
    /// Returns the response, or `None` if the request was cancelled or has timed out meanwhile.
    #[must_use]
    pub fn refuse(&mut self, now: Instant, key: RequestKey, error: &RpcError) -> Option<Vec<u8>> {
        let request = self.forget(key)?;
        let Work::Request { id, .. } = &request.work else {
            return None;
        };
        if request.end.is_some() {
            return None;
        }
        self.report_refused(now, &request, error);
        let answer = response::error(id, error);
        self.observer.sent(answer.len());
        Some(answer)
    }

    /// Turns the outcome into the response to the client.
    fn conclude(
        &mut self,
        request: &Request,
        method: Method,
        outcome: Outcome,
    ) -> Result<Vec<u8>, RpcError> {
        let result = match outcome {
            Outcome::Result(json) => json,
            Outcome::Empty => b"{}".to_vec(),
            // Nothing was streamed: a defect of the driver, and there is no result to send.
            Outcome::Streamed { .. } => {
                return Err(RpcError::internal("the response was not streamed"));
            }
            Outcome::ToolResult(ToolResult { json, .. }) => json,
            Outcome::ToolList { json, tools } => {
                self.remember_tools(tools);
                json
            }
            Outcome::Error(error) => return Err(request.with_uri(error)),
            Outcome::Unfit(error) => return Err(error),
            Outcome::Faulty(rule) => {
                return Err(RpcError::internal(broken(&rule)));
            }
            Outcome::Lost(reason) => return Err(RpcError::internal(reason)),
        };
        if let Some(uri) = &request.uri {
            match method {
                Method::Subscribe => self.subscriptions.insert(uri),
                Method::Unsubscribe => self.subscriptions.remove(uri),
                _ => {}
            }
        }
        Ok(result)
    }

    pub(super) fn track(&mut self, now: Instant, mut request: Request) -> RequestKey {
        request.began = Some(now);
        self.report_begun(&request);
        let key = self.requests.insert(request);
        self.run_clock(now, key);
        key
    }

    pub(super) fn forget(&mut self, key: RequestKey) -> Option<Request> {
        self.timers.clear(Timer::Progress(key));
        self.requests.remove(key)
    }

    /// Abandons a request: its result is no longer needed.
    pub(super) fn abandon(
        &mut self,
        now: Instant,
        key: RequestKey,
        end: End,
        reason: Option<String>,
    ) {
        self.close_asks(now, key);
        self.timers.clear(Timer::Progress(key));
        if let Some(request) = self.requests.get(key).filter(|it| it.end.is_none()) {
            self.report_ended(now, request, end.label());
        }
        self.requests.end(key, end);
        self.effects.push(Effect::Cancel { key, reason });
    }

    pub(super) fn request_timed_out(&mut self, now: Instant, key: RequestKey) {
        let Some(request) = self.requests.get(key) else {
            return;
        };
        self.observer.limit_reached(Limit::RequestTime);
        let reason = format!(
            "the request timed out after {} s",
            self.limits.request_time.as_secs_f64()
        );
        let answer = match &request.work {
            Work::Request { id, stream, .. } => {
                Some((*stream, id.clone(), RpcError::internal(&*reason)))
            }
            Work::Event(_) | Work::Resubscription => None,
        };
        if request.is_initialize() {
            self.initialize_timed_out();
        }
        self.flush_progress(key);
        self.abandon(now, key, End::TimedOut, Some(reason));
        if let Some((stream, id, error)) = answer {
            self.effects.send_error(stream, &id, &error);
        }
    }

    /// Returns the request for which the component uses its context, if it is still live.
    pub(super) fn live(&mut self, key: RequestKey) -> Result<&mut Request, ContextError> {
        let request = self.requests.get_mut(key).ok_or_else(ContextError::ended)?;
        match request.end {
            None => Ok(request),
            Some(End::Cancelled) => Err(ContextError::Cancelled),
            Some(End::TimedOut) => Err(ContextError::TimedOut),
        }
    }

    /// Runs the component's clock unless it waits for the client or has returned.
    pub(super) fn run_clock(&mut self, now: Instant, key: RequestKey) {
        let Some(request) = self.requests.get_mut(key) else {
            return;
        };
        let is_counted = request.end.is_none()
            && request.asks.is_empty()
            && !request.is_streamed
            && !request.has_returned;
        if is_counted && request.running_since.is_none() {
            request.running_since = Some(now);
            let deadline = later(now, request.time_left);
            self.requests.due = Some(self.requests.due.map_or(deadline, |due| due.min(deadline)));
        }
    }

    /// Stops the component's clock while the client is asked, and when the component has returned.
    pub(super) fn halt_clock(&mut self, now: Instant, key: RequestKey) {
        let Some(request) = self.requests.get_mut(key) else {
            return;
        };
        if let Some(since) = request.running_since.take() {
            request.time_left = request
                .time_left
                .saturating_sub(now.saturating_duration_since(since));
        }
    }
}

/// The words with which an error says that the component broke a rule of the interface.
pub const RULE_BROKEN: &str = "the component broke a rule";

pub(super) fn broken(rule: &str) -> String {
    format!("{RULE_BROKEN}: {rule}")
}

//! Requests to the client:
//! [sampling](https://modelcontextprotocol.io/specification/2025-06-18/client/sampling),
//! [elicitation](https://modelcontextprotocol.io/specification/2025-06-18/client/elicitation) and
//! [roots](https://modelcontextprotocol.io/specification/2025-06-18/client/roots).

use std::collections::BTreeMap;
use std::time::Instant;

use super::effect::{Effect, Route};
use super::envelope::Response;
use super::error::{ContextError, RpcError};
use super::identifier::RequestId;
use super::observer::Limit;
use super::outgoing::MessageKind;
use super::requests::{RequestKey, Work};
use super::response;
use super::session::Session;
use super::timers::{Timer, later};
use crate::json::{self, Object, RawValue, Writer};

/// A request to the client. Its number is its id on the wire and unique in the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskKey(pub(super) u64);

/// The kinds of requests to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AskMethod {
    /// `sampling/createMessage`
    CreateMessage,
    /// `elicitation/create`
    Elicit,
    /// `roots/list`
    ListRoots,
}

impl AskMethod {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateMessage => "sampling/createMessage",
            Self::Elicit => "elicitation/create",
            Self::ListRoots => "roots/list",
        }
    }
}

/// Reasons why a request to the client has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskFailure {
    /// The request on whose behalf it was sent has ended or was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The client took too long.
    #[error("the client did not answer in time")]
    TimedOut,
    /// The client answered with an error.
    #[error("the client refused: {}", .0.message)]
    Rejected(RpcError),
    /// The client's answer is not a valid MCP response.
    #[error("the client's answer is malformed: {0}")]
    Malformed(String),
    /// The session stops.
    #[error("the session stops")]
    Stopped,
}

/// The parameters of a request to the client, with room for the host's own progress token, with
/// which the client can ask for more time.
#[derive(Debug)]
pub struct AskParams {
    /// One JSON object without its end: the token and two brackets are missing.
    text: String,
}

impl AskParams {
    /// Checks that `params`, if there are any, are one JSON object.
    ///
    /// # Errors
    ///
    /// [`ContextError::InvalidParams`] if they are not.
    pub fn check(params: Option<&str>, max_depth: usize) -> Result<Self, ContextError> {
        let invalid = |reason: String| ContextError::InvalidParams(reason);
        let params = params.unwrap_or("{}");
        let text = json::check(params.as_bytes(), max_depth)
            .map_err(|defect| invalid(defect.to_string()))?;
        let mut members = Object::parse(text).map_err(|error| invalid(error.to_string()))?;
        let mut meta = members
            .optional("_meta", json::object)
            .map_err(|fault| invalid(fault.to_string()))?
            .unwrap_or_default();
        members.take("_meta");
        meta.take("progressToken");
        let mut writer = Writer::with_capacity(params.len() + 60);
        writer
            .begin_object()
            .members(&members)
            .key("_meta")
            .begin_object()
            .members(&meta)
            .key("progressToken");
        Ok(Self {
            text: writer.into_string(),
        })
    }

    fn with_progress_token(self, key: AskKey) -> String {
        let mut text = self.text;
        text.push_str(&key.0.to_string());
        text.push_str("}}");
        text
    }
}

#[derive(Debug)]
struct Ask {
    /// The request that it was sent for.
    request: RequestKey,
    route: Route,
    /// The message, held until the client may be asked.
    held: Option<Vec<u8>>,
    /// The deadline, whatever progress the client reports.
    latest: Instant,
}

/// All open requests to the client.
#[derive(Debug, Default)]
pub(super) struct Asks {
    issued: u64,
    open: BTreeMap<AskKey, Ask>,
}

impl Asks {
    /// Returns a new id for a request to the client, unique in the session.
    pub(super) fn next_id(&mut self) -> u64 {
        self.issued += 1;
        self.issued
    }

    /// Returns the bytes of the requests that are held until the client may be asked.
    fn held_bytes(&self) -> usize {
        let held = self.open.values().filter_map(|ask| ask.held.as_ref());
        held.map(Vec::len).sum()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
}

impl Session {
    /// Checks the parameters of a request to the client, one JSON object, and sends it; see
    /// [`Session::send_ask`].
    ///
    /// # Errors
    ///
    /// As [`Session::check_ask`], then as [`AskParams::check`], then as [`Session::send_ask`].
    pub fn ask(
        &mut self,
        now: Instant,
        key: RequestKey,
        method: AskMethod,
        params: Option<&str>,
    ) -> Result<AskKey, ContextError> {
        self.check_ask(key, method)?;
        let params = AskParams::check(params, self.limits.depth)?;
        self.send_ask(now, key, method, params)
    }

    /// Sends a request to the client for the request `key`. The answer comes as
    /// [`Effect::AskAnswered`]. The message is held until `notifications/initialized`.
    ///
    /// # Errors
    ///
    /// [`ContextError::NotSupported`] if the client did not declare the capability;
    /// [`ContextError::InvalidState`] after the end of the request, while the session stops, and
    /// for anything but `roots/list` for a notification; [`ContextError::Busy`] if too many are in
    /// flight; [`ContextError::Cancelled`] and [`ContextError::TimedOut`].
    pub fn send_ask(
        &mut self,
        now: Instant,
        key: RequestKey,
        method: AskMethod,
        params: AskParams,
    ) -> Result<AskKey, ContextError> {
        let route = self.check_ask(key, method)?;
        let ask = self.open_ask(now, key, route, method, params)?;
        if let Some(request) = self.requests.get_mut(key) {
            request.asks.push(ask);
        }
        self.halt_clock(now, key);
        Ok(ask)
    }

    /// Checks that the request `key` is in a state to ask the client. This check comes before all
    /// others.
    ///
    /// # Errors
    ///
    /// [`ContextError::InvalidState`], [`ContextError::Cancelled`] and [`ContextError::TimedOut`],
    /// as [`Session::ask`].
    pub fn check_ask(&mut self, key: RequestKey, method: AskMethod) -> Result<Route, ContextError> {
        let request = self.live(key)?;
        if !matches!(request.work, Work::Request { .. }) && method != AskMethod::ListRoots {
            let name = method.name();
            return Err(ContextError::InvalidState(format!(
                "{name} needs a request of the client"
            )));
        }
        if request.is_streamed {
            return Err(ContextError::InvalidState(
                "the response is being streamed".to_owned(),
            ));
        }
        let route = request.route();
        match &self.stopping {
            Some(reason) => Err(ContextError::InvalidState(format!(
                "the session stops: {reason}"
            ))),
            None => Ok(route),
        }
    }

    fn supports(&self, method: AskMethod) -> bool {
        let client = self.client.as_ref();
        client.is_some_and(|client| client.supports(method)) && !self.denied.includes(method)
    }

    fn open_ask(
        &mut self,
        now: Instant,
        request: RequestKey,
        route: Route,
        method: AskMethod,
        params: AskParams,
    ) -> Result<AskKey, ContextError> {
        if !self.supports(method) {
            return Err(ContextError::NotSupported(method.name()));
        }
        let limit = self.limits.asks_in_flight;
        if self.asks.open.len() >= limit {
            self.observer.limit_reached(Limit::AsksInFlight);
            return Err(ContextError::Busy(format!(
                "{limit} requests to the client are open already"
            )));
        }
        let limit = self.limits.unread_bytes;
        if self.asks.held_bytes() > limit {
            return Err(ContextError::Busy(format!(
                "requests of more than {limit} bytes wait for the client to be initialized"
            )));
        }
        let key = AskKey(self.asks.issued + 1);
        self.asks.issued = key.0;
        let message = response::request(key.0, method.name(), &params.with_progress_token(key));
        let mut ask = Ask {
            request,
            route,
            held: None,
            latest: later(now, self.limits.ask_time_maximum),
        };
        if self.is_initialized() {
            self.effects
                .send(route, MessageKind::Request(key.0), message);
        } else {
            ask.held = Some(message);
        }
        self.timers.set(
            Timer::Ask(key),
            ask.latest.min(later(now, self.limits.ask_time)),
        );
        self.asks.open.insert(key, ask);
        Ok(key)
    }

    /// Sends the held requests: the client may be asked from now on.
    pub(super) fn release_asks(&mut self) {
        for (key, ask) in &mut self.asks.open {
            if let Some(message) = ask.held.take() {
                self.effects
                    .send(ask.route, MessageKind::Request(key.0), message);
            }
        }
    }

    /// Handles a response of the client. A response to an unknown request is ignored; a malformed
    /// one fails the request.
    pub(super) fn receive_response(&mut self, now: Instant, response: &Response<'_>) {
        let Some(key) = response.id.as_ref().and_then(RequestId::as_u64).map(AskKey) else {
            return;
        };
        // A request that is still held cannot have been answered.
        if self
            .asks
            .open
            .get(&key)
            .is_some_and(|ask| ask.held.is_none())
        {
            self.resolve_ask(now, key, read_answer(response));
        }
    }

    /// Handles `notifications/progress` of the client, which extends the deadline.
    pub(super) fn receive_progress(&mut self, now: Instant, params: &Object<'_>) {
        let token = params.get("progressToken").and_then(RequestId::from_json);
        let Some(key) = token.as_ref().and_then(RequestId::as_u64).map(AskKey) else {
            return;
        };
        if let Some(ask) = self.asks.open.get(&key) {
            self.timers.set(
                Timer::Ask(key),
                ask.latest.min(later(now, self.limits.ask_time)),
            );
        }
    }

    pub(super) fn ask_timed_out(&mut self, now: Instant, key: AskKey) {
        self.observer.limit_reached(Limit::AskTime);
        self.withdraw_ask(now, key, AskFailure::TimedOut);
    }

    /// Withdraws the requests to the client that are in flight for a request that ends.
    pub(super) fn close_asks(&mut self, now: Instant, key: RequestKey) {
        let Some(request) = self.requests.get_mut(key) else {
            return;
        };
        for ask in std::mem::take(&mut request.asks) {
            self.withdraw_ask(now, ask, AskFailure::Cancelled);
        }
    }

    pub(super) fn stop_asks(&mut self, now: Instant) {
        let open: Vec<_> = self.asks.open.keys().copied().collect();
        for ask in open {
            self.withdraw_ask(now, ask, AskFailure::Stopped);
        }
    }

    /// Gives a request to the client up: the component no longer waits for the answer, and the
    /// client is told.
    pub fn give_up_ask(&mut self, now: Instant, key: AskKey) {
        self.withdraw_ask(now, key, AskFailure::Cancelled);
    }

    fn withdraw_ask(&mut self, now: Instant, key: AskKey, failure: AskFailure) {
        let Some(ask) = self.asks.open.get(&key) else {
            return;
        };
        if ask.held.is_none() {
            let reason = match failure {
                AskFailure::TimedOut => "no answer in time",
                AskFailure::Stopped => "the server stops",
                _ => "the answer is no longer needed",
            };
            let message =
                response::notification("notifications/cancelled", |params: &mut Writer| {
                    params
                        .key("requestId")
                        .raw(&key.0.to_string())
                        .key("reason")
                        .string(reason);
                });
            self.effects
                .send(ask.route, MessageKind::Cancelled(key.0), message);
        }
        self.resolve_ask(now, key, Err(failure));
    }

    fn resolve_ask(
        &mut self,
        now: Instant,
        key: AskKey,
        answer: Result<Box<RawValue>, AskFailure>,
    ) {
        let Some(ask) = self.asks.open.remove(&key) else {
            return;
        };
        self.timers.clear(Timer::Ask(key));
        self.effects.push(Effect::AskAnswered { ask: key, answer });
        if let Some(request) = self.requests.get_mut(ask.request) {
            request.asks.retain(|other| *other != key);
        }
        self.run_clock(now, ask.request);
    }
}

fn read_answer(response: &Response<'_>) -> Result<Box<RawValue>, AskFailure> {
    let malformed = |reason: &str| Err(AskFailure::Malformed(reason.to_owned()));
    if let Some(fault) = &response.fault {
        return malformed(&fault.message);
    }
    match (response.result, response.error) {
        (Some(result), None) if json::Kind::of(result) == json::Kind::Object => {
            Ok(result.to_owned())
        }
        (Some(_), None) => malformed("`result`: an object is expected"),
        (None, Some(error)) => match read_error(error) {
            Ok(error) => Err(AskFailure::Rejected(error)),
            Err(fault) => malformed(&fault.within("error").to_string()),
        },
        _ => malformed("either `result` or `error` is expected"),
    }
}

fn read_error(error: &RawValue) -> Result<RpcError, json::Fault> {
    let members = json::object(error)?;
    let code = members.required("code", |code| {
        let code = i32::try_from(json::integer(code)?).ok();
        code.ok_or_else(|| json::Fault::new("an integer of 32 bits"))
    })?;
    let message = members.required("message", json::string)?;
    let data = members.get("data").map(|data| data.get().to_owned());
    Ok(RpcError {
        code,
        message: message.into_owned(),
        data,
    })
}

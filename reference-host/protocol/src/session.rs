//! The session: its state, and the handling of an incoming message.

use std::sync::Arc;
use std::time::Instant;

use super::asks::Asks;
use super::catalog::Catalog;
use super::changes::Held;
use super::denied::Denied;
use super::effect::Effects;
use super::error::RpcError;
use super::events::Events;
use super::identifier::RequestId;
use super::initialize::{self, Client, Phase};
use super::limits::Limits;
use super::logging::Logging;
use super::message::{CommonParams, Content, Message, Params, ReadNotification, ReadRequest};
use super::method::Method;
use super::observer::{Limit, Observer};
use super::offer::Offered;
use super::pacing::Pacing;
use super::params_check::ParamsCheck;
use super::reception::{Framing, Invocation, Reception, StreamId};
use super::requests::{Request, Requests};
use super::response;
use super::subscriptions::Subscriptions;
use super::timers::Timers;
use super::tools::RememberedTools;
use crate::json::RawValue;

/// One client's session at [MCP
/// 2025-06-18](https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle).
#[derive(Debug)]
pub struct Session {
    pub(super) framing: Framing,
    pub(super) observer: Box<dyn Observer>,
    /// The latest time that the session was told, for requests it never answers.
    pub(super) latest: Option<Instant>,
    pub(super) limits: Limits,
    /// Proves that a cursor was issued by this session.
    pub(super) secret: u64,
    pub(super) phase: Phase,
    pub(super) client: Option<Client>,
    pub(super) offered: Offered,
    pub(super) catalog: Option<Arc<Catalog>>,
    pub(super) requests: Requests,
    pub(super) asks: Asks,
    pub(super) events: Events,
    pub(super) denied: Denied,
    pub(super) logging: Logging,
    pub(super) subscriptions: Subscriptions,
    pub(super) remembered_tools: RememberedTools,
    pub(super) held_changes: Held,
    pub(super) pacing: Pacing,
    pub(super) effects: Effects,
    pub(super) timers: Timers,
    /// The client was pinged and has been silent since.
    pub(super) ping_unanswered: bool,
    /// The reason why the session stops, once it does.
    pub(super) stopping: Option<String>,
    /// The reason why the component did not start, in a session that assumes `initialize`.
    pub(super) unavailable: Option<String>,
}

/// The parts of a request that are kept while it is in flight.
pub(super) struct Incoming<'m> {
    pub(super) stream: StreamId,
    pub(super) id: RequestId,
    pub(super) method: Method,
    pub(super) progress_token: Option<&'m RawValue>,
}

/// The decision about a request.
#[expect(
    clippy::large_enum_variant,
    reason = "it is moved once, and boxing would cost each call an allocation"
)]
pub(super) enum Verdict {
    /// Answer with this result.
    Answer(Vec<u8>),
    /// Invoke the component: the request to be kept, and the check that its parameters must pass.
    Invoke(Request, ParamsCheck),
}

impl Verdict {
    /// Invokes the component without a further check.
    pub(super) fn invoke(request: Request) -> Self {
        Self::Invoke(request, ParamsCheck::default())
    }
}

impl Session {
    /// Creates a session that waits for its `initialize`. `secret` goes into the cursors that it
    /// issues; it must be unique to the session and unpredictable.
    #[must_use]
    pub fn new(framing: Framing, limits: Limits, secret: u64) -> Self {
        Self {
            framing,
            observer: Box::new(()),
            latest: None,
            secret,
            phase: Phase::Fresh,
            client: None,
            offered: Offered::default(),
            catalog: None,
            requests: Requests::default(),
            asks: Asks::default(),
            events: Events::default(),
            denied: Denied::default(),
            logging: Logging::default(),
            subscriptions: Subscriptions::default(),
            remembered_tools: RememberedTools::new(&limits),
            held_changes: Held::default(),
            pacing: Pacing::default(),
            effects: Effects::default(),
            timers: Timers::default(),
            ping_unanswered: false,
            stopping: None,
            unavailable: None,
            limits,
        }
    }

    /// Reports to `observer`. Call it before the first message.
    #[must_use]
    pub fn observed(mut self, observer: impl Observer + 'static) -> Self {
        self.observer = Box::new(observer);
        self
    }

    /// Denies requests to the client to the component. Call it before the first message.
    #[must_use]
    pub fn denying(mut self, denied: Denied) -> Self {
        self.denied = denied;
        self
    }

    /// Reads one message of the client, which arrived on `stream`, and handles it.
    pub fn receive<'m>(
        &mut self,
        now: Instant,
        stream: StreamId,
        message: &'m [u8],
    ) -> Reception<'m> {
        let message = Message::read(message, &self.limits);
        self.handle(now, stream, message)
    }

    /// Handles one message of the client, which arrived on `stream`.
    pub fn handle<'m>(
        &mut self,
        now: Instant,
        stream: StreamId,
        message: Message<'m>,
    ) -> Reception<'m> {
        self.latest = Some(now);
        self.observer.received(message.bytes);
        self.heard_from_client(now);
        if let Some(limit) = message.exceeded {
            self.observer.limit_reached(limit);
        }
        let reception = match message.content {
            Content::Request(request) => self.receive_request(now, stream, request),
            Content::Notification(Ok(notification)) => {
                self.receive_notification(now, notification);
                Reception::Accepted
            }
            Content::Notification(Err(error)) => self.refuse_one_way(&error),
            Content::Response(response) => {
                self.receive_response(now, &response);
                match &response.fault {
                    None => Reception::Accepted,
                    Some(error) => self.refuse_one_way(error),
                }
            }
            Content::Unfit { id, error } => {
                self.observer.message_refused(&error);
                self.refuse_request(&id, &error)
            }
            Content::Nothing(error) => self.refuse_message(&error),
        };
        if let Reception::Refused(answer) | Reception::Answered(answer) = &reception {
            self.observer.sent(answer.len());
        }
        reception
    }

    /// Refuses text that is not a JSON-RPC message.
    fn refuse_message<'m>(&self, error: &RpcError) -> Reception<'m> {
        self.observer.message_refused(error);
        Reception::Refused(response::error_without_id(self.framing, error))
    }

    /// Refuses a notification or a response. A POST has an answer of its own, whose status tells
    /// the client. Over stdio such a message must not be answered, so only the observer is told.
    fn refuse_one_way<'m>(&self, error: &RpcError) -> Reception<'m> {
        match self.framing {
            Framing::Http => self.refuse_message(error),
            Framing::Stdio => {
                self.observer.message_refused(error);
                Reception::Accepted
            }
        }
    }

    /// Begins to stop: requests to the client fail at once and no new work is accepted. Requests in
    /// flight may finish.
    pub fn stop(&mut self, now: Instant, reason: &str) {
        if self.stopping.is_none() {
            self.stopping = Some(reason.to_owned());
            self.stop_asks(now);
        }
    }

    /// Returns whether nothing is in flight, neither here nor at the client.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.requests.is_empty() && self.asks.is_empty()
    }

    fn receive_request<'m>(
        &mut self,
        now: Instant,
        stream: StreamId,
        request: ReadRequest<'m>,
    ) -> Reception<'m> {
        let ReadRequest {
            id,
            name,
            method: named,
            common,
            params: read,
        } = request;
        if self.requests.has_id(&id) {
            let error = id_in_flight();
            self.observer.request_answered(&id, named, Some(&error));
            return self.refuse_id_in_flight(&id, error);
        }
        let admitted = self
            .admit(&name, named)
            .and_then(|method| common.map(|common| (method, common)));
        let (method, common) = match admitted {
            Ok(admitted) => admitted,
            Err(error) => {
                self.observer.request_answered(&id, named, Some(&error));
                return Reception::Answered(response::error(&id, &error));
            }
        };
        let CommonParams {
            params,
            meta,
            progress_token,
        } = common;
        let incoming = Incoming {
            stream,
            id,
            method,
            progress_token,
        };
        match self.judge(&incoming, read) {
            Ok(Verdict::Answer(result)) => {
                self.observer.request_answered(&incoming.id, named, None);
                Reception::Answered(response::result(&incoming.id, result))
            }
            Ok(Verdict::Invoke(request, check)) => {
                let key = self.track(now, request);
                let Incoming {
                    id,
                    method,
                    progress_token,
                    ..
                } = incoming;
                let invocation = Invocation {
                    key,
                    method,
                    params,
                    meta,
                    id,
                    progress_token,
                    check,
                };
                match method {
                    Method::Initialize => {
                        self.phase = Phase::Starting {
                            key,
                            initialized: false,
                        };
                        Reception::Initialize(invocation)
                    }
                    _ => Reception::Invoke(invocation),
                }
            }
            Err(error) => {
                self.observer
                    .request_answered(&incoming.id, named, Some(&error));
                Reception::Answered(response::error(&incoming.id, &error))
            }
        }
    }

    /// Returns the method if it may be used now.
    fn admit(&self, name: &str, method: Option<Method>) -> Result<Method, RpcError> {
        if let Some(reason) = &self.unavailable
            && method != Some(Method::Ping)
        {
            return Err(initialize::not_started(reason));
        }
        match (&self.phase, method) {
            (_, Some(Method::Ping)) => Ok(Method::Ping),
            (Phase::Fresh, Some(Method::Initialize)) => Ok(Method::Initialize),
            (Phase::Fresh, _) => Err(RpcError::invalid_request(
                "the session begins with `initialize`",
            )),
            (Phase::Starting { .. }, _) => Err(RpcError::invalid_request(
                "`initialize` has not been answered yet",
            )),
            (Phase::Operating { .. }, Some(Method::Initialize)) => Err(RpcError::invalid_request(
                "the session is initialized already",
            )),
            (Phase::Operating { .. }, Some(method)) if method.is_offered(&self.offered) => {
                Ok(method)
            }
            (Phase::Operating { .. }, _) => Err(RpcError::method_not_found(name)),
        }
    }

    /// Answers requests that need no component, and decides about the others.
    fn judge(
        &mut self,
        incoming: &Incoming<'_>,
        params: Result<Params<'_>, RpcError>,
    ) -> Result<Verdict, RpcError> {
        if incoming.method != Method::Ping {
            self.check_not_stopping()?;
        }
        match params? {
            Params::Ping => Ok(Verdict::Answer(b"{}".to_vec())),
            Params::Initialize(client) => self.judge_initialize(incoming, client),
            Params::SetLevel(level) => Ok(self.set_level(level)),
            Params::List { cursor } => self.judge_list(incoming, cursor.as_deref()),
            Params::CallTool { name } => self.judge_call_tool(incoming, &name),
            Params::Resource { uri } => {
                if incoming.method == Method::Subscribe {
                    self.check_subscription(&uri)?;
                }
                let mut request = self.invoke(incoming)?;
                request.uri = Some(uri.into_owned());
                Ok(Verdict::invoke(request))
            }
            Params::GetPrompt { name } => self.judge_get_prompt(incoming, &name),
            Params::Complete(reference) => self.judge_complete(incoming, &reference),
        }
    }

    fn check_not_stopping(&self) -> Result<(), RpcError> {
        match &self.stopping {
            Some(reason) => Err(RpcError::internal(format!(
                "the server is stopping: {reason}"
            ))),
            None => Ok(()),
        }
    }

    /// Invokes the component, if the limit of requests in flight allows it.
    pub(super) fn invoke(&self, incoming: &Incoming<'_>) -> Result<Request, RpcError> {
        if self.requests.of_client() >= self.limits.requests_in_flight {
            self.observer.limit_reached(Limit::RequestsInFlight);
            let limit = self.limits.requests_in_flight;
            return Err(RpcError::busy(format!(
                "{limit} requests are in flight already: try again later"
            )));
        }
        Ok(Request::new(incoming, self.limits.request_time))
    }

    fn refuse_request<'m>(&self, id: &RequestId, error: &RpcError) -> Reception<'m> {
        if self.requests.has_id(id) {
            return self.refuse_id_in_flight(id, id_in_flight());
        }
        Reception::Answered(response::error(id, error))
    }

    /// Refuses an id that is in flight. Over stdio an answer with that id would pass for the answer
    /// to the first request; a POST has its own answer.
    fn refuse_id_in_flight<'m>(&self, id: &RequestId, error: RpcError) -> Reception<'m> {
        Reception::Answered(match self.framing {
            Framing::Stdio => {
                let error = error.with_data(format!("{{\"id\":{}}}", id.as_json()));
                response::error_without_id(self.framing, &error)
            }
            Framing::Http => response::error(id, &error),
        })
    }

    /// Handles a notification. An unknown or untimely one is ignored.
    fn receive_notification(&mut self, now: Instant, notification: ReadNotification<'_>) {
        let ReadNotification { method, common } = notification;
        match &*method {
            "notifications/initialized" => self.receive_initialized(now, common.meta),
            "notifications/cancelled" => self.receive_cancelled(now, &common.params),
            "notifications/progress" => self.receive_progress(now, &common.params),
            "notifications/roots/list_changed" => self.receive_roots_changed(now, common.meta),
            _ => {}
        }
    }
}

fn id_in_flight() -> RpcError {
    RpcError::invalid_request("a request with this id is in flight")
}

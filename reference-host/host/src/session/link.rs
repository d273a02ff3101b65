//! The state that the transport, the instance and the clock share, behind one lock.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use serde_json::value::RawValue;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::in_work::Part;
use super::mapping;
use super::outlet::{Outlet, Receipt, StreamedResponse};
use super::server::Server;
use super::subscribers::Subscribers;
use crate::component::Isolation;
use crate::component::context::{Request, RequestEnd};
use crate::component::entrance::Entrance;
use crate::component::handlers::{Call, Return, Subject};
use crate::component::jobs::{Job, Jobs};
use crate::component::output::{Allowance, Origin};
use crate::component::peer::Peer;
use crate::component::streaming::{Begun, NotBegun, Piece};
use crate::telemetry::{self, Label as _, Limit, SessionEnd, SessionObserver};
use crate::visible::Visible;
use wasi_mcp_protocol::wire::{self, Bound, StreamedResult};
use wasi_mcp_protocol::{
    AskFailure, AskKey, AskMethod, ByRequest, Catalog, Changed, ContextError, Denied, Effect,
    Event, Framing, LogLevel, Offer, Outcome, Reception, RequestId, RequestKey, RpcError,
    Session as Protocol, StreamId, code,
};
use wasi_mcp_types::capabilities::{Client, ClientCapabilities};
use wasi_mcp_types::content::ReadResourceResult;
use wasi_mcp_types::types;

/// The lifetime below which an instance that made no call and was lost is not replaced at once: a
/// guest that traps by itself must not keep the host busy.
const SHORT_LIFE: Duration = Duration::from_secs(1);

/// The longest time that a call may wait before it counts as held up. An instance that handles
/// calls concurrently has admitted it by then.
const TURN: Duration = Duration::from_secs(1);

/// One session's shared state.
pub(super) struct Link {
    pub(super) server: Arc<Server>,
    /// The session's number in log lines.
    pub(super) number: u64,
    /// Counts the session's events.
    pub(super) observer: SessionObserver,
    /// The jobs for the instance.
    pub(super) jobs: Jobs,
    /// The output budget of its instances.
    allowance: Arc<Allowance>,
    /// The number of instances created so far.
    instances: AtomicU64,
    outlet: Arc<dyn Outlet>,
    inner: Mutex<Inner>,
    /// Wakes the supervisor: a timeout may have moved, or work has arrived.
    pub(super) wake: Notify,
    /// Notified when no request is in flight.
    idle: Notify,
    pub(super) closed: CancellationToken,
    stopping: watch::Sender<bool>,
}

struct Inner {
    protocol: Protocol,
    client: Option<Client>,
    /// The server description that the client was given.
    negotiated: Option<Negotiated>,
    /// The `initialize` that waits for the component to start.
    initializing: Option<RequestKey>,
    /// The sender of the most recent message, as the transport has verified it.
    principal: Option<Arc<types::Principal>>,
    subscribers: Subscribers,
    /// The requests in flight and queued for the component.
    requests: ByRequest<Arc<Request>>,
    asks: HashMap<AskKey, oneshot::Sender<Result<Box<RawValue>, AskFailure>>>,
    /// The pieces of streamed responses that have not begun.
    pieces: ByRequest<mpsc::Receiver<Piece>>,
    /// This session's share of all requests in flight.
    in_work: Part,
    /// The instance that has started and accepts jobs.
    serving: Option<Serving>,
    /// Its offer, while no `initialize` waits for it: the one that did has timed out.
    unclaimed_offer: Option<Offer>,
    /// The timeout until which the supervisor sleeps.
    armed: Option<Instant>,
    stop_awaited: bool,
    /// The calls that the instance has accepted; empty if each call has its own instance.
    taken: ByRequest<Taken>,
    /// The calls that continue although their request has ended, each with its deadline.
    overdue: ByRequest<Instant>,
    /// A copy of `closed` of the link, which is slower to read.
    is_closed: bool,
    /// Whether the client left a ping unanswered that reached it.
    is_unresponsive: bool,
}

impl Link {
    pub(super) fn new(server: Arc<Server>, framing: Framing, outlet: Arc<dyn Outlet>) -> Self {
        let number = telemetry::next_session();
        let observer = SessionObserver {
            telemetry: Arc::clone(&server.telemetry),
            session: number,
        };
        let limits = server.limits.clone();
        let protocol = Protocol::new(framing, limits, secret())
            .observed(observer.clone())
            .denying(server.sandbox.denied);
        server.telemetry.sessions_begun.increment();
        tracing::info!(session = number, "session begins");
        let in_work = Part::of(&server.in_work);
        Self {
            server,
            number,
            observer,
            jobs: Jobs::default(),
            allowance: Arc::default(),
            instances: AtomicU64::new(0),
            outlet,
            inner: Mutex::new(Inner {
                protocol,
                client: None,
                negotiated: None,
                initializing: None,
                principal: None,
                subscribers: Subscribers::default(),
                requests: ByRequest::default(),
                asks: HashMap::new(),
                pieces: ByRequest::default(),
                in_work,
                serving: None,
                unclaimed_offer: None,
                armed: None,
                stop_awaited: false,
                taken: ByRequest::default(),
                overdue: ByRequest::default(),
                is_closed: false,
                is_unresponsive: false,
            }),
            wake: Notify::new(),
            idle: Notify::new(),
            closed: CancellationToken::new(),
            stopping: watch::Sender::new(false),
        }
    }

    /// Receives one message of the client.
    pub(super) fn receive(
        &self,
        principal: Option<Arc<types::Principal>>,
        stream: StreamId,
        message: &[u8],
    ) -> Receipt {
        let now = Instant::now();
        self.locked(|inner| {
            // Checked under the lock, so that `close` ends every earlier message.
            if inner.is_closed {
                self.outlet.end(stream);
                return Receipt::Pending;
            }
            inner.principal = principal;
            self.do_receive(inner, now, stream, message)
        })
    }

    fn do_receive(
        &self,
        inner: &mut Inner,
        now: Instant,
        stream: StreamId,
        message: &[u8],
    ) -> Receipt {
        tracing::debug!(
            session = self.number,
            stream_id = stream.0,
            text = %Visible(message),
            "received"
        );
        match inner.protocol.receive(now, stream, message) {
            Reception::Accepted => Receipt::Accepted,
            Reception::Refused(error) => {
                tracing::debug!(session = self.number, text = %Visible(&error), "answered");
                Receipt::Refused(error)
            }
            Reception::Answered(response) => {
                tracing::debug!(session = self.number, text = %Visible(&response), "answered");
                Receipt::Answered(response)
            }
            Reception::Initialize(invocation) => {
                let key = invocation.key;
                match wire::client_from_initialize(invocation.params) {
                    Ok(client) => {
                        inner.client = Some(client);
                        match inner.unclaimed_offer.take() {
                            Some(offer) => inner.started(now, key, offer),
                            None => inner.initializing = Some(key),
                        }
                    }
                    Err(fault) => inner
                        .protocol
                        .finish(now, key, Outcome::Error(fault.into())),
                }
                Receipt::Pending
            }
            Reception::Invoke(invocation) => {
                let key = invocation.key;
                if let Err(error) = inner.in_work.check() {
                    let telemetry = &self.server.telemetry;
                    telemetry.reached(Limit::RequestsInFlight, Some(self.number));
                    inner.protocol.finish(now, key, Outcome::Error(error));
                    return Receipt::Pending;
                }
                match mapping::call(invocation.method, invocation.params) {
                    Ok(call) => {
                        let id = Some(invocation.id);
                        let meta = invocation.meta.map(|meta| meta.get().to_owned());
                        let token = invocation
                            .progress_token
                            .map(|token| token.get().to_owned());
                        let principal = inner.principal.clone();
                        if let Some(principal) = &principal {
                            inner.subscribers.begin(key, &call, principal);
                        }
                        let request = inner.request(key, id, meta, token, principal);
                        self.add_job(inner, request, call);
                    }
                    Err(fault) => inner
                        .protocol
                        .finish(now, key, Outcome::Error(fault.into())),
                }
                Receipt::Pending
            }
        }
    }

    pub(super) fn heard(&self) {
        self.locked(|inner| inner.protocol.heard(Instant::now()));
    }

    pub(super) fn in_flight(&self) -> usize {
        self.lock().protocol.requests_in_flight()
    }

    pub(super) fn is_initialized(&self) -> bool {
        self.lock().protocol.is_initialized()
    }

    /// Ends the session: streams end, waiting imports fail, the supervisor drops the instance.
    pub(super) fn close(&self, reason: SessionEnd) {
        let mut inner = self.lock();
        if std::mem::replace(&mut inner.is_closed, true) {
            return;
        }
        self.closed.cancel();
        self.server.telemetry.sessions_ended.increment(reason);
        tracing::info!(
            session = self.number,
            reason = reason.name(),
            "session ends"
        );
        self.stopping.send_replace(true);
        for stream in inner.protocol.open_streams() {
            self.outlet.end(stream);
        }
        self.outlet.ended();
        inner.asks.clear();
        for (_, request) in inner.requests.drain() {
            request.end.end();
        }
        inner.in_work.set(0);
    }

    /// Returns whether the guest has asked to be told that the host stops.
    pub(super) fn is_stop_awaited(&self) -> bool {
        self.lock().stop_awaited
    }

    /// Tells the guest that the host stops, and fails requests that wait for the client.
    pub(super) fn begin_to_stop(&self) {
        self.stopping.send_replace(true);
        self.locked(|inner| inner.protocol.stop(Instant::now(), "the host stops"));
    }

    /// Answers the requests still in flight with an error.
    pub(super) fn give_up(&self, reason: &str) {
        self.not_started(reason);
        // The supervisor drops the instance when the session is closed.
        self.locked(|inner| {
            inner.taken.clear();
            let keys: Vec<_> = inner.requests.keys().copied().collect();
            for key in keys {
                inner.finish(key, Outcome::Lost(reason.to_owned()));
            }
        });
    }

    /// Resolves when no request is in flight.
    pub(super) async fn idle(&self) {
        loop {
            let notified = self.idle.notified();
            if self.in_flight() == 0 {
                return;
            }
            notified.await;
        }
    }

    /// Returns whether an `initialize` waits for the component to start.
    pub(super) fn is_initializing(&self) -> bool {
        self.lock().initializing.is_some()
    }

    pub(super) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Handles a component that did not start. Answers `initialize` with an error, so that the
    /// client may retry, and all requests that wait for an instance.
    pub(super) fn not_started(&self, reason: &str) {
        self.locked(|inner| {
            if let Some(key) = inner.initializing.take() {
                inner.protocol.start_failed(Instant::now(), key, reason);
            }
            while let Some(job) = self.jobs.take() {
                inner.finish(job.request.key, Outcome::Lost(reason.to_owned()));
            }
        });
    }

    /// Handles the loss of the instance, and of the calls in it. Returns its service record.
    pub(super) fn lost(&self, reason: &str) -> Option<Serving> {
        self.locked(|inner| {
            let served = inner.instance_gone();
            inner.overdue.clear();
            let taken = std::mem::take(&mut inner.taken);
            tracing::warn!(
                session = self.number,
                reason,
                calls = %Listed(taken.values()),
                "an instance was lost"
            );
            let others = taken.len().saturating_sub(1);
            for (key, call) in taken {
                let text = format!("{reason}, while it ran {}", call.among(others));
                inner.finish(key, Outcome::Lost(text));
            }
            served
        })
    }

    /// Handles the end of an idle instance.
    pub(super) fn used_up(&self) {
        self.locked(|inner| inner.instance_gone());
    }

    /// Returns whether an instance has started.
    pub(super) fn is_serving(&self) -> bool {
        self.lock().serving.is_some()
    }

    /// Performs the actions that are due. Returns the time of the next tick, and whether the
    /// instance must be replaced because a call in it has exceeded its time.
    pub(super) fn tick(&self) -> Tick {
        let now = Instant::now();
        let tick = self.locked(|inner| {
            inner.protocol.handle_timeout(now);
            let grace = self.server.cancelled_call_grace;
            let replacement = inner.replacement(now, grace, self.jobs.waiting_since());
            let next = inner
                .protocol
                .next_timeout()
                .into_iter()
                .chain(replacement)
                .min();
            inner.armed = next;
            let replace_instance = replacement.is_some_and(|time| time <= now);
            if replace_instance {
                self.jobs.add_first(inner.held_up().into_iter());
            }
            Tick {
                next,
                replace_instance,
            }
        });
        if self.lock().is_unresponsive {
            self.observer.reached(Limit::PingTime);
            tracing::warn!(
                session = self.number,
                "the client did not answer a ping: its session ends"
            );
            self.close(SessionEnd::Unresponsive);
        }
        tick
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic under the lock is a defect of this host; the state machine
        // holds no invariant across calls that another session could see.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs an operation under the lock, then carries out its effects.
    fn locked<R>(&self, act: impl FnOnce(&mut Inner) -> R) -> R {
        let mut inner = self.lock();
        let initializing = inner.initializing;
        let result = act(&mut inner);
        let mut resubscriptions = Vec::new();
        while let Some(effect) = inner.protocol.poll_effect() {
            self.carry_out(&mut inner, effect, &mut resubscriptions);
        }
        if !resubscriptions.is_empty() {
            // Queued jobs may rely on these subscriptions.
            self.jobs.add_first(resubscriptions.into_iter());
        }
        let earlier = |next: Instant| inner.armed.is_none_or(|armed| next < armed);
        if inner.protocol.next_timeout().is_some_and(earlier) || inner.initializing != initializing
        {
            self.wake.notify_one();
        }
        if !inner.is_closed {
            let in_work = inner.protocol.requests_in_work();
            inner.in_work.set(in_work);
        }
        if inner.protocol.requests_in_flight() == 0 {
            self.idle.notify_waiters();
        }
        result
    }

    /// Fails while the client has too much unread output.
    fn check_unread(&self) -> Result<(), String> {
        let limit = self.server.limits.unread_bytes;
        let unread = self.outlet.unread_bytes();
        if unread <= limit {
            return Ok(());
        }
        self.observer.reached(Limit::UnreadBytes);
        Err(format!(
            "the client has yet to take {unread} bytes; while there are more than {limit}, \
             nothing is added"
        ))
    }

    /// Returns the outcome, or an error instead of a result while the client has too much unread
    /// output.
    fn unless_unread<'a>(&self, outcome: Outcome<'a>) -> Outcome<'a> {
        match outcome {
            Outcome::Result(_) | Outcome::ToolResult { .. } | Outcome::ToolList { .. } => {
                match self.check_unread() {
                    Ok(()) => outcome,
                    Err(reason) => Outcome::Error(RpcError::new(code::BUSY, reason)),
                }
            }
            Outcome::Empty
            | Outcome::Streamed { .. }
            | Outcome::Error(_)
            | Outcome::Faulty(_)
            | Outcome::Lost(_) => outcome,
        }
    }

    fn add_job(&self, inner: &Inner, request: Arc<Request>, call: Call) {
        self.jobs.add(Job {
            request,
            call,
            alone: false,
        });
        // Without an instance, or with one that is stuck, the supervisor must act.
        if inner.serving.is_none() || !inner.overdue.is_empty() {
            self.wake.notify_one();
        }
    }

    fn carry_out(&self, inner: &mut Inner, effect: Effect, resubscriptions: &mut Vec<Job>) {
        match effect {
            Effect::Send { route, message } => {
                let text = Visible(&message.text);
                tracing::debug!(session = self.number, ?route, %text, "sent");
                self.outlet.send(route, message);
            }
            Effect::SendStreamed {
                key,
                stream,
                head,
                tail,
            } => {
                // Stored by `begin_stream`.
                if let Some(pieces) = inner.pieces.remove(&key) {
                    tracing::debug!(
                        session = self.number,
                        stream_id = stream.0,
                        "a streamed response begins"
                    );
                    let response = StreamedResponse::new(head, pieces, tail);
                    self.outlet.send_streamed(stream, response);
                }
            }
            Effect::End { stream } => self.outlet.end(stream),
            Effect::PingUnanswered => inner.is_unresponsive |= self.outlet.listens(),
            Effect::Cancel { key, reason } => {
                if let Some(request) = inner.requests.get(&key) {
                    request.end.cancel(reason);
                }
                if inner.taken.contains_key(&key) {
                    inner
                        .overdue
                        .insert(key, Instant::now() + self.server.cancelled_call_grace);
                    // Other jobs may already be waiting.
                    self.wake.notify_one();
                }
            }
            Effect::AskAnswered { ask, answer } => {
                if let Some(waiter) = inner.asks.remove(&ask) {
                    // The guest may have stopped waiting.
                    let _ = waiter.send(answer);
                }
            }
            Effect::Resubscribe { key, uri, alone } => {
                let principal = inner.subscribers.of(&uri);
                let request = inner.request(key, None, None, None, principal);
                resubscriptions.push(Job {
                    request,
                    call: Call::Subscribe(uri),
                    alone,
                });
            }
            Effect::Notify { key, event, meta } => {
                let call = match event {
                    Event::Initialized => Call::Initialized,
                    Event::RootsChanged => Call::RootsChanged,
                };
                let meta = meta.map(|meta| meta.get().to_owned());
                let principal = inner.principal.clone();
                let request = inner.request(key, None, meta, None, principal);
                self.add_job(inner, request, call);
            }
        }
    }
}

impl Inner {
    /// Records that there is no instance. Returns its service record.
    fn instance_gone(&mut self) -> Option<Serving> {
        self.unclaimed_offer = None;
        // The next instance asks again if it wants to be told.
        self.stop_awaited = false;
        self.serving.take()
    }

    /// Builds the request that the guest will see.
    fn request(
        &mut self,
        key: RequestKey,
        id: Option<RequestId>,
        meta: Option<String>,
        progress_token: Option<String>,
        principal: Option<Arc<types::Principal>>,
    ) -> Arc<Request> {
        let request = Arc::new(Request {
            key,
            id,
            meta,
            progress_token,
            principal,
            end: RequestEnd::default(),
        });
        self.requests.insert(key, Arc::clone(&request));
        request
    }

    fn finish(&mut self, key: RequestKey, outcome: Outcome<'_>) {
        if let Some(request) = self.requests.remove(&key) {
            request.end.end();
        }
        self.subscribers.finish(key, &outcome);
        self.protocol.finish(Instant::now(), key, outcome);
    }

    /// Returns the time at which the instance must be replaced unless something changes. This is
    /// the case if a call in it has exceeded its time while others wait for their turn, in the
    /// queue since `queued` or in the instance.
    fn replacement(
        &mut self,
        now: Instant,
        grace: Duration,
        queued: Option<Instant>,
    ) -> Option<Instant> {
        for (key, deadline) in &mut self.overdue {
            // A call that has not begun delays no other: its time counts from its start.
            let has_begun = |taken: &Taken| taken.entrance.is_passed();
            if !self.taken.get(key).is_some_and(has_begun) {
                *deadline = now + grace;
            }
        }
        let overdue = self.overdue.values().min()?;
        let waiting = self
            .taken
            .iter()
            .filter(|(key, taken)| !taken.entrance.is_passed() && !self.overdue.contains_key(key));
        let waiting = waiting.map(|(_, taken)| taken.since).chain(queued).min()?;
        Some((waiting + TURN.min(grace)).max(*overdue))
    }

    /// Takes back the calls that have not begun, for the next instance.
    fn held_up(&mut self) -> Vec<Job> {
        let mut held_up: Vec<_> = self
            .taken
            .iter_mut()
            .filter(|(_, taken)| !taken.entrance.is_passed())
            .filter_map(|(_, taken)| Some((taken.since, taken.again.take()?)))
            .collect();
        held_up.sort_by_key(|(since, _)| *since);
        let jobs: Vec<_> = held_up.into_iter().map(|(_, job)| job).collect();
        for job in &jobs {
            self.taken.remove(&job.request.key);
            self.overdue.remove(&job.request.key);
        }
        jobs
    }

    fn started(&mut self, now: Instant, key: RequestKey, offer: Offer) {
        if self.protocol.started(now, key, offer.clone()) {
            self.negotiated = Some(Negotiated::of(&offer));
        } else {
            self.unclaimed_offer = Some(offer);
        }
    }
}

/// A server's description of itself, as the client was given it.
struct Negotiated {
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

    fn differs(&self, offer: &Offer) -> bool {
        self.info != offer.info
            || self.capabilities != offer.capabilities
            || self.instructions != offer.instructions
    }
}

/// A call that the instance has accepted.
struct Taken {
    since: Instant,
    entrance: Entrance,
    /// The subject of the call, for error texts.
    subject: Subject,
    /// A copy of the call for the next instance, in case this one never admits it.
    again: Option<Job>,
}

impl Taken {
    /// Describes the calls in the instance: this one, and the number of others.
    fn among(&self, others: usize) -> String {
        match others {
            0 => self.subject.to_string(),
            1 => format!("{} and another call", self.subject),
            others => format!("{} and {others} other calls", self.subject),
        }
    }
}

/// The calls of a lost instance, for the log: the first few of them.
struct Listed<I>(I);

impl<'a, I: Iterator<Item = &'a Taken> + Clone> std::fmt::Display for Listed<I> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const SHOWN: usize = 10;
        for (index, call) in self.0.clone().take(SHOWN).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(formatter, "{separator}{}", call.subject)?;
        }
        match self.0.clone().skip(SHOWN).count() {
            0 => Ok(()),
            more => write!(formatter, " and {more} more"),
        }
    }
}

/// The service record of an instance, for the supervisor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Serving {
    since: Instant,
    has_finished_a_call: bool,
}

impl Serving {
    /// Returns whether it made no call and was short-lived.
    pub(super) fn was_in_vain(self) -> bool {
        !self.has_finished_a_call && self.since.elapsed() < SHORT_LIFE
    }
}

/// The result of a tick.
pub(super) struct Tick {
    pub(super) next: Option<Instant>,
    pub(super) replace_instance: bool,
}

/// The instance's view of its session.
pub(super) struct InstancePeer(pub(super) Arc<Link>);

impl Peer for InstancePeer {
    fn observer(&self) -> &SessionObserver {
        &self.0.observer
    }

    fn origin(&self) -> Origin {
        let link = &self.0;
        Origin {
            session: link.number,
            instance: link.instances.fetch_add(1, Ordering::Relaxed) + 1,
            allowance: Arc::clone(&link.allowance),
            telemetry: Arc::clone(&link.server.telemetry),
        }
    }

    fn started(&self, offer: Offer) {
        self.0.locked(|inner| {
            let now = Instant::now();
            tracing::info!(
                session = self.0.number,
                server = offer.info,
                "an instance has started"
            );
            inner.serving = Some(Serving {
                since: now,
                has_finished_a_call: false,
            });
            match inner.initializing.take() {
                Some(key) => inner.started(now, key, offer),
                None => {
                    if inner
                        .negotiated
                        .as_ref()
                        .is_some_and(|it| it.differs(&offer))
                    {
                        tracing::warn!(
                            session = self.0.number,
                            "the new instance describes its server differently: what was \
                             negotiated with the client stays in force"
                        );
                    }
                    inner.protocol.restarted(now, offer);
                }
            }
        });
    }

    fn taken(&self, job: &Job) -> bool {
        let request = job.request.key;
        self.0.locked(|inner| {
            let wanted = !inner.protocol.is_cancelled(request);
            if !wanted {
                inner.finish(request, Outcome::Empty);
            } else if self.0.server.isolation == Isolation::Session {
                let taken = Taken {
                    since: Instant::now(),
                    entrance: Entrance::default(),
                    subject: job.call.subject(),
                    // A call that may delay this one is known to continue.
                    again: (!inner.overdue.is_empty()).then(|| job.clone()),
                };
                inner.taken.insert(request, taken);
            }
            wanted
        })
    }

    fn entering(&self, request: RequestKey, entrance: Entrance) {
        if let Some(taken) = self.0.lock().taken.get_mut(&request) {
            taken.entrance = entrance;
        }
    }

    fn finished(&self, request: RequestKey, result: Result<Return, types::Error>) {
        let bound = Bound {
            bytes: self.result_bytes(),
            exceeded: &|| self.0.observer.reached(Limit::ResultBytes),
        };
        // Serialized before the lock is taken: results may be large.
        let schemas = self.0.server.component.schemas();
        mapping::outcome(result, bound, schemas, |outcome| {
            self.0.locked(|inner| {
                let outcome = self.0.unless_unread(outcome);
                inner.taken.remove(&request);
                inner.overdue.remove(&request);
                if let Some(serving) = &mut inner.serving {
                    serving.has_finished_a_call = true;
                }
                inner.finish(request, outcome);
            });
        });
    }

    fn lost(&self, request: RequestKey, reason: String) {
        self.0
            .locked(|inner| inner.finish(request, Outcome::Lost(reason)));
    }

    fn begin_stream(
        &self,
        request: RequestKey,
        result: ReadResourceResult,
    ) -> Result<Begun, NotBegun> {
        let bound = Bound {
            bytes: self.result_bytes(),
            exceeded: &|| self.0.observer.reached(Limit::ResultBytes),
        };
        let StreamedResult {
            head,
            tail,
            encoder,
        } = wire::streamed_result(result, bound)
            .map_err(|fault| NotBegun::Faulty(fault.within("result").to_string()))?;
        let (begun, pieces) = Begun::new(encoder, head.len() + tail.len());
        self.0.locked(|inner| {
            self.0.check_unread().map_err(|reason| {
                NotBegun::Refused(types::Error::from(ContextError::Busy(reason)))
            })?;
            let stream = inner.protocol.stream_of(request);
            if stream.is_some_and(|stream| !self.0.outlet.can_stream(stream)) {
                let reason = "a streamed resource needs a client that is connected: read it again";
                return Err(NotBegun::Refused(types::Error::from(ContextError::Busy(
                    reason.to_owned(),
                ))));
            }
            inner
                .protocol
                .begin_streaming(Instant::now(), request, &head, &tail)
                .map_err(|error| NotBegun::Refused(error.into()))?;
            inner.pieces.insert(request, pieces);
            Ok(begun)
        })
    }

    fn result_bytes(&self) -> usize {
        self.0.server.limits.result_bytes
    }

    fn awaits_stop(&self) {
        // An instance dedicated to one call is dropped with it.
        if self.0.server.isolation == Isolation::Session {
            self.0.locked(|inner| inner.stop_awaited = true);
        }
    }

    fn client(&self) -> Client {
        let inner = self.0.lock();
        let mut client = inner.client.clone().unwrap_or_else(unknown_client);
        client.log_level = inner.protocol.log_level().map(Into::into);
        hide(&mut client.capabilities, self.0.server.sandbox.denied);
        client
    }

    fn report_progress(
        &self,
        request: RequestKey,
        progress: f64,
        total: Option<f64>,
        message: Option<&str>,
    ) -> Result<(), ContextError> {
        self.0.locked(|inner| {
            inner
                .protocol
                .report_progress(Instant::now(), request, progress, total, message)
        })
    }

    fn log(
        &self,
        request: Option<RequestKey>,
        level: LogLevel,
        logger: Option<&str>,
        data: &str,
    ) -> Result<(), ContextError> {
        self.0.locked(|inner| {
            inner
                .protocol
                .log(Instant::now(), request, level, logger, data)
        })
    }

    fn check_ask(&self, request: RequestKey, method: AskMethod) -> Result<(), ContextError> {
        let mut inner = self.0.lock();
        inner.protocol.check_ask(request, method).map(drop)
    }

    fn ask(
        &self,
        request: RequestKey,
        method: AskMethod,
        params: Option<String>,
    ) -> BoxFuture<'static, Result<Box<RawValue>, types::Error>> {
        let (sender, receiver) = oneshot::channel();
        let asked = self.0.locked(|inner| {
            self.0.check_unread().map_err(ContextError::Busy)?;
            let ask = inner
                .protocol
                .ask(Instant::now(), request, method, params.as_deref())?;
            inner.asks.insert(ask, sender);
            Ok::<_, ContextError>(ask)
        });
        let link = Arc::clone(&self.0);
        Box::pin(async move {
            let ask = asked?;
            // Withdraws the request when the guest stops waiting for it.
            let withdraw = Withdraw {
                link,
                ask: Some(ask),
            };
            let answer = receiver.await;
            withdraw.keep();
            // If there is no answer at all, the session has ended.
            Ok(answer.unwrap_or(Err(AskFailure::Stopped))?)
        })
    }

    fn is_cancelled(&self, request: RequestKey) -> bool {
        self.0.lock().protocol.is_cancelled(request)
    }

    fn publish(&self, catalog: Arc<Catalog>, changed: Changed) {
        self.0
            .locked(|inner| inner.protocol.set_catalog(Instant::now(), catalog, changed));
    }

    fn lists_changed(&self, changed: Changed) {
        self.0
            .locked(|inner| inner.protocol.lists_changed(Instant::now(), changed));
    }

    fn resource_updated(&self, subscribed: &str, uri: Option<&str>) {
        self.0.locked(|inner| {
            inner
                .protocol
                .resource_updated(Instant::now(), subscribed, uri)
        });
    }
}

/// Removes the capabilities that the operator denies to the component.
fn hide(capabilities: &mut ClientCapabilities, denied: Denied) {
    if denied.sampling {
        capabilities.sampling = None;
    }
    if denied.elicitation {
        capabilities.elicitation = None;
    }
    if denied.roots {
        capabilities.roots = None;
    }
}

/// Withdraws a request to the client unless it has been answered.
struct Withdraw {
    link: Arc<Link>,
    ask: Option<AskKey>,
}

impl Withdraw {
    fn keep(mut self) {
        self.ask = None;
    }
}

impl Drop for Withdraw {
    fn drop(&mut self) {
        if let Some(ask) = self.ask.take() {
            self.link.locked(|inner| {
                inner.asks.remove(&ask);
                inner.protocol.give_up_ask(Instant::now(), ask);
            });
        }
    }
}

/// Returns a placeholder. No guest runs before `initialize`, so it is never seen, but it avoids a
/// panic.
fn unknown_client() -> Client {
    Client {
        info: None,
        capabilities: ClientCapabilities::default(),
        protocol_version: wasi_mcp_protocol::PROTOCOL_VERSION.to_owned(),
        log_level: None,
    }
}

/// Returns the secret that makes a cursor of one session invalid in any other.
fn secret() -> u64 {
    let mut bytes = [0; 8];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u64::from_ne_bytes(bytes),
        // Cursors carry no authority: a weaker secret only makes foreign ones harder to detect.
        Err(_) => std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0),
    }
}

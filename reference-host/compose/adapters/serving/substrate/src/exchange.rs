//! A conversation with a client: the session of the protocol, and the calls of the service that it
//! needs. Nothing here does I/O.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::task::Waker;
#[cfg(feature = "p3")]
use std::time::Duration;
use std::time::Instant;

use wasi_mcp_protocol::http::stored::VALUE_BYTES;
use wasi_mcp_protocol::http::{Refusal, refusal_code};
use wasi_mcp_protocol::json::RawValue;
use wasi_mcp_protocol::wire::{self, Bound, FromJson, ToJson};
use wasi_mcp_protocol::{
    AskFailure, AskKey, AskMethod, AskParams, Call, Changed, ContextError, Effect, Event, Framing,
    Invocation, Lifetime, Limits, Message, MessageKind, Offer, Outcome, Outgoing, OutgoingQueue,
    ParamsCheck, Reception, RequestKey, Return, Route, RpcError, Schemas, Session, StreamId, code,
    mapping,
};
use wasi_mcp_types::capabilities::LogLevel;
use wasi_mcp_types::capabilities::{Client, ClientCapabilities, Server};
use wasi_mcp_types::content::Progress;
use wasi_mcp_types::types::{Error, ErrorCode, Principal};

use crate::kept::Kept;
use crate::settings;

/// The most bytes of messages whose calls wait for their turn.
const QUEUED_BYTES: usize = 64 << 20;
/// The time that calls get to finish when the input has ended, and again when they were cancelled
/// because of it.
#[cfg(feature = "p3")]
const GRACE: Duration = Duration::from_secs(10);

/// Wakes tasks that wait for a change.
#[derive(Default)]
pub struct Bell(RefCell<Vec<Waker>>);

impl Bell {
    /// Wakes them.
    pub fn ring(&self) {
        for waker in self.0.take() {
            waker.wake();
        }
    }

    /// Wakes a task at the next change.
    #[cfg(any(feature = "p3", feature = "authorization"))]
    pub fn wake(&self, waker: &Waker) {
        let mut waiting = self.0.borrow_mut();
        if !waiting.iter().any(|other| other.will_wake(waker)) {
            waiting.push(waker.clone());
        }
    }
}

/// A request of the client, as the service sees it.
pub struct Request {
    key: RequestKey,
    pub id: Option<String>,
    pub meta: Option<String>,
    pub progress_token: Option<String>,
    check: ParamsCheck,
    /// The resource that it subscribes to, or with `false` unsubscribes from.
    subscription: Option<(String, bool)>,
    /// The bytes of its message.
    bytes: usize,
    /// The first of its cancellation, with a reason, and its end.
    pub end: RefCell<Option<End>>,
    /// Rings at the end.
    pub ended: Bell,
}

/// The end of a request for those who wait for its cancellation.
#[derive(Clone)]
pub enum End {
    #[cfg_attr(
        feature = "p2",
        expect(dead_code, reason = "WASI 0.2 cannot wait for it")
    )]
    Cancelled(Option<String>),
    Finished,
}

impl Request {
    fn end(&self, end: End) {
        self.end.borrow_mut().get_or_insert(end);
        self.ended.ring();
    }
}

/// The reason to ask the service for its description.
enum Start {
    /// To answer `initialize`.
    Initialize(RequestKey),
    /// To handle this message of a client whose `initialize` was answered elsewhere.
    #[cfg(feature = "http")]
    Message(Vec<u8>),
}

enum Job {
    Start(Start),
    Call(Rc<Request>, Call),
}

/// A call that was made. A start has a time limit of its own: its message has not been read yet.
enum Running {
    Start(Start, Instant),
    Call(Rc<Request>),
}

/// The progress of the end, once the input has ended.
#[cfg(feature = "p3")]
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The calls may finish until then.
    Finishing(Instant),
    /// They were cancelled, and are left behind then.
    Cancelled(Instant),
    /// They are left behind. What the client does not read by then is lost.
    Left(Instant),
    /// It is over.
    Over,
}

/// A call to make. Without a call, the service is asked for its description.
pub struct Next {
    pub number: u64,
    pub call: Option<(Rc<Request>, Call)>,
}

/// The value that a function of the service returned.
pub enum Returned {
    Server(Server),
    Other(Return),
}

/// The effect of a message of the client.
pub enum Receipt {
    /// No answer is due.
    Accepted,
    /// It is not a message, and this error says so.
    Refused(Vec<u8>),
    /// This is the answer.
    Answered(Vec<u8>),
    /// The answer comes later.
    Pending,
}

/// The reason for which a request has no session.
pub struct NoSession {
    /// The status of the answer.
    pub status: u16,
    /// The reason, for the client.
    pub reason: Cow<'static, str>,
}

impl From<&Refusal> for NoSession {
    fn from(refusal: &Refusal) -> Self {
        Self {
            status: refusal.status,
            reason: refusal.reason.into(),
        }
    }
}

/// The status of an answer.
#[cfg(feature = "http")]
const OK: u16 = 200;

type Answer = Result<Box<RawValue>, AskFailure>;

/// A conversation with a client.
pub struct Exchange {
    lifetime: Lifetime,
    /// The party that sent the request, if it has proven who it is.
    principal: Option<Principal>,
    /// The session that other instances serve, too.
    kept: Option<Kept>,
    /// The reason for which the session could not be changed in its store.
    not_kept: RefCell<Option<NoSession>>,
    limits: Limits,
    session: RefCell<Session>,
    client: RefCell<Client>,
    jobs: RefCell<VecDeque<Job>>,
    /// Bytes of the messages of the calls in `jobs`.
    queued_bytes: Cell<usize>,
    running: RefCell<HashMap<u64, Running>>,
    issued: Cell<u64>,
    requests: RefCell<HashMap<RequestKey, Rc<Request>>>,
    asks: RefCell<HashMap<AskKey, Option<Answer>>>,
    /// Messages on their way to the client.
    outgoing: RefCell<OutgoingQueue>,
    is_stopping: Cell<bool>,
    #[cfg(feature = "p3")]
    ending: Cell<Option<Ending>>,
    /// Everything was written.
    #[cfg(feature = "p3")]
    is_closed: Cell<bool>,
    /// Rings when anything has changed.
    pub changed: Bell,
}

/// Limits for one thread, whose service checks arguments itself.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.remembered_tools = 0;
    limits
}

fn unknown_client(revision: &str) -> Client {
    Client {
        info: None,
        capabilities: ClientCapabilities::default(),
        protocol_version: revision.to_owned(),
        log_level: None,
    }
}

impl Exchange {
    fn new(framing: Framing, lifetime: Lifetime, kept: Option<Kept>) -> Self {
        let limits = limits();
        Self {
            lifetime,
            principal: None,
            kept,
            not_kept: RefCell::default(),
            session: RefCell::new(Session::new(framing, limits.clone(), 0)),
            limits,
            client: RefCell::new(unknown_client(wasi_mcp_protocol::PROTOCOL_VERSION)),
            jobs: RefCell::default(),
            queued_bytes: Cell::new(0),
            running: RefCell::default(),
            issued: Cell::new(0),
            requests: RefCell::default(),
            asks: RefCell::default(),
            outgoing: RefCell::default(),
            is_stopping: Cell::new(false),
            #[cfg(feature = "p3")]
            ending: Cell::new(None),
            #[cfg(feature = "p3")]
            is_closed: Cell::new(false),
            changed: Bell::default(),
        }
    }

    /// Creates the conversation over standard input and output.
    pub fn stdio() -> Self {
        Self::new(Framing::Stdio, Lifetime::Session, None)
    }

    /// Creates the conversation of one HTTP request, perhaps of a session, of this party.
    #[cfg(feature = "http")]
    pub fn http(kept: Option<Kept>, principal: Option<Principal>) -> Self {
        let lifetime = match kept {
            Some(_) => Lifetime::Request,
            None => Lifetime::Message,
        };
        Self {
            principal,
            ..Self::new(Framing::Http, lifetime, kept)
        }
    }

    /// Returns whether the client has yet to be initialized, if this is an `initialize`.
    #[cfg(feature = "http")]
    pub fn is_new(&self) -> bool {
        self.kept.as_ref().is_none_or(Kept::is_new)
    }

    /// Returns the party that sent the request, if it has proven who it is.
    pub fn principal(&self) -> Option<Principal> {
        self.principal.clone()
    }

    /// Returns the id of the session, if it has one.
    pub fn session_id(&self) -> Option<&str> {
        self.kept.as_ref().map(Kept::id)
    }

    /// Returns the status of the answer.
    #[cfg(feature = "http")]
    pub fn status(&self) -> u16 {
        let not_kept = self.not_kept.borrow();
        not_kept.as_ref().map_or(OK, |it| it.status)
    }

    /// Returns the id that the answer tells the client: that of a new session.
    #[cfg(feature = "http")]
    pub fn new_session_id(&self) -> Option<&str> {
        self.session_id().filter(|_| self.is_new())
    }

    /// Returns the most bytes that a message of the client may have.
    pub fn message_bytes(&self) -> usize {
        self.limits.message_bytes
    }

    /// Handles a message of the client.
    pub fn receive(&self, message: &[u8]) -> Receipt {
        let bytes = message.len();
        let message = Message::read(message, &self.limits);
        let now = Instant::now();
        // One stream is enough: over HTTP an exchange has one request.
        let reception = self.session.borrow_mut().handle(now, StreamId(1), message);
        let receipt = match reception {
            Reception::Accepted => Receipt::Accepted,
            Reception::Refused(error) => Receipt::Refused(error),
            Reception::Answered(answer) => Receipt::Answered(answer),
            Reception::Initialize(invocation) => {
                let key = invocation.key;
                match wire::client_from_initialize(invocation.params) {
                    Ok(client) => {
                        self.client.replace(client);
                        self.start(Start::Initialize(key));
                    }
                    Err(fault) => {
                        let outcome = Outcome::Error(RpcError::from(fault));
                        self.session.borrow_mut().finish(now, key, outcome);
                    }
                }
                Receipt::Pending
            }
            Reception::Invoke(invocation) => self.invoke(now, invocation, bytes),
        };
        self.settle();
        receipt
    }

    /// Handles a message of a client whose `initialize` was answered elsewhere, perhaps by another
    /// instance. `is_immediate` says that it needs no component.
    #[cfg(feature = "http")]
    pub fn receive_alone(&self, message: Vec<u8>, revision: &str, is_immediate: bool) -> Receipt {
        let kept = self.kept.as_ref();
        let client = kept.and_then(Kept::client).cloned();
        self.client
            .replace(client.unwrap_or_else(|| unknown_client(revision)));
        let level = kept.and_then(Kept::level);
        self.session.borrow_mut().assume_log_level(level);
        if is_immediate {
            self.session.borrow_mut().assume_initialized(None, 0);
            return self.receive(&message);
        }
        self.start(Start::Message(message));
        self.settle();
        Receipt::Pending
    }

    fn invoke(&self, now: Instant, invocation: Invocation<'_>, bytes: usize) -> Receipt {
        let Invocation {
            key,
            method,
            params,
            meta,
            id,
            progress_token,
            check,
        } = invocation;
        let checked = self.check_queue(bytes).and_then(|()| check.run(&params));
        let call = checked.and_then(|()| mapping::call(method, params).map_err(RpcError::from));
        match call.and_then(|call| self.check_subscription(call)) {
            Ok(call) => {
                let subscription = match &call {
                    Call::Subscribe(uri) => Some((uri.clone(), true)),
                    Call::Unsubscribe(uri) => Some((uri.clone(), false)),
                    _ => None,
                };
                let request = Request {
                    key,
                    id: Some(id.as_json().to_owned()),
                    meta: meta.map(|meta| meta.get().to_owned()),
                    progress_token: progress_token.map(|token| token.get().to_owned()),
                    check,
                    subscription: subscription.filter(|_| self.kept.is_some()),
                    bytes,
                    end: RefCell::default(),
                    ended: Bell::default(),
                };
                self.queue(request, call);
                Receipt::Pending
            }
            Err(error) => match self.session.borrow_mut().refuse(now, key, &error) {
                Some(answer) => Receipt::Answered(answer),
                None => Receipt::Pending,
            },
        }
    }

    /// Fails for a subscription that has no room in a store.
    fn check_subscription(&self, call: Call) -> Result<Call, RpcError> {
        match &call {
            Call::Subscribe(uri) if self.kept.is_some() && uri.len() > VALUE_BYTES => {
                let bytes = uri.len();
                let reason = format!("the URI has {bytes} bytes: expected at most {VALUE_BYTES}");
                Err(RpcError::new(code::INVALID_PARAMS, reason))
            }
            _ => Ok(call),
        }
    }

    /// Fails if the calls that wait for their turn take too much memory.
    fn check_queue(&self, bytes: usize) -> Result<(), RpcError> {
        let queued = self.queued_bytes.get();
        if queued == 0 || queued + bytes <= QUEUED_BYTES {
            return Ok(());
        }
        let reason = format!(
            "calls of {queued} bytes wait for their turn: with this one, they would have more than \
             {QUEUED_BYTES}"
        );
        Err(RpcError::new(code::BUSY, reason))
    }

    /// Queues a call. Its time limit counts from its turn.
    fn queue(&self, request: Request, call: Call) {
        let request = Rc::new(request);
        self.session
            .borrow_mut()
            .queued(Instant::now(), request.key);
        self.queued_bytes
            .set(self.queued_bytes.get() + request.bytes);
        let mut requests = self.requests.borrow_mut();
        requests.insert(request.key, Rc::clone(&request));
        self.jobs.borrow_mut().push_back(Job::Call(request, call));
    }

    fn start(&self, start: Start) {
        match settings::known_offer(self.lifetime) {
            Some(offer) => self.started(start, Ok(offer)),
            None => self.jobs.borrow_mut().push_back(Job::Start(start)),
        }
    }

    /// Continues with what the service offers, or with the reason why it cannot be served.
    fn started(&self, start: Start, offer: Result<Offer, String>) {
        let now = Instant::now();
        match (start, offer) {
            (Start::Initialize(key), Ok(offer)) => match self.store() {
                Ok(()) => {
                    let is_answered = self.session.borrow_mut().started(now, key, offer);
                    if let Some(kept) = self.kept.as_ref().filter(|_| !is_answered) {
                        // It came too late: the client learns no id. What cannot be deleted then
                        // is logged.
                        let _ = kept.end();
                    }
                }
                Err(error) => {
                    let outcome = Outcome::Error(error);
                    self.session.borrow_mut().finish(now, key, outcome);
                }
            },
            (Start::Initialize(key), Err(reason)) => {
                self.session.borrow_mut().start_failed(now, key, &reason);
            }
            #[cfg(feature = "http")]
            (Start::Message(message), offer) => {
                match offer {
                    Ok(offer) => self.session.borrow_mut().assume_initialized(Some(offer), 0),
                    Err(reason) => self.session.borrow_mut().assume_unavailable(reason),
                }
                match self.receive(&message) {
                    Receipt::Answered(answer) => {
                        self.send(self.store_level().err().unwrap_or(answer));
                    }
                    Receipt::Refused(answer) => self.send(answer),
                    Receipt::Accepted | Receipt::Pending => {}
                }
            }
        }
    }

    /// Stores a new session.
    fn store(&self) -> Result<(), RpcError> {
        match &self.kept {
            Some(kept) => self.stored(kept.store(&self.client.borrow())),
            None => Ok(()),
        }
    }

    /// Stores the level that the client has just chosen. The error is the answer in place of the one
    /// that says it was.
    #[cfg(feature = "http")]
    fn store_level(&self) -> Result<(), Vec<u8>> {
        let Some(kept) = &self.kept else {
            return Ok(());
        };
        let level = self.session.borrow().log_level();
        self.stored(kept.set_level(level))
            .map_err(|error| wasi_mcp_protocol::http::refusal(self.status(), &error.message))
    }

    /// Stores the effect of a request that has succeeded.
    fn store_subscription(&self, request: &Request) -> Result<(), RpcError> {
        match (&self.kept, &request.subscription) {
            (Some(kept), Some((uri, is_subscribed))) if !self.is_cancelled(request) => {
                self.stored(kept.set_subscription(uri, *is_subscribed))
            }
            _ => Ok(()),
        }
    }

    fn stored(&self, stored: Result<(), NoSession>) -> Result<(), RpcError> {
        stored.map_err(|error| {
            let (code, message) = (refusal_code(error.status), error.reason.clone());
            self.not_kept.replace(Some(error));
            RpcError::new(code, message.into_owned())
        })
    }

    /// Queues an answer that the session did not send itself.
    pub fn send(&self, answer: Vec<u8>) {
        self.outgoing.borrow_mut().push(Outgoing {
            kind: MessageKind::Response { is_error: false },
            text: answer,
        });
        self.changed.ring();
    }

    /// Returns the next message for the client. Report its bytes when they are
    /// [written](Self::written).
    pub fn take_outgoing(&self) -> Option<Outgoing> {
        self.outgoing.borrow_mut().pop()
    }

    /// Records that a message was written to the client, or will never be.
    pub fn written(&self, bytes: usize) {
        self.outgoing.borrow_mut().written(bytes);
        self.changed.ring();
    }

    /// Returns whether the client may be read from. It must read first if much waits for it.
    pub fn has_room(&self) -> bool {
        !self.outgoing.borrow().is_full()
    }

    /// Fails while the client has too much unread output.
    fn check_unread(&self) -> Result<(), String> {
        let (unread, limit) = (self.outgoing.borrow().bytes(), self.limits.unread_bytes);
        if unread <= limit {
            return Ok(());
        }
        Err(format!(
            "the client has yet to take {unread} bytes; while there are more than {limit}, \
             nothing is added"
        ))
    }

    /// Returns whether messages for the client wait.
    #[cfg(feature = "p3")]
    pub fn has_outgoing(&self) -> bool {
        !self.outgoing.borrow().is_empty()
    }

    /// Sends what is held back. Call it before the output ends.
    pub fn flush_held(&self) {
        self.session.borrow_mut().flush(Instant::now());
        self.settle();
    }

    /// Records that everything was written to the client.
    #[cfg(feature = "p3")]
    pub fn close(&self) {
        self.is_closed.set(true);
        self.changed.ring();
    }

    /// Returns whether everything was written to the client.
    #[cfg(feature = "p3")]
    pub fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// Returns whether calls were left behind: they went on long after the input had ended.
    #[cfg(feature = "p3")]
    pub fn has_left_calls(&self) -> bool {
        matches!(self.ending.get(), Some(Ending::Left(_) | Ending::Over))
    }

    /// Does what the session asks for.
    fn settle(&self) {
        loop {
            let effect = self.session.borrow_mut().poll_effect();
            let Some(effect) = effect else { break };
            match effect {
                // Over HTTP there is only the stream of the request.
                Effect::Send {
                    route: Route::Unrelated,
                    message,
                } if self.lifetime != Lifetime::Session => {
                    let is_update = message.kind == MessageKind::ResourceUpdated;
                    if is_update && self.is_in_flight() {
                        self.outgoing.borrow_mut().push(message);
                    }
                }
                Effect::Send { message, .. } => self.outgoing.borrow_mut().push(message),
                Effect::Cancel { key, reason } => {
                    if let Some(request) = self.requests.borrow().get(&key) {
                        request.end(End::Cancelled(reason));
                    }
                }
                Effect::AskAnswered { ask, answer } => {
                    // Without an entry, the guest no longer waits for it.
                    if let Some(entry) = self.asks.borrow_mut().get_mut(&ask) {
                        *entry = Some(answer);
                    }
                }
                Effect::Notify { key, event, meta } => {
                    let request = Request {
                        key,
                        id: None,
                        meta: meta.map(|meta| meta.get().to_owned()),
                        progress_token: None,
                        check: ParamsCheck::default(),
                        subscription: None,
                        bytes: 0,
                        end: RefCell::default(),
                        ended: Bell::default(),
                    };
                    let call = match event {
                        Event::Initialized => Call::Initialized,
                        Event::RootsChanged => Call::RootsChanged,
                    };
                    self.queue(request, call);
                }
                // The stream of a cancelled request is the standard output.
                Effect::End { .. }
                // Nothing is streamed, no instance is replaced, and clients are not pinged.
                | Effect::SendStreamed { .. }
                | Effect::Resubscribe { .. }
                | Effect::PingUnanswered => {}
            }
        }
        self.changed.ring();
    }

    /// Takes the next call to make.
    pub fn take_job(&self) -> Option<Next> {
        loop {
            let job = self.jobs.borrow_mut().pop_front()?;
            let now = Instant::now();
            let (running, call) = match job {
                Job::Start(start) => {
                    let due = now + self.limits.request_time;
                    (Running::Start(start, due), None)
                }
                Job::Call(request, call) => {
                    let queued = self.queued_bytes.get();
                    self.queued_bytes.set(queued.saturating_sub(request.bytes));
                    if self.is_cancelled(&request) {
                        self.finish(&request, Outcome::Empty);
                        continue;
                    }
                    self.session.borrow_mut().begun(now, request.key);
                    (Running::Call(Rc::clone(&request)), Some((request, call)))
                }
            };
            let number = self.issued.get() + 1;
            self.issued.set(number);
            self.running.borrow_mut().insert(number, running);
            return Some(Next { number, call });
        }
    }

    /// Returns whether calls run or wait to be made.
    #[cfg(feature = "p3")]
    pub fn is_busy(&self) -> bool {
        !self.running.borrow().is_empty() || !self.jobs.borrow().is_empty()
    }

    /// Handles the end of a call.
    pub fn finished(&self, number: u64, returned: Result<Returned, Error>) {
        let job = self.running.borrow_mut().remove(&number);
        match job {
            None => {}
            Some(Running::Start(start, _)) => {
                let offer = match returned {
                    Ok(Returned::Server(server)) => settings::offer(&server, self.lifetime),
                    Ok(Returned::Other(_)) => Err("it does not describe itself".to_owned()),
                    Err(error) => Err(error.message),
                };
                self.started(start, offer);
                self.settle();
            }
            Some(Running::Call(request)) => {
                let result = returned.map(|returned| match returned {
                    Returned::Other(returned) => returned,
                    Returned::Server(_) => Return::Empty,
                });
                let bound = Bound {
                    bytes: self.limits.result_bytes,
                    exceeded: &|| {},
                };
                let stored = match &result {
                    Ok(_) => self.store_subscription(&request),
                    Err(_) => Ok(()),
                };
                let unread = |reason| RpcError::new(code::BUSY, reason);
                let outcome = match stored.and_then(|()| self.check_unread().map_err(unread)) {
                    Ok(()) => mapping::outcome(&request.check, result, bound, &Schemas::default()),
                    Err(error) => Outcome::Error(error),
                };
                if self.lifetime == Lifetime::Request {
                    // Nothing can follow the response.
                    self.flush_held();
                }
                self.finish(&request, outcome);
            }
        }
    }

    fn finish(&self, request: &Request, outcome: Outcome) {
        let now = Instant::now();
        self.session.borrow_mut().finish(now, request.key, outcome);
        self.requests.borrow_mut().remove(&request.key);
        request.end(End::Finished);
        self.settle();
    }

    /// Returns when to call [`tick`](Self::tick).
    pub fn next_timeout(&self) -> Option<Instant> {
        let running = self.running.borrow();
        let starts = running.values().filter_map(|running| match running {
            Running::Start(_, due) => Some(*due),
            Running::Call(_) => None,
        });
        let next = starts.chain(self.session.borrow().next_timeout()).min();
        #[cfg(feature = "p3")]
        let next = match self.ending.get() {
            Some(Ending::Finishing(at) | Ending::Cancelled(at) | Ending::Left(at)) => {
                Some(next.map_or(at, |next| next.min(at)))
            }
            Some(Ending::Over) | None => next,
        };
        next
    }

    /// Does what is due by now.
    pub fn tick(&self) {
        let now = Instant::now();
        self.session.borrow_mut().handle_timeout(now);
        let seconds = self.limits.request_time.as_secs();
        let late = format!("it took longer than {seconds} s to describe itself");
        self.end_starts(&late, |due| due <= now);
        #[cfg(feature = "p3")]
        self.continue_ending(now);
        self.settle();
    }

    /// Fails the starts with a due time of this kind.
    fn end_starts(&self, reason: &str, is_ended: impl Fn(Instant) -> bool) {
        let mut running = self.running.borrow_mut();
        let ended: Vec<_> = running
            .extract_if(|_, it| matches!(it, Running::Start(_, due) if is_ended(*due)))
            .collect();
        drop(running);
        for (_, running) in ended {
            if let Running::Start(start, _) = running {
                self.started(start, Err(reason.to_owned()));
            }
        }
    }

    /// Takes the next step towards the end, if it is due.
    #[cfg(feature = "p3")]
    fn continue_ending(&self, now: Instant) {
        let next = match self.ending.get() {
            Some(Ending::Finishing(at)) if at <= now => {
                let reason = "the server stops";
                self.end_starts(reason, |_| true);
                let requests: Vec<_> = self.requests.borrow().values().cloned().collect();
                for request in requests {
                    let outcome = Outcome::Lost(reason.to_owned());
                    self.session.borrow_mut().finish(now, request.key, outcome);
                    request.end(End::Cancelled(Some(reason.to_owned())));
                }
                Ending::Cancelled(now + GRACE)
            }
            Some(Ending::Cancelled(at)) if at <= now => {
                self.running.borrow_mut().clear();
                self.jobs.borrow_mut().clear();
                Ending::Left(now + GRACE)
            }
            Some(Ending::Left(at)) if at <= now => {
                self.is_closed.set(true);
                Ending::Over
            }
            _ => return,
        };
        self.ending.set(Some(next));
    }

    /// Begins to stop: the client has ended its input.
    pub fn stop(&self) {
        if !self.is_stopping.replace(true) {
            let mut session = self.session.borrow_mut();
            let now = Instant::now();
            session.stop(now, "the client has ended its input");
            drop(session);
            #[cfg(feature = "p3")]
            self.ending.set(Some(Ending::Finishing(now + GRACE)));
            self.settle();
        }
    }

    /// Returns whether it has begun to stop.
    pub fn is_stopping(&self) -> bool {
        self.is_stopping.get()
    }

    /// Returns the client of a request.
    pub fn client(&self) -> Client {
        let mut client = self.client.borrow().clone();
        client.log_level = self.session.borrow().log_level().map(Into::into);
        client
    }

    /// Returns whether a request was cancelled.
    pub fn is_cancelled(&self, request: &Request) -> bool {
        self.session.borrow().is_cancelled(request.key)
            || matches!(&*request.end.borrow(), Some(End::Cancelled(_)))
    }

    /// Reports progress of the service.
    pub fn report_progress(&self, request: &Request, progress: Progress) -> Result<(), Error> {
        let Progress {
            progress,
            total,
            message,
        } = progress;
        let (now, message) = (Instant::now(), message.as_deref());
        let mut session = self.session.borrow_mut();
        let reported = session.report_progress(now, request.key, progress, total, message);
        drop(session);
        self.settle();
        Ok(reported?)
    }

    /// Sends a log message of the service.
    pub fn log(
        &self,
        request: Option<&Request>,
        level: LogLevel,
        logger: Option<&str>,
        data: &str,
    ) -> Result<(), Error> {
        let (now, key) = (Instant::now(), request.map(|request| request.key));
        let mut session = self.session.borrow_mut();
        let logged = session.log(now, key, level.into(), logger, data);
        drop(session);
        self.settle();
        Ok(logged?)
    }

    /// Announces list changes.
    pub fn lists_changed(&self, changed: Changed) {
        let mut session = self.session.borrow_mut();
        session.lists_changed(Instant::now(), changed);
        drop(session);
        self.settle();
    }

    /// Returns whether a request of the client is in flight, whose stream takes messages.
    pub fn is_in_flight(&self) -> bool {
        !self.requests.borrow().is_empty()
    }

    /// Announces a change of a resource.
    pub fn resource_updated(&self, subscribed: &str, uri: Option<&str>) {
        if let Some(kept) = &self.kept {
            // The client may have subscribed elsewhere, and meanwhile. A failure is logged.
            let is_subscribed = kept.is_subscribed(subscribed).unwrap_or(false);
            let mut session = self.session.borrow_mut();
            session.assume_subscription(subscribed, is_subscribed);
        }
        let mut session = self.session.borrow_mut();
        session.resource_updated(Instant::now(), subscribed, uri);
        drop(session);
        self.settle();
    }

    /// Asks the client. The answer is taken with [`take_answer`](Self::take_answer).
    pub fn ask(
        &self,
        request: &Request,
        method: AskMethod,
        params: &impl AskJson,
    ) -> Result<AskKey, Error> {
        let check = self.session.borrow_mut().check_ask(request.key, method);
        check?;
        self.check_unread().map_err(ContextError::Busy)?;
        let params = params.json(self.limits.result_bytes)?;
        let params = AskParams::check(params.as_deref(), self.limits.depth).map_err(Error::from)?;
        let now = Instant::now();
        let mut session = self.session.borrow_mut();
        let asked: Result<AskKey, ContextError> =
            session.send_ask(now, request.key, method, params);
        drop(session);
        let key = asked?;
        self.asks.borrow_mut().insert(key, None);
        self.settle();
        Ok(key)
    }

    /// Takes the answer of the client, once it has come.
    pub fn take_answer<T: FromJson>(
        &self,
        ask: AskKey,
        method: AskMethod,
    ) -> Option<Result<T, Error>> {
        let mut asks = self.asks.borrow_mut();
        if let Some(None) = asks.get(&ask) {
            return None;
        }
        let answer = asks.remove(&ask).flatten();
        Some(match answer.unwrap_or(Err(AskFailure::Stopped)) {
            Ok(answer) => T::read(&answer).map_err(|fault| {
                let message = format!("malformed result of {}: {fault}", method.name());
                Error::new(ErrorCode::InternalError, message)
            }),
            Err(failure) => Err(failure.into()),
        })
    }

    /// Gives up on an answer.
    #[cfg(feature = "p3")]
    pub fn give_up(&self, ask: AskKey) {
        if self.asks.borrow_mut().remove(&ask).is_some() {
            let mut session = self.session.borrow_mut();
            session.give_up_ask(Instant::now(), ask);
            drop(session);
            self.settle();
        }
    }
}

/// The parameters of a request to the client.
pub trait AskJson {
    /// Returns them as JSON text, of so many bytes at most.
    fn json(&self, bytes: usize) -> Result<Option<String>, Error>;
}

impl<T: ToJson> AskJson for T {
    fn json(&self, bytes: usize) -> Result<Option<String>, Error> {
        let bound = Bound {
            bytes,
            exceeded: &|| {},
        };
        let json = wire::to_json_within(self, bound).map_err(|fault| invalid_params(&fault))?;
        let text = String::from_utf8(json).map_err(|error| invalid_params(&error))?;
        Ok(Some(text))
    }
}

/// The parameters of `roots/list`: `_meta` alone.
pub struct ListRoots(pub Option<String>);

impl AskJson for ListRoots {
    fn json(&self, bytes: usize) -> Result<Option<String>, Error> {
        let bound = Bound {
            bytes,
            exceeded: &|| {},
        };
        wire::list_roots_params(self.0.as_deref(), bound).map_err(|reason| invalid_params(&reason))
    }
}

fn invalid_params(fault: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorCode::InvalidParams, fault.to_string())
}

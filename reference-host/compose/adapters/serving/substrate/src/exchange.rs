//! A conversation with a client: the session of the protocol, and the calls of the service that it
//! needs. Nothing here does I/O.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::task::Waker;
use std::time::Instant;

use wasi_mcp_protocol::json::RawValue;
use wasi_mcp_protocol::wire::{self, Bound, FromJson, ToJson};
use wasi_mcp_protocol::{
    AskFailure, AskKey, AskMethod, AskParams, Call, Changed, ContextError, Effect, Event, Framing,
    Invocation, Lifetime, Limits, Message, MessageKind, Offer, Outcome, Outgoing, ParamsCheck,
    Reception, RequestKey, Return, RpcError, Schemas, Session, StreamId, json, mapping,
};
use wasi_mcp_types::capabilities::LogLevel;
use wasi_mcp_types::capabilities::{Client, ClientCapabilities, Server};
use wasi_mcp_types::content::Progress;
use wasi_mcp_types::types::{Error, ErrorCode};

use crate::settings;

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
    #[cfg(feature = "p3")]
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

/// What becomes of a message.
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

type Answer = Result<Box<RawValue>, AskFailure>;

/// A conversation with a client.
pub struct Exchange {
    lifetime: Lifetime,
    limits: Limits,
    session: RefCell<Session>,
    client: RefCell<Client>,
    jobs: RefCell<VecDeque<Job>>,
    running: RefCell<HashMap<u64, Job>>,
    issued: Cell<u64>,
    requests: RefCell<HashMap<RequestKey, Rc<Request>>>,
    asks: RefCell<HashMap<AskKey, Option<Answer>>>,
    /// Messages on their way to the client.
    outgoing: RefCell<VecDeque<Outgoing>>,
    is_stopping: Cell<bool>,
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
    fn new(framing: Framing, lifetime: Lifetime) -> Self {
        let limits = limits();
        Self {
            lifetime,
            session: RefCell::new(Session::new(framing, limits.clone(), 0)),
            limits,
            client: RefCell::new(unknown_client(wasi_mcp_protocol::PROTOCOL_VERSION)),
            jobs: RefCell::default(),
            running: RefCell::default(),
            issued: Cell::new(0),
            requests: RefCell::default(),
            asks: RefCell::default(),
            outgoing: RefCell::default(),
            is_stopping: Cell::new(false),
            #[cfg(feature = "p3")]
            is_closed: Cell::new(false),
            changed: Bell::default(),
        }
    }

    /// Creates the conversation over standard input and output.
    pub fn stdio() -> Self {
        Self::new(Framing::Stdio, Lifetime::Session)
    }

    /// Creates the conversation of one HTTP request.
    #[cfg(feature = "http")]
    pub fn http() -> Self {
        Self::new(Framing::Http, Lifetime::Message)
    }

    /// Returns the most bytes that a message of the client may have.
    pub fn message_bytes(&self) -> usize {
        self.limits.message_bytes
    }

    /// Handles a message of the client.
    pub fn receive(&self, message: &[u8]) -> Receipt {
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
            Reception::Invoke(invocation) => self.invoke(now, invocation),
        };
        self.settle();
        receipt
    }

    /// Handles a message of a client whose `initialize` was answered elsewhere, perhaps by another
    /// instance. `is_immediate` says that it needs no component.
    #[cfg(feature = "http")]
    pub fn receive_alone(&self, message: Vec<u8>, revision: &str, is_immediate: bool) -> Receipt {
        self.client.replace(unknown_client(revision));
        if is_immediate {
            self.session.borrow_mut().assume_initialized(None, 0);
            return self.receive(&message);
        }
        self.start(Start::Message(message));
        self.settle();
        Receipt::Pending
    }

    fn invoke(&self, now: Instant, invocation: Invocation<'_>) -> Receipt {
        let Invocation {
            key,
            method,
            params,
            meta,
            id,
            progress_token,
            check,
        } = invocation;
        let checked = check.run(&params);
        match checked.and_then(|()| mapping::call(method, params).map_err(RpcError::from)) {
            Ok(call) => {
                let request = Request {
                    key,
                    id: Some(id.as_json().to_owned()),
                    meta: meta.map(|meta| meta.get().to_owned()),
                    progress_token: progress_token.map(|token| token.get().to_owned()),
                    check,
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

    fn queue(&self, request: Request, call: Call) {
        let request = Rc::new(request);
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
            (Start::Initialize(key), Ok(offer)) => {
                self.session.borrow_mut().started(now, key, offer);
            }
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
                    Receipt::Answered(answer) | Receipt::Refused(answer) => self.send(answer),
                    Receipt::Accepted | Receipt::Pending => {}
                }
            }
        }
    }

    /// Queues an answer that the session did not send itself.
    pub fn send(&self, answer: Vec<u8>) {
        self.outgoing.borrow_mut().push_back(Outgoing {
            kind: MessageKind::Response { is_error: false },
            text: answer,
        });
        self.changed.ring();
    }

    /// Returns the next message for the client.
    pub fn take_outgoing(&self) -> Option<Outgoing> {
        self.outgoing.borrow_mut().pop_front()
    }

    /// Returns whether messages for the client wait.
    #[cfg(feature = "p3")]
    pub fn has_outgoing(&self) -> bool {
        !self.outgoing.borrow().is_empty()
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

    /// Does what the session asks for.
    fn settle(&self) {
        loop {
            let effect = self.session.borrow_mut().poll_effect();
            let Some(effect) = effect else { break };
            match effect {
                Effect::Send { message, .. } => self.outgoing.borrow_mut().push_back(message),
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
            if let Job::Call(request, _) = &job
                && self.session.borrow().is_cancelled(request.key)
            {
                self.finish(request, Outcome::Empty);
                continue;
            }
            let number = self.issued.get() + 1;
            self.issued.set(number);
            let call = match &job {
                Job::Start(_) => None,
                Job::Call(request, call) => Some((Rc::clone(request), call.clone())),
            };
            self.running.borrow_mut().insert(number, job);
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
            Some(Job::Start(start)) => {
                let offer = match returned {
                    Ok(Returned::Server(server)) => settings::offer(&server, self.lifetime),
                    Ok(Returned::Other(_)) => Err("it does not describe itself".to_owned()),
                    Err(error) => Err(error.message),
                };
                self.started(start, offer);
                self.settle();
            }
            Some(Job::Call(request, _)) => {
                let result = returned.map(|returned| match returned {
                    Returned::Other(returned) => returned,
                    Returned::Server(_) => Return::Empty,
                });
                let bound = Bound {
                    bytes: self.limits.result_bytes,
                    exceeded: &|| {},
                };
                let outcome = mapping::outcome(&request.check, result, bound, &Schemas::default());
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
        self.session.borrow().next_timeout()
    }

    /// Does what is due by now.
    pub fn tick(&self) {
        self.session.borrow_mut().handle_timeout(Instant::now());
        self.settle();
    }

    /// Begins to stop: the client has ended its input.
    pub fn stop(&self) {
        if !self.is_stopping.replace(true) {
            let mut session = self.session.borrow_mut();
            session.stop(Instant::now(), "the client has ended its input");
            drop(session);
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

    /// Announces a change of a resource.
    pub fn resource_updated(&self, subscribed: &str, uri: Option<&str>) {
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
        let Some(meta) = &self.0 else {
            return Ok(None);
        };
        if meta.len() > bytes {
            let fault = json::Fault::new(format!("JSON of at most {bytes} bytes"));
            return Err(invalid_params(&fault.within("meta")));
        }
        let meta = json::check(meta.as_bytes(), wire::MAX_DEPTH)
            .map_err(|defect| invalid_params(&defect))?;
        if !meta.trim_start().starts_with('{') {
            return Err(invalid_params(
                &json::Fault::new("an object").within("meta"),
            ));
        }
        Ok(Some(format!(r#"{{"_meta":{meta}}}"#)))
    }
}

fn invalid_params(fault: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorCode::InvalidParams, fault.to_string())
}

//! A session with a server: sending arbitrary messages, waiting for answers, playing the client,
//! and an orderly end.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use ::http::{HeaderMap, HeaderValue, Method};
use serde_json::{Map, Value, json};
use tokio::task::AbortHandle;

use super::client_role::ClientRole;
use super::connection::{Connection, Transport};
use super::http::{HttpLink, LAST_EVENT_ID, SESSION_ID, next_piece};
use super::limits::{KEPT_LIMIT, MESSAGE_COST, MESSAGE_LIMIT, UNDER_WAY_LIMIT, mebibytes};
use super::lines::{Line, LineLink, read_lines};
use super::log::{Direction, Entry, Exchange, Log, State, StreamEvent, Via};
use super::reply::{Body, Reply};
use super::sse::{Event, Parser};
use super::text::{self, Assembly};
use crate::model::Finding;
use crate::model::duration::in_words;
use crate::model::requirements::REVISION;
use crate::wire::envelope::{Defect, Message, Rule};
use crate::wire::identifier::Identifier;
use crate::wire::shapes::shorten;

/// The time for a server to end a stream after its response.
const STREAM_PATIENCE: Duration = Duration::from_millis(2200);

/// The time to wait for the exit status of a process after its output has ended.
const EXIT: Duration = Duration::from_millis(500);

/// The time limits of the driver.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// For the answer to the first `initialize` of a session. The server may have to be fetched,
    /// built and started first.
    pub start: Duration,
    /// For an expected answer.
    pub answer: Duration,
    /// For a tool of unknown duration, before its call is cancelled.
    pub call: Duration,
    /// For a tool that reports progress, in total.
    pub progressing: Duration,
    /// For a message that must not arrive, beyond a round trip of ping.
    pub quiet: Duration,
    /// For a server to end after its input has ended.
    pub grace: Duration,
    /// For a server to give up an unanswered request of its own, and to send its next ping; `None`
    /// if unknown.
    pub peer_timeout: Option<Duration>,
}

impl Timing {
    /// For a server in this process, which answers at once.
    pub const NEAR: Self = Self {
        start: Duration::from_secs(30),
        answer: Duration::from_secs(10),
        call: Duration::from_millis(1000),
        progressing: Duration::from_secs(5),
        quiet: Duration::from_millis(60),
        grace: Duration::from_secs(5),
        peer_timeout: Some(Duration::from_secs(10)),
    };

    /// Allows this much time for an answer, and no more for anything shorter.
    pub fn allow(&mut self, answer: Duration) {
        self.answer = answer;
        self.call = self.call.min(answer);
        self.progressing = self.progressing.min(answer);
    }

    /// Returns the time for a lost server to come back.
    pub fn recovery(&self) -> Duration {
        self.answer / 3
    }

    /// For any other server.
    pub const FAR: Self = Self {
        start: Duration::from_secs(30),
        answer: Duration::from_secs(15),
        call: Duration::from_secs(3),
        progressing: Duration::from_secs(15),
        quiet: Duration::from_millis(250),
        grace: Duration::from_secs(5),
        peer_timeout: None,
    };
}

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Its id.
    pub id: Identifier,
    /// Position in the log from which on its answer is searched.
    pub from: usize,
    /// The channel.
    pub via: Via,
    /// True if it asks to begin a session.
    opening: bool,
    sent: String,
}

/// The reaction to a raw message.
#[derive(Clone, Debug)]
pub struct RawReply {
    /// The raw message, shortened for messages.
    pub sent: String,
    /// The responses, with or without an id.
    pub responses: Vec<Arc<Entry>>,
    /// The HTTP exchange.
    pub exchange: Option<Exchange>,
    /// The reason why the session is unusable, if it is.
    pub dead: Option<String>,
}

/// The end of a ping without an answer.
#[derive(Clone, Debug)]
pub struct NoPong {
    /// True if no answer of any kind came in time, and the connection is open.
    pub silent: bool,
    /// The outcome, for a message to a reader.
    pub why: String,
}

/// A session with a server.
#[derive(Clone)]
pub struct Session {
    inner: Arc<SessionState>,
}

struct SessionState {
    log: Arc<Log>,
    link: Link,
    role: ClientRole,
    timing: Timing,
    next: AtomicI64,
    result: OnceLock<Value>,
    closing: AtomicBool,
    /// The position of the first of the last requests without any message after them, if there are
    /// any.
    unheard: Mutex<Option<usize>>,
    heartbeat: OnceLock<&'static str>,
    tasks: Mutex<Vec<(Option<usize>, AbortHandle)>>,
}

enum Link {
    Lines(LineLink),
    Http(Box<HttpLink>),
}

impl Session {
    /// Creates a session over a connection with an empty log. Nothing is sent yet.
    pub fn over(connection: Connection, role: ClientRole, timing: Timing, log: Log) -> Self {
        let log = Arc::new(log);
        let (link, output) = match connection {
            Connection::Lines(lines) => {
                let (link, output) = LineLink::new(lines, &log);
                (Link::Lines(link), Some(output))
            }
            Connection::Http(endpoint) => (Link::Http(Box::new(HttpLink::new(*endpoint))), None),
        };
        let inner = Arc::new(SessionState {
            log,
            link,
            role,
            timing,
            next: AtomicI64::new(1),
            result: OnceLock::new(),
            closing: AtomicBool::new(false),
            unheard: Mutex::default(),
            heartbeat: OnceLock::new(),
            tasks: Mutex::default(),
        });
        if let Some(output) = output {
            let reader = inner.clone();
            let task = tokio::spawn(async move {
                let mut assembly = Assembly::default();
                let read = read_lines(output, |line| reader.take_line(&mut assembly, line)).await;
                for rest in assembly.give_up() {
                    reader.arrived(Via::Line, rest.bytes, true, Vec::new());
                }
                let why = read
                    .err()
                    .map_or("its output ended".to_owned(), |error| error.to_string());
                let ends_by_itself = reader.log.read().ending.is_none();
                if let (true, Link::Lines(link)) = (ends_by_itself, &reader.link) {
                    link.reap(&reader.log).await;
                }
                // Abandoning a session sets the reason first.
                reader.log.write(|state| {
                    if !state.given_up {
                        state.closed = Some(why);
                    }
                });
            });
            inner.keep_task(None, task.abort_handle());
        }
        Self { inner }
    }

    /// Returns the log.
    pub fn log(&self) -> &Arc<Log> {
        &self.inner.log
    }

    /// Returns the client that the driver plays.
    pub fn role(&self) -> &ClientRole {
        &self.inner.role
    }

    /// Returns the time limits.
    pub fn timing(&self) -> Timing {
        self.inner.timing
    }

    /// Returns the transport.
    pub fn transport(&self) -> Transport {
        match self.inner.link {
            Link::Lines(_) => Transport::Stdio,
            Link::Http(_) => Transport::Http,
        }
    }

    /// Returns the result of `initialize`, [`Value::Null`] before it has arrived.
    pub fn initialize_result(&self) -> &Value {
        self.inner.result.get().unwrap_or(&Value::Null)
    }

    /// Returns the capabilities of the server.
    pub fn capabilities(&self) -> &Value {
        self.initialize_result()
            .get("capabilities")
            .unwrap_or(&Value::Null)
    }

    /// Returns true if the server declared a capability, with this flag if one is named.
    pub fn offers(&self, capability: &str, flag: Option<&str>) -> bool {
        match (self.capabilities().get(capability), flag) {
            (None | Some(Value::Null), _) => false,
            (Some(_), None) => true,
            (Some(found), Some(flag)) => found.get(flag) == Some(&Value::Bool(true)),
        }
    }

    /// Returns true if a process of its own serves it.
    pub fn has_process(&self) -> bool {
        matches!(&self.inner.link, Link::Lines(link) if link.is_process())
    }

    /// Returns true if the session is open, as far as the driver knows.
    pub fn is_open(&self) -> bool {
        let state = self.log().read();
        !self.inner.closing.load(Ordering::Relaxed) && state.closed.is_none() && !state.refused
    }

    /// Returns true if it is the same session.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// Returns an integer id that this session has not used.
    pub fn fresh_id(&self) -> Identifier {
        Identifier::integer(self.inner.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Sends `initialize` with this revision.
    pub async fn initialize(&self, version: &str) -> Reply {
        let params = json!({
            "protocolVersion": version,
            "capabilities": self.role().capabilities(),
            "clientInfo": self.role().info(),
        });
        let first = self.inner.result.get().is_none();
        let timing = self.inner.timing;
        let pending = self.begin("initialize", params).await;
        let within = if first { timing.start } else { timing.answer };
        let began = Instant::now();
        self.log().count_waiting(!first);
        let reply = self.reply(&pending, within).await;
        self.log().count_waiting(true);
        if first {
            self.log().clock().started(began.elapsed());
        }
        if let Body::Result(result) = &reply.body {
            // A second initialize does not replace the negotiated result.
            let _ = self.inner.result.set(result.clone());
            if let (Link::Http(link), Some(version)) =
                (&self.inner.link, result["protocolVersion"].as_str())
            {
                link.keep_version(version);
            }
        }
        reply
    }

    /// Sends the `initialize` of a usual session.
    ///
    /// # Errors
    ///
    /// When there is no result. It is not a violation, as it says nothing about the subject of the
    /// check.
    pub async fn introduce(&self) -> Result<(), Finding> {
        let reply = self.initialize(REVISION).await;
        if reply.result().is_ok() {
            return Ok(());
        }
        if !self.is_open() {
            // The exit status and stderr may follow shortly after the end of the output.
            let exit = |state: &State| state.exit.clone();
            self.log().until(EXIT, exit).await;
        }
        let words = self.log().last_words();
        let hint = if reply.is_silence() {
            " (--start-timeout)"
        } else {
            ""
        };
        Err(Finding::Broken(format!(
            "no session could be opened: initialize got {}{hint}{words}",
            reply.came()
        )))
    }

    /// Initializes the session. Over HTTP it also opens a listening stream.
    ///
    /// # Errors
    ///
    /// As [`introduce`](Self::introduce).
    pub async fn handshake(&self) -> Result<(), Finding> {
        self.introduce().await?;
        self.notify("notifications/initialized", Value::Null).await;
        self.listen().await;
        Ok(())
    }

    /// Opens a listening stream over HTTP and waits for its head. Returns the number of the
    /// exchange; `None` over stdio.
    pub async fn listen(&self) -> Option<usize> {
        let Link::Http(link) = &self.inner.link else {
            return None;
        };
        let index = self
            .inner
            .exchange(Method::GET, link.get_headers(), Vec::new());
        self.head_of(index).await;
        Some(index)
    }

    /// Returns true if the server can send messages outside any request, which over HTTP needs a
    /// listening stream.
    pub fn is_listening(&self) -> bool {
        let listens = |exchange: &Exchange| {
            exchange.method == Method::GET && exchange.is_stream && exchange.ended.is_none()
        };
        match self.inner.link {
            Link::Lines(_) => true,
            Link::Http(_) => self.log().read().exchanges.iter().any(listens),
        }
    }

    /// Sends a request and waits for its answer.
    pub async fn request(&self, method: &str, params: Value) -> Reply {
        let pending = self.begin(method, params).await;
        self.reply(&pending, self.inner.timing.answer).await
    }

    /// Sends a request that the server should refuse, and waits only briefly.
    pub async fn probe(&self, method: &str, params: Value) -> Reply {
        let pending = self.begin(method, params).await;
        self.refusal(&pending).await
    }

    /// Waits briefly for the answer to a request that the server should refuse, but at least as
    /// long as the answers to later pings take, which is long on a busy machine.
    pub async fn refusal(&self, pending: &Pending) -> Reply {
        const ROUNDS: usize = 3;
        let within = self.inner.timing.call;
        let mut reply = self.reply(pending, within).await;
        for _ in 0..ROUNDS {
            if !reply.is_silence() || self.fence().await.is_err() {
                break;
            }
            reply = self.reply(pending, within / 4).await;
        }
        reply
    }

    /// Sends a request with a fresh id.
    pub async fn begin(&self, method: &str, params: Value) -> Pending {
        self.begin_as(self.fresh_id(), method, params).await
    }

    /// Sends a request with this id.
    pub async fn begin_as(&self, id: Identifier, method: &str, params: Value) -> Pending {
        let message = request_text(&id, method, &params);
        let from = self.log().len();
        let via = self.send(message.as_bytes()).await;
        Pending {
            id,
            from,
            via,
            opening: method == "initialize",
            sent: shorten(&message, 200),
        }
    }

    /// Waits for the answer to a request for at most this long.
    pub async fn reply(&self, pending: &Pending, within: Duration) -> Reply {
        let found = self
            .log()
            .until(within, |state| answer_in(state, pending))
            .await;
        let (body, entry) = match found {
            Some(Found::Entry(entry)) => (body_of(&entry), Some(entry)),
            Some(Found::Refused(what)) => (Body::Refused(what), None),
            Some(Found::Closed(why)) => (Body::Closed(why), None),
            None => (self.silence(pending, within).await, None),
        };
        if pending.opening && matches!(body, Body::Error(_)) {
            self.forget_session();
        }
        let status = match pending.via {
            Via::Post(index) => self
                .log()
                .read()
                .exchanges
                .get(index)
                .and_then(|exchange| exchange.status),
            Via::Line | Via::Get(_) => None,
        };
        let strayed = match entry {
            Some(_) => None,
            None => strayed_answer(&self.log().read(), pending),
        };
        Reply {
            sent: pending.sent.clone(),
            body,
            status,
            entry,
            strayed,
            from: pending.from,
        }
    }

    /// Forgets the id of a session that did not begin. A server may send it before it knows that.
    fn forget_session(&self) {
        if let (Link::Http(link), None) = (&self.inner.link, self.inner.result.get()) {
            link.forget_session();
            self.log().write(|state| state.session_id = None);
        }
    }

    /// Records that nothing came in this time. Abandons the session when two full waits in a row
    /// brought no sign of life: the server hangs, and further waits would be in vain. The head of an
    /// answer alone is a sign only if a ping is answered beside it.
    async fn silence(&self, pending: &Pending, within: Duration) -> Body {
        let answer = self.inner.timing.answer;
        if within < answer {
            return Body::Silence(within);
        }
        let has_head = match pending.via {
            Via::Post(index) => {
                let state = self.log().read();
                let sent = state.exchanges.get(index);
                sent.is_some_and(|sent| sent.status.is_some())
            }
            Via::Line | Via::Get(_) => false,
        };
        let again = {
            let heard_since = |from: usize| {
                let state = self.log().read();
                let mut entries = state.entries.iter().skip(from);
                entries.any(|entry| entry.from_server())
            };
            let mut unheard = self
                .inner
                .unheard
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let again = unheard.is_some_and(|from| from < pending.from && !heard_since(from));
            *unheard = (!heard_since(pending.from)).then_some(pending.from);
            again
        };
        if again && !(has_head && self.answers_ping().await) {
            let time = in_words(answer + within);
            self.abandon(&format!("the server sent nothing for {time}"));
        }
        Body::Silence(within)
    }

    /// Returns true if a ping is answered soon, in whatever form.
    async fn answers_ping(&self) -> bool {
        let method = self.inner.heartbeat.get().copied().unwrap_or("ping");
        let from = self.log().len();
        self.begin(method, Value::Null).await;
        let timing = self.inner.timing;
        let most = timing.call.min(timing.answer);
        let heard = self.log().wait_for(from, most, |_| true).await;
        heard.is_some()
    }

    /// Abandons the session because the server hangs. One that has ended by itself stays as it is.
    pub fn abandon(&self, why: &str) {
        if self.is_open() {
            self.log().write(|state| state.hung = true);
            self.inner.give_up(why);
        }
    }

    /// Sets the request that shows that the server is alive, if it is not ping.
    pub fn beat_with(&self, method: &'static str) {
        // It is set once, before the session is used.
        let _ = self.inner.heartbeat.set(method);
    }

    /// Sends a notification. Over HTTP, waits for the answer to keep the order of messages.
    pub async fn notify(&self, method: &str, params: Value) -> Via {
        let mut message = json!({"jsonrpc": "2.0", "method": method});
        if !params.is_null() {
            message["params"] = params;
        }
        self.deliver(message.to_string().as_bytes()).await
    }

    /// Waits until the server has shown that it received a request. Over HTTP that is the head of
    /// the answer, which the server may delay until the answer is complete. Lines arrive in order.
    pub async fn taken(&self, pending: &Pending, within: Duration) {
        if let Via::Post(index) = pending.via {
            let begun = |exchange: &Exchange| exchange.status.is_some() || exchange.ended.is_some();
            self.exchange_when(index, within, begun).await;
        }
    }

    /// Answers a request of the server according to the current role.
    pub async fn answer(&self, request: &Entry) {
        if let Message::Request { id, method, params } = &request.envelope.message
            && let Some(answer) = self.role().answer(method, params)
        {
            self.send(response_text(id, answer).as_bytes()).await;
        }
    }

    /// Sends `notifications/cancelled` for a request.
    pub async fn cancel(&self, id: &Identifier) {
        let id: Value = serde_json::from_str(id.as_json()).unwrap_or(Value::Null);
        self.notify(
            "notifications/cancelled",
            json!({"requestId": id, "reason": "conformance"}),
        )
        .await;
    }

    /// Sends arbitrary bytes as one message.
    pub async fn send(&self, message: &[u8]) -> Via {
        self.inner.send(message).await
    }

    /// Sends arbitrary bytes as one message. Over HTTP, waits for the answer to the POST to keep
    /// the order of messages.
    pub async fn deliver(&self, message: &[u8]) -> Via {
        let via = self.send(message).await;
        if let Via::Post(index) = via {
            self.end_of(index, self.inner.timing.answer).await;
        }
        via
    }

    /// Sends raw bytes and collects the responses that follow. Given an id, waits for the response
    /// to it.
    pub async fn probe_raw(&self, message: &[u8], id: Option<&Identifier>) -> RawReply {
        let from = self.log().len();
        let via = self.send(message).await;
        let answer = self.inner.timing.answer;
        let exchange = match via {
            Via::Post(index) => self.end_of(index, answer).await,
            Via::Line | Via::Get(_) => None,
        };
        if let (Via::Line, Some(id)) = (via, id) {
            let answered = |state: &State| {
                let found = state
                    .entries
                    .iter()
                    .skip(from)
                    .any(|entry| entry.from_server() && entry.answers(id));
                (found || state.closed.is_some()).then_some(())
            };
            self.log().until(self.inner.timing.call, answered).await;
        }
        let fence = if self.needs_fence(via) {
            self.fence().await
        } else {
            Ok(None)
        };
        let (pong, dead) = match fence {
            Ok(pong) => (pong, None),
            Err(why) => (None, Some(why)),
        };
        let entries = self.log().since(from);
        let responses = entries
            .into_iter()
            .filter(|entry| entry.from_server() && entry.is_response());
        let responses =
            responses.filter(|entry| pong.as_ref().is_none_or(|pong| !entry.answers(pong)));
        let responses = responses
            .filter(|entry| matches!(via, Via::Line) || entry.via == via)
            .collect();
        let sent = shorten(&String::from_utf8_lossy(message), 200);
        RawReply {
            sent,
            responses,
            exchange,
            dead,
        }
    }

    /// Returns true if a round trip of ping shows that the server has handled the earlier messages.
    fn needs_fence(&self, via: Via) -> bool {
        match via {
            Via::Line => true,
            Via::Post(_) | Via::Get(_) => self.inner.result.get().is_some(),
        }
    }

    /// Makes a round trip of ping as [`pong`](Self::pong) does, for a check to which the reason of a
    /// failure is only text.
    ///
    /// # Errors
    ///
    /// The reason why there was no pong.
    pub async fn fence(&self) -> Result<Option<Identifier>, String> {
        let pong = self.pong().await;
        pong.map(Some).map_err(|missing| missing.why)
    }

    /// Makes a round trip of ping, after which the server has sent everything that it sends
    /// sequentially. Any response to it will do, as one check alone judges pings. Returns its id.
    ///
    /// # Errors
    ///
    /// The outcome in place of a pong.
    pub async fn pong(&self) -> Result<Identifier, NoPong> {
        let method = self.inner.heartbeat.get().copied().unwrap_or("ping");
        let pending = self.begin(method, Value::Null).await;
        let reply = self.reply(&pending, self.inner.timing.answer).await;
        let answered = |entry: &Arc<Entry>| entry.answers(&pending.id);
        // An HTTP answer of another form, such as an array, is a sign of life all the same.
        let has_body = match pending.via {
            Via::Post(index) => {
                let log = self.log().read();
                let exchange = log.exchanges.get(index);
                exchange.is_some_and(|exchange| exchange.is_success() && !exchange.body.is_empty())
            }
            _ => false,
        };
        let is_malformed = has_body && matches!(reply.body, Body::Refused(_));
        match is_malformed || reply.entry.as_ref().is_some_and(answered) {
            true => Ok(pending.id),
            false => Err(NoPong {
                silent: reply.is_silence(),
                why: format!("{method} got {}", reply.came()),
            }),
        }
    }

    /// Finds out whether the server now refuses all messages of this session, though it was
    /// initialized and nobody has ended it. Sends a ping if the last exchange lets it seem so.
    pub async fn find_refusal(&self) -> bool {
        let seems_so = || {
            let state = self.log().read();
            let is_ended = state
                .exchanges
                .iter()
                .any(|exchange| exchange.method == Method::DELETE && exchange.is_success());
            let mut posts = state.exchanges.iter().rev();
            let last = posts.find(|exchange| exchange.method == Method::POST);
            !is_ended && last.is_some_and(Exchange::refuses_client)
        };
        let is_begun = self.inner.result.get().is_some();
        let found =
            is_begun && self.is_open() && seems_so() && self.pong().await.is_err() && seems_so();
        if found {
            self.log().write(|state| state.refused = true);
        }
        found
    }

    /// Fails unless ping is answered.
    ///
    /// # Errors
    ///
    /// A violation that names the event that made the session unusable.
    pub async fn expect_alive(&self, after: &str) -> Result<(), Finding> {
        let went_on = self.fence().await.map(drop);
        went_on.map_err(|why| {
            Finding::Violation(format!("the session did not continue after {after}: {why}"))
        })
    }

    /// Makes an HTTP exchange with exactly these headers and this body. Waits for the head of the
    /// answer.
    ///
    /// # Errors
    ///
    /// A skip over stdio.
    pub async fn http(
        &self,
        method: Method,
        headers: HeaderMap,
        body: &[u8],
    ) -> Result<(usize, Exchange), Finding> {
        self.link()?;
        let index = self.inner.exchange(method, headers, body.to_vec());
        let exchange = self.head_of(index).await.ok_or_else(|| {
            Finding::Violation("expected an HTTP answer; got nothing in time".to_owned())
        })?;
        Ok((index, exchange))
    }

    /// Returns the headers of a POST in this session.
    ///
    /// # Errors
    ///
    /// A skip over stdio.
    pub fn post_headers(&self) -> Result<HeaderMap, Finding> {
        Ok(self.link()?.post_headers())
    }

    /// Returns the headers of a listening GET in this session.
    ///
    /// # Errors
    ///
    /// A skip over stdio.
    pub fn get_headers(&self) -> Result<HeaderMap, Finding> {
        Ok(self.link()?.get_headers())
    }

    /// Returns the headers of a GET that resumes a stream after this event.
    ///
    /// # Errors
    ///
    /// A skip over stdio, or when the id is not a legal header value.
    pub fn resume_headers(&self, event: &str) -> Result<HeaderMap, Finding> {
        let mut headers = self.get_headers()?;
        let value = HeaderValue::from_bytes(event.as_bytes()).map_err(|_| {
            Finding::Skip(format!(
                "the event id {event:?} cannot be sent back in a header"
            ))
        })?;
        headers.insert(LAST_EVENT_ID, value);
        Ok(headers)
    }

    fn link(&self) -> Result<&HttpLink, Finding> {
        match &self.inner.link {
            Link::Http(link) => Ok(link),
            Link::Lines(_) => Err(Finding::Skip("only over HTTP".to_owned())),
        }
    }

    /// Waits for the head of an exchange's answer.
    pub async fn head_of(&self, index: usize) -> Option<Exchange> {
        let arrived = |exchange: &Exchange| exchange.status.is_some() || exchange.ended.is_some();
        self.exchange_when(index, self.inner.timing.answer, arrived)
            .await
    }

    /// Waits for the end of an exchange's answer.
    pub async fn end_of(&self, index: usize, within: Duration) -> Option<Exchange> {
        self.exchange_when(index, within, |exchange| exchange.ended.is_some())
            .await
    }

    async fn exchange_when(
        &self,
        index: usize,
        within: Duration,
        ready: impl Fn(&Exchange) -> bool,
    ) -> Option<Exchange> {
        let look = |state: &State| {
            state
                .exchanges
                .get(index)
                .filter(|exchange| ready(exchange))
                .cloned()
        };
        self.log().until(within, look).await
    }

    /// Drops the connection of one exchange, as a client that disconnects.
    pub fn cut(&self, index: usize) {
        let mut tasks = self.inner.tasks();
        if let Some(position) = tasks.iter().position(|(number, _)| *number == Some(index)) {
            tasks.swap_remove(position).1.abort();
        }
        drop(tasks);
        let now = self.log().now();
        self.log().write(|state| {
            if let Some(exchange) = state
                .exchanges
                .get_mut(index)
                .filter(|exchange| exchange.ended.is_none())
            {
                exchange.cut = true;
                exchange.ended = Some(now);
            }
        });
    }

    /// Waits for messages that the server should not send.
    pub async fn settle(&self) {
        if self.inner.result.get().is_some() && self.is_open() {
            // Checks judge dead sessions. Here there is just nothing to wait for.
            let _ = tokio::time::timeout(self.inner.timing.call, self.fence()).await;
        }
        tokio::time::sleep(self.inner.timing.quiet).await;
        self.log().waited(self.inner.timing.quiet);
        self.log()
            .until(STREAM_PATIENCE, |state| {
                (!has_answered_stream(state)).then_some(())
            })
            .await;
    }

    /// Ends the session: a quiet period, then the end of input or DELETE.
    pub async fn close(&self) {
        if self.inner.closing.load(Ordering::Relaxed) {
            return;
        }
        // No check waits for it.
        self.log().count_waiting(false);
        self.settle().await;
        self.close_now().await;
    }

    /// Ends the session without the quiet period.
    pub async fn close_now(&self) {
        self.close_within(self.inner.timing.grace).await;
    }

    /// Ends the session without the quiet period; the server has this long to end after its input
    /// has ended.
    pub async fn close_within(&self, grace: Duration) {
        if self.inner.closing.swap(true, Ordering::Relaxed) {
            return;
        }
        let now = self.log().now();
        self.log().write(|state| state.ending = Some(now));
        match &self.inner.link {
            Link::Lines(link) => link.close(self.log(), grace).await,
            Link::Http(link) => {
                let headers = link.session_headers();
                if headers.contains_key(SESSION_ID) {
                    let index = self.inner.exchange(Method::DELETE, headers, Vec::new());
                    self.end_of(index, grace).await;
                }
            }
        }
        self.inner.abort_tasks();
    }
}

/// Formats a request, without `params` for [`Value::Null`].
pub fn request_text(id: &Identifier, method: &str, params: &Value) -> String {
    let method = Value::from(method);
    let params = if params.is_null() {
        String::new()
    } else {
        format!(r#","params":{params}"#)
    };
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":{method}{params}}}"#)
}

/// Returns true if a stream is still open after its response.
fn has_answered_stream(state: &State) -> bool {
    let carries_response = |exchange: &Exchange| {
        let carried = exchange
            .events
            .iter()
            .filter_map(|event| state.entries.get(event.entry?));
        carried.into_iter().any(|entry| entry.is_response())
    };
    let open = state.exchanges.iter().filter(|exchange| {
        exchange.method == Method::POST && exchange.is_stream && exchange.ended.is_none()
    });
    open.into_iter().any(carries_response)
}

enum Found {
    Entry(Arc<Entry>),
    Refused(String),
    Closed(String),
}

fn answer_in(state: &State, pending: &Pending) -> Option<Found> {
    let arrived = || {
        state
            .entries
            .iter()
            .skip(pending.from)
            .filter(|entry| entry.from_server())
    };
    if let Some(entry) = arrived().find(|entry| entry.answers(&pending.id)) {
        return Some(Found::Entry(entry.clone()));
    }
    if let (Via::Post(_), Some(why)) = (pending.via, &state.closed) {
        return Some(Found::Closed(why.clone()));
    }
    if let Via::Post(index) = pending.via {
        let exchange = state
            .exchanges
            .get(index)
            .filter(|exchange| exchange.ended.is_some())?;
        let nameless = arrived().find(|entry| entry.via == pending.via && is_nameless_error(entry));
        return Some(match nameless {
            Some(entry) => Found::Entry(entry.clone()),
            None if exchange.is_stream => {
                let why = exchange.failure.as_ref();
                let why = why.map_or(String::new(), |why| format!(" ({why})"));
                Found::Refused(format!("the end of the stream without a response{why}"))
            }
            None => Found::Refused(exchange.describe()),
        });
    }
    state.closed.clone().map(Found::Closed)
}

/// Returns true for an error without an id or with `null`, the answer to an unreadable request.
pub fn is_nameless_error(entry: &Entry) -> bool {
    match &entry.envelope.message {
        Message::Response { id, answer: Err(_) } => {
            id.as_ref().is_none_or(|id| id.as_json() == "null")
        }
        _ => false,
    }
}

/// Describes a response with an id that was never sent, in the place of the awaited one.
fn strayed_answer(state: &State, pending: &Pending) -> Option<String> {
    let sent = |id: &Identifier| {
        let mut sent = state.entries.iter().filter(|entry| !entry.from_server());
        sent.any(|entry| bears(entry, id))
    };
    let concerns = |entry: &&Arc<Entry>| entry.from_server() && entry.is_response();
    let came_back = |entry: &&Arc<Entry>| entry.via == pending.via;
    let mut ids = state
        .entries
        .iter()
        .skip(pending.from)
        .filter(concerns)
        .filter(came_back)
        .filter_map(|entry| entry.id());
    let stray = ids.find(|id| id.as_json() != "null" && !sent(id))?;
    let asked = &pending.id;
    Some(format!(
        "the answer to request ID {asked} bears the id {stray}"
    ))
}

/// Returns true if a message has this id, even in text that is malformed on purpose.
fn bears(entry: &Entry, id: &Identifier) -> bool {
    if !matches!(entry.envelope.message, Message::Unreadable) {
        return entry.id() == Some(id);
    }
    let (text, member) = (entry.text(), format!(r#""id":{id}"#));
    let mut found = text.match_indices(&member);
    // The id 1 is not the beginning of 12.
    found.any(|(start, _)| text[start + member.len()..].starts_with([',', '}']))
}

fn body_of(entry: &Entry) -> Body {
    match &entry.envelope.message {
        Message::Response {
            answer: Ok(result), ..
        } => Body::Result(result.clone()),
        Message::Response {
            answer: Err(error), ..
        } => Body::Error(error.clone()),
        _ => Body::Refused(entry.shown()),
    }
}

impl SessionState {
    async fn send(self: &Arc<Self>, message: &[u8]) -> Via {
        match &self.link {
            Link::Lines(link) => {
                self.log
                    .record(Direction::ToServer, Via::Line, message.to_vec(), true);
                let mut line = message.to_vec();
                line.push(b'\n');
                if let Err(error) = link.write(&line).await {
                    self.log.write(|state| {
                        state
                            .closed
                            .get_or_insert(format!("it has stopped reading: {error}"));
                    });
                }
                Via::Line
            }
            Link::Http(link) => {
                Via::Post(self.exchange(Method::POST, link.post_headers(), message.to_vec()))
            }
        }
    }

    /// Starts an exchange in its own task and returns its number.
    fn exchange(self: &Arc<Self>, method: Method, headers: HeaderMap, body: Vec<u8>) -> usize {
        let at = self.log.now();
        let mut exchange = Exchange::new(method.clone(), headers.clone(), body.clone(), at);
        let (index, given_up) = self.log.write(|state| {
            // An abandoned session can still be ended in an orderly way.
            let given_up = state.closed.is_some() && method != Method::DELETE;
            if given_up {
                exchange.failure.clone_from(&state.closed);
                exchange.ended = Some(at);
            }
            state.exchanges.push(exchange);
            (state.exchanges.len() - 1, given_up)
        });
        if method == Method::POST {
            self.log
                .record(Direction::ToServer, Via::Post(index), body.clone(), true);
        }
        if given_up {
            return index;
        }
        let inner = self.clone();
        let task = tokio::spawn(async move {
            let failure = inner.run_exchange(index, method, headers, body).await.err();
            let now = inner.log.now();
            inner.update(index, |exchange| {
                exchange.failure = failure.map(|error| format!("{error:#}"));
                exchange.ended = Some(now);
            });
        });
        self.keep_task(Some(index), task.abort_handle());
        index
    }

    async fn run_exchange(
        self: &Arc<Self>,
        index: usize,
        method: Method,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> anyhow::Result<()> {
        let Link::Http(link) = &self.link else {
            anyhow::bail!("a stdio server has no HTTP");
        };
        let via = if method == Method::GET {
            Via::Get(index)
        } else {
            Via::Post(index)
        };
        let response = link.endpoint.send(method, headers, body).await?;
        let (head, mut body) = response.into_parts();
        self.take_session_id(link, &head.headers);
        let is_stream = self.update(index, |exchange| {
            exchange.status = Some(head.status.as_u16());
            exchange.headers = head.headers;
            exchange.is_stream = exchange.media_type().as_deref() == Some("text/event-stream");
            exchange.is_stream
        });
        let mut parser = Parser::default();
        let mut kept = Vec::new();
        while let Some(piece) = next_piece(&mut body).await? {
            if is_stream.unwrap_or_default() {
                parser
                    .feed(&piece)
                    .into_iter()
                    .for_each(|event| self.take_event(index, via, event));
            } else {
                kept.extend_from_slice(&piece);
            }
            anyhow::ensure!(
                kept.len().max(parser.held()) <= MESSAGE_LIMIT,
                "the body or an event of it is longer than {}",
                mebibytes(MESSAGE_LIMIT)
            );
        }
        self.log.write(|state| state.kept += kept.len());
        let (kept, flaw) = text::decode_body(kept);
        let is_message = self.update(index, |exchange| {
            // The checks of bodies are not about the flaws of the message.
            exchange.body = text::mend(&kept).0.into_owned();
            link.endpoint.speaks_mcp() && is_message(exchange)
        });
        if is_message.unwrap_or_default() {
            self.arrived(via, kept, true, flaw.into_iter().collect());
        }
        self.hold_back();
        Ok(())
    }

    fn take_session_id(&self, link: &HttpLink, headers: &HeaderMap) {
        let Some(id) = headers.get(SESSION_ID) else {
            return;
        };
        let text = String::from_utf8_lossy(id.as_bytes()).into_owned();
        let first = self
            .log
            .write(|state| state.session_id.replace(text).is_none());
        if first {
            link.keep_session(id.clone());
        }
    }

    fn take_event(self: &Arc<Self>, index: usize, via: Via, event: Event) {
        let at = self.log.now();
        let note = |state: &mut State, entry: Option<usize>| {
            if let Some(exchange) = state.exchanges.get_mut(index) {
                let id = event.id;
                exchange.events.push(StreamEvent { id, at, entry });
            }
        };
        match event.data.filter(|data| !data.is_empty()) {
            Some(data) => {
                let change = |state: &mut State, position| note(state, Some(position));
                let bytes = data.into_bytes();
                let garbled = event.garbled.then(|| Defect {
                    rule: Rule::Utf8,
                    found: "invalid UTF-8".to_owned(),
                });
                let defects = garbled.into_iter().collect();
                let entry =
                    self.log
                        .record_and(Direction::ToClient, via, bytes, true, defects, change);
                self.respond(&entry);
            }
            None => self.log.write(|state| {
                state.kept += MESSAGE_COST;
                note(state, None);
            }),
        }
        self.hold_back();
    }

    /// Abandons the session when too much of it is kept.
    fn hold_back(&self) {
        let kept = self.log.read().kept;
        if kept > KEPT_LIMIT {
            let limit = mebibytes(KEPT_LIMIT);
            self.give_up(&format!(
                "more than {limit} went over the wire in one session"
            ));
        }
    }

    fn update<T>(&self, index: usize, change: impl FnOnce(&mut Exchange) -> T) -> Option<T> {
        self.log
            .write(|state| state.exchanges.get_mut(index).map(change))
    }

    fn take_line(self: &Arc<Self>, assembly: &mut Assembly, line: Line) {
        let encoded = line.encoding.defect();
        let mut assembled = assembly.take(line.bytes).into_iter().peekable();
        while let Some(one) = assembled.next() {
            let broken = one.broken.then(|| Defect {
                rule: Rule::OneLine,
                found: "a message of several lines".to_owned(),
            });
            let complete = line.complete || assembled.peek().is_some();
            let defects = encoded.clone().into_iter().chain(broken).collect();
            self.arrived(Via::Line, one.bytes, complete, defects);
        }
    }

    fn arrived(self: &Arc<Self>, via: Via, bytes: Vec<u8>, complete: bool, defects: Vec<Defect>) {
        let entry = self.log.record_and(
            Direction::ToClient,
            via,
            bytes,
            complete,
            defects,
            |_, _| (),
        );
        self.respond(&entry);
        self.hold_back();
    }

    /// Answers a request of the server according to the role.
    fn respond(self: &Arc<Self>, entry: &Entry) {
        if let Message::Request { id, method, params } = &entry.envelope.message
            && let Some(answer) = self.role.answer(method, params)
        {
            let message = response_text(id, answer);
            let inner = self.clone();
            let task = tokio::spawn(async move { inner.send(message.as_bytes()).await });
            if self.keep_task(None, task.abort_handle()) > UNDER_WAY_LIMIT {
                self.give_up(&format!(
                    "it kept asking, and did not take {UNDER_WAY_LIMIT} answers"
                ));
            }
        }
    }

    /// Ends the session at once, as one that cannot continue.
    fn give_up(&self, why: &str) {
        let now = self.log.now();
        self.log.write(|state| {
            state.given_up = true;
            state.closed.get_or_insert_with(|| why.to_owned());
            state.ending.get_or_insert(now);
            let open = state.exchanges.iter_mut();
            for exchange in open.filter(|exchange| exchange.ended.is_none()) {
                exchange.failure = Some(why.to_owned());
                exchange.ended = Some(now);
            }
        });
        if let Link::Lines(link) = &self.link {
            link.abandon();
        }
        self.abort_tasks();
    }

    /// Registers a task that ends with the session. Returns the number of tasks.
    fn keep_task(&self, exchange: Option<usize>, task: AbortHandle) -> usize {
        let mut tasks = self.tasks();
        tasks.retain(|(_, task)| !task.is_finished());
        tasks.push((exchange, task));
        tasks.len()
    }

    fn abort_tasks(&self) {
        for (_, task) in self.tasks().drain(..) {
            task.abort();
        }
    }

    fn tasks(&self) -> std::sync::MutexGuard<'_, Vec<(Option<usize>, AbortHandle)>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn response_text(id: &Identifier, answer: Result<Value, (i64, String)>) -> String {
    match answer {
        Ok(result) => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#),
        Err((code, message)) => {
            let message = Value::from(message);
            format!(
                r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":{message}}}}}"#
            )
        }
    }
}

/// Returns true if a body is meant to be a message, whatever its media type. Error pages and the JSON
/// errors of authorization servers are not: a refusal may have any body, and only its status counts.
fn is_message(exchange: &Exchange) -> bool {
    let is_json = exchange.media_type().as_deref() == Some("application/json");
    let claims = || {
        let value = serde_json::from_slice::<Value>(&exchange.body);
        value.is_ok_and(|value| value.get("jsonrpc").is_some())
    };
    !exchange.body.is_empty() && (is_json && exchange.is_success() || claims())
}

/// Adds a progress token to the `_meta` of `params`.
pub fn with_token(params: Value, token: Value) -> Value {
    let mut members = match params {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    members.insert("_meta".to_owned(), json!({"progressToken": token}));
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the stray answer that is seen after these messages were sent, and this one came.
    fn strayed(sent: &[&str], came: &str) -> Option<String> {
        let log = Log::new("a");
        for text in sent {
            log.record(
                Direction::ToServer,
                Via::Line,
                text.as_bytes().to_vec(),
                true,
            );
        }
        log.record(
            Direction::ToClient,
            Via::Line,
            came.as_bytes().to_vec(),
            true,
        );
        let pending = Pending {
            id: Identifier::integer(12),
            from: 0,
            via: Via::Line,
            opening: false,
            sent: String::new(),
        };
        strayed_answer(&log.read(), &pending)
    }

    #[test]
    fn an_id_that_begins_like_another_one_is_a_stray() {
        const ASKED: &str = r#"{"jsonrpc":"2.0","id":12,"method":"ping"}"#;
        const BATCH: &str = r#"[{"jsonrpc":"2.0","method":"ping","id":12}]"#;
        for asked in [ASKED, BATCH] {
            let other = strayed(&[asked], r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
            let other = other.unwrap_or_else(|| panic!("1 was never sent in {asked}"));
            assert!(other.ends_with("bears the id 1"), "{other}");
            let same = strayed(&[asked], r#"{"jsonrpc":"2.0","id":12,"result":{}}"#);
            assert_eq!(same, None, "{asked}");
        }
    }
}

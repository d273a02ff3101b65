//! The state that the transport, the instance and the clock share, behind one lock.
//!
//! Each concern has its own module:
//!
//! | module | concern |
//! |---|---|
//! | this one | the lock, and the effects of operations under it |
//! | `state` | the data behind the lock |
//! | `calls` | the table of calls, a part of the state |
//! | `receiving` | a message of the client, up to the queue |
//! | `instance_side` | requests and reports of an instance |
//! | `returning` | the result of a call, up to the client |
//! | `lifecycle` | start, loss and replacement of instances, the clock, the end |
//!
//! Work that grows with a message or a result is done without the lock: reading, mapping, validating
//! and writing. Large work is left to other threads (`work_pool`), one piece at a time for each
//! session.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::outlet::{Outlet, StreamedResponse};
use super::server::Server;
use super::state::SessionState;
use crate::component::context::{Request, RequestEnd};
use crate::component::handlers::Call;
use crate::component::job::Job;
use crate::component::output::Allowance;
use crate::telemetry::{self, Limit, SessionObserver};
use crate::visible::Visible;
use wasi_mcp_protocol::{Effect, Event, Framing, ParamsCheck, Route, Session as Protocol};

/// One session's shared state.
pub(super) struct SessionCore {
    pub(super) server: Arc<Server>,
    /// The session's number in log lines.
    pub(super) number: u64,
    /// Counts the session's events.
    pub(super) observer: SessionObserver,
    /// The output budget of its instances.
    pub(super) allowance: Arc<Allowance>,
    /// The number of instances created so far.
    pub(super) instances: AtomicU64,
    pub(super) outlet: Arc<dyn Outlet>,
    state: Mutex<SessionState>,
    /// Notified when a call may be taken from the queue.
    pub(super) job_added: Notify,
    /// Wakes the supervisor: a timeout may have moved, or work has arrived.
    pub(super) wake: Notify,
    /// Notified when no request is in flight.
    pub(super) idle: Notify,
    pub(super) closed: CancellationToken,
    pub(super) stopping: watch::Sender<bool>,
    /// The runtime of the session.
    pub(super) home: Handle,
    /// Holds the permit for work on the threads of [`WorkPool`](crate::work_pool::WorkPool), so
    /// that a session cannot occupy them all.
    pub(super) large_work: Semaphore,
}

impl SessionCore {
    /// Creates the state of a new session.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
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
        if server.keeps_sessions {
            server.telemetry.sessions_begun.increment();
            tracing::info!(session = number, "session begins");
        }
        Self {
            state: Mutex::new(SessionState::new(protocol, &server)),
            server,
            number,
            observer,
            allowance: Arc::default(),
            instances: AtomicU64::new(0),
            outlet,
            job_added: Notify::new(),
            wake: Notify::new(),
            idle: Notify::new(),
            closed: CancellationToken::new(),
            stopping: watch::Sender::new(false),
            home: Handle::current(),
            large_work: Semaphore::new(1),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, SessionState> {
        // A panic under the lock is a defect of this host; the state machine
        // holds no invariant across calls that another session could see.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs an operation under the lock, then carries out its effects.
    pub(super) fn locked<R>(&self, act: impl FnOnce(&mut SessionState) -> R) -> R {
        self.act(&mut self.lock(), act)
    }

    /// Runs an operation under the lock that is held, then carries out its effects.
    pub(super) fn act<R>(
        &self,
        state: &mut SessionState,
        act: impl FnOnce(&mut SessionState) -> R,
    ) -> R {
        let initializing = state.initializing;
        let result = act(state);
        let mut resubscriptions = Vec::new();
        while let Some(effect) = state.protocol.poll_effect() {
            self.carry_out(state, effect, &mut resubscriptions);
        }
        if !resubscriptions.is_empty() {
            // Queued jobs may rely on these subscriptions.
            state.calls.queue_first(Instant::now(), resubscriptions);
            self.job_added.notify_one();
        }
        let earlier = |next: Instant| state.armed.is_none_or(|armed| next < armed);
        if state.protocol.next_timeout().is_some_and(earlier) || state.initializing != initializing
        {
            self.wake.notify_one();
        }
        if !state.is_closed {
            let in_work = state.protocol.requests_in_work();
            state.budget.set(in_work, state.calls.bytes());
        }
        if state.protocol.requests_in_flight() == 0 {
            self.idle.notify_waiters();
        }
        result
    }

    /// Performs work that may take long on other threads, once no other such work of this session
    /// is in progress. Returns `None` if the session is closed meanwhile or the work panics.
    pub(super) async fn perform_apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let performed = async {
            let _permit = self.large_work.acquire().await.ok()?;
            self.server.work_pool.run(work).await
        };
        tokio::select! {
            biased;
            () = self.closed.cancelled() => None,
            performed = performed => performed,
        }
    }

    /// Fails while the client has too much unread output.
    pub(super) fn check_unread(&self) -> Result<(), String> {
        self.check_unread_with(0)
    }

    /// Fails while the client has too much unread output, together with `prepared` bytes that are
    /// yet to be written.
    pub(super) fn check_unread_with(&self, prepared: usize) -> Result<(), String> {
        let limit = self.server.limits.unread_bytes;
        let unread = self.outlet.unread_bytes().saturating_add(prepared);
        if unread <= limit {
            return Ok(());
        }
        self.observer.reached(Limit::UnreadBytes);
        Err(format!(
            "the client has yet to take {unread} bytes; while there are more than {limit}, \
             nothing is added"
        ))
    }

    /// Queues a call, and wakes the instance or the supervisor.
    pub(super) fn queue(&self, state: &mut SessionState, job: Job) {
        state.calls.queue(Instant::now(), job);
        self.job_added.notify_one();
        // Without an instance, or with one that is stuck, the supervisor must act.
        if state.serving.is_none() || state.calls.has_overdue() {
            self.wake.notify_one();
        }
    }

    fn carry_out(&self, state: &mut SessionState, effect: Effect, resubscriptions: &mut Vec<Job>) {
        match effect {
            Effect::Send { route, message } => {
                let text = Visible(&message.text);
                if route == Route::Unrelated && !self.server.keeps_sessions {
                    // A log message without a request, of which no stream can tell the client.
                    tracing::info!(session = self.number, %text, "not sent: no session");
                    return;
                }
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
                if let Some(pieces) = state.calls.take_pieces(key) {
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
            Effect::PingUnanswered => state.is_unresponsive |= self.outlet.listens(),
            Effect::Cancel { key, reason } => {
                let deadline = Instant::now() + self.server.cancelled_call_grace;
                if state.calls.cancel(key, reason, deadline) {
                    // Other jobs may already be waiting.
                    self.wake.notify_one();
                }
            }
            Effect::AskAnswered { ask, answer } => {
                if let Some(waiter) = state.asks.remove(&ask) {
                    // The guest may have stopped waiting.
                    let _ = waiter.send(answer);
                }
            }
            Effect::Resubscribe { key, uri, alone } => {
                let principal = state.subscribers.of(&uri);
                resubscriptions.push(Job {
                    request: Arc::new(Request {
                        key,
                        id: None,
                        meta: None,
                        progress_token: None,
                        check: ParamsCheck::default(),
                        principal,
                        end: RequestEnd::default(),
                    }),
                    call: Call::Subscribe(uri),
                    alone,
                });
            }
            Effect::Notify { key, event, meta } => {
                let call = match event {
                    Event::Initialized => Call::Initialized,
                    Event::RootsChanged => Call::RootsChanged,
                };
                let request = Arc::new(Request {
                    key,
                    id: None,
                    meta: meta.map(|meta| meta.get().to_owned()),
                    progress_token: None,
                    check: ParamsCheck::default(),
                    principal: state.principal.clone(),
                    end: RequestEnd::default(),
                });
                let job = Job {
                    request,
                    call,
                    alone: false,
                };
                self.queue(state, job);
            }
        }
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

//! The table of sessions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::join_all;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tracing::debug;

use crate::telemetry::{Limit, SessionEnd};
use wasi_mcp_protocol::{Framing, Opening, StreamId, opening};

use super::authorization::User;
use super::conversation::{Conversation, Host};
use super::options::HttpOptions;
use super::session_id::{RandomFailed, SessionId};
use super::streams::{Limits, Streams};

/// All sessions of one endpoint.
pub(super) struct Sessions {
    host: Box<dyn Host>,
    limits: Limits,
    most: usize,
    idle: Duration,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    sessions: HashMap<SessionId, Arc<Entry>>,
    stopping: bool,
}

/// A session with its streams.
pub(super) struct Entry {
    pub(super) id: SessionId,
    /// Its number in log lines.
    number: u64,
    pub(super) conversation: Box<dyn Conversation>,
    pub(super) streams: Arc<Streams>,
    /// The user that owns the session, if the endpoint authenticates users.
    owner: Option<User>,
    /// Set for the session of a single message: the table, from which it removes itself.
    single: Option<Weak<Sessions>>,
    /// The stream of its `initialize`, once that is answered with a stream of events.
    initialize: OnceLock<StreamId>,
    usage: Mutex<Usage>,
}

struct Usage {
    /// The number of HTTP requests and open streams that use the session now.
    users: usize,
    last: Instant,
}

/// A reason for which no session was begun.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoSession {
    #[error("there are as many sessions as this server allows")]
    TooMany,
    #[error("the server is shutting down")]
    Stopping,
    #[error(transparent)]
    Random(#[from] RandomFailed),
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sessions {
    pub(super) fn new(host: Box<dyn Host>, options: &HttpOptions) -> Arc<Self> {
        Arc::new(Self {
            host,
            limits: Limits::from(options),
            most: options.max_sessions,
            idle: options.session_idle,
            table: Mutex::default(),
        })
    }

    /// Begins a session for an `initialize` request of this user. The session ends with the
    /// [`Starting`] unless that is told to keep it.
    pub(super) fn begin(self: &Arc<Self>, owner: Option<User>) -> Result<Starting, NoSession> {
        let id = SessionId::generate()?;
        let mut table = lock(&self.table);
        if table.stopping {
            return Err(NoSession::Stopping);
        }
        if table.sessions.len() >= self.most {
            table.sessions.retain(|_, entry| !entry.streams.is_closed());
        }
        if table.sessions.len() >= self.most {
            self.host.telemetry().reached(Limit::Sessions, None);
            return Err(NoSession::TooMany);
        }
        let streams = Streams::new(self.limits, self.host.telemetry());
        let conversation = self.host.open(streams.clone());
        let entry = Arc::new(Entry::new(id.clone(), conversation, streams, owner, None));
        table.sessions.insert(id, Arc::clone(&entry));
        drop(table);
        debug!(session = entry.number, session_id = ?entry.id, "session id issued");
        Ok(Starting {
            sessions: Arc::clone(self),
            entry: InUse::new(entry),
            keep: false,
        })
    }

    /// Begins a session for a single message, whose id no client learns. It ends when it is no
    /// longer used and the component works for it no more. The number of these is not limited:
    /// connections, requests and instances are.
    pub(super) fn begin_single(self: &Arc<Self>) -> Result<InUse, NoSession> {
        let id = SessionId::generate()?;
        let mut table = lock(&self.table);
        if table.stopping {
            return Err(NoSession::Stopping);
        }
        let streams = Streams::new(self.limits, self.host.telemetry());
        let conversation = self.host.open_stateless(streams.clone());
        let single = Some(Arc::downgrade(self));
        let entry = Arc::new(Entry::new(id.clone(), conversation, streams, None, single));
        table.sessions.insert(id, Arc::clone(&entry));
        drop(table);
        Ok(InUse::new(entry))
    }

    /// Ends the session of a single message once the component no longer works for it: a client
    /// that disconnects does not cancel its request.
    fn end_when_settled(self: Arc<Self>, entry: &Entry) {
        let id = entry.id.clone();
        let mut settled = entry.conversation.settled();
        if (&mut settled).now_or_never().is_none()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move {
                settled.await;
                self.end(&id, SessionEnd::Dropped);
            });
            return;
        }
        self.end(&id, SessionEnd::Dropped);
    }

    /// Returns the session with this id, if it belongs to this user: to others it does not exist.
    pub(super) fn find(&self, id: &SessionId, user: Option<&User>) -> Option<InUse> {
        // The use begins under the table's lock, so that no session expires between being found
        // and being used.
        let table = lock(&self.table);
        let entry = table.sessions.get(id);
        let entry = entry.filter(|entry| entry.owner.as_ref() == user);
        // It may have ended by itself.
        let entry = entry.filter(|entry| !entry.streams.is_closed());
        entry.cloned().map(InUse::new)
    }

    /// Returns the session as one that is starting, if this stream is the one of its `initialize`,
    /// which the client resumes.
    pub(super) fn resume(self: &Arc<Self>, session: &InUse, stream: StreamId) -> Option<Starting> {
        (session.initialize.get() == Some(&stream)).then(|| Starting {
            sessions: Arc::clone(self),
            entry: session.clone(),
            keep: true,
        })
    }

    /// Ends the session with this id. Returns false if there is none.
    pub(super) fn end(&self, id: &SessionId, reason: SessionEnd) -> bool {
        let removed = lock(&self.table).sessions.remove(id);
        removed.map(|entry| entry.close(reason)).is_some()
    }

    /// Determines whether a message begins a session.
    pub(super) fn opening(&self, message: &[u8]) -> Opening {
        opening(Framing::Http, &self.host.limits(), message)
    }

    /// Ends the sessions that have been idle for too long, and forgets those that have ended.
    pub(super) fn expire(&self) {
        let is_open = |entry: &Arc<Entry>| !entry.streams.is_closed();
        lock(&self.table).sessions.retain(|_, entry| is_open(entry));
        let candidates: Vec<Arc<Entry>> = lock(&self.table)
            .sessions
            .values()
            .filter(|entry| entry.is_idle(self.idle))
            .cloned()
            .collect();
        for entry in candidates {
            if entry.conversation.in_flight() > 0 {
                // Its client has yet to fetch the response.
                entry.touch();
                continue;
            }
            let mut table = lock(&self.table);
            if entry.is_idle(self.idle) && table.sessions.remove(&entry.id).is_some() {
                drop(table);
                self.host
                    .telemetry()
                    .reached(Limit::SessionIdle, Some(entry.number));
                entry.close(SessionEnd::Idle);
            }
        }
    }

    /// Ends all sessions concurrently and gracefully: requests that wait for the client fail, the
    /// guest is told, and requests in flight get `grace` to finish.
    pub(super) async fn finish(&self, grace: Duration) {
        let entries: Vec<Arc<Entry>> = {
            let mut table = lock(&self.table);
            table.stopping = true;
            table.sessions.drain().map(|(_, entry)| entry).collect()
        };
        join_all(entries.iter().map(|entry| async {
            entry.streams.end_listening();
            // Called even without a request in flight: the guest may have other work to finish,
            // and the session decides what it waits for.
            entry.conversation.finish(grace).await;
            entry.conversation.close(SessionEnd::HostStopped);
            // A request that came too late for the session does not wait.
            entry.streams.drain();
        }))
        .await;
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        lock(&self.table).sessions.len()
    }
}

impl Entry {
    fn new(
        id: SessionId,
        conversation: Box<dyn Conversation>,
        streams: Arc<Streams>,
        owner: Option<User>,
        single: Option<Weak<Sessions>>,
    ) -> Self {
        Self {
            id,
            number: conversation.number(),
            conversation,
            streams,
            owner,
            single,
            initialize: OnceLock::new(),
            usage: Mutex::new(Usage {
                users: 0,
                last: Instant::now(),
            }),
        }
    }

    /// Returns whether the session is for a single message, so that nothing can be resumed.
    pub(super) fn is_single(&self) -> bool {
        self.single.is_some()
    }

    fn is_idle(&self, limit: Duration) -> bool {
        let usage = lock(&self.usage);
        usage.users == 0 && usage.last.elapsed() >= limit
    }

    /// Records that the session is in use now.
    fn touch(&self) {
        lock(&self.usage).last = Instant::now();
    }

    /// Closes the streams first: a waiting request then learns that its session has ended, instead
    /// of seeing itself cancelled.
    fn close(&self, reason: SessionEnd) {
        self.streams.close();
        self.conversation.close(reason);
    }
}

/// A guard that keeps a session from being idle.
pub(super) struct InUse(Arc<Entry>);

impl InUse {
    fn new(entry: Arc<Entry>) -> Self {
        lock(&entry.usage).users += 1;
        Self(entry)
    }
}

impl Clone for InUse {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.0))
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let mut usage = lock(&self.0.usage);
        usage.users -= 1;
        usage.last = Instant::now();
        let is_last = usage.users == 0;
        drop(usage);
        if is_last && let Some(sessions) = self.0.single.as_ref().and_then(Weak::upgrade) {
            sessions.end_when_settled(&self.0);
        }
    }
}

impl std::ops::Deref for InUse {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        &self.0
    }
}

/// A session whose client has not received the response to `initialize` yet. If this is dropped
/// without [`Starting::keep`] or [`Starting::resumable`], the session ends: no client could ever use
/// it.
pub(super) struct Starting {
    sessions: Arc<Sessions>,
    entry: InUse,
    keep: bool,
}

impl Starting {
    pub(super) fn session(&self) -> &InUse {
        &self.entry
    }

    /// Records that `initialize` is answered on a stream of events.
    pub(super) fn answered_on(&self, stream: StreamId) {
        let _ = self.entry.initialize.set(stream);
    }

    /// Keeps the session, because the client receives the response to `initialize` and the id.
    pub(super) fn keep(mut self) {
        self.keep = true;
    }

    /// Keeps the session until the response to `initialize` is read, or the session has been idle
    /// for too long: the client knows the id, and an event to resume from.
    ///
    /// MCP lets a client resume any stream: "If the client wishes to resume after a broken
    /// connection, it SHOULD issue an HTTP GET to the MCP endpoint, and include the `Last-Event-ID`
    /// header". Nor is the lost connection a cancellation: "Disconnection SHOULD NOT be interpreted
    /// as the client cancelling its request", and `initialize` cannot be cancelled at all. The id
    /// that the GET needs is in the header of the stream's response, since that is "the HTTP
    /// response containing the `InitializeResult`".
    pub(super) fn resumable(mut self) -> Self {
        self.keep = true;
        self
    }

    /// Ends the session: `initialize` has failed.
    pub(super) fn fail(mut self) {
        self.keep = false;
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if !self.keep {
            self.sessions.end(&self.entry.id, SessionEnd::NotStarted);
        }
    }
}

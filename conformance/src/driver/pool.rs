//! Sessions with one server, opened on demand and closed in the background.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as AsyncMutex;
use tokio::task::JoinSet;

use super::client_role::ClientRole;
use super::connection::{Connection, Server};
use super::http::Endpoint;
use super::log::Log;
use super::session::{Session, Timing};
use super::tokens::Tokens;
use super::transcript::{LogRange, Mark};
use crate::model::{Finding, Transport};

/// The sessions of one user of a server.
///
/// Users that run concurrently take a [sibling](Self::sibling) each, with sessions that the others
/// do not use.
pub struct SessionPool {
    common: Arc<Common>,
    shared: AsyncMutex<Option<Session>>,
    own: Mutex<Vec<Session>>,
    used: Mutex<Vec<(Arc<Log>, Mark)>>,
}

/// State that siblings share.
struct Common {
    server: Arc<dyn Server>,
    timing: Timing,
    logs: Mutex<Vec<Arc<Log>>>,
    closing: AsyncMutex<JoinSet<()>>,
    opened: AtomicUsize,
}

impl SessionPool {
    /// Creates a pool without sessions.
    pub fn new(server: Arc<dyn Server>, timing: Timing) -> Self {
        Self::over(Arc::new(Common {
            server,
            timing,
            logs: Mutex::default(),
            closing: AsyncMutex::default(),
            opened: AtomicUsize::new(0),
        }))
    }

    /// Creates a pool for the same server, with sessions of its own.
    pub fn sibling(&self) -> Self {
        Self::over(self.common.clone())
    }

    fn over(common: Arc<Common>) -> Self {
        Self {
            common,
            shared: AsyncMutex::default(),
            own: Mutex::default(),
            used: Mutex::default(),
        }
    }

    /// The server.
    pub fn server(&self) -> &dyn Server {
        self.common.server.as_ref()
    }

    /// The transport of the server.
    pub fn transport(&self) -> Transport {
        self.common.server.transport()
    }

    /// The time limits of the driver.
    pub fn timing(&self) -> Timing {
        self.common.timing
    }

    /// The tokens for checks of authorization.
    pub fn tokens(&self) -> Option<&Tokens> {
        self.common.server.tokens()
    }

    /// Returns the shared session: initialized, with a client that offers everything.
    ///
    /// Opens a new one if an earlier user has ended it.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or does not initialize.
    pub async fn session(&self) -> Result<Session, Finding> {
        let mut shared = self.shared.lock().await;
        if let Some(session) = shared.as_ref().filter(|session| session.is_open()) {
            self.note_use(session);
            return Ok(session.clone());
        }
        let session = self.open(ClientRole::complete(), "shared").await?;
        session.handshake().await?;
        *shared = Some(session.clone());
        Ok(session)
    }

    /// Opens and initializes a session that ends with the next [`retire`](Self::retire).
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or does not initialize.
    pub async fn fresh(&self, role: ClientRole) -> Result<Session, Finding> {
        let session = self.connect(role).await?;
        session.handshake().await?;
        Ok(session)
    }

    /// Opens a connection on which nothing has been sent yet.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached.
    pub async fn connect(&self, role: ClientRole) -> Result<Session, Finding> {
        let session = self.open(role, "own").await?;
        lock(&self.own).push(session.clone());
        Ok(session)
    }

    /// Opens a connection with other headers or to another address, on which nothing has been sent
    /// yet.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached, or not over HTTP.
    pub async fn connect_through(
        &self,
        change: impl FnOnce(Endpoint) -> Endpoint,
    ) -> Result<Session, Finding> {
        let endpoint = match self.common.server.connect().await {
            Ok(Connection::Http(endpoint)) => change(*endpoint),
            Ok(Connection::Lines(_)) => return Err(Finding::Skip("only over HTTP".to_owned())),
            Err(error) => return Err(Finding::Broken(format!("no connection: {error:#}"))),
        };
        let speaks_mcp = endpoint.speaks_mcp();
        let connection = Connection::Http(Box::new(endpoint));
        let log = Log::new(&self.label("own")).hiding(self.tokens());
        let session = Session::over(connection, ClientRole::complete(), self.timing(), log);
        if speaks_mcp {
            lock(&self.common.logs).push(session.log().clone());
        }
        self.note_use(&session);
        lock(&self.own).push(session.clone());
        Ok(session)
    }

    fn label(&self, kind: &str) -> String {
        let number = self.common.opened.fetch_add(1, Ordering::Relaxed) + 1;
        format!("session {number} ({kind})")
    }

    async fn open(&self, role: ClientRole, kind: &str) -> Result<Session, Finding> {
        let common = &self.common;
        let label = self.label(kind);
        let session = Session::open(common.server.as_ref(), role, common.timing, &label).await;
        let session =
            session.map_err(|error| Finding::Broken(format!("no connection: {error:#}")))?;
        lock(&common.logs).push(session.log().clone());
        self.note_use(&session);
        Ok(session)
    }

    /// Adds the session to the transcript, from its current position.
    fn note_use(&self, session: &Session) {
        let mut used = lock(&self.used);
        let log = session.log();
        if !used.iter().any(|(known, _)| Arc::ptr_eq(known, log)) {
            used.push((log.clone(), Mark::end(log)));
        }
    }

    /// The messages since the last [`retire`](Self::retire), of the sessions used since then.
    pub fn transcript(&self) -> Vec<LogRange> {
        let used = lock(&self.used);
        let parts = used.iter().map(|(log, mark)| LogRange::since(log, *mark));
        parts.collect()
    }

    /// Starts closing the sessions opened by [`fresh`](Self::fresh) and
    /// [`connect`](Self::connect). They close in the background.
    pub async fn retire(&self) {
        lock(&self.used).clear();
        let sessions = std::mem::take(&mut *lock(&self.own));
        let mut closing = self.common.closing.lock().await;
        for session in sessions {
            closing.spawn(async move { session.close().await });
        }
    }

    /// Starts closing all sessions of this pool, not those of its siblings.
    pub async fn dismiss(&self) {
        if let Some(session) = self.shared.lock().await.take() {
            lock(&self.own).push(session);
        }
        self.retire().await;
    }

    /// Closes all sessions of this pool, waits for those of dismissed siblings, and returns the
    /// logs of all sessions.
    pub async fn finish(&self) -> Vec<Arc<Log>> {
        self.dismiss().await;
        let mut closing = self.common.closing.lock().await;
        while closing.join_next().await.is_some() {}
        lock(&self.common.logs).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

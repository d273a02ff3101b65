//! What a check works with: sessions with the server under test, and the
//! survey of what that server can do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use tokio::sync::{Mutex as AsyncMutex, OnceCell};
use tokio::task::JoinSet;

use crate::checks::Finding;
use crate::discover::Survey;
use crate::driver::connection::Transport;
use crate::driver::log::Log;
use crate::driver::{ClientRole, Server, Session, Timing};

/// A server under test and the sessions with it.
pub struct Bench {
    server: Arc<dyn Server>,
    timing: Timing,
    destructive: bool,
    shared: AsyncMutex<Option<Session>>,
    survey: OnceCell<Result<Survey, Finding>>,
    own: Mutex<Vec<Session>>,
    logs: Mutex<Vec<Arc<Log>>>,
    closing: AsyncMutex<JoinSet<()>>,
    opened: AtomicUsize,
}

impl Bench {
    /// A bench for this server.
    pub fn new(server: Arc<dyn Server>, timing: Timing, destructive: bool) -> Self {
        Self {
            server,
            timing,
            destructive,
            shared: AsyncMutex::default(),
            survey: OnceCell::new(),
            own: Mutex::default(),
            logs: Mutex::default(),
            closing: AsyncMutex::default(),
            opened: AtomicUsize::new(0),
        }
    }

    /// How the server is reached.
    pub fn transport(&self) -> Transport {
        self.server.transport()
    }

    /// How long the driver waits.
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// Whether tools that are annotated as destructive are called.
    pub fn calls_destructive_tools(&self) -> bool {
        self.destructive
    }

    /// The session that checks share: initialized, with a client that offers
    /// everything. It is opened anew where an earlier check has ended it.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or does not initialize.
    pub async fn session(&self) -> Result<Session, Finding> {
        let mut shared = self.shared.lock().await;
        if let Some(session) = shared.as_ref().filter(|session| session.is_open()) {
            return Ok(session.clone());
        }
        let session = self.open(ClientRole::complete(), "shared").await?;
        session.handshake().await?;
        *shared = Some(session.clone());
        Ok(session)
    }

    /// A session for one check alone, initialized.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or does not initialize.
    pub async fn fresh(&self, role: ClientRole) -> Result<Session, Finding> {
        let session = self.connect(role).await?;
        session.handshake().await?;
        Ok(session)
    }

    /// A connection for one check alone, on which nothing was said yet.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached.
    pub async fn connect(&self, role: ClientRole) -> Result<Session, Finding> {
        let session = self.open(role, "own").await?;
        lock(&self.own).push(session.clone());
        Ok(session)
    }

    async fn open(&self, role: ClientRole, kind: &str) -> Result<Session, Finding> {
        let number = self.opened.fetch_add(1, Ordering::Relaxed) + 1;
        let label = format!("session {number} ({kind})");
        let session = Session::open(self.server.as_ref(), role, self.timing, &label).await;
        let session =
            session.map_err(|error| Finding::Broken(format!("no connection: {error:#}")))?;
        lock(&self.logs).push(session.log().clone());
        Ok(session)
    }

    /// The survey, made when it is first asked for.
    ///
    /// # Errors
    ///
    /// When no session came about.
    pub fn survey(&self) -> BoxFuture<'_, Result<&Survey, Finding>> {
        Box::pin(async {
            let survey = self.survey.get_or_init(|| Survey::make(self)).await;
            survey.as_ref().map_err(Clone::clone)
        })
    }

    /// The survey, if it was made.
    pub fn survey_so_far(&self) -> Option<&Survey> {
        self.survey.get().and_then(|survey| survey.as_ref().ok())
    }

    /// Begins to end the sessions of a check that is done. They end while
    /// others go on, so that nobody waits for their quiet whiles.
    pub async fn retire(&self) {
        let sessions = std::mem::take(&mut *lock(&self.own));
        let mut closing = self.closing.lock().await;
        for session in sessions {
            closing.spawn(async move { session.close().await });
        }
    }

    /// Ends all sessions and gives their logs.
    pub async fn finish(&self) -> Vec<Arc<Log>> {
        self.retire().await;
        if let Some(session) = self.shared.lock().await.take() {
            session.close().await;
        }
        let mut closing = self.closing.lock().await;
        while closing.join_next().await.is_some() {}
        lock(&self.logs).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

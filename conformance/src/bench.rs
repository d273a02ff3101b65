//! What a check works with: sessions with the server under test, and the
//! survey of what that server can do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use tokio::sync::{Mutex as AsyncMutex, OnceCell};
use tokio::task::JoinSet;

use crate::checks::{Finding, Judgement, memory};
use crate::discover::{Conduct, Survey, Unanswered};
use crate::driver::connection::{Connection, Transport};
use crate::driver::http::Endpoint;
use crate::driver::log::Log;
use crate::driver::{ClientRole, Server, Session, Timing, Tokens};
use crate::transcript::{Mark, Part};

/// A server under test and the sessions with it.
///
/// Checks that are made at the same time each have a bench of their own, a
/// [sibling](Self::sibling) of the first: what one does in its session, the
/// others do not see. The survey is made once for all of them.
pub struct Bench {
    common: Arc<Common>,
    shared: AsyncMutex<Option<Session>>,
    own: Mutex<Vec<Session>>,
    used: Mutex<Vec<(Arc<Log>, Mark)>>,
}

/// What siblings have in common.
struct Common {
    server: Arc<dyn Server>,
    timing: Timing,
    conduct: Conduct,
    survey: OnceCell<Result<Survey, Finding>>,
    unanswered: OnceCell<Result<Unanswered, Finding>>,
    logs: Mutex<Vec<Arc<Log>>>,
    closing: AsyncMutex<JoinSet<()>>,
    opened: AtomicUsize,
}

impl Bench {
    /// A bench for this server.
    pub fn new(server: Arc<dyn Server>, timing: Timing, destructive: bool) -> Self {
        let conduct = Conduct {
            destructive,
            ..Conduct::default()
        };
        Self::with_conduct(server, timing, conduct)
    }

    /// A bench for this server that behaves like this towards its tools.
    pub fn with_conduct(server: Arc<dyn Server>, timing: Timing, conduct: Conduct) -> Self {
        Self::of(Arc::new(Common {
            server,
            timing,
            conduct,
            survey: OnceCell::new(),
            unanswered: OnceCell::new(),
            logs: Mutex::default(),
            closing: AsyncMutex::default(),
            opened: AtomicUsize::new(0),
        }))
    }

    /// Another bench for the same server, with sessions of its own.
    pub fn sibling(&self) -> Self {
        Self::of(self.common.clone())
    }

    fn of(common: Arc<Common>) -> Self {
        Self {
            common,
            shared: AsyncMutex::default(),
            own: Mutex::default(),
            used: Mutex::default(),
        }
    }

    /// How the server is reached.
    pub fn transport(&self) -> Transport {
        self.common.server.transport()
    }

    /// What a check says, with the reason of a skip that comes of how the server
    /// is run.
    pub fn explained(&self, check: &str, judgement: Judgement) -> Judgement {
        if self.common.server.remembers() {
            judgement
        } else {
            memory::without(check, judgement)
        }
    }

    /// How long the driver waits.
    pub fn timing(&self) -> Timing {
        self.common.timing
    }

    /// How the suite behaves towards the server's tools.
    pub fn conduct(&self) -> &Conduct {
        &self.common.conduct
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
            self.uses(session);
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

    /// The tokens for checks of authorization.
    pub fn tokens(&self) -> Option<&Tokens> {
        self.common.server.tokens()
    }

    /// A connection for one check alone, with other headers or to another
    /// address, on which nothing was said yet.
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
        self.uses(&session);
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
        self.uses(&session);
        Ok(session)
    }

    /// Notes that the check that is being made works in this session.
    fn uses(&self, session: &Session) {
        let mut used = lock(&self.used);
        let log = session.log();
        if !used.iter().any(|(known, _)| Arc::ptr_eq(known, log)) {
            used.push((log.clone(), Mark::end(log)));
        }
    }

    /// The survey, made when it is first asked for.
    ///
    /// # Errors
    ///
    /// When no session came about.
    pub fn survey(&self) -> BoxFuture<'_, Result<&Survey, Finding>> {
        Box::pin(async {
            let survey = self.common.survey.get_or_init(|| Survey::make(self)).await;
            survey.as_ref().map_err(Clone::clone)
        })
    }

    /// What became of requests that the client left unanswered, tried when
    /// that is first asked for.
    ///
    /// # Errors
    ///
    /// A skip where it cannot be tried.
    pub async fn unanswered(&self) -> Result<&Unanswered, Finding> {
        let tried = self
            .common
            .unanswered
            .get_or_init(|| Unanswered::try_it(self));
        tried.await.as_ref().map_err(Clone::clone)
    }

    /// The survey, if it was made.
    pub fn survey_so_far(&self) -> Option<&Survey> {
        let survey = self.common.survey.get();
        survey.and_then(|survey| survey.as_ref().ok())
    }

    /// What went over the wire since the last check of this bench was retired,
    /// in the sessions that were asked for since then.
    pub fn transcript(&self) -> Vec<Part> {
        let used = lock(&self.used);
        let parts = used.iter().map(|(log, mark)| Part::since(log, *mark));
        parts.collect()
    }

    /// Begins to end the sessions of a check that is done. They end while
    /// others go on, so that nobody waits for their quiet whiles.
    pub async fn retire(&self) {
        lock(&self.used).clear();
        let sessions = std::mem::take(&mut *lock(&self.own));
        let mut closing = self.common.closing.lock().await;
        for session in sessions {
            closing.spawn(async move { session.close().await });
        }
    }

    /// Begins to end all sessions of this bench alone.
    pub async fn dismiss(&self) {
        if let Some(session) = self.shared.lock().await.take() {
            lock(&self.own).push(session);
        }
        self.retire().await;
    }

    /// Ends all sessions, those of siblings that were dismissed too, and gives
    /// the logs of all.
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

//! Sessions with one server, opened on demand and closed in the background.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Mutex as AsyncMutex;
use tokio::task::JoinSet;

use super::client_role::ClientRole;
use super::clock::Clock;
use super::connection::{Connection, Server};
use super::http::Endpoint;
use super::log::Log;
use super::reply::{Body, Reply};
use super::session::{Session, Timing};
use super::spares::Spares;
use super::tokens::Tokens;
use super::transcript::{LogRange, Mark};
use crate::model::duration::in_words;
use crate::model::requirements::REVISION;
use crate::model::{Finding, Transport};

/// The factor by which a start may take longer when one before it took too long.
const PATIENCE: u32 = 2;

/// The pause between two attempts to reach a lost server.
const PAUSE: Duration = Duration::from_millis(200);

/// The sessions of one user of a server.
///
/// Users that run concurrently take a [sibling](Self::sibling) each, with sessions that the others
/// do not use.
pub struct SessionPool {
    common: Arc<Common>,
    shared: AsyncMutex<Option<Shared>>,
    own: Mutex<Vec<Session>>,
    used: Mutex<Vec<Used>>,
    unopened: AtomicBool,
    /// True while sessions may take longer to start.
    patient: AtomicBool,
}

/// A session that the current check uses.
struct Used {
    session: Session,
    /// The position from which on the check uses it.
    mark: Mark,
    /// The position from which on signs of loss count.
    watched: Mark,
    /// True if its end is known to be that of this session alone.
    settled: bool,
}

/// The session that the checks of one user share.
struct Shared {
    session: Session,
    /// The number of losses of the server before it was opened.
    epoch: usize,
}

/// State that siblings share.
struct Common {
    server: Arc<dyn Server>,
    timing: Timing,
    logs: Mutex<Vec<Arc<Log>>>,
    closing: AsyncMutex<JoinSet<()>>,
    opened: AtomicUsize,
    clock: Arc<Clock>,
    heartbeat: OnceLock<&'static str>,
    /// Initialized sessions for the next users who need one.
    stock: Mutex<Vec<Session>>,
    spares: Arc<Spares>,
    /// The number of times that the server was lost and came back.
    losses: AtomicUsize,
    /// The number of times that it ended sessions and opened new ones.
    endings: AtomicUsize,
    /// The result of the last attempt to reach the server, once it is gone.
    gone: OnceLock<String>,
}

/// The state of a server after a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It serves. A process that ended was that of one session.
    Well,
    /// It has ended a session, as it may at any time, and opens new ones.
    Ended,
    /// It was lost with all sessions, and serves again.
    Back,
    /// It was lost and did not come back: the result of the last attempt.
    Gone(String),
}

impl SessionPool {
    /// Creates a pool without sessions.
    pub fn new(server: Arc<dyn Server>, timing: Timing) -> Self {
        Self::over(Arc::new(Common {
            spares: Spares::new(server.clone()),
            server,
            timing,
            logs: Mutex::default(),
            closing: AsyncMutex::default(),
            opened: AtomicUsize::new(0),
            clock: Arc::default(),
            heartbeat: OnceLock::new(),
            stock: Mutex::default(),
            losses: AtomicUsize::new(0),
            endings: AtomicUsize::new(0),
            gone: OnceLock::new(),
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
            unopened: AtomicBool::new(false),
            patient: AtomicBool::new(false),
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

    /// The time that the sessions of all siblings have taken.
    pub fn clock(&self) -> &Clock {
        &self.common.clock
    }

    /// Returns the shared session: initialized, with a client that offers everything.
    ///
    /// Opens a new one if an earlier user has ended it, or the server was lost.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or does not initialize.
    pub async fn session(&self) -> Result<Session, Finding> {
        let mut shared = self.shared.lock().await;
        if let Some(session) = self.usable(shared.as_ref()) {
            self.note_use(session);
            return Ok(session.clone());
        }
        lock(&self.own).extend(shared.take().map(|shared| shared.session));
        let epoch = self.losses();
        let session = match self.take_stocked() {
            Some(session) => session,
            None => self.start(ClientRole::complete(), "shared").await?,
        };
        *shared = Some(Shared {
            session: session.clone(),
            epoch,
        });
        Ok(session)
    }

    /// Returns the shared session as [`session`](Self::session) does, after making sure that the
    /// server did not get lost since the last [`retire`](Self::retire).
    ///
    /// # Errors
    ///
    /// When the server is gone, or cannot be reached, or does not initialize.
    pub async fn live_session(&self) -> Result<Session, Finding> {
        if let Health::Gone(why) = self.health().await {
            return Err(Finding::Broken(format!("the server is gone: {why}")));
        }
        self.session().await
    }

    fn usable<'a>(&self, shared: Option<&'a Shared>) -> Option<&'a Session> {
        let current = shared.filter(|shared| shared.epoch == self.losses());
        current
            .map(|shared| &shared.session)
            .filter(|session| session.is_open())
    }

    /// Returns the number of times that the server was found to have ended sessions.
    pub fn endings(&self) -> usize {
        self.common.endings.load(Ordering::Relaxed)
    }

    fn losses(&self) -> usize {
        self.common.losses.load(Ordering::Relaxed)
    }

    fn take_stocked(&self) -> Option<Session> {
        let mut stock = lock(&self.common.stock);
        while let Some(session) = stock.pop() {
            if session.is_open() {
                drop(stock);
                self.note_use(&session);
                return Some(session);
            }
            lock(&self.own).push(session);
        }
        None
    }

    /// Keeps an initialized session of this pool, with a client that offers everything, for the next
    /// user who asks for a shared one.
    pub fn keep_for_sharing(&self, session: Session) {
        lock(&self.own).retain(|own| !own.is(&session));
        lock(&self.common.stock).insert(0, session);
    }

    /// Sets the request that shows that the server is alive, if it is not ping.
    pub fn beat_with(&self, method: &'static str) {
        // It is set once, at first contact.
        let _ = self.common.heartbeat.set(method);
    }

    /// Starts processes ahead of their use, this many.
    pub fn keep_spares(&self, count: usize) {
        self.common.spares.keep(count);
    }

    /// Opens and initializes a session that ends with the next [`retire`](Self::retire).
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or does not initialize.
    pub async fn fresh(&self, role: ClientRole) -> Result<Session, Finding> {
        let session = self.start(role, "own").await?;
        lock(&self.own).push(session.clone());
        Ok(session)
    }

    /// Lets processes take longer to start, after one that did not start in time, or no longer.
    pub fn be_patient(&self, patient: bool) {
        if patient {
            self.common.clock.replaced_one();
        }
        self.patient.store(patient, Ordering::Relaxed);
    }

    /// Opens and initializes a session. A process that does not start in time is replaced once, by
    /// one that may take longer: on a busy machine, one of many starts is slow.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or does not initialize.
    async fn start(&self, role: ClientRole, kind: &str) -> Result<Session, Finding> {
        let session = self.open(role.clone(), kind).await?;
        let Err(finding) = session.handshake().await else {
            return Ok(session);
        };
        if !session.log().is_late() {
            lock(&self.own).push(session);
            return Err(finding);
        }
        self.drop_late(&session).await;
        let first = session.timing().start;
        if self.patient.load(Ordering::Relaxed) {
            return Err(late(&[first]));
        }
        let timing = self.timing_with(true);
        let second = self.open_within(timing, role, kind).await?;
        let Err(finding) = second.handshake().await else {
            session.log().write(|state| state.replaced = true);
            self.common.clock.replaced_one();
            return Ok(second);
        };
        if !second.log().is_late() {
            lock(&self.own).push(second);
            return Err(finding);
        }
        self.drop_late(&second).await;
        Err(late(&[first, timing.start]))
    }

    /// Ends a process that did not start in time. It takes time from the next one.
    async fn drop_late(&self, session: &Session) {
        let session = session.clone();
        let mut closing = self.common.closing.lock().await;
        closing.spawn(async move { session.close_within(Duration::ZERO).await });
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
        let session = self.over_connection(connection, ClientRole::complete(), "own");
        if speaks_mcp {
            lock(&self.common.logs).push(session.log().clone());
        }
        self.note_use(&session);
        lock(&self.own).push(session.clone());
        Ok(session)
    }

    async fn open(&self, role: ClientRole, kind: &str) -> Result<Session, Finding> {
        let timing = self.timing_with(self.patient.load(Ordering::Relaxed));
        self.open_within(timing, role, kind).await
    }

    /// Returns the time limits, with more time for a start if wanted.
    fn timing_with(&self, patient: bool) -> Timing {
        let mut timing = self.timing();
        if patient {
            timing.start *= PATIENCE;
        }
        timing
    }

    async fn open_within(
        &self,
        timing: Timing,
        role: ClientRole,
        kind: &str,
    ) -> Result<Session, Finding> {
        let connection = self.connection().await.map_err(|error| {
            self.unopened.store(true, Ordering::Relaxed);
            Finding::Broken(format!("no connection: {error:#}"))
        })?;
        let session = self.over_connection_within(timing, connection, role, kind);
        lock(&self.common.logs).push(session.log().clone());
        self.note_use(&session);
        Ok(session)
    }

    async fn connection(&self) -> anyhow::Result<Connection> {
        let common = &self.common;
        let began = Instant::now();
        let connection = match common.spares.take() {
            Some(lines) => Connection::Lines(lines),
            None => common.server.connect().await?,
        };
        common.clock.opened();
        common.clock.started(began.elapsed());
        Ok(connection)
    }

    fn over_connection(&self, connection: Connection, role: ClientRole, kind: &str) -> Session {
        self.over_connection_within(self.timing(), connection, role, kind)
    }

    fn over_connection_within(
        &self,
        timing: Timing,
        connection: Connection,
        role: ClientRole,
        kind: &str,
    ) -> Session {
        let common = &self.common;
        let number = common.opened.fetch_add(1, Ordering::Relaxed) + 1;
        let log = Log::new(&format!("session {number} ({kind})"));
        let log = log.hiding(self.tokens()).timed(common.clock.clone());
        let session = Session::over(connection, role, timing, log);
        if let Some(method) = common.heartbeat.get() {
            session.beat_with(method);
        }
        session
    }

    /// Adds the session to the transcript, from its current position.
    fn note_use(&self, session: &Session) {
        let mut used = lock(&self.used);
        let log = session.log();
        if !used.iter().any(|used| used.session.is(session)) {
            let mark = Mark::end(log);
            used.push(Used {
                session: session.clone(),
                mark,
                watched: mark,
                settled: false,
            });
        }
    }

    /// The messages since the last [`retire`](Self::retire), of the sessions used since then.
    pub fn transcript(&self) -> Vec<LogRange> {
        let used = lock(&self.used);
        let parts = used
            .iter()
            .map(|used| LogRange::since(used.session.log(), used.mark));
        parts.collect()
    }

    /// Finds out whether the server was lost since the last [`retire`](Self::retire).
    ///
    /// Without a sign of loss, nothing is sent. A refused, reset or failed exchange is not a sign
    /// if an earlier session still answers. Otherwise a new session is tried for a while.
    pub async fn health(&self) -> Health {
        if let Some(why) = self.common.gone.get() {
            let is_refused = |used: &Used| used.session.log().read().refused;
            return match self.shows_loss() || lock(&self.used).iter().any(is_refused) {
                true => Health::Gone(why.clone()),
                false => Health::Well,
            };
        }
        let is_lost = self.shows_loss();
        let is_refused = self.transport() == Transport::Http && self.find_refusals().await;
        if !is_lost && !is_refused {
            return Health::Well;
        }
        let witness = match self.transport() {
            Transport::Http => self.witness().await,
            Transport::Stdio => None,
        };
        if let Some(witness) = &witness
            && !is_refused
            && witness.fence().await.is_ok()
        {
            self.forget_signs();
            return Health::Well;
        }
        // A server that is only slow to start may need more time than usual.
        let late = lock(&self.used)
            .iter()
            .any(|used| used.session.log().is_late());
        // Being refused once more is no answer to a client that was.
        let is_back = match is_refused {
            true => |reply: &Reply| matches!(reply.body, Body::Result(_)),
            false => is_answered,
        };
        let came_back = self.come_back(self.timing_with(late), is_back).await;
        let lost_all = self.transport() == Transport::Http;
        let health = match came_back {
            Ok(_) if is_refused && !is_lost => Health::Ended,
            // Without an earlier session, one failed exchange proves nothing.
            Ok(1) if witness.is_none() && !is_refused => Health::Well,
            Ok(_) if !lost_all => Health::Well,
            Ok(_) => Health::Back,
            Err(why) => Health::Gone(why),
        };
        if health != Health::Well {
            self.excuse();
            // What is in stock may have ended, too.
            lock(&self.own).append(&mut lock(&self.common.stock));
        }
        match health {
            Health::Well => {}
            Health::Ended => drop(self.common.endings.fetch_add(1, Ordering::Relaxed)),
            Health::Back | Health::Gone(_) => {
                self.common.losses.fetch_add(1, Ordering::Relaxed);
            }
        }
        match &health {
            Health::Gone(why) => {
                self.common.spares.dismiss();
                // Another user may have found out at the same time.
                let _ = self.common.gone.set(why.clone());
            }
            Health::Well | Health::Ended | Health::Back => self.forget_signs(),
        }
        health
    }

    /// Finds out whether the server refuses all messages of sessions of this user. It may end a
    /// session at any time.
    ///
    /// <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#session-management>
    async fn find_refusals(&self) -> bool {
        let sessions = |used: &[Used]| -> Vec<Session> {
            used.iter().map(|used| used.session.clone()).collect()
        };
        let sessions = sessions(&lock(&self.used));
        let mut is_found = false;
        for session in sessions {
            is_found |= session.find_refusal().await;
        }
        is_found
    }

    /// Ignores the signs of loss so far.
    fn forget_signs(&self) {
        self.unopened.store(false, Ordering::Relaxed);
        for used in lock(&self.used).iter_mut() {
            let log = used.session.log();
            used.watched = Mark::end(log);
            used.settled = log.read().closed.is_some();
        }
    }

    fn shows_loss(&self) -> bool {
        let of_server = |log: &Arc<Log>| {
            let logs = lock(&self.common.logs);
            logs.iter().any(|known| Arc::ptr_eq(known, log))
        };
        let shows = |used: &Used| {
            let log = used.session.log();
            let part = LogRange::since(log, used.watched);
            !used.settled && of_server(log) && part.shows_loss()
        };
        self.unopened.load(Ordering::Relaxed) || lock(&self.used).iter().any(shows)
    }

    /// Returns an earlier session, whose answer shows that the server was not lost.
    async fn witness(&self) -> Option<Session> {
        let shared = self.shared.lock().await;
        let spare = || lock(&self.common.stock).last().cloned();
        self.usable(shared.as_ref()).cloned().or_else(spare)
    }

    /// Tries new sessions until the answer to `initialize` shows that the server is back. Returns the
    /// number of attempts.
    ///
    /// # Errors
    ///
    /// The result of the last attempt, after the time limit.
    async fn come_back(
        &self,
        timing: Timing,
        is_back: fn(&Reply) -> bool,
    ) -> Result<usize, String> {
        let deadline = Instant::now() + timing.recovery();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let Err(why) = self.attempt(timing, is_back).await else {
                return Ok(attempts);
            };
            if Instant::now() >= deadline {
                return Err(why);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Tries to initialize one session.
    async fn attempt(&self, timing: Timing, is_back: fn(&Reply) -> bool) -> Result<(), String> {
        // A start has its own limit, also that of a runtime over HTTP.
        let patience = match self.transport() {
            Transport::Stdio => timing.start + timing.answer,
            Transport::Http => timing.answer,
        };
        let connection = tokio::time::timeout(timing.start, self.connection()).await;
        let connection = connection.map_err(|_| "there was no connection in time".to_owned())?;
        let connection = connection.map_err(|error| format!("{error:#}"))?;
        let role = ClientRole::complete();
        let session = self.over_connection_within(timing, connection, role, "own");
        let reply = tokio::time::timeout(patience, session.initialize(REVISION)).await;
        let reply = reply.map_err(|_| "initialize got no answer".to_owned())?;
        let answered = is_back(&reply);
        let mut closing = self.common.closing.lock().await;
        let words = session.log().last_words();
        closing.spawn(async move { session.close_now().await });
        if answered {
            Ok(())
        } else {
            Err(format!("initialize got {}{words}", reply.came()))
        }
    }

    /// Keeps observers from judging the exchanges that failed because the server was lost.
    fn excuse(&self) {
        for used in lock(&self.used).iter() {
            used.session.log().write(|state| {
                for exchange in state.exchanges.iter_mut().skip(used.mark.exchanges()) {
                    exchange.judged |=
                        exchange.is_lost() || exchange.refuses_client() || exchange.ended.is_none();
                }
            });
        }
    }

    /// Starts closing the sessions opened by [`fresh`](Self::fresh) and
    /// [`connect`](Self::connect). They close in the background.
    pub async fn retire(&self) {
        lock(&self.used).clear();
        self.unopened.store(false, Ordering::Relaxed);
        let sessions = std::mem::take(&mut *lock(&self.own));
        let mut closing = self.common.closing.lock().await;
        for session in sessions {
            closing.spawn(async move { session.close().await });
        }
    }

    /// Starts closing all sessions of this pool, not those of its siblings.
    pub async fn dismiss(&self) {
        if let Some(shared) = self.shared.lock().await.take() {
            lock(&self.own).push(shared.session);
        }
        self.retire().await;
    }

    /// Closes all sessions of this pool, waits for those of dismissed siblings, and returns the
    /// logs of all sessions.
    pub async fn finish(&self) -> Vec<Arc<Log>> {
        lock(&self.own).append(&mut lock(&self.common.stock));
        let grace = self.timing().grace;
        for lines in self.common.spares.dismiss() {
            let session =
                self.over_connection(Connection::Lines(lines), ClientRole::bare(), "spare");
            let mut closing = self.common.closing.lock().await;
            closing.spawn(async move { session.close_within(grace).await });
        }
        self.dismiss().await;
        let mut closing = self.common.closing.lock().await;
        while closing.join_next().await.is_some() {}
        lock(&self.common.logs).clone()
    }
}

/// Returns the finding that none of these processes started within its time.
fn late(limits: &[Duration]) -> Finding {
    let (first, further) = limits.split_first().unwrap_or((&Duration::ZERO, &[]));
    let mut text = format!("the server did not start within {}", in_words(*first));
    for limit in further {
        let within = in_words(*limit);
        text.push_str(&format!(", nor did another process of it within {within}"));
    }
    text.push_str("; see --start-timeout");
    Finding::Broken(text)
}

/// Returns true for an answer to `initialize` of a server that serves.
fn is_answered(reply: &Reply) -> bool {
    match &reply.body {
        Body::Result(_) | Body::Error(_) => reply.status.is_none_or(|status| status < 500),
        Body::Refused(_) => reply.status.is_some_and(|status| status < 500),
        Body::Closed(_) | Body::Silence(_) => false,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

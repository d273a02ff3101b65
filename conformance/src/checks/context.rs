//! The context of a check: sessions with the server under test, and the survey of its features.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::OnceCell;

use super::memory;
use crate::driver::http::Endpoint;
use crate::driver::log::Log;
use crate::driver::pool::{Health, SessionPool};
use crate::driver::transcript::LogRange;
use crate::driver::{ClientRole, Server, Session, Timing, Tokens};
use crate::model::{Finding, Judgement, Transport};
use crate::survey::unanswered::patience;
use crate::survey::{Conduct, Survey, Unanswered};

/// A server under test, with sessions for one check at a time.
///
/// Checks that run concurrently use a [sibling](Self::sibling) each, so that they do not see each
/// other's sessions. Siblings share one survey.
pub struct CheckContext {
    sessions: SessionPool,
    common: Arc<Common>,
}

/// State that siblings share.
struct Common {
    conduct: Conduct,
    survey: OnceCell<Result<Survey, Finding>>,
    unanswered: OnceCell<Result<Unanswered, Finding>>,
}

impl CheckContext {
    /// Creates a context with the default conduct, except for destructive tools.
    pub fn new(server: Arc<dyn Server>, timing: Timing, destructive: bool) -> Self {
        let conduct = Conduct {
            destructive,
            ..Conduct::default()
        };
        Self::with_conduct(server, timing, conduct)
    }

    /// Creates a context with this conduct towards the server's tools.
    pub fn with_conduct(server: Arc<dyn Server>, timing: Timing, conduct: Conduct) -> Self {
        Self {
            sessions: SessionPool::new(server, timing),
            common: Arc::new(Common {
                conduct,
                survey: OnceCell::new(),
                unanswered: OnceCell::new(),
            }),
        }
    }

    /// Creates a context for the same server, with sessions of its own.
    pub fn sibling(&self) -> Self {
        Self {
            sessions: self.sessions.sibling(),
            common: self.common.clone(),
        }
    }

    /// The sessions.
    pub(crate) fn sessions(&self) -> &SessionPool {
        &self.sessions
    }

    /// Finds out whether the server was lost in the current check, see [`SessionPool::health`].
    pub async fn health(&self) -> Health {
        self.sessions.health().await
    }

    /// The transport of the server.
    pub fn transport(&self) -> Transport {
        self.sessions.transport()
    }

    /// Replaces the reason of a skip that the server's isolation of calls explains.
    pub fn explained(&self, check: &str, judgement: Judgement) -> Judgement {
        if self.sessions.server().remembers() {
            judgement
        } else {
            memory::without(check, judgement)
        }
    }

    /// The end of the server's output outside of its sessions.
    pub fn output(&self) -> String {
        self.sessions.server().output()
    }

    /// The time limits of the driver.
    pub fn timing(&self) -> Timing {
        self.sessions.timing()
    }

    /// The conduct towards the server's tools.
    pub fn conduct(&self) -> &Conduct {
        &self.common.conduct
    }

    /// The tokens for checks of authorization.
    pub fn tokens(&self) -> Option<&Tokens> {
        self.sessions.tokens()
    }

    /// Returns the session that checks share, see [`SessionPool::session`].
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or does not initialize.
    pub async fn session(&self) -> Result<Session, Finding> {
        self.sessions.session().await
    }

    /// Opens and initializes a session for one check.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or does not initialize.
    pub async fn fresh(&self, role: ClientRole) -> Result<Session, Finding> {
        self.sessions.fresh(role).await
    }

    /// Opens a connection for one check, on which nothing has been sent yet.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached.
    pub async fn connect(&self, role: ClientRole) -> Result<Session, Finding> {
        self.sessions.connect(role).await
    }

    /// Opens a connection for one check with other headers or to another address, on which nothing
    /// has been sent yet.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached, or not over HTTP.
    pub async fn connect_through(
        &self,
        change: impl FnOnce(Endpoint) -> Endpoint,
    ) -> Result<Session, Finding> {
        self.sessions.connect_through(change).await
    }

    /// The survey, made at the first call.
    ///
    /// # Errors
    ///
    /// When no session could be opened.
    pub fn survey(&self) -> BoxFuture<'_, Result<&Survey, Finding>> {
        Box::pin(async {
            let make = || Survey::make(&self.sessions, &self.common.conduct);
            let survey = self.common.survey.get_or_init(make).await;
            survey.as_ref().map_err(Clone::clone)
        })
    }

    /// The outcome of leaving the server's requests unanswered, tried at the first call.
    ///
    /// # Errors
    ///
    /// A skip where it cannot be tried.
    pub async fn unanswered(&self) -> Result<&Unanswered, Finding> {
        let tried = self.common.unanswered.get_or_init(|| async {
            let patience = patience(self.timing())?;
            Unanswered::make(&self.sessions, self.survey().await?, patience).await
        });
        tried.await.as_ref().map_err(Clone::clone)
    }

    /// The survey, if it has been made.
    pub fn survey_so_far(&self) -> Option<&Survey> {
        let survey = self.common.survey.get();
        survey.and_then(|survey| survey.as_ref().ok())
    }

    /// The messages of the current check.
    pub fn transcript(&self) -> Vec<LogRange> {
        self.sessions.transcript()
    }

    /// Starts closing the sessions of the current check. They close in the background.
    pub async fn retire(&self) {
        self.sessions.retire().await;
    }

    /// Starts closing all sessions of this context, not those of its siblings.
    pub async fn dismiss(&self) {
        self.sessions.dismiss().await;
    }

    /// Closes all sessions, waits for those of dismissed siblings, and returns the logs of all
    /// sessions.
    pub async fn finish(&self) -> Vec<Arc<Log>> {
        self.sessions.finish().await
    }
}

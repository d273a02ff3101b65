//! A component ready to be served, which opens sessions.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{OnceCell, Semaphore};

use super::Session;
use super::outlet::Outlet;
use super::request_budget::RequestBudget;
use crate::component::instance::InstanceLimits;
use crate::component::{Component, Isolation, Sandbox};
use crate::telemetry::{LiveCounts, Telemetry};
use crate::work_pool::WorkPool;
use wasi_mcp_protocol::{Framing, Limits, Offer};
use wasi_mcp_types::types::Principal;

/// Options for serving a component.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServerOptions {
    /// The grants of each instance.
    pub sandbox: Sandbox,
    /// The limits of each session.
    pub limits: Limits,
    /// The limits of each instance.
    pub instance: InstanceLimits,
    /// Determines which calls share an instance.
    pub isolation: Isolation,
    /// The most instances that a session may have at once with [`Isolation::Call`]; further calls
    /// wait. Default 64.
    pub instances_per_session: usize,
    /// The most instances at a time, across all sessions. A request that needs one more is answered
    /// with an error. Default 10,000.
    pub max_instances: usize,
    /// The most client requests in flight in components, across all sessions. Further requests are
    /// answered with an error. Default 50,000.
    pub max_requests: usize,
    /// The most bytes of these requests, as text. Further requests are answered with an error.
    /// Default 256 MiB.
    pub max_requests_bytes: usize,
    /// The time for which a guest may continue a call that was cancelled or has timed out while
    /// other calls wait for their turn in the instance; then the instance is replaced. Calls that
    /// run concurrently do not wait. An instance dedicated to this call is dropped then in any
    /// case.
    pub cancelled_call_grace: Duration,
    /// The time for which requests in flight may continue after the end of the client's input, or
    /// after the host was asked to stop, on stdio; over HTTP see
    /// [`HttpOptions::shutdown_grace`](crate::transport::http::HttpOptions::shutdown_grace).
    pub shutdown_grace: Duration,
    /// Counts the host's events. Servers may share it.
    pub telemetry: Arc<Telemetry>,
    /// Counts sessions, instances and calls. Servers with clones of it share the counts.
    pub live_counts: Arc<LiveCounts>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            sandbox: Sandbox::default(),
            limits: Limits::default(),
            instance: InstanceLimits::default(),
            isolation: Isolation::default(),
            instances_per_session: 64,
            max_instances: 10_000,
            max_requests: 50_000,
            max_requests_bytes: 256 << 20,
            cancelled_call_grace: Duration::from_secs(10),
            shutdown_grace: Duration::from_secs(10),
            telemetry: Arc::default(),
            live_counts: Arc::default(),
        }
    }
}

pub(super) fn permits(most: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)))
}

/// The sandbox of one session, as [`Server::with_session_sandbox`] chooses it.
type ChooseSandbox = dyn Fn(&NewSession<'_>) -> Arc<Sandbox> + Send + Sync;

/// A session that needs its first instance.
#[derive(Debug)]
#[non_exhaustive]
pub struct NewSession<'a> {
    /// Its number in log lines.
    pub number: u64,
    /// The authenticated party that sent `initialize`.
    pub principal: Option<&'a Principal>,
    /// The sandbox of the server's options.
    pub sandbox: &'a Arc<Sandbox>,
}

#[derive(Clone)]
pub(super) struct SessionSandbox(Arc<ChooseSandbox>);

impl std::fmt::Debug for SessionSandbox {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SessionSandbox")
    }
}

/// A component and the options for serving it. Sessions share no instances.
#[derive(Debug, Clone)]
pub struct Server {
    pub(super) component: Component,
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) session_sandbox: Option<SessionSandbox>,
    pub(super) limits: Limits,
    pub(super) instance: InstanceLimits,
    pub(super) isolation: Isolation,
    /// False if each message gets a session of its own.
    pub(super) keeps_sessions: bool,
    /// The component's offer, where it is the same for all sessions.
    pub(super) known_offer: Option<Arc<OnceCell<Offer>>>,
    /// [`Offer::fingerprint`] of that offer.
    pub(super) known_fingerprint: Arc<OnceLock<u64>>,
    /// The same server without sessions.
    pub(super) stateless: Arc<OnceLock<Arc<Server>>>,
    pub(super) instances_per_session: usize,
    /// Holds a permit for each instance.
    pub(super) instances: Arc<Semaphore>,
    /// Counts requests in flight.
    pub(super) request_budget: Arc<RequestBudget>,
    /// Performs work that grows with messages and results.
    pub(super) work_pool: WorkPool,
    pub(super) cancelled_call_grace: Duration,
    pub(super) shutdown_grace: Duration,
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) live_counts: Arc<LiveCounts>,
}

impl Server {
    /// Creates a server for a component.
    pub fn new(component: Component, options: ServerOptions) -> Self {
        Self {
            component,
            sandbox: Arc::new(options.sandbox),
            session_sandbox: None,
            limits: options.limits,
            instance: options.instance,
            isolation: options.isolation,
            keeps_sessions: true,
            known_offer: None,
            known_fingerprint: Arc::default(),
            stateless: Arc::default(),
            instances_per_session: options.instances_per_session.max(1),
            instances: permits(options.max_instances),
            request_budget: Arc::new(RequestBudget::new(
                options.max_requests,
                options.max_requests_bytes,
            )),
            work_pool: WorkPool::default(),
            cancelled_call_grace: options.cancelled_call_grace,
            shutdown_grace: options.shutdown_grace,
            telemetry: options.telemetry,
            live_counts: options.live_counts,
        }
    }

    /// Lets `choose` return the sandbox of each session: the same for all of its instances. It is
    /// called once a session, when the client has sent `initialize`, by the thread that serves the
    /// session, so it must not block. The field [`Sandbox::denied`] counts only in the server's
    /// options.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use wasi_mcp_host::session::Server;
    /// # fn example(server: Server) -> Server {
    /// server.with_session_sandbox(|session| {
    ///     let mut sandbox = (**session.sandbox).clone();
    ///     if let Some(user) = session.principal.and_then(|it| it.subject.clone()) {
    ///         sandbox.environment.push(("USER_ID".to_owned(), user));
    ///     }
    ///     Arc::new(sandbox)
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn with_session_sandbox(
        mut self,
        choose: impl Fn(&NewSession<'_>) -> Arc<Sandbox> + Send + Sync + 'static,
    ) -> Self {
        self.session_sandbox = Some(SessionSandbox(Arc::new(choose)));
        self.stateless = Arc::default();
        self
    }

    /// Returns the sandbox of a new session.
    pub(super) fn sandbox_of(&self, number: u64, principal: Option<&Principal>) -> Arc<Sandbox> {
        match &self.session_sandbox {
            Some(SessionSandbox(choose)) => choose(&NewSession {
                number,
                principal,
                sandbox: &self.sandbox,
            }),
            None => Arc::clone(&self.sandbox),
        }
    }

    /// Clones the server with another component, sharing counters and limits.
    #[must_use]
    pub fn with_component(&self, component: Component) -> Self {
        Self {
            component,
            stateless: Arc::default(),
            ..self.clone()
        }
    }

    /// Returns this server without sessions: each message gets an instance of its own, and nothing
    /// is declared that needs a session. The component's offer is kept from its first start, unless
    /// sandboxes differ by session: the offer may then differ, too.
    fn without_sessions(&self) -> Arc<Self> {
        let stateless = self.stateless.get_or_init(|| {
            Arc::new(Self {
                isolation: Isolation::Call,
                keeps_sessions: false,
                known_offer: self.session_sandbox.is_none().then(Arc::default),
                known_fingerprint: Arc::default(),
                stateless: Arc::default(),
                ..self.clone()
            })
        });
        Arc::clone(stateless)
    }

    /// Returns the fingerprint of an offer, which is computed once if the offer is kept.
    pub(super) fn fingerprint(&self, offer: &Offer) -> u64 {
        match self.known_offer {
            Some(_) => *self.known_fingerprint.get_or_init(|| offer.fingerprint()),
            None => offer.fingerprint(),
        }
    }

    /// Returns the component that is served.
    pub fn component(&self) -> &Component {
        &self.component
    }

    /// Returns the limits of each session.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the time for which requests in flight may continue at the end, on stdio.
    pub fn shutdown_grace(&self) -> Duration {
        self.shutdown_grace
    }

    /// Returns the host's counters.
    pub fn telemetry(&self) -> &Arc<Telemetry> {
        &self.telemetry
    }

    /// Returns which calls share an instance.
    pub fn isolation(&self) -> Isolation {
        self.isolation
    }

    /// Returns the counts of current and past sessions and instances.
    pub fn live_counts(&self) -> &Arc<LiveCounts> {
        &self.live_counts
    }

    /// Opens a session; its instance is created when the client sends `initialize`.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn open(self: &Arc<Self>, framing: Framing, outlet: Arc<dyn Outlet>) -> Session {
        Session::open(Arc::clone(self), framing, outlet)
    }

    /// Opens a session for a single message of a client that has no session with this host. Unless
    /// the message is `initialize`, [`Session::assume_initialized`] must come before it.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub(crate) fn open_stateless(&self, framing: Framing, outlet: Arc<dyn Outlet>) -> Session {
        Session::open(self.without_sessions(), framing, outlet)
    }
}

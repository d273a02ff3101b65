//! A component ready to be served: the maker of sessions.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::Session;
use super::in_work::InWork;
use super::outlet::Outlet;
use crate::component::instance::InstanceLimits;
use crate::component::{Component, Isolation, Sandbox};
use crate::telemetry::{LiveCounts, Telemetry};
use wasi_mcp_protocol::{Framing, Limits};

/// How a component is served.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// What each instance is granted.
    pub sandbox: Sandbox,
    /// What each session may use.
    pub limits: Limits,
    /// What each instance may use.
    pub instance: InstanceLimits,
    /// Which calls share an instance.
    pub isolation: Isolation,
    /// How many instances a session may have at once with [`Isolation::Call`];
    /// calls beyond wait. Default 64.
    pub instances_per_session: usize,
    /// Instances at one time, of all sessions together. Where one more is needed,
    /// what needs it is answered with an error. Default 10,000.
    pub max_instances: usize,
    /// Requests of clients that components work on at one time, in all sessions
    /// together. Beyond, requests are answered with an error. Default 50,000.
    pub max_requests: usize,
    /// How long a guest may go on with a call that was cancelled or has timed
    /// out while other calls wait for their turn in the instance; then the
    /// instance is replaced. Calls that run side by side do not wait. An
    /// instance that has this call alone is dropped then in any event.
    pub cancelled_call_grace: Duration,
    /// How long requests in work may go on after the end of the client's input,
    /// or after the host was asked to stop, on stdio; over HTTP see
    /// [`HttpOptions::shutdown_grace`](crate::transport::http::HttpOptions::shutdown_grace).
    pub shutdown_grace: Duration,
    /// Who counts what happens. Servers may share it.
    pub telemetry: Arc<Telemetry>,
    /// Where sessions, instances and calls are counted. Servers with clones of
    /// it count together.
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
            cancelled_call_grace: Duration::from_secs(10),
            shutdown_grace: Duration::from_secs(10),
            telemetry: Arc::default(),
            live_counts: Arc::default(),
        }
    }
}

pub(super) fn places(most: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)))
}

/// A component and how it is served. Sessions have no instance in common.
#[derive(Debug, Clone)]
pub struct Server {
    pub(super) component: Component,
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) limits: Limits,
    pub(super) instance: InstanceLimits,
    pub(super) isolation: Isolation,
    pub(super) instances_per_session: usize,
    /// A place for each instance.
    pub(super) instances: Arc<Semaphore>,
    /// Requests in work.
    pub(super) in_work: Arc<InWork>,
    pub(super) cancelled_call_grace: Duration,
    pub(super) shutdown_grace: Duration,
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) live_counts: Arc<LiveCounts>,
}

impl Server {
    /// Makes a server of a component.
    pub fn new(component: Component, options: ServerOptions) -> Self {
        Self {
            component,
            sandbox: Arc::new(options.sandbox),
            limits: options.limits,
            instance: options.instance,
            isolation: options.isolation,
            instances_per_session: options.instances_per_session.max(1),
            instances: places(options.max_instances),
            in_work: Arc::new(InWork::new(options.max_requests)),
            cancelled_call_grace: options.cancelled_call_grace,
            shutdown_grace: options.shutdown_grace,
            telemetry: options.telemetry,
            live_counts: options.live_counts,
        }
    }

    /// The same with another component: what is counted and limited in all is
    /// counted and limited together.
    #[must_use]
    pub fn with_component(&self, component: Component) -> Self {
        Self {
            component,
            ..self.clone()
        }
    }

    /// The component that is served.
    pub fn component(&self) -> &Component {
        &self.component
    }

    /// What each session may use.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How long requests in work may go on at the end, on stdio.
    pub fn shutdown_grace(&self) -> Duration {
        self.shutdown_grace
    }

    /// Who counts what happens.
    pub fn telemetry(&self) -> &Arc<Telemetry> {
        &self.telemetry
    }

    /// Which calls share an instance.
    pub fn isolation(&self) -> Isolation {
        self.isolation
    }

    /// How many sessions and instances there are, and were.
    pub fn live_counts(&self) -> &Arc<LiveCounts> {
        &self.live_counts
    }

    /// Opens a session; its instance is made when the client sends
    /// `initialize`.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn open(self: &Arc<Self>, framing: Framing, outlet: Arc<dyn Outlet>) -> Session {
        Session::open(Arc::clone(self), framing, outlet)
    }
}

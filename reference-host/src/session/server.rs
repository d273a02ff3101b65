//! A component ready to be served: the maker of sessions.

use std::sync::Arc;

use super::Session;
use super::outlet::Outlet;
use crate::component::instance::InstanceLimits;
use crate::component::{Component, Sandbox};
use crate::protocol::{Framing, Limits};

/// How a component is served.
#[derive(Debug, Clone, Default)]
pub struct ServerOptions {
    /// What each instance is granted.
    pub sandbox: Sandbox,
    /// What each session may use.
    pub limits: Limits,
    /// What each instance may use.
    pub instance: InstanceLimits,
}

/// A component and how it is served. Each session gets an instance of its own.
#[derive(Debug)]
pub struct Server {
    pub(super) component: Component,
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) limits: Limits,
    pub(super) instance: InstanceLimits,
}

impl Server {
    /// Makes a server of a component.
    pub fn new(component: Component, options: ServerOptions) -> Self {
        Self {
            component,
            sandbox: Arc::new(options.sandbox),
            limits: options.limits,
            instance: options.instance,
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

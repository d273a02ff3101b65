//! Judging a runtime: another implementation of `wasi:mcp` runs the project's
//! probes, and what they tell of their host, and what a client sees, says
//! whether it keeps to the interface.
//!
//! The requirements are the sentences of the WIT's doc comments
//! (`requirements/wasi-mcp.tsv`), the checks stand in
//! [`checks::runtime`](crate::checks::runtime).

pub mod adapter;
pub mod components;
#[cfg(feature = "component")]
pub mod in_process;
pub mod issuer;
mod launch;
pub mod port;
pub mod proof;
#[cfg(feature = "component")]
mod protected;
pub mod requirements;

use std::sync::Arc;

use crate::driver::client_role::Asked;
use crate::driver::connection::Transport;
use crate::driver::{Server, Timing};

pub use components::{Base, Component};

/// The known times after which a runtime gives up. A check waits that long, and is
/// skipped if the time is unknown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// A start that does not end.
    pub start: Option<std::time::Duration>,
    /// A guest that computes and does not let go.
    pub computing: Option<std::time::Duration>,
    /// A request to the client that is not answered.
    pub client_request: Option<std::time::Duration>,
    /// A cancelled call that does not return, while others wait for the instance.
    pub cancelled_call: Option<std::time::Duration>,
    /// A call that is running when its session ends.
    pub stopping: Option<std::time::Duration>,
}

/// The options with which a runtime serves a component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Setting {
    /// Grants every request to the client, to everyone.
    #[default]
    Open,
    /// Denies the component this request to its client.
    Denying(Asked),
    /// Requires a token of the suite's [issuer].
    Protected,
    /// Uses each instance for one call.
    PerCall,
}

/// Something that runs components and serves them to clients.
pub trait Runtime: Send + Sync {
    /// Its name.
    fn name(&self) -> &str;

    /// Returns whether it runs components of this kind over this transport.
    fn supports(&self, base: Base, transport: Transport) -> bool;

    /// Returns whether the suite knows the options for this setting.
    fn knows(&self, setting: Setting) -> bool;

    /// Does in advance what takes long and says nothing of the runtime, such as compiling the
    /// component, so that no check waits for it. A failure shows when the component is served.
    fn prepare(&self, component: &Component) {
        let _ = component;
    }

    /// A server of this component.
    ///
    /// # Errors
    ///
    /// When the runtime cannot be made to run it.
    fn serve(
        &self,
        component: &Component,
        transport: Transport,
        setting: Setting,
    ) -> anyhow::Result<Arc<dyn Server>>;

    /// Returns the times to wait for its messages.
    fn timing(&self) -> Timing;

    /// Returns the times after which it gives up.
    fn limits(&self) -> Limits;
}

//! The seam between this transport and the sessions that it serves.
//!
//! The transport needs little of a session. This narrow interface lets its tests control the timing
//! of each message, which no real component could.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use wasi_mcp_types::types::Principal;

use crate::session::{Assumed, Outlet, Receipt, ServerHandle, Session};
use crate::telemetry::{SessionEnd, Telemetry};
use wasi_mcp_protocol::{Framing, Limits, StreamId};

/// One client's session, as the transport sees it.
pub(super) trait Conversation: Send + Sync {
    /// Receives one message of the client, sent by this party if the transport authenticates.
    fn receive(
        &self,
        stream: StreamId,
        principal: Option<Arc<Principal>>,
        message: &[u8],
    ) -> Receipt;
    /// Records a sign of life of the client that is not a message.
    fn heard(&self);
    /// Returns its number in log lines.
    fn number(&self) -> u64;
    /// Ends the session at once, for this reason, unless it has ended.
    fn close(&self, reason: SessionEnd);
    /// Lets requests in flight finish within `grace`, because the host stops.
    fn finish(&self, grace: Duration) -> BoxFuture<'_, ()>;
    /// Returns the number of requests that are still to be answered.
    fn in_flight(&self) -> usize;
    /// Prepares a session from [`Host::open_stateless`] for a message other than `initialize`.
    fn assume_initialized(&self, assumed: Assumed) -> BoxFuture<'_, ()>;
    /// Waits until the component works on no request, or the session has ended.
    fn settled(&self) -> BoxFuture<'static, ()>;
}

/// Begins sessions.
pub(super) trait Host: Send + Sync {
    /// Begins a session whose messages go to `outlet`.
    fn open(&self, outlet: Arc<dyn Outlet>) -> Box<dyn Conversation>;
    /// Begins a session for a single message of a client that has no session.
    fn open_stateless(&self, outlet: Arc<dyn Outlet>) -> Box<dyn Conversation>;
    /// Returns the limits of each session.
    fn limits(&self) -> Limits;
    /// Returns the host's counters.
    fn telemetry(&self) -> Arc<Telemetry>;
}

impl Conversation for Session {
    fn receive(
        &self,
        stream: StreamId,
        principal: Option<Arc<Principal>>,
        message: &[u8],
    ) -> Receipt {
        Session::receive_from(self, principal, stream, message)
    }

    fn heard(&self) {
        Session::heard(self);
    }

    fn number(&self) -> u64 {
        Session::number(self)
    }

    fn close(&self, reason: SessionEnd) {
        Session::close(self, reason);
    }

    fn finish(&self, grace: Duration) -> BoxFuture<'_, ()> {
        Box::pin(Session::finish(self, grace, SessionEnd::HostStopped))
    }

    fn in_flight(&self) -> usize {
        Session::in_flight(self)
    }

    fn assume_initialized(&self, assumed: Assumed) -> BoxFuture<'_, ()> {
        Box::pin(Session::assume_initialized(self, assumed))
    }

    fn settled(&self) -> BoxFuture<'static, ()> {
        Box::pin(Session::settled(self))
    }
}

impl Host for ServerHandle {
    fn open(&self, outlet: Arc<dyn Outlet>) -> Box<dyn Conversation> {
        Box::new(self.current().open(Framing::Http, outlet))
    }

    fn open_stateless(&self, outlet: Arc<dyn Outlet>) -> Box<dyn Conversation> {
        Box::new(self.current().open_stateless(Framing::Http, outlet))
    }

    fn limits(&self) -> Limits {
        self.current().limits().clone()
    }

    fn telemetry(&self) -> Arc<Telemetry> {
        Arc::clone(self.current().telemetry())
    }
}

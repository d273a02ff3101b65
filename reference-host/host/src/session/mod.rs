//! One client's session, which joins the protocol's state machine with an instance of the
//! component. This is the interface for transports.
//!
//! The path of a message:
//!
//! 1. A transport calls [`Session::receive`].
//! 2. The protocol layer decides what to do. A call goes as a job to the task that runs the
//!    instance (`supervisor`).
//! 3. The guest's requests and results come back through
//!    [`SessionHandle`](crate::component::session_handle::SessionHandle) (`instance_side`).
//! 4. Every message leaves through the transport's [`Outlet`].

mod calls;
mod core;
mod in_process;
mod inline_task;
mod instance_side;
mod lifecycle;
mod outlet;
mod probe;
mod receiving;
mod request_budget;
mod returning;
mod server;
mod server_handle;
mod state;
mod stateless;
mod subscribers;
mod supervisor;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

pub use in_process::{
    ClientBuilder, ClientError, Description, InProcessClient, InitializeResult, ReadAnswer,
    StreamedRead,
};
pub use outlet::{Incomplete, Outlet, Receipt, StreamedResponse};
pub use server::{NewSession, Server, ServerOptions};
pub use server_handle::ServerHandle;
pub(crate) use stateless::Assumed;

use wasi_mcp_types::types::Principal;

use crate::telemetry::LiveGuard;
use crate::telemetry::SessionEnd;
use core::SessionCore;
use inline_task::InlineTask;
use wasi_mcp_protocol::{Framing, StreamId};

/// The time that a guest that asked to be told of the end may still work after the last request.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A handle on one session. When the last one is dropped, the session ends.
#[derive(Clone)]
pub struct Session(Arc<Handle>);

struct Handle {
    core: Arc<SessionCore>,
    /// Counts this session, unless it is for a single message.
    _live: Option<LiveGuard>,
    supervisor: Arc<InlineTask>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.core.close(SessionEnd::Dropped);
    }
}

impl Session {
    fn open(server: Arc<Server>, framing: Framing, outlet: Arc<dyn Outlet>) -> Self {
        let live = server
            .keeps_sessions
            .then(|| server.live_counts().session());
        let core = Arc::new(SessionCore::new(server, framing, outlet));
        let (supervisor, _) = InlineTask::spawn(supervisor::run(Arc::clone(&core)));
        Self(Arc::new(Handle {
            core,
            supervisor,
            _live: live,
        }))
    }

    /// Receives one message of the client: a line, or a body. Never waits; a guest call that does
    /// not wait either completes before this returns.
    ///
    /// The transport chooses `stream`, a different one for each message. It must be ready for
    /// messages on it beforehand: they may come through the outlet before this returns.
    pub fn receive(&self, stream: StreamId, message: &[u8]) -> Receipt {
        self.receive_from(None, stream, message)
    }

    /// Receives a message as [`Session::receive`] does, from an authenticated party, which the
    /// component sees through `identity`.
    pub fn receive_from(
        &self,
        principal: Option<Arc<Principal>>,
        stream: StreamId,
        message: &[u8],
    ) -> Receipt {
        let Handle {
            core, supervisor, ..
        } = &*self.0;
        core.receive(supervisor, principal, stream, message)
    }

    /// Prepares a session for a single message for a client whose `initialize` was answered
    /// elsewhere. It starts the component if its offer is needed and unknown. A failure is the
    /// answer to the message.
    pub(crate) async fn assume_initialized(&self, assumed: Assumed) {
        self.0.core.assume_initialized(assumed).await;
    }

    /// Waits until the component works on no request, or the session has ended.
    pub(crate) fn settled(&self) -> impl Future<Output = ()> + Send + 'static {
        let core = Arc::clone(&self.0.core);
        async move { core.settled().await }
    }

    /// Records a sign of life of the client that is not a message, for example the opening of a
    /// stream: it is not pinged for a while.
    pub fn heard(&self) {
        self.0.core.heard();
    }

    /// Returns the number of requests in flight.
    pub fn in_flight(&self) -> usize {
        self.0.core.in_flight()
    }

    /// Returns whether `initialize` has been answered with a result.
    pub fn is_initialized(&self) -> bool {
        self.0.core.is_initialized()
    }

    /// Returns its number in log lines, which is unique within this process.
    pub fn number(&self) -> u64 {
        self.0.core.number
    }

    /// Ends the session at once: the instance is dropped, and every open stream ends without a
    /// response. The reason is recorded in the metrics.
    pub fn close(&self, reason: SessionEnd) {
        self.0.core.close(reason);
    }

    /// Ends the session gracefully, as at the end of a client's input: requests in flight may
    /// finish within `grace`, requests that wait for the client fail at once, and the guest is told
    /// that the host stops. Requests not finished by then are answered with an error.
    pub async fn finish(&self, grace: Duration, reason: SessionEnd) {
        let core = &self.0.core;
        core.begin_to_stop();
        if tokio::time::timeout(grace, core.idle()).await.is_err() {
            tracing::warn!(
                session = core.number,
                requests = core.in_flight(),
                "the grace period is over"
            );
            core.give_up("the host stopped before the call was done");
        } else if core.is_stop_awaited() {
            tokio::time::sleep(grace.min(LAST_WORDS)).await;
        }
        self.close(reason);
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Session")
            .field("in_flight", &self.in_flight())
            .finish_non_exhaustive()
    }
}

//! One client's session, which joins the protocol's state machine with an instance of the
//! component. This is the interface for transports.
//!
//! The path of a message:
//!
//! 1. A transport calls [`Session::receive`].
//! 2. The protocol layer decides what to do. A call goes as a job to the task that runs the
//!    instance (`supervisor`).
//! 3. The guest's requests and results come back through [`Peer`](crate::component::peer::Peer)
//!    (`link`).
//! 4. Every message leaves through the transport's [`Outlet`].

mod driving;
mod in_process;
mod in_work;
mod link;
mod mapping;
mod outlet;
mod probe;
mod server;
mod server_handle;
mod subscribers;
mod supervisor;

use std::sync::Arc;
use std::time::Duration;

pub use in_process::{
    ClientBuilder, ClientError, Description, InProcessClient, InitializeResult, ReadAnswer,
    StreamedRead,
};
pub use outlet::{Incomplete, Outlet, Receipt, StreamedResponse};
pub use server::{Server, ServerOptions};
pub use server_handle::ServerHandle;

use wasi_mcp_types::types::Principal;

use crate::telemetry::LiveGuard;
use crate::telemetry::SessionEnd;
use driving::Driven;
use link::Link;
use wasi_mcp_protocol::{Framing, StreamId};

/// The time that a guest that asked to be told of the end may still work after the last request.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A handle on one session. When the last one is dropped, the session ends.
#[derive(Clone)]
pub struct Session(Arc<Handle>);

struct Handle {
    link: Arc<Link>,
    /// Counts this session.
    _live: LiveGuard,
    supervisor: Arc<Driven>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.link.close(SessionEnd::Dropped);
    }
}

impl Session {
    fn open(server: Arc<Server>, framing: Framing, outlet: Arc<dyn Outlet>) -> Self {
        let live = server.live_counts().session();
        let link = Arc::new(Link::new(server, framing, outlet));
        let (supervisor, _) = Driven::spawn(supervisor::run(Arc::clone(&link)));
        Self(Arc::new(Handle {
            link,
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
            link, supervisor, ..
        } = &*self.0;
        supervisor.attend(|| link.receive(principal, stream, message))
    }

    /// Notes that the client gave a sign of life that is no message, for example by opening a
    /// stream: it is not pinged for a while.
    pub fn heard(&self) {
        self.0.link.heard();
    }

    /// Returns the number of requests in flight.
    pub fn in_flight(&self) -> usize {
        self.0.link.in_flight()
    }

    /// Returns whether `initialize` has been answered with a result.
    pub fn is_initialized(&self) -> bool {
        self.0.link.is_initialized()
    }

    /// Returns its number in log lines, which is unique within this process.
    pub fn number(&self) -> u64 {
        self.0.link.number
    }

    /// Ends the session at once: the instance is dropped, and every open stream ends without a
    /// response. The reason is recorded in the metrics.
    pub fn close(&self, reason: SessionEnd) {
        self.0.link.close(reason);
    }

    /// Ends the session gracefully, as at the end of a client's input: requests in flight may
    /// finish within `grace`, requests that wait for the client fail at once, and the guest is told
    /// that the host stops. Requests not finished by then are answered with an error.
    pub async fn finish(&self, grace: Duration, reason: SessionEnd) {
        let link = &self.0.link;
        link.begin_to_stop();
        if tokio::time::timeout(grace, link.idle()).await.is_err() {
            tracing::warn!(
                session = link.number,
                requests = link.in_flight(),
                "the grace period is over"
            );
            link.give_up("the host stopped before the call was done");
        } else if link.is_stop_awaited() {
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

//! Streamable HTTP.
//!
//! One endpoint takes the client's messages by POST, opens listening streams by GET, and ends its
//! session by DELETE. See
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#streamable-http>.
//!
//! Where the specification leaves a choice, this transport
//!
//! - uses sessions, each with an instance of the component, or none at all
//!   ([`HttpOptions::stateless`]), where each message gets a session of its own that ends with it;
//! - answers a request with JSON if the response is its first message and comes soon, and otherwise
//!   with a stream of events that closes after the response;
//! - answers a request that was cancelled before any message with a stream without events;
//! - sends messages that belong to no request on the most recently opened listening stream, and
//!   keeps them for the next one while there is none;
//! - gives every event an id and lets every stream that sent one be resumed from bounded storage,
//!   also while its request is still in flight;
//! - passes on every message that arrived completely, even if its client has disconnected since, and
//!   answers a client that has closed only its sending side;
//! - continues a request whose client has disconnected. Its messages are kept if the client saw an
//!   event that it can resume from;
//! - ends a stream at once that is resumed from a request whose messages are no longer kept.
//!
//! HTTP/1.1 and HTTP/2 with prior knowledge are served; TLS is left to a proxy in front.
//! Authorization is off by default ([`HttpOptions::authorization`]).

mod authorization;
mod body;
mod client;
mod client_stream;
mod connection_limit;
mod connections;
mod conversation;
mod cors;
mod delete;
mod endpoint;
mod event;
mod event_log;
mod event_stream;
#[cfg(any(test, fuzzing))]
#[path = "../../../../../fuzz/functions/host/exchanges.rs"]
pub(crate) mod fuzzing;
mod get;
mod headers;
mod liveness;
mod message;
mod options;
mod origin;
mod post;
mod response;
mod service;
mod session_id;
mod sessions;
mod streamed_body;
mod streams;
mod unread;
mod workers;

#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::session::ServerHandle;

pub use authorization::{
    Authorization, Issuer, NotAResource, NotAnIssuer, Resource, TokenError, TokenVerifier,
    VerifierUnavailable,
};
#[cfg(feature = "auth")]
pub use authorization::{JwtOptions, JwtVerifier, KeySource, NotAKeySource};
pub use liveness::Liveness;
pub use options::HttpOptions;
pub use origin::{Admission, NotAdmitted, NotAnOrigin, Origin};
pub use service::{McpBody, McpService};

use authorization::Guard;
use endpoint::Endpoint;

/// Serves the component at the endpoint until `shutdown` resolves. The server of a [`ServerHandle`] may
/// be replaced in the meantime.
///
/// On shutdown, new connections are refused, listening streams close, requests in flight may finish
/// within [`HttpOptions::shutdown_grace`], and all sessions end.
///
/// # Errors
///
/// An error of the listener, if it cannot tell the address that it is bound to; with authorization,
/// also [`VerifierUnavailable`] as an error of another kind.
pub async fn serve(
    served: impl Into<ServerHandle>,
    listener: TcpListener,
    options: HttpOptions,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    prepare(served, listener, options)
        .await?
        .serve(shutdown)
        .await
}

/// A listener with everything needed to serve on it.
pub struct Prepared {
    endpoint: Arc<Endpoint>,
    listener: TcpListener,
}

/// Performs the first part of [`serve`]: the steps that can fail before any client is served.
///
/// # Errors
///
/// As [`serve`].
pub async fn prepare(
    served: impl Into<ServerHandle>,
    listener: TcpListener,
    mut options: HttpOptions,
) -> io::Result<Prepared> {
    let served = served.into();
    // Bodies that the session would refuse for their size need not be read.
    options.max_body_bytes = options
        .max_body_bytes
        .min(served.current().limits().message_bytes);
    let bound_to = listener.local_addr()?.ip();
    let guard = match options.authorization.clone() {
        Some(authorization) => Some(Guard::new(authorization).await.map_err(io::Error::other)?),
        None => None,
    };
    let endpoint = Arc::new(Endpoint::new(Box::new(served), bound_to, options, guard));
    Ok(Prepared { endpoint, listener })
}

impl Prepared {
    /// Returns the URL of the endpoint.
    ///
    /// # Errors
    ///
    /// When the listener cannot tell the address that it is bound to.
    pub fn url(&self) -> io::Result<String> {
        let path = &self.endpoint.options.path;
        Ok(format!("http://{}{path}", self.listener.local_addr()?))
    }

    /// Performs the second part of [`serve`].
    ///
    /// # Errors
    ///
    /// When the serving threads cannot be started.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        connections::serve(self.endpoint, self.listener, shutdown).await
    }
}

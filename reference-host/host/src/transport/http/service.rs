//! The endpoint as a [`tower_service::Service`], for HTTP servers of an embedder.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use tower_service::Service;

use super::authorization::{Guard, VerifierUnavailable};
use super::client::{Carried, Exchange};
use super::connections::expiry_interval;
use super::endpoint::Endpoint;
use super::options::HttpOptions;
use crate::session::ServerHandle;

/// The body of a response.
pub type McpBody = UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

/// Streamable HTTP for one component as a service, to be mounted in a server such as axum's at any
/// path. Clones share their sessions.
///
/// - The service answers at whatever path it is mounted; [`HttpOptions::path`] is not used.
/// - As if bound to a loopback address, it refuses requests for other hosts and pages of other
///   origins: name yours in [`HttpOptions::allowed_hosts`] and [`HttpOptions::allowed_origins`].
/// - To authenticate clients in a layer of your own, leave [`HttpOptions::authorization`] unset and
///   insert a [`Principal`](crate::types::types::Principal) into the request's extensions: a
///   session then belongs to the issuer and subject, or without a subject the client id, that
///   began it. Let `OPTIONS` through such a layer, since preflights have no credentials. Refuse
///   with status 401 and `WWW-Authenticate`, and serve the metadata of your resource: the service
///   does both only with [`HttpOptions::authorization`].
/// - Keep a clone, and call [`McpService::shutdown`] when your server begins to stop: its listening
///   streams would keep the server waiting.
/// - The limits on connections and on the times of a connection are up to the server.
#[derive(Clone)]
pub struct McpService(Arc<Endpoint>);

impl McpService {
    /// Creates a service. New sessions get the server that `served` holds when they begin.
    ///
    /// # Errors
    ///
    /// When the verifier of [`HttpOptions::authorization`] cannot be prepared.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn new(
        served: impl Into<ServerHandle>,
        options: HttpOptions,
    ) -> Result<Self, VerifierUnavailable> {
        let guard = match options.authorization.clone() {
            Some(authorization) => Some(Guard::new(authorization).await?),
            None => None,
        };
        let interval = expiry_interval(&options);
        let bound_to = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let host = Box::new(served.into());
        let endpoint = Arc::new(Endpoint::anywhere(host, bound_to, options, guard));
        tokio::spawn(expire(Arc::downgrade(&endpoint), interval));
        Ok(Self(endpoint))
    }

    /// Ends all sessions: requests in flight may finish within
    /// [`HttpOptions::shutdown_grace`], and guests are told that the host stops.
    pub async fn shutdown(&self) {
        let grace = self.0.options.shutdown_grace;
        self.0.sessions.finish(grace).await;
    }
}

/// Ends idle sessions until the service is dropped.
async fn expire(endpoint: Weak<Endpoint>, interval: Duration) {
    loop {
        tokio::time::sleep(interval).await;
        let Some(endpoint) = endpoint.upgrade() else {
            return;
        };
        endpoint.sessions.expire();
    }
}

impl<B> Service<Request<B>> for McpService
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Send,
{
    type Response = Response<McpBody>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let endpoint = Arc::clone(&self.0);
        let exchange = Exchange::detached();
        // The server drops this when the client disconnects.
        Box::pin(Carried::new(Arc::clone(&exchange), async move {
            let answer = endpoint.answer(request, &exchange).await;
            Ok(answer.map(BodyExt::boxed_unsync))
        }))
    }
}

impl std::fmt::Debug for McpService {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("McpService").finish_non_exhaustive()
    }
}

//! The endpoint: admission of requests and their dispatch to handlers.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_REQUEST_METHOD, CONNECTION, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue,
    ORIGIN, TRANSFER_ENCODING,
};
use http::request::Parts;
use http::{Method, Request, StatusCode, Version};
use http_body::Body;
use tracing::{Level, debug, info, warn};

use crate::telemetry::Telemetry;
use crate::visible::Visible;
use wasi_mcp_protocol::http as protocol;
use wasi_mcp_types::types::Principal;

use super::authorization::{self, Authenticated, Guard, User};
use super::body::{BodyMemory, RequestBody};
use super::client::Exchange;
use super::conversation::Host;
use super::cors;
use super::delete::delete;
use super::get::get;
use super::headers::{self, SessionHeader};
use super::options::HttpOptions;
use super::origin::Admission;
use super::post::post;
use super::response::{self, Answer, Refusal};
use super::sessions::{InUse, Sessions};

/// The single endpoint of a server, with its sessions.
pub(super) struct Endpoint {
    pub(super) options: HttpOptions,
    pub(super) sessions: Arc<Sessions>,
    pub(super) telemetry: Arc<Telemetry>,
    /// The memory of request bodies.
    pub(super) bodies: BodyMemory,
    admission: Admission,
    guard: Option<Guard>,
    /// True if an embedder's server has already routed by path.
    anywhere: bool,
}

impl Endpoint {
    pub(super) fn new(
        host: Box<dyn Host>,
        bound_to: IpAddr,
        options: HttpOptions,
        guard: Option<Guard>,
    ) -> Self {
        Self {
            telemetry: host.telemetry(),
            sessions: Sessions::new(host, &options),
            bodies: BodyMemory::new(options.max_bodies_bytes),
            admission: Admission::new(bound_to, &options),
            options,
            guard,
            anywhere: false,
        }
    }

    /// Creates an endpoint that answers at any path.
    pub(super) fn anywhere(
        host: Box<dyn Host>,
        bound_to: IpAddr,
        options: HttpOptions,
        guard: Option<Guard>,
    ) -> Self {
        Self {
            anywhere: true,
            ..Self::new(host, bound_to, options, guard)
        }
    }

    /// Answers one request.
    pub(super) async fn answer<B>(&self, request: Request<B>, exchange: &Arc<Exchange>) -> Answer
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let began = tracing::enabled!(Level::DEBUG).then(Instant::now);
        let (parts, body) = request.into_parts();
        let mut body = RequestBody::new(body, Arc::clone(exchange));
        let mut answer = self.admit_and_route(&parts, &mut body, exchange).await;
        if !body.is_over() {
            finish_unread(&parts, &mut body, &mut answer).await;
        }
        let (method, path) = (&parts.method, parts.uri.path());
        let status = answer.status().as_u16();
        if let Some(Refusal { reason, text }) = answer.extensions_mut().remove() {
            info!(http_method = %method, path = %shown_path(path), status, reason, "HTTP request refused");
            debug!(text = %Visible(&text), "answered");
        }
        debug!(
            http_method = %method,
            path = %shown_path(path),
            status,
            took = began.map(|began| tracing::field::debug(began.elapsed())),
            "HTTP request answered"
        );
        answer
    }

    async fn admit_and_route<B>(
        &self,
        parts: &Parts,
        body: &mut RequestBody<B>,
        exchange: &Arc<Exchange>,
    ) -> Answer
    where
        B: Body<Data = Bytes> + Unpin,
    {
        match self.admission.admit(&parts.uri, &parts.headers) {
            Ok(origin) => {
                let mut answer = self.route(parts, body, exchange).await;
                if let Some(origin) = origin {
                    cors::expose(answer.headers_mut(), origin);
                }
                answer
            }
            Err(reason) => {
                let (host, origin) = (shown(parts, HOST), shown(parts, ORIGIN));
                warn!(reason = reason.to_string(), host, origin, "request refused");
                let status = StatusCode::from_u16(reason.status()).unwrap_or(StatusCode::FORBIDDEN);
                let mut answer = response::refuse(status, &reason.to_string());
                // Logged before.
                answer.extensions_mut().remove::<Refusal>();
                answer
            }
        }
    }

    async fn route<B>(
        &self,
        parts: &Parts,
        body: &mut RequestBody<B>,
        exchange: &Arc<Exchange>,
    ) -> Answer
    where
        B: Body<Data = Bytes> + Unpin,
    {
        if let Some(refusal) = check_transfer_coding(&parts.headers) {
            return refusal;
        }
        let path = parts.uri.path();
        let metadata = self.guard.as_ref().and_then(|guard| guard.metadata(path));
        if !self.anywhere && path != self.options.path && metadata.is_none() {
            return response::refusal(&protocol::Refusal::ELSEWHERE);
        }
        if parts.method == Method::OPTIONS {
            // A browser sends preflight requests without credentials.
            return options(&parts.headers, self.options.stateless);
        }
        if let Some(metadata) = metadata {
            return match parts.method {
                Method::GET => metadata,
                _ => response::refusal(&protocol::Refusal::METHOD_OF_METADATA),
            };
        }
        let party = match &self.guard {
            None => parts
                .extensions
                .get::<Principal>()
                // A principal without a name cannot own a session, so it counts as absent.
                .filter(|principal| authorization::is_somebody(principal))
                .cloned()
                .map(Authenticated::of),
            Some(guard) => match guard.check(&parts.headers).await {
                Ok(party) => Some(party),
                Err(refusal) => return *refusal,
            },
        };
        match parts.method {
            Method::POST => post(self, &parts.headers, party, body, exchange).await,
            Method::GET if !self.options.stateless => {
                let user = party.as_ref().map(|it| &it.user);
                get(self, &parts.headers, user, exchange)
            }
            Method::DELETE if !self.options.stateless => {
                delete(self, &parts.headers, party.as_ref().map(|it| &it.user))
            }
            // Includes HEAD: it would have to act like GET, which opens a stream.
            _ => response::method_not_allowed(self.options.stateless),
        }
    }

    /// Returns the session for a request without a message. (The refusal is boxed for its size.)
    pub(super) fn session(
        &self,
        headers: &HeaderMap,
        user: Option<&User>,
    ) -> Result<InUse, Box<Answer>> {
        let SessionHeader::Given(id) = headers::session(headers) else {
            return Err(Box::new(response::session_missing()));
        };
        let session = self
            .sessions
            .find(&id, user)
            .ok_or_else(|| Box::new(response::session_unknown()))?;
        if headers::version_fits(headers) {
            Ok(session)
        } else {
            Err(Box::new(response::version_unfit()))
        }
    }
}

fn options(headers: &HeaderMap, stateless: bool) -> Answer {
    let mut answer = response::methods(stateless);
    if headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        cors::allow(answer.headers_mut(), headers);
    }
    answer
}

/// Refuses transfer codings other than `chunked`, which HTTP itself decodes:
/// <https://www.rfc-editor.org/rfc/rfc9112#section-6.1>.
fn check_transfer_coding(headers: &HeaderMap) -> Option<Answer> {
    let codings = headers.get_all(TRANSFER_ENCODING).iter();
    let codings = codings.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let (chunked, others): (Vec<_>, Vec<_>) =
        codings.partition(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"chunked"));
    if !others.is_empty() {
        return Some(response::refuse(
            StatusCode::NOT_IMPLEMENTED,
            "Transfer-Encoding other than chunked is not supported",
        ));
    }
    (chunked.len() > 1).then(|| {
        response::refuse(
            StatusCode::BAD_REQUEST,
            "Transfer-Encoding applies chunked more than once",
        )
    })
}

/// The longest part of a header field or a path in the log.
const SHOWN: usize = 200;

fn shown_path(path: &str) -> Visible<'_> {
    let end = path.floor_char_boundary(SHOWN);
    Visible(&path.as_bytes()[..end])
}

/// Returns the beginning of a header field, for the log.
fn shown(parts: &Parts, name: HeaderName) -> String {
    let value = parts
        .headers
        .get(name)
        .map_or(&[][..], HeaderValue::as_bytes);
    Visible(&value[..value.len().min(SHOWN)]).to_string()
}

/// Handles the unread rest of the body. The answer does not depend on it, but it is on its way all
/// the same, unless the client waits for `100 Continue`.
async fn finish_unread<B>(parts: &Parts, body: &mut RequestBody<B>, answer: &mut Answer)
where
    B: Body<Data = Bytes> + Unpin,
{
    // A client that ran out of time gets no more.
    let is_late = answer.status() == StatusCode::REQUEST_TIMEOUT;
    if !is_late && !parts.headers.contains_key(EXPECT) {
        body.discard().await;
    }
    if !body.is_over() && parts.version < Version::HTTP_2 {
        let headers = answer.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

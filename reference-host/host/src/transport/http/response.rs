//! Responses.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use http_body_util::{Either, Full};

use wasi_mcp_protocol::http::{self as protocol, METHODS, METHODS_WITHOUT_SESSIONS, RETRY_SECONDS};

use super::event_stream::EventStream;
use super::headers::{EVENTS, JSON, SESSION_ID};
use super::session_id::SessionId;
use super::streamed_body::StreamedBody;

/// The body of a response: whole, as a stream of events, or one message in parts.
pub(super) type ResponseBody = Either<Full<Bytes>, Either<EventStream, StreamedBody>>;
/// The answer of a handler.
pub(super) type Answer = Response<ResponseBody>;

/// Asks proxies that buffer responses to stream this one.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

fn bytes(status: StatusCode, body: Bytes) -> Answer {
    let mut answer = Response::new(Either::Left(Full::new(body)));
    *answer.status_mut() = status;
    answer
}

fn with(mut answer: Answer, name: HeaderName, value: &'static str) -> Answer {
    answer
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
    answer
}

/// Returns a status without a body.
pub(super) fn empty(status: StatusCode) -> Answer {
    bytes(status, Bytes::new())
}

/// Returns one JSON-RPC message.
pub(super) fn json(status: StatusCode, message: impl Into<Bytes>) -> Answer {
    let answer = with(bytes(status, message.into()), CONTENT_TYPE, JSON);
    with(answer, CACHE_CONTROL, "no-store")
}

/// Returns one JSON-RPC message in parts.
pub(super) fn streamed(body: StreamedBody) -> Answer {
    let answer = Response::new(Either::Right(Either::Right(body)));
    let answer = with(answer, CONTENT_TYPE, JSON);
    with(answer, CACHE_CONTROL, "no-store")
}

/// Returns a stream of events.
pub(super) fn events(stream: EventStream) -> Answer {
    event_stream(Either::Right(Either::Left(stream)))
}

/// Returns a stream without events: the request was cancelled, so no response may follow, while the
/// specification requires a stream or JSON for every request.
pub(super) fn no_events() -> Answer {
    event_stream(Either::Left(Full::default()))
}

fn event_stream(body: ResponseBody) -> Answer {
    let answer = with(Response::new(body), CONTENT_TYPE, EVENTS);
    let answer = with(answer, CACHE_CONTROL, "no-store, no-transform");
    with(answer, ACCEL_BUFFERING, "no")
}

/// Tells the client the id of its new session.
pub(super) fn name_session(mut answer: Answer, id: &SessionId) -> Answer {
    answer.headers_mut().insert(SESSION_ID, id.to_header());
    answer
}

/// The reason for a refusal, for the log: an extension of its response.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// One sentence.
    pub(super) reason: String,
    /// The body.
    pub(super) text: Bytes,
}

/// Returns a refusal. Its body is a JSON-RPC error without id, because the request was not read as
/// a message.
pub(super) fn refuse(status: StatusCode, reason: &str) -> Answer {
    let text = Bytes::from(protocol::refusal(status.as_u16(), reason));
    let mut answer = json(status, text.clone());
    let reason = reason.to_owned();
    answer.extensions_mut().insert(Refusal { reason, text });
    answer
}

/// Returns a refusal that the protocol knows.
pub(super) fn refusal(refusal: &protocol::Refusal) -> Answer {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    let answer = refuse(status, refusal.reason);
    match refusal.field {
        Some((name, value)) => with(answer, HeaderName::from_static(name), value),
        None => answer,
    }
}

/// Returns 405, with the supported methods.
pub(super) fn method_not_allowed(stateless: bool) -> Answer {
    refusal(if stateless {
        &protocol::Refusal::METHOD_WITHOUT_SESSIONS
    } else {
        &protocol::Refusal::METHOD
    })
}

/// Returns the supported methods.
pub(super) fn methods(stateless: bool) -> Answer {
    with(empty(StatusCode::NO_CONTENT), ALLOW, supported(stateless))
}

fn supported(stateless: bool) -> &'static str {
    if stateless {
        METHODS_WITHOUT_SESSIONS
    } else {
        METHODS
    }
}

/// Returns 503, with the time after which the client may retry.
pub(super) fn unavailable(reason: &str) -> Answer {
    let answer = refuse(StatusCode::SERVICE_UNAVAILABLE, reason);
    with(answer, RETRY_AFTER, RETRY_SECONDS)
}

/// Returns 400: the request names no session, or several.
pub(super) fn session_missing() -> Answer {
    refusal(&protocol::Refusal::SESSION_MISSING)
}

/// Returns 404: there is no such session, or it has ended.
pub(super) fn session_unknown() -> Answer {
    refusal(&protocol::Refusal::SESSION_UNKNOWN)
}

/// Returns 400: the request is for a revision other than the negotiated one.
pub(super) fn version_unfit() -> Answer {
    refusal(&protocol::Refusal::VERSION_UNFIT)
}

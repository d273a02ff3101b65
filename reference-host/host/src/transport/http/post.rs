//! POST: one message of the client.
//!
//! See
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#sending-messages-to-the-server>.
//!
//! The first message for a request decides whether it is answered with JSON or with a stream of
//! events: the response alone is JSON.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use http_body::Body;
use tracing::warn;
use wasi_mcp_protocol::Opening;
use wasi_mcp_types::types::Principal;

use crate::session::Receipt;
use crate::telemetry::Limit;

use super::authorization::Authenticated;
use super::body::{self, BodyError};
use super::endpoint::Endpoint;
use super::event_stream::EventStream;
use super::headers::{self, SessionHeader};
use super::response::{self, Answer};
use super::sessions::{InUse, NoSession, Starting};
use super::streamed_body::StreamedBody;
use super::streams::Beginning;

pub(super) async fn post<B>(
    endpoint: &Endpoint,
    headers: &HeaderMap,
    party: Option<Authenticated>,
    body: &mut B,
) -> Answer
where
    B: Body<Data = Bytes> + Unpin,
{
    if !headers::has_json_body(headers) {
        return response::refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body must be application/json",
        );
    }
    if !headers::accepts(headers, headers::JSON) || !headers::accepts(headers, headers::EVENTS) {
        return response::refuse(
            StatusCode::NOT_ACCEPTABLE,
            "both application/json and text/event-stream must be acceptable",
        );
    }
    match headers::session(headers) {
        SessionHeader::Several => response::session_missing(),
        SessionHeader::Missing => match read(endpoint, body).await {
            Ok(message) => without_session(endpoint, party, &message).await,
            Err(refusal) => refusal,
        },
        SessionHeader::Given(id) => {
            let Some(session) = endpoint
                .sessions
                .find(&id, party.as_ref().map(|it| &it.user))
            else {
                return response::session_unknown();
            };
            match read(endpoint, body).await {
                Ok(message) if fits(endpoint, headers, &message) => {
                    deliver(endpoint, &session, None, principal(party), &message).await
                }
                Ok(_) => response::version_unfit(),
                Err(refusal) => refusal,
            }
        }
    }
}

/// Checks the version. It is ignored for `initialize`, which negotiates it.
fn fits(endpoint: &Endpoint, headers: &HeaderMap, message: &[u8]) -> bool {
    headers::version_fits(headers) || endpoint.sessions.opening(message) == Opening::Initialize
}

async fn read<B>(endpoint: &Endpoint, body: &mut B) -> Result<Bytes, Answer>
where
    B: Body<Data = Bytes> + Unpin,
{
    let options = &endpoint.options;
    let body = body::read(body, options.max_body_bytes, options.body_time).await;
    body.map_err(|error| match error {
        BodyError::TooLarge => {
            endpoint.telemetry.reached(Limit::MessageBytes, None);
            response::refuse(StatusCode::PAYLOAD_TOO_LARGE, "the message is too large")
        }
        BodyError::TooSlow => {
            endpoint.telemetry.reached(Limit::BodyTime, None);
            response::refuse(StatusCode::REQUEST_TIMEOUT, "the body took too long")
        }
        BodyError::Broken => response::refuse(StatusCode::BAD_REQUEST, "the body is broken"),
    })
}

/// Handles a message without session id: an `initialize` request begins a session, any other
/// message is refused.
async fn without_session(
    endpoint: &Endpoint,
    party: Option<Authenticated>,
    message: &[u8],
) -> Answer {
    match endpoint.sessions.opening(message) {
        Opening::Initialize => {}
        Opening::Other => return response::session_missing(),
        Opening::Refused(error) => return response::json(StatusCode::BAD_REQUEST, error),
    }
    let user = party.as_ref().map(|it| it.user.clone());
    match endpoint.sessions.begin(user) {
        Ok(starting) => {
            let session = starting.session().clone();
            deliver(
                endpoint,
                &session,
                Some(starting),
                principal(party),
                message,
            )
            .await
        }
        Err(reason @ (NoSession::TooMany | NoSession::Stopping)) => {
            response::unavailable(&reason.to_string())
        }
        Err(NoSession::Random(error)) => {
            warn!(%error, "no session can begin");
            response::refuse(StatusCode::INTERNAL_SERVER_ERROR, "no session can begin")
        }
    }
}

fn principal(party: Option<Authenticated>) -> Option<Arc<Principal>> {
    party.map(|it| it.principal)
}

/// Passes the message to the session and waits for the beginning of the answer.
async fn deliver(
    endpoint: &Endpoint,
    session: &InUse,
    starting: Option<Starting>,
    principal: Option<Arc<Principal>>,
    message: &[u8],
) -> Answer {
    let Some(mut call) = session.streams.open_call() else {
        return response::session_unknown();
    };
    match session.conversation.receive(call.id(), principal, message) {
        Receipt::Accepted => response::empty(StatusCode::ACCEPTED),
        Receipt::Refused(error) => response::json(StatusCode::BAD_REQUEST, error),
        // An `initialize` that is answered at once is refused: no session begins.
        Receipt::Answered(response) => response::json(StatusCode::OK, response),
        Receipt::Pending => match call.beginning().await {
            Beginning::Response { text, is_error } => answered(starting, text, is_error),
            Beginning::Streamed(response) => {
                response::streamed(StreamedBody::new(response, call, session.clone()))
            }
            Beginning::Events => {
                let id = starting.is_some().then(|| session.id.clone());
                let reader = call.into_reader();
                let stream = EventStream::new(reader, session.clone(), endpoint.options.keep_alive);
                let answer = response::events(stream.starting(starting));
                match id {
                    Some(id) => response::name_session(answer, &id),
                    None => answer,
                }
            }
            Beginning::Ended => response::no_events(),
            Beginning::Closed => response::session_unknown(),
        },
    }
}

/// Returns the response as JSON. A response to `initialize` names the session unless it is an
/// error.
fn answered(starting: Option<Starting>, response: Bytes, is_error: bool) -> Answer {
    let Some(starting) = starting else {
        return response::json(StatusCode::OK, response);
    };
    let answer = response::json(StatusCode::OK, response);
    if is_error {
        return answer;
    }
    let id = starting.session().id.clone();
    starting.keep();
    response::name_session(answer, &id)
}

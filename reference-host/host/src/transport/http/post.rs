//! POST: one message of the client.
//!
//! See
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#sending-messages-to-the-server>.
//!
//! The first message for a request decides whether it is answered with JSON or with a stream of
//! events: the response alone is JSON. After some time without a message it is a stream as well, so
//! that intermediaries keep the connection, and a client that loses it can fetch the response.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use http_body::Body;
use tracing::{debug, warn};
use wasi_mcp_protocol::http::Refusal;
use wasi_mcp_protocol::{Opening, RpcError};
use wasi_mcp_types::types::Principal;

use crate::session::{Assumed, Receipt};
use crate::telemetry::{self, Limit};
use crate::visible::Visible;

use super::authorization::Authenticated;
use super::body::{BodyError, Message, RequestBody};
use super::client::Exchange;
use super::endpoint::Endpoint;
use super::event::EventId;
use super::event_stream::EventStream;
use super::headers::{self, BodyRefusal, SessionHeader};
use super::response::{self, Answer};
use super::sessions::{InUse, NoSession, Starting};
use super::streamed_body::StreamedBody;
use super::streams::{Beginning, Call};

pub(super) async fn post<B>(
    endpoint: &Endpoint,
    headers: &HeaderMap,
    party: Option<Authenticated>,
    body: &mut RequestBody<B>,
    exchange: &Arc<Exchange>,
) -> Answer
where
    B: Body<Data = Bytes> + Unpin,
{
    if let Err(refusal) = headers::check_json_body(headers) {
        return response::refusal(match refusal {
            BodyRefusal::Type => &Refusal::BODY_TYPE,
            BodyRefusal::Coding => &Refusal::BODY_CODING,
        });
    }
    if !headers::accepts(headers, headers::JSON) || !headers::accepts(headers, headers::EVENTS) {
        return response::refusal(&Refusal::NOT_ACCEPTABLE);
    }
    if endpoint.options.stateless {
        return single(endpoint, headers, party, body, exchange).await;
    }
    match headers::session(headers) {
        SessionHeader::Several => response::session_missing(),
        SessionHeader::Missing => match read(endpoint, body).await {
            Ok(message) => without_session(endpoint, party, message, exchange).await,
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
                    let delivery = Delivery {
                        principal: principal(party),
                        message,
                        exchange,
                    };
                    deliver(endpoint, &session, None, delivery).await
                }
                Ok(message) => {
                    log_received(&message);
                    response::version_unfit()
                }
                Err(refusal) => refusal,
            }
        }
    }
}

/// Logs a message that reaches no session. (Sessions log their own.)
fn log_received(message: &[u8]) {
    debug!(text = %Visible(message), "received");
}

/// Checks the version. It is ignored for `initialize`, which negotiates it.
fn fits(endpoint: &Endpoint, headers: &HeaderMap, message: &[u8]) -> bool {
    headers::version_fits(headers) || endpoint.sessions.opening(message) == Opening::Initialize
}

async fn read<B>(endpoint: &Endpoint, body: &mut RequestBody<B>) -> Result<Message, Answer>
where
    B: Body<Data = Bytes> + Unpin,
{
    let options = &endpoint.options;
    let limit = options.max_body_bytes.min(options.max_bodies_bytes);
    let body = body.read(limit, &endpoint.bodies, options.body_time).await;
    body.map_err(|error| match error {
        BodyError::TooLarge => {
            endpoint.telemetry.reached(Limit::MessageBytes, None);
            response::refusal(&Refusal::TOO_LARGE)
        }
        BodyError::TooSlow => {
            endpoint.telemetry.reached(Limit::BodyTime, None);
            response::refuse(StatusCode::REQUEST_TIMEOUT, "the body took too long")
        }
        BodyError::NoRoom => {
            endpoint.telemetry.reached(Limit::BodiesBytes, None);
            response::unavailable("too many large requests are being read")
        }
        BodyError::Broken => response::refusal(&Refusal::BROKEN),
    })
}

/// Handles a message without session id: an `initialize` request begins a session, any other
/// message is refused.
async fn without_session(
    endpoint: &Endpoint,
    party: Option<Authenticated>,
    message: Message,
    exchange: &Arc<Exchange>,
) -> Answer {
    let refusal = match endpoint.sessions.opening(&message) {
        Opening::Initialize => None,
        Opening::Immediate | Opening::Other => Some(response::session_missing()),
        Opening::Refused { answer, error } => Some(refused(answer, &error)),
    };
    if let Some(refusal) = refusal {
        log_received(&message);
        return refusal;
    }
    let user = party.as_ref().map(|it| it.user.clone());
    match endpoint.sessions.begin(user) {
        Ok(starting) => {
            let session = starting.session().clone();
            let delivery = Delivery {
                principal: principal(party),
                message,
                exchange,
            };
            deliver(endpoint, &session, Some(starting), delivery).await
        }
        Err(reason) => no_session(reason),
    }
}

fn no_session(reason: NoSession) -> Answer {
    match reason {
        NoSession::TooMany | NoSession::Stopping => response::unavailable(&reason.to_string()),
        NoSession::Random(error) => {
            warn!(%error, "no session can begin");
            response::refuse(StatusCode::INTERNAL_SERVER_ERROR, "no session can begin")
        }
    }
}

/// Refuses text that is not a JSON-RPC message.
fn refused(answer: Vec<u8>, error: &RpcError) -> Answer {
    telemetry::refused(None, error);
    debug!(text = %Visible(&answer), "answered");
    response::json(StatusCode::BAD_REQUEST, answer)
}

/// Handles a message without any session: each gets one of its own, which no client can name.
///
/// A request that names a session is refused with 404. No session with that id exists here, and
/// the status is the one from which its client learns to start again without an id: "When a client
/// receives HTTP 404 in response to a request containing an `Mcp-Session-Id`, it MUST start a new
/// session by sending a new `InitializeRequest` without a session ID attached". Serving the request
/// would hide that the state of that session is gone.
async fn single<B>(
    endpoint: &Endpoint,
    headers: &HeaderMap,
    party: Option<Authenticated>,
    body: &mut RequestBody<B>,
    exchange: &Arc<Exchange>,
) -> Answer
where
    B: Body<Data = Bytes> + Unpin,
{
    if !matches!(headers::session(headers), SessionHeader::Missing) {
        return response::refusal(&Refusal::SESSIONS_UNSUPPORTED);
    }
    let message = match read(endpoint, body).await {
        Ok(message) => message,
        Err(refusal) => return refusal,
    };
    let opening = endpoint.sessions.opening(&message);
    let refusal = match &opening {
        Opening::Refused { answer, error } => Some(refused(answer.clone(), error)),
        // It negotiates the version.
        Opening::Initialize => None,
        Opening::Immediate | Opening::Other => (!headers::version_fits(headers))
            .then(|| response::refusal(&Refusal::VERSION_UNSUPPORTED)),
    };
    if let Some(refusal) = refusal {
        log_received(&message);
        return refusal;
    }
    let session = match endpoint.sessions.begin_single() {
        Ok(session) => session,
        Err(reason) => return no_session(reason),
    };
    let principal = principal(party);
    if opening != Opening::Initialize {
        let assumed = Assumed {
            principal: principal.clone(),
            revision: headers::revision(headers).to_owned(),
            needs_component: opening == Opening::Other,
        };
        session.conversation.assume_initialized(assumed).await;
    }
    let delivery = Delivery {
        principal,
        message,
        exchange,
    };
    deliver(endpoint, &session, None, delivery).await
}

fn principal(party: Option<Authenticated>) -> Option<Arc<Principal>> {
    party.map(|it| it.principal)
}

/// The time without a message after which the answer begins if the client sends nothing more.
const ENDED_SILENCE_TIME: Duration = Duration::from_millis(500);

/// A message on its way to its session.
struct Delivery<'a> {
    principal: Option<Arc<Principal>>,
    message: Message,
    exchange: &'a Arc<Exchange>,
}

/// The first event of a request in flight.
enum First {
    Answer(Beginning),
    /// Silence, until the answer begins as a stream of events.
    Silence,
    /// The client sends nothing more. Writing to it shows whether it reads: if not, requests to the
    /// client go to its other streams.
    Ended,
    /// The client has disconnected.
    Lost,
}

/// Passes the message to the session and waits for the beginning of the answer.
async fn deliver(
    endpoint: &Endpoint,
    session: &InUse,
    starting: Option<Starting>,
    delivery: Delivery<'_>,
) -> Answer {
    let Some(mut call) = session.streams.open_call() else {
        return ended(session);
    };
    let Delivery {
        principal,
        message,
        exchange,
    } = delivery;
    let receipt = session.conversation.receive(call.id(), principal, &message);
    exchange.set_delivered();
    drop(message);
    match receipt {
        Receipt::Accepted => return response::empty(StatusCode::ACCEPTED),
        Receipt::Refused(error) => return response::json(StatusCode::BAD_REQUEST, error),
        // An `initialize` that is answered at once is refused: no session begins.
        Receipt::Answered(response) => return response::json(StatusCode::OK, response),
        Receipt::Pending => {}
    }
    let silence_time = endpoint.options.silence_time;
    match first(&mut call, exchange, silence_time).await {
        First::Answer(Beginning::Response { text, is_error }) => answered(starting, text, is_error),
        First::Answer(Beginning::Streamed(response)) => {
            response::streamed(StreamedBody::new(response, call, session.clone(), exchange))
        }
        First::Answer(Beginning::Events) | First::Ended => {
            begin_events(endpoint, session, starting, call, None, exchange)
        }
        First::Silence => {
            // Without a session there is nothing to resume from.
            let id = if session.is_single() {
                None
            } else {
                call.begin()
            };
            begin_events(endpoint, session, starting, call, id, exchange)
        }
        First::Answer(Beginning::Ended) | First::Lost => response::no_events(),
        First::Answer(Beginning::Closed) => ended(session),
    }
}

/// Answers a request whose session has ended.
fn ended(session: &InUse) -> Answer {
    if session.is_single() {
        // The client knows of no session. It may try again, here or elsewhere.
        return response::unavailable("the request was not answered: the server is shutting down");
    }
    response::session_unknown()
}

/// Waits for the first message, the silence timeout, or the client's disconnection.
async fn first(call: &mut Call, exchange: &Exchange, silence_time: Duration) -> First {
    let ended = async {
        exchange.ended().await;
        tokio::time::sleep(ENDED_SILENCE_TIME.min(silence_time)).await;
    };
    tokio::select! {
        biased;
        beginning = call.beginning() => First::Answer(beginning),
        () = exchange.lost() => First::Lost,
        () = ended => First::Ended,
        () = tokio::time::sleep(silence_time) => First::Silence,
    }
}

/// Answers with a stream of events.
fn begin_events(
    endpoint: &Endpoint,
    session: &InUse,
    starting: Option<Starting>,
    call: Call,
    beginning: Option<EventId>,
    exchange: &Arc<Exchange>,
) -> Answer {
    let id = starting.as_ref().map(|starting| {
        starting.answered_on(call.id());
        session.id.clone()
    });
    let reader = call.into_reader();
    let keep_alive = endpoint.options.keep_alive;
    let stream = EventStream::new(reader, session.clone(), keep_alive, exchange);
    let answer = response::events(stream.starting(starting).beginning(beginning));
    match id {
        Some(id) => response::name_session(answer, &id),
        None => answer,
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

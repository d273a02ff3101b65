//! GET: opens a listening stream, or resumes a stream.
//!
//! See
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#listening-for-messages-from-the-server>.

use std::sync::Arc;

use http::StatusCode;
use http::header::HeaderMap;

use super::authorization::User;
use super::client::Exchange;
use super::endpoint::Endpoint;
use super::event::Purpose;
use super::event_stream::EventStream;
use super::headers;
use super::response::{self, Answer};

pub(super) fn get(
    endpoint: &Endpoint,
    headers: &HeaderMap,
    user: Option<&User>,
    exchange: &Arc<Exchange>,
) -> Answer {
    if !headers::accepts(headers, headers::EVENTS) {
        return response::refuse(
            StatusCode::NOT_ACCEPTABLE,
            "text/event-stream must be acceptable",
        );
    }
    let session = match endpoint.session(headers, user) {
        Ok(session) => session,
        Err(refusal) => return *refusal,
    };
    session.conversation.heard();
    let last = headers::last_event(headers);
    let reader = match last.map(|last| (last.purpose, session.streams.resume(last))) {
        Some((_, Some(reader))) => Some(reader),
        // A request whose stream is no longer kept has no further messages: a listening stream
        // would let its client wait for ever, and take messages from the one that it has.
        Some((Purpose::Call, None)) if !session.streams.is_closed() => {
            return response::no_events();
        }
        // An unknown event is not an error.
        Some((_, None)) | None => session.streams.listen(),
    };
    let Some(reader) = reader else {
        return response::session_unknown();
    };
    let starting = last.and_then(|last| endpoint.sessions.resume(&session, last.stream));
    // The response that contains the result of `initialize` names the session.
    let id = starting.is_some().then(|| session.id.clone());
    let keep_alive = endpoint.options.keep_alive;
    let stream = EventStream::new(reader, session, keep_alive, exchange).starting(starting);
    let answer = response::events(stream);
    match id {
        Some(id) => response::name_session(answer, &id),
        None => answer,
    }
}

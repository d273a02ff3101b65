//! GET: opens a listening stream, or resumes a stream.
//!
//! See
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#listening-for-messages-from-the-server>.

use http::StatusCode;
use http::header::HeaderMap;

use super::authorization::User;
use super::endpoint::Endpoint;
use super::event_stream::EventStream;
use super::headers;
use super::response::{self, Answer};

pub(super) fn get(endpoint: &Endpoint, headers: &HeaderMap, user: Option<&User>) -> Answer {
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
    let resumed = headers::last_event(headers).and_then(|last| session.streams.resume(last));
    // An unknown event is not an error: the client gets a fresh stream.
    match resumed.or_else(|| session.streams.listen()) {
        Some(reader) => {
            let keep_alive = endpoint.options.keep_alive;
            response::events(EventStream::new(reader, session, keep_alive))
        }
        None => response::session_unknown(),
    }
}

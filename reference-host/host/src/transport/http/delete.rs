//! DELETE: the client ends its session.
//!
//! See
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#session-management>.

use http::StatusCode;
use http::header::HeaderMap;

use crate::telemetry::SessionEnd;

use super::authorization::User;
use super::endpoint::Endpoint;
use super::response::{self, Answer};

pub(super) fn delete(endpoint: &Endpoint, headers: &HeaderMap, user: Option<&User>) -> Answer {
    match endpoint.session(headers, user) {
        // Of two concurrent requests, one ends the session and the other comes too late.
        Ok(session) if endpoint.sessions.end(&session.id, SessionEnd::Client) => {
            response::empty(StatusCode::NO_CONTENT)
        }
        Ok(_) => response::session_unknown(),
        Err(refusal) => *refusal,
    }
}

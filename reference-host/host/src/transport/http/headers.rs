//! Request header fields.

use ::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use wasi_mcp_protocol::http::{self, Named};
pub(super) use wasi_mcp_protocol::http::{BodyRefusal, EVENTS, JSON};

use super::event::EventId;
use super::session_id::SessionId;

/// Names the session, in requests and in the response to `initialize`.
pub(super) const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
/// The negotiated revision.
pub(super) const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
/// The last event that the client saw of a stream that it resumes.
pub(super) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Returns the values of a header field.
fn values(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    headers.get_all(name).into_iter().map(HeaderValue::as_bytes)
}

/// Returns whether a response of this media type is acceptable.
pub(super) fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    http::accepts(values(headers, ACCEPT), media_type)
}

/// Checks that the body is plain `application/json`; parameters are allowed.
pub(super) fn check_json_body(headers: &HeaderMap) -> Result<(), BodyRefusal> {
    http::check_json_body(
        values(headers, CONTENT_ENCODING),
        values(headers, CONTENT_TYPE),
    )
}

/// The session that a request names.
pub(super) enum SessionHeader {
    Missing,
    /// Several ids, so the intended one is ambiguous.
    Several,
    Given(SessionId),
}

pub(super) fn session(headers: &HeaderMap) -> SessionHeader {
    match Named::by(headers.get_all(SESSION_ID)) {
        Named::Missing => SessionHeader::Missing,
        Named::One(id) => SessionHeader::Given(SessionId::sent(id)),
        Named::Several => SessionHeader::Several,
    }
}

/// Returns whether `MCP-Protocol-Version` is absent or the negotiated revision.
pub(super) fn version_fits(headers: &HeaderMap) -> bool {
    http::version_fits(values(headers, PROTOCOL_VERSION))
}

/// Returns the revision of a request that no session has negotiated.
pub(super) fn revision(headers: &HeaderMap) -> &'static str {
    http::revision(headers.contains_key(PROTOCOL_VERSION))
}

/// Returns the event to resume from, or `None` if it is absent or not one of our ids.
pub(super) fn last_event(headers: &HeaderMap) -> Option<EventId> {
    headers.get(LAST_EVENT_ID)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, values: &[&str]) -> HeaderMap {
        values
            .iter()
            .map(|value| (name.clone(), value.parse().expect("header value")))
            .collect()
    }

    #[test]
    fn several_session_ids_are_told_from_one() {
        assert!(matches!(
            session(&headers(SESSION_ID, &[])),
            SessionHeader::Missing
        ));
        assert!(matches!(
            session(&headers(SESSION_ID, &["a"])),
            SessionHeader::Given(_)
        ));
        assert!(matches!(
            session(&headers(SESSION_ID, &["a", "a"])),
            SessionHeader::Several
        ));
    }
}

//! Request header fields.

use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName};

use wasi_mcp_protocol::PROTOCOL_VERSION as NEGOTIATED;

use super::event::EventId;
use super::session_id::SessionId;

/// Names the session, in requests and in the response to `initialize`.
pub(super) const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
/// The negotiated revision.
pub(super) const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
/// The last event that the client saw of a stream that it resumes.
pub(super) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The revision of a request that names none. Its messages are a subset of those of the supported
/// revision, except for batches.
const ASSUMED: &str = "2025-03-26";

/// Media types of responses.
pub(super) const JSON: &str = "application/json";
pub(super) const EVENTS: &str = "text/event-stream";
/// The most common `Accept` of clients that accept both.
const USUAL: &str = "application/json, text/event-stream";

/// Returns whether a response of this media type is acceptable. A request without `Accept` accepts
/// anything (<https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1>).
pub(super) fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let usual = [JSON, EVENTS].contains(&media_type);
    match headers.get(ACCEPT) {
        None => return true,
        // Most clients: the full check below takes longer than all other header fields.
        Some(value) if usual && value == USUAL => return true,
        Some(_) => {}
    }
    let mut best = (0, false);
    for value in headers.get_all(ACCEPT) {
        let Ok(value) = value.to_str() else { continue };
        for range in split_outside_quotes(value, ',') {
            let mut parts = split_outside_quotes(range, ';');
            let Some(specificity) = parts.next().and_then(|range| covers(range, media_type)) else {
                continue;
            };
            // The most specific range decides, regardless of its weight.
            if specificity > best.0 {
                best = (
                    specificity,
                    parts.all(|parameter| !is_zero_weight(parameter)),
                );
            }
        }
    }
    best.1
}

/// Returns the specificity with which a media range matches the type: 3 by name, 1 as `*/*`.
fn covers(range: &str, media_type: &str) -> Option<u8> {
    let range = range.trim();
    if range.eq_ignore_ascii_case(media_type) {
        return Some(3);
    }
    if range == "*/*" {
        return Some(1);
    }
    let (kind, subtype) = range.split_once('/')?;
    let (wanted, _) = media_type.split_once('/')?;
    (subtype == "*" && kind.eq_ignore_ascii_case(wanted)).then_some(2)
}

fn is_zero_weight(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, weight)| {
        name.trim().eq_ignore_ascii_case("q") && weight.trim().parse::<f32>() == Ok(0.0)
    })
}

/// Splits at a separator outside quoted strings.
fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |character| {
        if quoted {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = false,
                _ => {}
            }
            return false;
        }
        quoted = character == '"';
        character == separator
    })
}

/// The reason for which a body is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyRefusal {
    /// Its type is not `application/json`.
    Type,
    /// It is compressed.
    Coding,
}

/// Checks that the body is plain `application/json`; parameters are allowed.
pub(super) fn check_json_body(headers: &HeaderMap) -> Result<(), BodyRefusal> {
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    if !codings.all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(BodyRefusal::Coding);
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (types.next(), types.next()) else {
        return Err(BodyRefusal::Type);
    };
    let is_json = value.to_str().is_ok_and(|value| {
        let essence = value.split(';').next().unwrap_or(value);
        essence.trim().eq_ignore_ascii_case(JSON)
    });
    if is_json {
        Ok(())
    } else {
        Err(BodyRefusal::Type)
    }
}

/// The session that a request names.
pub(super) enum SessionHeader {
    Missing,
    /// Several ids, so the intended one is ambiguous.
    Several,
    Given(SessionId),
}

pub(super) fn session(headers: &HeaderMap) -> SessionHeader {
    let mut ids = headers.get_all(SESSION_ID).iter();
    match (ids.next(), ids.next()) {
        (None, _) => SessionHeader::Missing,
        (Some(id), None) => SessionHeader::Given(SessionId::sent(id)),
        (Some(_), Some(_)) => SessionHeader::Several,
    }
}

/// Returns whether `MCP-Protocol-Version` is absent or the negotiated revision.
pub(super) fn version_fits(headers: &HeaderMap) -> bool {
    headers
        .get_all(PROTOCOL_VERSION)
        .iter()
        .all(|version| version == NEGOTIATED)
}

/// Returns the revision of a request that no session has negotiated: "if the server does not receive
/// an `MCP-Protocol-Version` header, and has no other way to identify the version [...] the server
/// SHOULD assume protocol version `2025-03-26`"
/// (<https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#protocol-version-header>).
/// To be called after [`version_fits`].
pub(super) fn revision(headers: &HeaderMap) -> &'static str {
    if headers.contains_key(PROTOCOL_VERSION) {
        NEGOTIATED
    } else {
        ASSUMED
    }
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
    fn accept_is_read_as_media_ranges_with_weights() {
        let cases: &[(&[&str], bool, bool)] = &[
            (&[], true, true),
            (&["application/json, text/event-stream"], true, true),
            (&["application/json", "text/event-stream"], true, true),
            (
                &["Application/JSON;q=0.5,TEXT/event-stream ; x=\"a,b\""],
                true,
                true,
            ),
            (&["*/*"], true, true),
            (&["application/*, text/*;q=0.1"], true, true),
            (&["application/json"], true, false),
            (&["text/event-stream"], false, true),
            (&["text/html, */*;q=0.8"], true, true),
            (&["text/event-stream;q=0, */*"], true, false),
            (&["*/*;q=0, application/json"], true, false),
            (&["text/html"], false, false),
            (&["application/jsonx"], false, false),
            (&["x/y;p=\"\\\", application/json\""], false, false),
            (&[""], false, false),
        ];
        for (accept, json, events) in cases {
            let headers = headers(ACCEPT, accept);
            assert_eq!(accepts(&headers, JSON), *json, "JSON by {accept:?}");
            assert_eq!(accepts(&headers, EVENTS), *events, "events by {accept:?}");
        }
    }

    #[test]
    fn only_plain_json_bodies_are_read() {
        let checked = |values: &[&str]| check_json_body(&headers(CONTENT_TYPE, values));
        for good in [
            "application/json",
            "Application/Json; charset=utf-8",
            "application/json;",
        ] {
            assert_eq!(checked(&[good]), Ok(()), "{good}");
        }
        for bad in [
            &["text/plain"][..],
            &["application/json-rpc"],
            &[""],
            &[],
            &["application/json"; 2],
        ] {
            assert_eq!(checked(bad), Err(BodyRefusal::Type), "{bad:?}");
        }
        let mut packed = headers(CONTENT_TYPE, &[JSON]);
        for (coding, expected) in [
            ("identity", Ok(())),
            ("gzip", Err(BodyRefusal::Coding)),
            ("identity, br", Err(BodyRefusal::Coding)),
        ] {
            packed.insert(CONTENT_ENCODING, coding.parse().expect("header value"));
            assert_eq!(check_json_body(&packed), expected, "{coding}");
        }
    }

    #[test]
    fn the_version_is_absent_or_the_negotiated_one() {
        for (values, fits) in [
            (&[][..], true),
            (&["2025-06-18"], true),
            (&["2025-03-26"], false),
            (&["bogus"], false),
            (&[""], false),
            (&["2025-06-18", "1999-01-01"], false),
        ] {
            assert_eq!(
                version_fits(&headers(PROTOCOL_VERSION, values)),
                fits,
                "{values:?}"
            );
        }
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

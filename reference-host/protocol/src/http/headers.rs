//! Request header fields.

use crate::PROTOCOL_VERSION as NEGOTIATED;

/// The revision of a request that names none. Its messages are a subset of those of the supported
/// revision, except for batches.
const ASSUMED: &str = "2025-03-26";

/// The media type of one message.
pub const JSON: &str = "application/json";
/// The media type of a stream of events.
pub const EVENTS: &str = "text/event-stream";
/// The most common `Accept` of clients that accept both.
const USUAL: &[u8] = b"application/json, text/event-stream";

/// Returns whether a response of this media type is acceptable, by the fields `Accept`. A request
/// without the field accepts anything
/// (<https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1>).
pub fn accepts<'a>(accept: impl IntoIterator<Item = &'a [u8]>, media_type: &str) -> bool {
    let usual = [JSON, EVENTS].contains(&media_type);
    let mut accept = accept.into_iter().peekable();
    match accept.peek() {
        None => return true,
        // Most clients: the full check below takes longer than all other header fields.
        Some(value) if usual && *value == USUAL => return true,
        Some(_) => {}
    }
    let mut best = (0, false);
    for value in accept {
        let Some(value) = text(value) else { continue };
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

/// Returns a value that is visible ASCII text.
pub(super) fn text(value: &[u8]) -> Option<&str> {
    let is_text = |byte: &u8| *byte == b'\t' || (b' '..=b'~').contains(byte);
    std::str::from_utf8(value)
        .ok()
        .filter(|_| value.iter().all(is_text))
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
pub enum BodyRefusal {
    /// Its type is not `application/json`.
    Type,
    /// It is compressed.
    Coding,
}

/// Checks that the body is plain `application/json`, by the fields `Content-Encoding` and
/// `Content-Type`; parameters are allowed.
///
/// # Errors
///
/// The reason for which it is not.
pub fn check_json_body<'a>(
    codings: impl IntoIterator<Item = &'a [u8]>,
    types: impl IntoIterator<Item = &'a [u8]>,
) -> Result<(), BodyRefusal> {
    let mut codings = codings.into_iter();
    if !codings.all(|coding| coding.eq_ignore_ascii_case(b"identity")) {
        return Err(BodyRefusal::Coding);
    }
    let mut types = types.into_iter();
    let (Some(value), None) = (types.next(), types.next()) else {
        return Err(BodyRefusal::Type);
    };
    let is_json = text(value).is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or(value);
        essence.trim().eq_ignore_ascii_case(JSON)
    });
    if is_json {
        Ok(())
    } else {
        Err(BodyRefusal::Type)
    }
}

/// Returns whether `MCP-Protocol-Version` is absent or the negotiated revision.
pub fn version_fits<'a>(versions: impl IntoIterator<Item = &'a [u8]>) -> bool {
    let mut versions = versions.into_iter();
    versions.all(|version| version == NEGOTIATED.as_bytes())
}

/// Returns the revision of a request that no session has negotiated: "if the server does not receive
/// an `MCP-Protocol-Version` header, and has no other way to identify the version [...] the server
/// SHOULD assume protocol version `2025-03-26`"
/// (<https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#protocol-version-header>).
/// To be called after [`version_fits`].
#[must_use]
pub fn revision(is_named: bool) -> &'static str {
    if is_named { NEGOTIATED } else { ASSUMED }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<'a>(values: &'a [&'a str]) -> impl Iterator<Item = &'a [u8]> {
        values.iter().map(|value| value.as_bytes())
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
            assert_eq!(accepts(bytes(accept), JSON), *json, "JSON by {accept:?}");
            assert_eq!(
                accepts(bytes(accept), EVENTS),
                *events,
                "events by {accept:?}"
            );
        }
    }

    #[test]
    fn only_plain_json_bodies_are_read() {
        let checked = |types: &[&str]| check_json_body([], bytes(types));
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
        for (coding, expected) in [
            ("identity", Ok(())),
            ("gzip", Err(BodyRefusal::Coding)),
            ("identity, br", Err(BodyRefusal::Coding)),
        ] {
            let checked = check_json_body(bytes(&[coding]), bytes(&[JSON]));
            assert_eq!(checked, expected, "{coding}");
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
            assert_eq!(version_fits(bytes(values)), fits, "{values:?}");
        }
    }
}

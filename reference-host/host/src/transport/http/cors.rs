//! Headers that let a page of an allowed origin use the endpoint from a browser.

use ::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, HeaderMap, HeaderName, HeaderValue,
};
use wasi_mcp_protocol::http;

/// Lets a page of this origin see the response and the fields that a client needs.
pub(super) fn expose(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    for (name, value) in http::exposing() {
        headers.append(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
}

/// Tells a browser, in answer to its preflight request, what a page may send.
pub(super) fn allow(headers: &mut HeaderMap, asked: &HeaderMap) {
    let asked = asked.get_all(ACCESS_CONTROL_REQUEST_HEADERS).into_iter();
    for (name, value) in http::preflight(asked.map(HeaderValue::as_bytes)) {
        // Each is a token, or fixed.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
}

//! Headers that let a page of an allowed origin use the endpoint from a browser.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    HeaderMap, HeaderName, HeaderValue, VARY,
};

/// The fields that a page may read besides those that every page may read.
const EXPOSED: &str = "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After, Allow, \
                       Accept-Encoding";

/// The fields that a page may send in any case.
const ALLOWED: &str = "Content-Type, Accept, Authorization, Last-Event-ID, Mcp-Session-Id, \
                       MCP-Protocol-Version";

/// The beginning of the names of MCP's own fields. Clients of later revisions send further ones with
/// every request (`Mcp-Method`, `Mcp-Name`, `Mcp-Param-*`), and must see the refusal from which they
/// learn that this server speaks an earlier one.
const OWN: &str = "mcp-";

/// The most such fields that a preflight response allows.
const MOST_OWN: usize = 100;

/// Lets a page of this origin see the response and the fields that a client needs.
pub(super) fn expose(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(VARY, HeaderValue::from_static("Origin"));
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(EXPOSED),
    );
}

/// Tells a browser, in answer to its preflight request, what a page may send.
pub(super) fn allow(headers: &mut HeaderMap, asked: &HeaderMap) {
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, DELETE"),
    );
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(ALLOWED),
    );
    let asked = asked.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter();
    let names = asked.flat_map(|names| names.as_bytes().split(|byte| *byte == b','));
    // A parsed name is in lower case.
    let names = names.filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok());
    for name in names
        .filter(|name| name.as_str().starts_with(OWN))
        .take(MOST_OWN)
    {
        headers.append(ACCESS_CONTROL_ALLOW_HEADERS, name.into());
    }
    headers.append(
        VARY,
        HeaderValue::from_static("Access-Control-Request-Headers"),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
}

//! Streamable HTTP: POST, listening streams, sessions.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#streamable-http>

use std::error::Error as StdError;
use std::io;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// Header that names the session.
pub const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
/// Header that names the negotiated revision.
pub const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
/// Header that resumes a stream.
pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// The media types that a POST must accept.
pub const BOTH_TYPES: &str = "application/json, text/event-stream";

/// The time for which an idle connection is reused. A server may close one at any time, and a
/// request that crosses the end of its connection has no answer.
const IDLE: Duration = Duration::from_secs(1);

/// An MCP endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    uri: Uri,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    headers: HeaderMap,
    speaks_mcp: bool,
}

/// The connector. Certificates must lead to a root that browsers trust.
static CONNECTOR: LazyLock<HttpsConnector<HttpConnector>> = LazyLock::new(|| {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(Duration::from_secs(5)));
    connector.enforce_http(false);
    HttpsConnectorBuilder::new()
        .with_webpki_roots()
        .https_or_http()
        .enable_http1()
        .enable_http2()
        .wrap_connector(connector)
});

impl Endpoint {
    /// Parses the address of an endpoint.
    ///
    /// # Errors
    ///
    /// When the address is malformed, or its scheme is neither `http` nor `https`.
    pub fn parse(address: &str) -> anyhow::Result<Self> {
        let shown = without_secrets(address);
        if !address.contains("://") && !address.starts_with('/') && !address.is_empty() {
            bail!("`{shown}` is not a URL: expected a scheme, as in http://{shown}");
        }
        let uri: Uri = address
            .parse()
            .with_context(|| format!("`{shown}` is not a URL"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            bail!(
                "`{shown}` is not an http or https URL: expected one such as \
                 http://127.0.0.1:8080/mcp"
            );
        }
        Ok(Self {
            uri,
            client: Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(IDLE)
                .build(CONNECTOR.clone()),
            headers: HeaderMap::new(),
            speaks_mcp: true,
        })
    }

    /// Adds headers to every request.
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// Replaces or removes a header of every request.
    pub fn with_header(mut self, name: HeaderName, value: Option<HeaderValue>) -> Self {
        match value {
            Some(value) => drop(self.headers.insert(name, value)),
            None => drop(self.headers.remove(name)),
        }
        self
    }

    /// Addresses another resource of this server, or another server, that does not speak MCP.
    pub fn elsewhere(mut self, uri: Uri) -> Self {
        if !same_origin(&uri, &self.uri) {
            // Credentials are only for the server, not for another listener.
            self.headers.clear();
        }
        self.uri = uri;
        self.speaks_mcp = false;
        self
    }

    /// Replaces the query.
    pub fn with_query(mut self, query: &str) -> anyhow::Result<Self> {
        let mut parts = self.uri.into_parts();
        let path = parts
            .path_and_query
            .as_ref()
            .map_or("/", |path| path.path());
        parts.path_and_query = Some(format!("{path}?{query}").parse()?);
        self.uri = Uri::from_parts(parts)?;
        Ok(self)
    }

    /// Returns true if the answers of this address are messages of MCP.
    pub fn speaks_mcp(&self) -> bool {
        self.speaks_mcp
    }

    /// Returns its address.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Returns its address without query and user.
    pub fn place(&self) -> Option<Uri> {
        let mut parts = self.uri.clone().into_parts();
        let host = self.uri.host()?;
        let port = self.uri.port().map(|port| format!(":{port}"));
        let authority = format!("{host}{}", port.unwrap_or_default());
        parts.authority = Some(authority.parse().ok()?);
        parts.path_and_query = Some(self.uri.path().parse().ok()?);
        Uri::from_parts(parts).ok()
    }

    /// Sends a request and returns the head of the answer.
    ///
    /// # Errors
    ///
    /// When there is no HTTP answer.
    pub async fn send(
        &self,
        method: Method,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> anyhow::Result<Response<Incoming>> {
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().extend(headers);
        let secure = self.uri.scheme_str() == Some("https");
        let answer = self.client.request(request).await;
        answer.map_err(|error| {
            let wrong = if secure {
                (error.is_connect() && chain(&error).any(is_no_tls)).then_some(NO_TLS)
            } else {
                chain(&error).any(is_no_http).then_some(NO_HTTP)
            };
            let error = anyhow::Error::from(error);
            match wrong {
                Some(hint) => error.context(hint),
                None => error,
            }
        })
    }
}

/// Explains a failed handshake.
const NO_TLS: &str =
    "the TLS handshake failed; if the server speaks plain HTTP, try http:// in place of https://";
/// Explains an answer that is not HTTP.
const NO_HTTP: &str =
    "the answer is not HTTP; if the server speaks TLS, try https:// in place of http://";

/// Returns an error and its causes.
fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| {
        (*error).source()
    })
}

/// Returns true for an error of a peer that was reached, but did not take part in a handshake.
fn is_no_tls(error: &(dyn StdError + 'static)) -> bool {
    use io::ErrorKind::{ConnectionReset, InvalidData, UnexpectedEof};
    let inner = |error: &'_ io::Error| {
        error
            .get_ref()?
            .downcast_ref::<io::Error>()
            .map(io::Error::kind)
    };
    let outer = error.downcast_ref::<io::Error>();
    // The connector wraps the error of the handshake, which is not its source.
    let kinds = [outer.map(io::Error::kind), outer.and_then(inner)];
    let mut kinds = kinds.into_iter().flatten();
    kinds.any(|kind| matches!(kind, InvalidData | UnexpectedEof | ConnectionReset))
}

/// Returns true for bytes that are not HTTP in the place of an answer.
fn is_no_http(error: &(dyn StdError + 'static)) -> bool {
    let error = error.downcast_ref::<hyper::Error>();
    error.is_some_and(hyper::Error::is_parse)
}

/// Formats an address without potential secrets: user name, password and the values of the query.
pub fn without_secrets(address: &str) -> String {
    let (place, query) = address.split_once('?').unwrap_or((address, ""));
    let start = place.find("//").map_or(0, |slashes| slashes + 2);
    let end = place[start..]
        .find('/')
        .map_or(place.len(), |end| start + end);
    let mut shown = match place[start..end].rsplit_once('@') {
        Some((_, host)) => format!("{}[hidden]@{host}{}", &place[..start], &place[end..]),
        None => place.to_owned(),
    };
    for (index, part) in query.split('&').filter(|part| !part.is_empty()).enumerate() {
        shown.push(if index == 0 { '?' } else { '&' });
        if let Some((name, _)) = part.split_once('=') {
            shown.push_str(name);
            shown.push('=');
        }
        shown.push_str("[hidden]");
    }
    shown
}

/// Returns true if two addresses have the same origin. A server may name any address, but is
/// contacted only at its own.
///
/// <https://www.rfc-editor.org/rfc/rfc6454#section-5>
pub fn same_origin(one: &Uri, other: &Uri) -> bool {
    let parts = |uri: &Uri| {
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let usual = if scheme == "https" { 443 } else { 80 };
        let host = uri.host()?.to_ascii_lowercase();
        Some((scheme, host, uri.port_u16().unwrap_or(usual)))
    };
    let origin = parts(one);
    origin.is_some() && origin == parts(other)
}

/// The endpoint and the headers of a session.
#[derive(Debug)]
pub struct HttpLink {
    /// The endpoint.
    pub endpoint: Endpoint,
    session: Mutex<HeaderMap>,
}

impl HttpLink {
    /// Creates a link without a session.
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            session: Mutex::default(),
        }
    }

    /// Keeps the session id.
    pub fn keep_session(&self, id: HeaderValue) {
        self.lock().insert(SESSION_ID, id);
    }

    /// Forgets the session id: the session did not begin.
    pub fn forget_session(&self) {
        self.lock().remove(SESSION_ID);
    }

    /// Keeps the negotiated revision, unless no header can carry it.
    pub fn keep_version(&self, version: &str) {
        if let Ok(version) = HeaderValue::from_str(version) {
            self.lock().insert(PROTOCOL_VERSION, version);
        }
    }

    /// Returns the headers of the session.
    pub fn session_headers(&self) -> HeaderMap {
        self.lock().clone()
    }

    /// Returns the headers of a POST.
    pub fn post_headers(&self) -> HeaderMap {
        let mut headers = self.session_headers();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static(BOTH_TYPES));
        headers
    }

    /// Returns the headers of a GET that opens a listening stream.
    pub fn get_headers(&self) -> HeaderMap {
        let mut headers = self.session_headers();
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        headers
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HeaderMap> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the next piece of a body; `None` at its end.
///
/// # Errors
///
/// When the connection breaks.
pub async fn next_piece(body: &mut Incoming) -> Result<Option<Bytes>, hyper::Error> {
    while let Some(frame) = body.frame().await {
        // Trailers are not part of the body.
        if let Ok(data) = frame?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn addresses_are_http_or_https() {
        assert!(Endpoint::parse("ftp://example.com").is_err());
        assert!(Endpoint::parse("/mcp").is_err());
        let bare = Endpoint::parse("me:word@localhost:8080/mcp").expect_err("no scheme");
        let bare = bare.to_string();
        assert!(bare.contains("expected a scheme, as in http://"), "{bare}");
        assert!(
            bare.contains("localhost:8080/mcp") && !bare.contains("word"),
            "{bare}"
        );
        assert!(Endpoint::parse("http://127.0.0.1:1/mcp").is_ok());
        assert!(Endpoint::parse("https://example.com/mcp").is_ok());
    }

    #[test]
    fn credentials_stay_with_the_server() {
        let secret = HeaderValue::from_static("Bearer secret");
        let endpoint = Endpoint::parse("http://example.com/mcp").expect("a URL");
        let endpoint = endpoint.with_header(AUTHORIZATION, Some(secret));
        let uri = |text: &str| text.parse::<Uri>().expect("a URL");
        let near = endpoint.clone().elsewhere(uri("http://example.com/other"));
        let far = endpoint.clone().elsewhere(uri("http://example.org/other"));
        let bare = endpoint.clone().elsewhere(uri("https://example.com/other"));
        assert!(near.headers.contains_key(AUTHORIZATION));
        assert!(!far.headers.contains_key(AUTHORIZATION));
        assert!(!bare.headers.contains_key(AUTHORIZATION));
        let queried = endpoint.with_query("a=b").expect("a query");
        assert_eq!(queried.uri().to_string(), "http://example.com/mcp?a=b");
        let secret = Endpoint::parse("http://me:word@[::1]:8/mcp?a=b").expect("a URL");
        let place = secret.place().expect("a URL");
        assert_eq!(place.to_string(), "http://[::1]:8/mcp");
    }

    #[test]
    fn an_address_is_shown_without_secrets() {
        for (address, shown) in [
            ("http://a/b", "http://a/b"),
            ("https://me:word@a:1/b@c", "https://[hidden]@a:1/b@c"),
            (
                "http://a/b?key=x/y@z&c&d=",
                "http://a/b?key=[hidden]&[hidden]&d=[hidden]",
            ),
            ("me:word@a", "[hidden]@a"),
        ] {
            assert_eq!(without_secrets(address), shown);
        }
        let error = Endpoint::parse("ftp://me:word@a").expect_err("no http");
        assert!(!error.to_string().contains("word"), "{error}");
    }

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port() {
        let same = |one: &str, other: &str| {
            let uri = |text: &str| text.parse::<Uri>().expect("a URL");
            same_origin(&uri(one), &uri(other))
        };
        assert!(same("http://a/b", "http://A:80/c?d"));
        assert!(same("https://user@a/b", "https://a:443/"));
        assert!(!same("http://a/", "https://a/"));
        assert!(!same("http://a:1/", "http://a:2/"));
        assert!(!same("http://a/", "http://a.b/"));
        assert!(!same("/a", "/a"));
    }

    #[tokio::test]
    async fn an_answer_that_is_not_http_is_explained() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut some = [0; 64];
            let _ = stream.read(&mut some).await;
            // The alert of a TLS server.
            let _ = stream.write_all(&[0x15, 3, 1, 0, 2, 2, 10]).await;
        });
        let endpoint = Endpoint::parse(&format!("http://{address}/mcp")).expect("a URL");
        let sent = endpoint.send(Method::GET, HeaderMap::new(), Vec::new());
        let error = sent.await.expect_err("that is no answer");
        assert!(error.to_string().contains("try https://"), "{error:#}");
    }

    #[tokio::test]
    async fn an_https_address_is_contacted_over_tls() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let accepted = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut first = [0; 1];
            stream.read_exact(&mut first).await.expect("a byte");
            first[0]
        });
        let endpoint = Endpoint::parse(&format!("https://{address}/mcp")).expect("a URL");
        let sent = endpoint.send(Method::GET, HeaderMap::new(), Vec::new());
        let error = sent.await.expect_err("the listener does not speak TLS");
        assert!(error.to_string().contains("try http://"), "{error:#}");
        const HANDSHAKE: u8 = 22;
        assert_eq!(accepted.await.expect("it was read"), HANDSHAKE);
    }
}

//! Streamable HTTP: POST, listening streams, sessions.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#streamable-http>

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// Header that names the session.
pub const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
/// Header that names the negotiated revision.
pub const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
/// Header that resumes a stream.
pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Both media types, as a POST has to accept them.
pub const BOTH_TYPES: &str = "application/json, text/event-stream";

/// An MCP endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    uri: Uri,
    client: Client<HttpConnector, Full<Bytes>>,
    headers: HeaderMap,
}

impl Endpoint {
    /// The endpoint at this address.
    ///
    /// # Errors
    ///
    /// When the address is malformed, or its scheme is not `http`.
    pub fn parse(address: &str) -> anyhow::Result<Self> {
        let uri: Uri = address
            .parse()
            .with_context(|| format!("`{address}` is no URL"))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => bail!(
                "https is not supported: put a proxy in front, or use the server's http address"
            ),
            _ => bail!("`{address}` is no http URL"),
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self {
            uri,
            client,
            headers: HeaderMap::new(),
        })
    }

    /// The same endpoint with headers that go with every request.
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// Its address.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Sends a request and gives the head of the answer.
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
        Ok(self.client.request(request).await?)
    }
}

/// What the driver has to say with each request of a session.
#[derive(Debug)]
pub struct HttpLink {
    /// Where the server is.
    pub endpoint: Endpoint,
    session: Mutex<HeaderMap>,
}

impl HttpLink {
    /// A link without a session.
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

    /// Keeps the negotiated revision. One that no header can carry is left out.
    pub fn keep_version(&self, version: &str) {
        if let Ok(version) = HeaderValue::from_str(version) {
            self.lock().insert(PROTOCOL_VERSION, version);
        }
    }

    /// Headers of the session.
    pub fn session_headers(&self) -> HeaderMap {
        self.lock().clone()
    }

    /// Headers of a POST.
    pub fn post_headers(&self) -> HeaderMap {
        let mut headers = self.session_headers();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static(BOTH_TYPES));
        headers
    }

    /// Headers of a GET that opens a listening stream.
    pub fn get_headers(&self) -> HeaderMap {
        let mut headers = self.session_headers();
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        headers
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HeaderMap> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The next piece of a body; none at its end.
///
/// # Errors
///
/// When the connection breaks.
pub async fn next_piece(body: &mut Incoming) -> Result<Option<Bytes>, hyper::Error> {
    while let Some(frame) = body.frame().await {
        // Trailers are no part of the body.
        if let Ok(data) = frame?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_refused_with_a_reason() {
        let error = Endpoint::parse("https://example.com/mcp").expect_err("no TLS here");
        assert!(error.to_string().contains("https is not supported"));
        assert!(Endpoint::parse("ftp://example.com").is_err());
        assert!(Endpoint::parse("http://127.0.0.1:1/mcp").is_ok());
    }
}

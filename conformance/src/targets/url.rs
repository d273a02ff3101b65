//! A server that listens at a URL.

use std::sync::Arc;

use anyhow::Context;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::Target;
use crate::driver::connection::{Connection, Transport};
use crate::driver::http::Endpoint;
use crate::driver::{Server, Timing};
use crate::report::Identity;

struct UrlServer {
    endpoint: Endpoint,
}

impl Server for UrlServer {
    fn transport(&self) -> Transport {
        Transport::Http
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        Box::pin(async { Ok(Connection::Http(Box::new(self.endpoint.clone()))) })
    }
}

/// The server at this URL; the headers (`Name: value`) go with every request.
///
/// # Errors
///
/// When the URL is malformed or not `http`, or a header is malformed.
pub fn target(url: &str, headers: &[String]) -> anyhow::Result<Target> {
    let headers = headers
        .iter()
        .map(|header| parse_header(header))
        .collect::<anyhow::Result<HeaderMap>>()?;
    let endpoint = Endpoint::parse(url)?.with_headers(headers);
    Ok(Target {
        identity: Identity {
            kind: "url".to_owned(),
            name: url.to_owned(),
            variant: None,
            world: None,
            transport: Transport::Http,
        },
        server: Arc::new(UrlServer { endpoint }),
        timing: Timing::FAR,
        // What checks do in their sessions may meet in the server.
        jobs: 1,
    })
}

fn parse_header(text: &str) -> anyhow::Result<(HeaderName, HeaderValue)> {
    let (name, value) = text
        .split_once(':')
        .with_context(|| format!("the header `{text}` has no colon"))?;
    let name: HeaderName = name
        .trim()
        .parse()
        .with_context(|| format!("`{name}` is no name of a header"))?;
    let value = HeaderValue::from_str(value.trim())
        .with_context(|| format!("`{name}` has no legal value"))?;
    Ok((name, value))
}

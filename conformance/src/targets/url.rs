//! A server at a URL.

use std::sync::Arc;

use anyhow::Context;
use futures::future::BoxFuture;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::Target;
use crate::driver::connection::{Connection, Transport};
use crate::driver::http::{Endpoint, without_secrets};
use crate::driver::tokens::bearer;
use crate::driver::{Server, Timing, Tokens};
use crate::model::Identity;

struct UrlServer {
    endpoint: Endpoint,
    tokens: Option<Tokens>,
}

impl Server for UrlServer {
    fn transport(&self) -> Transport {
        Transport::Http
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        Box::pin(async { Ok(Connection::Http(Box::new(self.endpoint.clone()))) })
    }

    fn tokens(&self) -> Option<&Tokens> {
        self.tokens.as_ref()
    }
}

/// Creates the target for a URL. The headers (`Name: value`) and the valid token are sent with
/// every request.
///
/// # Errors
///
/// When the URL, a header or the valid token is malformed.
pub fn target(url: &str, headers: &[String], mut tokens: Option<Tokens>) -> anyhow::Result<Target> {
    let mut headers = headers
        .iter()
        .map(|header| parse_header(header))
        .collect::<anyhow::Result<HeaderMap>>()?;
    if let Some(token) = tokens.as_ref().and_then(|tokens| tokens.valid.as_deref()) {
        headers.insert(
            AUTHORIZATION,
            bearer(token).context("the token is malformed")?,
        );
    } else if let Some(token) = token_in(&headers) {
        tokens.get_or_insert_default().valid = Some(token);
    }
    let endpoint = Endpoint::parse(url)?.with_headers(headers);
    Ok(Target {
        identity: Identity {
            kind: "url".to_owned(),
            name: without_secrets(url),
            variant: None,
            world: None,
            transport: Transport::Http,
        },
        server: Arc::new(UrlServer { endpoint, tokens }),
        timing: Timing::FAR,
        // Concurrent checks could interfere in a shared server.
        jobs: 1,
    })
}

/// Returns the bearer token in the headers.
fn token_in(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    is_bearer.then(|| token.trim().to_owned())
}

fn parse_header(text: &str) -> anyhow::Result<(HeaderName, HeaderValue)> {
    let (name, value) = text
        .split_once(':')
        // The text is not quoted, as it may be the secret alone.
        .context("header without a colon: expected `Name: value`")?;
    let name: HeaderName = name
        .trim()
        .parse()
        .with_context(|| format!("`{name}` is not a header name"))?;
    let value = HeaderValue::from_str(value.trim())
        .with_context(|| format!("the value of the header `{name}` has an illegal character"))?;
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_never_appear() {
        let judged = target("http://me:word@a/mcp?key=word", &[], None).expect("a target");
        assert_eq!(judged.identity.name, "http://[hidden]@a/mcp?key=[hidden]");
        for header in ["word", "a b: word", "x-key: word\n"] {
            let judged = target("http://a/", &[header.to_owned()], None);
            if let Err(error) = judged {
                assert!(!format!("{error:#}").contains("word"), "{error:#}");
            }
        }
    }
}

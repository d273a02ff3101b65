//! The metadata that tells clients where to find the authorization server:
//! <https://www.rfc-editor.org/rfc/rfc9728>.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use http::StatusCode;
use http::uri::{Authority, Uri};

use super::Authorization;
use super::secure::is_secure;
use crate::transport::http::response::{self, Answer};
use wasi_mcp_protocol::json::Writer;

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The canonical URI of a protected resource: absolute, without fragment, scheme and host in lower
/// case, no trailing slash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Resource {
    origin: String,
    path: String,
}

/// The text is not a resource URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no URI of a resource (https://host/path, or http on this machine; without query and fragment)"
)]
pub struct NotAResource(String);

impl FromStr for Resource {
    type Err = NotAResource;

    fn from_str(text: &str) -> Result<Self, NotAResource> {
        Self::read(text).ok_or_else(|| NotAResource(text.to_owned()))
    }
}

impl Resource {
    fn read(text: &str) -> Option<Self> {
        // It appears in a header, in quotes.
        if !text.is_ascii() || text.contains(['#', '?', '"', '\\']) {
            return None;
        }
        let uri: Uri = text.parse().ok().filter(is_secure)?;
        let scheme = uri.scheme_str()?;
        let authority = uri.authority()?.as_str().to_ascii_lowercase();
        Some(Self {
            origin: format!("{scheme}://{authority}"),
            path: uri.path().trim_end_matches('/').to_owned(),
        })
    }
}

impl Resource {
    /// Returns its host name, in lower case.
    pub(in crate::transport::http) fn host(&self) -> Option<String> {
        let (_, authority) = self.origin.split_once("://")?;
        let authority: Authority = authority.parse().ok()?;
        Some(authority.host().to_owned())
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

/// The metadata document and its locations.
#[derive(Debug)]
pub(super) struct Document {
    paths: [String; 2],
    url: String,
    body: Bytes,
}

impl Document {
    pub(super) fn new(options: &Authorization) -> Self {
        let resource = &options.resource;
        let path = format!("{WELL_KNOWN}{}", resource.path);
        Self {
            url: format!("{}{path}", resource.origin),
            body: body(options).into(),
            // Clients that do not know the path look at the root.
            paths: [path, WELL_KNOWN.to_owned()],
        }
    }

    /// Returns the address for clients.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the document if it is located at this path.
    pub(super) fn at(&self, path: &str) -> Option<Answer> {
        let is_here = self.paths.iter().any(|known| known == path);
        is_here.then(|| response::json(StatusCode::OK, self.body.clone()))
    }
}

fn body(options: &Authorization) -> Vec<u8> {
    let mut json = Writer::new();
    let list = |json: &mut Writer, key: &str, items: &[String]| {
        json.key(key).begin_array();
        for item in items {
            json.string(item);
        }
        json.end_array();
    };
    json.begin_object();
    json.key("resource").string(&options.resource.to_string());
    let servers = [options.issuer.to_string()];
    list(&mut json, "authorization_servers", &servers);
    list(
        &mut json,
        "bearer_methods_supported",
        &["header".to_owned()],
    );
    if !options.scopes.is_empty() {
        list(&mut json, "scopes_supported", &options.scopes);
    }
    json.end_object();
    json.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_have_one_spelling() {
        let canonical = |text: &str| {
            text.parse::<Resource>()
                .map(|resource| resource.to_string())
        };
        for same in [
            "https://mcp.example.com/mcp",
            "HTTPS://MCP.example.com/mcp",
            "https://mcp.example.com/mcp/",
        ] {
            assert_eq!(
                canonical(same).as_deref(),
                Ok("https://mcp.example.com/mcp"),
                "{same}"
            );
        }
        assert_eq!(canonical("https://a/").as_deref(), Ok("https://a"));
        assert_eq!(
            canonical("http://[::1]:80/A").as_deref(),
            Ok("http://[::1]:80/A")
        );
        for bad in [
            "mcp.example.com",
            "https://a#b",
            "https://a?b",
            "ftp://a",
            "",
            "https://me@a/",
            "http://mcp.example.com",
            "https://a/\u{e9}",
        ] {
            assert!(canonical(bad).is_err(), "{bad}");
        }
    }
}

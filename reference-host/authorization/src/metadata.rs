//! The metadata that tells clients where to find the authorization server:
//! <https://www.rfc-editor.org/rfc/rfc9728>.

use std::fmt;
use std::str::FromStr;

use http::uri::{Authority, Uri};
use wasi_mcp_protocol::json::Writer;

use super::issuer::Issuer;
use super::secure::is_secure;

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The canonical URI of a protected resource: absolute, without query and fragment. It keeps its
/// spelling, by which tokens name it in `aud`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Resource {
    text: String,
    /// The length of its scheme and authority.
    origin: usize,
}

/// The text is not a resource URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not the URI of a resource: expected https://host/path, or http on this machine, without query and fragment"
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
        let (scheme, rest) = text.split_once("://")?;
        let authority = uri.authority()?.as_str();
        // The rest is the path.
        rest.starts_with(authority).then(|| Self {
            origin: scheme.len() + "://".len() + authority.len(),
            text: text.to_owned(),
        })
    }

    /// Returns whether this text names the resource: character for character, except that scheme and
    /// host may be in upper case, as MCP recommends to accept.
    #[must_use]
    pub fn is_named(&self, text: &str) -> bool {
        let at = self.origin;
        text.get(..at)
            .is_some_and(|origin| origin.eq_ignore_ascii_case(self.origin()))
            && text[at..] == self.text[at..]
    }

    fn origin(&self) -> &str {
        &self.text[..self.origin]
    }

    /// Returns the path, without the slash of an empty one.
    fn path(&self) -> &str {
        match &self.text[self.origin..] {
            "/" => "",
            path => path,
        }
    }

    /// Returns its host name, in lower case.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        let (_, authority) = self.origin().split_once("://")?;
        let authority: Authority = authority.parse().ok()?;
        Some(authority.host().to_ascii_lowercase())
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// The metadata document and its locations.
#[derive(Debug)]
pub(super) struct Document {
    paths: [String; 2],
    url: String,
    body: Vec<u8>,
}

impl Document {
    pub(super) fn new(resource: &Resource, issuer: &Issuer, scopes: &[String]) -> Self {
        let path = format!("{WELL_KNOWN}{}", resource.path());
        Self {
            url: format!("{}{path}", resource.origin()),
            body: body(resource, issuer, scopes),
            // Clients that do not know the path look at the root.
            paths: [path, WELL_KNOWN.to_owned()],
        }
    }

    /// Returns the address for clients.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the document if it is located at this path.
    pub(super) fn at(&self, path: &str) -> Option<&[u8]> {
        let is_here = self.paths.iter().any(|known| known == path);
        is_here.then_some(&self.body)
    }
}

fn body(resource: &Resource, issuer: &Issuer, scopes: &[String]) -> Vec<u8> {
    let mut json = Writer::new();
    let list = |json: &mut Writer, key: &str, items: &[String]| {
        json.key(key).begin_array();
        for item in items {
            json.string(item);
        }
        json.end_array();
    };
    json.begin_object();
    json.key("resource").string(&resource.to_string());
    let servers = [issuer.to_string()];
    list(&mut json, "authorization_servers", &servers);
    list(
        &mut json,
        "bearer_methods_supported",
        &["header".to_owned()],
    );
    if !scopes.is_empty() {
        list(&mut json, "scopes_supported", scopes);
    }
    json.end_object();
    json.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_name_a_resource_by_its_spelling() {
        for (text, others) in [
            (
                "https://a.example/mcp",
                ["https://a.example/mcp/", "https://a.example/MCP"],
            ),
            (
                "https://a.example/mcp/",
                ["https://a.example/mcp", "https://a.example/mcp//"],
            ),
            (
                "https://a.example",
                ["https://a.example/", "https://a.example:443"],
            ),
            (
                "https://a.example/",
                ["https://a.example", "http://a.example/"],
            ),
        ] {
            let resource = text.parse::<Resource>().expect(text);
            assert!(resource.is_named(text));
            assert!(resource.is_named(&text.replace("https://a.example", "HTTPS://A.example")));
            for other in others
                .into_iter()
                .chain(["", "https", "https://b.example/mcp"])
            {
                assert!(!resource.is_named(other), "{text}: {other}");
            }
        }
    }

    #[test]
    fn resources_keep_their_spelling() {
        for (text, host, path) in [
            ("https://mcp.example.com/mcp", "mcp.example.com", "/mcp"),
            ("HTTPS://MCP.example.com/mcp", "mcp.example.com", "/mcp"),
            ("https://mcp.example.com/mcp/", "mcp.example.com", "/mcp/"),
            ("https://a/", "a", ""),
            ("https://a", "a", ""),
            ("http://[::1]:80/A", "[::1]", "/A"),
        ] {
            let resource = text.parse::<Resource>().expect(text);
            assert_eq!(resource.to_string(), text);
            assert_eq!(resource.host().as_deref(), Some(host), "{text}");
            assert_eq!(resource.path(), path, "{text}");
        }
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
            assert!(bad.parse::<Resource>().is_err(), "{bad}");
        }
    }
}

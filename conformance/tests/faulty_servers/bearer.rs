//! The Streamable HTTP server behind a guard for bearer tokens. The tokens are opaque, and a table
//! says what each permits.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use http::header::{AUTHORIZATION, HOST, HeaderValue};
use http::request::Parts;
use http::{Method, Response};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use wasi_mcp_conformance::driver::connection::{Connection, Server, Transport};
use wasi_mcp_conformance::driver::http::Endpoint;
use wasi_mcp_conformance::driver::tokens::{Tokens, bearer};

use super::http::{Body, json_body, listen, status, with_header};
use super::support::FaultyServers;

/// The servers behind a guard.
pub const SERVERS: FaultyServers = FaultyServers {
    name: "bearer",
    transport: Transport::Http,
    also: &[],
    peer_timeout: Some(Duration::from_secs(6)),
    server: |name| Arc::new(Peculiar::new(name)),
};

/// The tokens: text, owner, and flaw.
pub const TOKENS: [(&str, &str, Flaw); 6] = [
    ("ada.full.c2lnbmF0dXJlIG9uZQ", "ada", Flaw::None),
    ("bob.full.c2lnbmF0dXJlIHR3bw", "bob", Flaw::None),
    ("ada.past.c2lnbmF0dXJlIHNpeA", "ada", Flaw::Expired),
    ("ada.else.c2lnbmF0dXJlIHRlbg", "ada", Flaw::OtherAudience),
    ("ada.none.c2lnbmF0dXJlIG5vbg", "ada", Flaw::NoAudience),
    ("ada.less.c2lnbmF0dXJlIG1pbg", "ada", Flaw::NoScope),
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    None,
    Expired,
    OtherAudience,
    NoAudience,
    NoScope,
}

/// A server with one fault or variation, or with none.
struct Peculiar {
    name: &'static str,
    tokens: Tokens,
    endpoint: OnceCell<Endpoint>,
}

impl Peculiar {
    fn new(name: &'static str) -> Self {
        let token = |index: usize| Some(TOKENS[index].0.to_owned());
        Self {
            name,
            tokens: Tokens {
                valid: token(0),
                other_user: token(1),
                expired: token(2),
                wrong_audience: token(3),
                no_audience: token(4),
                insufficient_scope: token(5),
            },
            endpoint: OnceCell::new(),
        }
    }

    async fn open(&self) -> anyhow::Result<Endpoint> {
        let guard = |peculiarity, address: SocketAddr| Guard {
            peculiarity,
            home: format!("http://localhost:{}", address.port()),
        };
        let address = listen(self.name, Some(guard)).await?;
        let endpoint = Endpoint::parse(&format!("http://localhost:{}/mcp", address.port()))?;
        Ok(endpoint.with_header(AUTHORIZATION, Some(bearer(TOKENS[0].0)?)))
    }
}

impl Server for Peculiar {
    fn transport(&self) -> Transport {
        Transport::Http
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        Box::pin(async {
            let endpoint = self.endpoint.get_or_try_init(|| self.open()).await?;
            Ok(Connection::Http(Box::new(endpoint.clone())))
        })
    }

    fn tokens(&self) -> Option<&Tokens> {
        Some(&self.tokens)
    }
}

/// A guard that requires a token with every request.
pub struct Guard {
    peculiarity: &'static str,
    home: String,
}

type Refusal = Box<Response<Body>>;

impl Guard {
    fn is(&self, name: &str) -> bool {
        self.peculiarity == name
    }

    /// The path of the metadata.
    fn path(&self) -> &'static str {
        match self.peculiarity {
            "metadata-at-root" => "/.well-known/oauth-protected-resource",
            "metadata-elsewhere" => "/about/this/resource",
            _ => "/.well-known/oauth-protected-resource/mcp",
        }
    }

    /// Returns the metadata if the request asks for them.
    pub fn document(&self, head: &Parts) -> Option<Response<Body>> {
        if head.method != Method::GET
            || head.uri.path() != self.path()
            || self.is("metadata-missing")
            || self.is("metadata-of-another-origin")
        {
            return None;
        }
        let mut document = json!({"resource": format!("{}/mcp", self.home),
            "authorization_servers": ["https://authority.example"]});
        match self.peculiarity {
            "metadata-no-resource" => document["resource"] = Value::Null,
            "metadata-no-servers" => document["authorization_servers"] = Value::Null,
            "metadata-servers-empty" => document["authorization_servers"] = json!([]),
            "metadata-slash" => document["resource"] = json!(format!("{}/", self.home)),
            "metadata-further-members" => {
                document["bearer_methods_supported"] = json!(["header"]);
                document["scopes_supported"] = json!(["mcp"]);
                document["x-further"] = json!({"a": 1});
            }
            _ => {}
        }
        Some(json_body(200, document.to_string()))
    }

    /// Returns the user of a request, or the refusal.
    pub fn admit(&self, head: &Parts, body: &[u8]) -> Result<&'static str, Refusal> {
        let host = head
            .headers
            .get(HOST)
            .map_or(&b""[..], HeaderValue::as_bytes);
        if self.is("host-case") && host.iter().any(u8::is_ascii_uppercase) {
            return Err(self.refuse(403, None));
        }
        if self.is("session-is-enough") && head.headers.contains_key("mcp-session-id") {
            return Ok("ada");
        }
        if self.is("anyone") || self.is("get-open") && head.method == Method::GET {
            return Ok("ada");
        }
        let query = head.uri.query().unwrap_or_default();
        let queried = query.strip_prefix("access_token=");
        let given = match head.headers.get(AUTHORIZATION) {
            Some(value) => self
                .token_in(value)?
                .or(queried.filter(|_| self.is("query"))),
            None => queried.filter(|_| self.is("query")),
        };
        let Some(given) = given else {
            let status = match self.peculiarity {
                "missing-403" => 403,
                "missing-200" => 200,
                _ => 401,
            };
            return Err(self.refuse(status, None));
        };
        let invalid = || {
            let status = if self.is("invalid-403") || self.is("refusal-quotes") {
                403
            } else {
                401
            };
            self.refuse(status, Some("invalid_token"))
        };
        let user_of = |found: &(&str, &'static str, Flaw)| (found.1, found.2);
        let (user, flaw) = match TOKENS.iter().find(|known| self.matches(known.0, given)) {
            Some(found) => user_of(found),
            None if self.is("garbage") => ("ada", Flaw::None),
            None => return Err(invalid()),
        };
        let initialize = || String::from_utf8_lossy(body).contains("\"initialize\"");
        match flaw {
            Flaw::None => Ok(user),
            Flaw::Expired if self.is("expired") => Ok(user),
            Flaw::OtherAudience if self.is("other-audience") => Ok(user),
            Flaw::NoAudience if self.is("no-audience") => Ok(user),
            Flaw::NoScope if self.is("scope-unused") => Ok(user),
            Flaw::NoScope if self.is("scope-for-calls") && initialize() => Ok(user),
            Flaw::NoScope if self.is("scope-401") => {
                Err(self.refuse(401, Some("insufficient_scope")))
            }
            Flaw::NoScope => Err(self.refuse(403, Some("insufficient_scope"))),
            Flaw::Expired | Flaw::OtherAudience | Flaw::NoAudience => Err(invalid()),
        }
    }

    fn matches(&self, known: &str, given: &str) -> bool {
        let signed = |token: &str| {
            token
                .rsplit_once('.')
                .map(|(content, _)| content.to_owned())
        };
        known == given || self.is("signature-ignored") && signed(known) == signed(given)
    }

    /// Returns the token of a header; `None` for other credentials.
    fn token_in<'a>(&self, value: &'a HeaderValue) -> Result<Option<&'a str>, Refusal> {
        let text = value.to_str().unwrap_or_default();
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        let known = if self.is("scheme-case") {
            scheme == "Bearer"
        } else {
            scheme.eq_ignore_ascii_case("bearer")
        };
        if !known {
            return Ok(None);
        }
        if !token.is_empty() && !token.contains([' ', ',']) {
            return Ok(Some(token));
        }
        match self.peculiarity {
            "malformed-500" => Err(Box::new(status(500))),
            "malformed-admitted" => Ok(Some(TOKENS[0].0)),
            "malformed-401" => Err(self.refuse(401, Some("invalid_token"))),
            _ => Err(self.refuse(400, Some("invalid_request"))),
        }
    }

    fn refuse(&self, code: u16, error: Option<&str>) -> Refusal {
        let mut response = match self.peculiarity {
            "missing-200" if code == 200 => json_body(
                200,
                r#"{"jsonrpc": "2.0", "id": 1, "error": {"code": -32001, "message": "no token"}}"#,
            ),
            "refusal-quotes" => json_body(
                code,
                json!({"tokens": TOKENS.map(|known| known.0)}).to_string(),
            ),
            "refusal-json" => json_body(code, r#"{"error": "invalid_token"}"#),
            "refusal-rpc" => json_body(
                code,
                r#"{"jsonrpc": "2.0", "error": {"code": -32001, "message": "no token"}}"#,
            ),
            _ => status(code),
        };
        let mut parameters = Vec::new();
        if !self.is("challenge-no-error") {
            parameters.extend(error.map(|error| format!("error=\"{error}\"")));
        }
        let address = match self.peculiarity {
            "metadata-of-another-origin" => "http://localhost:1/metadata".to_owned(),
            "challenge-to-nowhere" => format!("{}/nothing/here", self.home),
            _ => format!("{}{}", self.home, self.path()),
        };
        if !self.is("challenge-no-metadata") {
            parameters.push(format!("resource_metadata=\"{address}\""));
        }
        if self.is("challenge-parameters") {
            parameters.insert(0, r#"realm="test, \"x\"", Scope=mcp"#.to_owned());
        }
        let scheme = match self.peculiarity {
            "challenge-lower-case" => "bearer",
            "challenge-basic" => "Basic",
            "challenge-invalid-basic" if error.is_some() => "Basic",
            "two-challenges-in-one" => "Basic realm=\"test\", Bearer",
            _ => "Bearer",
        };
        if self.is("two-challenges") {
            with_header(&mut response, "www-authenticate", "Basic realm=\"test\"");
        }
        if !self.is("challenge-missing") {
            let challenge = format!("{scheme} {}", parameters.join(", "));
            with_header(&mut response, "www-authenticate", challenge.trim());
        }
        Box::new(response)
    }
}

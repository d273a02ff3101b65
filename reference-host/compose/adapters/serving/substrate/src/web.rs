//! HTTP requests: what is checked before a message is handled, and the answers.

use std::rc::Rc;

use wasi_mcp_protocol::http::{self, Admission, BodyRefusal, EVENTS, JSON, Origin, Place, Refusal};
use wasi_mcp_protocol::{Framing, Limits, MessageKind, Opening, Outgoing, opening};

use wasi_mcp_types::types::Principal;

use crate::exchange::{Exchange, NoSession, Receipt};
use crate::guard::{Guard, user};
use crate::kept::Kept;
use crate::wasi::http::types::Method;

/// The path of the endpoint.
const PATH: &str = "/mcp";

/// The variables of the environment that allow further origins and restrict host names, whose ports
/// are ignored.
const ORIGINS: &str = "MCP_ALLOWED_ORIGINS";
const HOSTS: &str = "MCP_ALLOWED_HOSTS";

/// Header fields.
pub type Fields = Vec<(String, Vec<u8>)>;

/// Returns the name of a method.
pub fn method(method: Method) -> String {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(name) => return name,
    }
    .to_owned()
}

/// The head of a request.
pub struct Head {
    pub method: String,
    pub path: String,
    pub authority: Option<String>,
    pub fields: Fields,
}

/// A complete answer, or the head of one.
#[derive(Default)]
pub struct Answer {
    pub status: u16,
    pub fields: Fields,
    pub body: Vec<u8>,
}

/// A request whose body may be read.
pub struct Admitted {
    /// The party that sent it, if it has proven who it is.
    principal: Option<Principal>,
    /// The session that it names.
    kept: Option<Kept>,
    /// The fields of every answer to it.
    exposing: Fields,
    revision: &'static str,
    version_fits: bool,
}

impl Head {
    /// Returns the values of the fields with this name.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let fields = self.fields.iter();
        let fields = fields.filter(move |(field, _)| field.eq_ignore_ascii_case(name));
        fields.map(|(_, value)| &**value)
    }

    /// Checks everything but the body.
    pub async fn admit(&self) -> Result<Admitted, Answer> {
        let guard = Guard::open()?;
        let (hosts, origins) = (self.values("host"), self.values("origin"));
        let origin = match admission(&guard).admit(hosts, self.authority.as_deref(), origins) {
            Ok(origin) => origin,
            Err(reason) => {
                let status = reason.status();
                let body = http::refusal(status, &reason.to_string());
                return Err(Answer::json(status, body));
            }
        };
        let mut exposing = Fields::new();
        if let Some(origin) = origin {
            exposing.push(field("access-control-allow-origin", origin));
            exposing.extend(http::exposing().map(|(name, value)| field(name, value)));
        }
        match self.check(&guard).await {
            Ok((principal, kept)) => Ok(Admitted {
                principal,
                kept,
                exposing,
                revision: http::revision(self.values("mcp-protocol-version").next().is_some()),
                version_fits: self.version_fits(),
            }),
            Err(answer) => Err(answer.with(exposing)),
        }
    }

    fn version_fits(&self) -> bool {
        http::version_fits(self.values("mcp-protocol-version"))
    }

    fn session(&self, user: Option<&str>) -> Result<Option<Kept>, NoSession> {
        Kept::named(self.values("mcp-session-id"), user)
    }

    /// Returns the party that sends a POST, and the session that it names.
    async fn check(&self, guard: &Guard) -> Result<(Option<Principal>, Option<Kept>), Answer> {
        let path = self.path.split('?').next().unwrap_or_default();
        let metadata = guard.metadata(path);
        if path != PATH && metadata.is_none() {
            return Err(Answer::refusal(&Refusal::ELSEWHERE));
        }
        if self.method == "OPTIONS" {
            // A browser sends preflight requests without credentials.
            return Err(self.options());
        }
        if let Some(metadata) = metadata {
            return Err(match self.method.as_str() {
                "GET" => Answer::json(200, metadata),
                _ => Answer::refusal(&Refusal::METHOD_OF_METADATA),
            });
        }
        let principal = guard.check(self.values("authorization")).await?;
        let user = user(principal.as_ref());
        match self.method.as_str() {
            "POST" => {}
            "DELETE" if Kept::CAN_END => return Err(self.delete(user.as_deref())),
            _ => return Err(Answer::refusal(Kept::METHOD)),
        }
        http::check_json_body(self.values("content-encoding"), self.values("content-type"))
            .map_err(|refusal| {
                Answer::refusal(match refusal {
                    BodyRefusal::Type => &Refusal::BODY_TYPE,
                    BodyRefusal::Coding => &Refusal::BODY_CODING,
                })
            })?;
        let accepts = |media_type| http::accepts(self.values("accept"), media_type);
        if !accepts(JSON) || !accepts(EVENTS) {
            return Err(Answer::refusal(&Refusal::NOT_ACCEPTABLE));
        }
        let session = self.session(user.as_deref())?;
        Ok((principal, session))
    }

    /// Ends the session that the client names.
    fn delete(&self, user: Option<&str>) -> Answer {
        let ended = self.session(user).and_then(|kept| match kept {
            None => Err(NoSession::from(&Refusal::SESSION_MISSING)),
            Some(_) if !self.version_fits() => Err(NoSession::from(&Refusal::VERSION_UNFIT)),
            Some(kept) => kept.end(),
        });
        match ended {
            Ok(()) => Answer::empty(204),
            Err(error) => error.into(),
        }
    }

    fn options(&self) -> Answer {
        let mut answer = Answer::empty(204);
        answer.fields.push(field("allow", Kept::METHODS));
        let is_preflight = self
            .values("access-control-request-method")
            .next()
            .is_some();
        if is_preflight {
            let asked = self.values("access-control-request-headers");
            let fields = http::preflight(asked).map(|(name, value)| field(name, &value));
            answer.fields.extend(fields);
        }
        answer
    }
}

impl Admitted {
    /// Handles the message. Returns the exchange if the answer comes later.
    pub fn open(self, message: Vec<u8>) -> Result<(Rc<Exchange>, Fields), Answer> {
        let Self {
            principal,
            kept,
            exposing,
            revision,
            version_fits,
        } = self;
        match opened(principal, kept, revision, version_fits, message) {
            Ok(exchange) => Ok((exchange, exposing)),
            Err(answer) => Err(answer.with(exposing)),
        }
    }

    /// Refuses the body.
    pub fn refuse(self, refusal: &Refusal) -> Answer {
        Answer::refusal(refusal).with(self.exposing)
    }
}

fn opened(
    principal: Option<Principal>,
    kept: Option<Kept>,
    revision: &str,
    version_fits: bool,
    message: Vec<u8>,
) -> Result<Rc<Exchange>, Answer> {
    let opening = opening(Framing::Http, &Limits::default(), &message);
    if let Opening::Refused { answer, .. } = opening {
        return Err(Answer::json(400, answer));
    }
    let user = user(principal.as_ref());
    let kept = Kept::admit(kept, user, &opening, version_fits)?;
    let exchange = Rc::new(Exchange::http(kept, principal));
    let receipt = match opening {
        Opening::Initialize if exchange.is_new() => exchange.receive(&message),
        // A session has only one `initialize`, so that another one is refused at once.
        Opening::Initialize | Opening::Immediate => exchange.receive_alone(message, revision, true),
        _ => exchange.receive_alone(message, revision, false),
    };
    match receipt {
        Receipt::Accepted => Err(Answer::empty(202)),
        Receipt::Refused(error) => Err(Answer::json(400, error)),
        Receipt::Answered(answer) => Err(Answer::json(200, answer)),
        Receipt::Pending => Ok(exchange),
    }
}

impl From<NoSession> for Answer {
    fn from(error: NoSession) -> Self {
        Self::json(error.status, http::refusal(error.status, &error.reason))
    }
}

impl Answer {
    /// Returns a status without a body.
    fn empty(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// Returns one message. A client that gets 503 learns when to try again.
    pub fn json(status: u16, body: Vec<u8>) -> Self {
        let answer = Self {
            status,
            fields: vec![
                field("content-type", JSON),
                field("cache-control", "no-store"),
                field("content-length", &body.len().to_string()),
            ],
            body,
        };
        let retry = (status == 503).then(|| field("retry-after", http::RETRY_SECONDS));
        answer.with(retry)
    }

    /// Returns the response to the request of an exchange.
    pub fn response(exchange: &Exchange, message: Outgoing) -> Self {
        let answer = Self::json(exchange.status(), message.text);
        if message.kind == (MessageKind::Response { is_error: true }) {
            return answer;
        }
        answer.naming(exchange)
    }

    /// Returns the head of a stream of events in answer to the request of an exchange.
    pub fn events_of(exchange: &Exchange) -> Self {
        Self::events().naming(exchange)
    }

    /// Tells the client the id of its new session.
    fn naming(self, exchange: &Exchange) -> Self {
        let id = exchange.new_session_id();
        self.with(id.map(|id| field("mcp-session-id", id)))
    }

    /// Returns the head of a stream of events.
    fn events() -> Self {
        Self {
            status: 200,
            fields: vec![
                field("content-type", EVENTS),
                field("cache-control", "no-store, no-transform"),
                field("x-accel-buffering", "no"),
            ],
            body: Vec::new(),
        }
    }

    fn refusal(refusal: &Refusal) -> Self {
        let answer = Self::json(refusal.status, refusal.body());
        let further = refusal.field.iter();
        answer.with(further.map(|(name, value)| field(name, value)))
    }

    /// Adds header fields.
    pub fn with(mut self, fields: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        self.fields.extend(fields);
        self
    }
}

/// Returns a message as an event.
pub fn event(message: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(message.len() + 16);
    http::write_event(None, message, |bytes| text.extend_from_slice(bytes));
    text
}

/// Returns a header field.
pub fn field(name: &str, value: &str) -> (String, Vec<u8>) {
    (name.to_owned(), value.as_bytes().to_owned())
}

/// Returns the origins and hosts that may be served. The runtime does not tell where it listens.
fn admission(guard: &Guard) -> Admission {
    let list = |name: &str| -> Vec<String> {
        let value = std::env::var(name).unwrap_or_default();
        let parts = value.split([',', ' ']).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let origins = list(ORIGINS)
        .iter()
        .filter_map(|origin| {
            let parsed: Result<Origin, _> = origin.parse();
            parsed.map_err(|error| report!("{ORIGINS}: {error}")).ok()
        })
        .collect();
    let mut hosts = list(HOSTS);
    // An empty list allows any.
    if !hosts.is_empty() {
        hosts.extend(guard.host());
    }
    Admission::new(Place::Unknown, origins, hosts)
}

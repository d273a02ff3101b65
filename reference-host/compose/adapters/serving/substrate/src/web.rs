//! HTTP requests without sessions: what is checked before a message is handled, and the answers.

use std::rc::Rc;

use wasi_mcp_protocol::http::{
    self, Admission, BodyRefusal, EVENTS, JSON, METHODS_WITHOUT_SESSIONS, Origin, Place, Refusal,
};
use wasi_mcp_protocol::{Framing, Limits, Opening, opening};

use crate::exchange::{Exchange, Receipt};
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
    /// The fields of every answer to it.
    exposing: Fields,
    revision: &'static str,
    version_fits: bool,
}

impl Head {
    fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let fields = self.fields.iter();
        let fields = fields.filter(move |(field, _)| field.eq_ignore_ascii_case(name));
        fields.map(|(_, value)| &**value)
    }

    /// Checks everything but the body.
    pub fn admit(&self) -> Result<Admitted, Answer> {
        let (hosts, origins) = (self.values("host"), self.values("origin"));
        let origin = match admission().admit(hosts, self.authority.as_deref(), origins) {
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
        match self.check() {
            Ok(()) => Ok(Admitted {
                exposing,
                revision: http::revision(self.values("mcp-protocol-version").next().is_some()),
                version_fits: http::version_fits(self.values("mcp-protocol-version")),
            }),
            Err(answer) => Err(answer.with(exposing)),
        }
    }

    fn check(&self) -> Result<(), Answer> {
        let path = self.path.split('?').next().unwrap_or_default();
        if path != PATH {
            return Err(Answer::refusal(&Refusal::ELSEWHERE));
        }
        match self.method.as_str() {
            "POST" => {}
            "OPTIONS" => return Err(self.options()),
            _ => return Err(Answer::refusal(&Refusal::METHOD_WITHOUT_SESSIONS)),
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
        // Its client learns from this that the session is gone.
        if self.values("mcp-session-id").next().is_some() {
            return Err(Answer::refusal(&Refusal::SESSIONS_UNSUPPORTED));
        }
        Ok(())
    }

    fn options(&self) -> Answer {
        let mut answer = Answer::empty(204);
        answer.fields.push(field("allow", METHODS_WITHOUT_SESSIONS));
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
        self.opened(message)
            .map_err(|answer| answer.with(self.exposing.clone()))
            .map(|exchange| (exchange, self.exposing))
    }

    fn opened(&self, message: Vec<u8>) -> Result<Rc<Exchange>, Answer> {
        let opening = opening(Framing::Http, &Limits::default(), &message);
        match &opening {
            Opening::Refused { answer, .. } => return Err(Answer::json(400, answer.clone())),
            // It negotiates the version.
            Opening::Initialize => {}
            Opening::Immediate | Opening::Other if !self.version_fits => {
                return Err(Answer::refusal(&Refusal::VERSION_UNSUPPORTED));
            }
            Opening::Immediate | Opening::Other => {}
        }
        let exchange = Rc::new(Exchange::http());
        let receipt = match opening {
            Opening::Initialize => exchange.receive(&message),
            opening => {
                let is_immediate = opening == Opening::Immediate;
                exchange.receive_alone(message, self.revision, is_immediate)
            }
        };
        match receipt {
            Receipt::Accepted => Err(Answer::empty(202)),
            Receipt::Refused(error) => Err(Answer::json(400, error)),
            Receipt::Answered(answer) => Err(Answer::json(200, answer)),
            Receipt::Pending => Ok(exchange),
        }
    }

    /// Refuses the body.
    pub fn refuse(self, refusal: &Refusal) -> Answer {
        Answer::refusal(refusal).with(self.exposing)
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

    /// Returns one message.
    pub fn json(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            fields: vec![
                field("content-type", JSON),
                field("cache-control", "no-store"),
                field("content-length", &body.len().to_string()),
            ],
            body,
        }
    }

    /// Returns the head of a stream of events.
    pub fn events() -> Self {
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

fn field(name: &str, value: &str) -> (String, Vec<u8>) {
    (name.to_owned(), value.as_bytes().to_owned())
}

/// Returns the origins and hosts that may be served. The runtime does not tell where it listens.
fn admission() -> Admission {
    let list = |name: &str| -> Vec<String> {
        let value = std::env::var(name).unwrap_or_default();
        let parts = value.split([',', ' ']).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let origins = list(ORIGINS)
        .iter()
        .filter_map(|origin| {
            let parsed: Result<Origin, _> = origin.parse();
            parsed.map_err(|error| eprintln!("{ORIGINS}: {error}")).ok()
        })
        .collect();
    Admission::new(Place::Unknown, origins, list(HOSTS))
}

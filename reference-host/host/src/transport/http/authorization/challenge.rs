//! Refusals that tell the client what to do:
//! <https://www.rfc-editor.org/rfc/rfc6750#section-3>.

use http::StatusCode;
use http::header::{HeaderValue, WWW_AUTHENTICATE};

use crate::transport::http::response::{self, Answer};

/// Why a request is refused.
pub(super) enum Challenge<'a> {
    /// It carries no token.
    Missing,
    /// What it carries cannot be read.
    Malformed(&'static str),
    /// Its token does not hold here.
    Invalid(&'static str),
    /// Its token does not reach so far.
    Scope(&'a [String]),
}

impl Challenge<'_> {
    /// The refusal; it names the metadata, from which a client learns where
    /// tokens come from.
    pub(super) fn answer(&self, metadata: &str) -> Answer {
        let mut answer = response::refuse(self.status(), self.reason());
        // Both are made of characters that a header may have.
        if let Ok(value) = HeaderValue::from_str(&self.header(metadata)) {
            answer.headers_mut().insert(WWW_AUTHENTICATE, value);
        }
        answer
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Missing | Self::Invalid(_) => StatusCode::UNAUTHORIZED,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Scope(_) => StatusCode::FORBIDDEN,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Missing => "a token is required",
            Self::Malformed(why) | Self::Invalid(why) => why,
            Self::Scope(_) => "the token's scopes do not suffice",
        }
    }

    fn header(&self, metadata: &str) -> String {
        let challenge = format!("Bearer resource_metadata=\"{metadata}\"");
        // Who sent no token is told of no error.
        let error = match self {
            Self::Missing => return challenge,
            Self::Malformed(_) => "invalid_request",
            Self::Invalid(_) => "invalid_token",
            Self::Scope(_) => "insufficient_scope",
        };
        let reason = self.reason();
        let challenge = format!("{challenge}, error=\"{error}\", error_description=\"{reason}\"");
        match self {
            Self::Scope(scopes) => format!("{challenge}, scope=\"{}\"", scopes.join(" ")),
            _ => challenge,
        }
    }
}

//! Refusals that tell the client how to proceed:
//! <https://www.rfc-editor.org/rfc/rfc6750#section-3>.

use http::StatusCode;
use http::header::{HeaderValue, WWW_AUTHENTICATE};

use crate::transport::http::response::{self, Answer};

/// The reason for refusing a request.
pub(super) enum Challenge<'a> {
    /// It carries no token.
    Missing,
    /// Its credentials are malformed.
    Malformed(&'static str),
    /// Its token is invalid here.
    Invalid(&'static str),
    /// Its token lacks a required scope.
    Scope(&'a [String]),
}

impl Challenge<'_> {
    /// Returns the refusal. It names the metadata, which tells a client where to get tokens.
    pub(super) fn answer(&self, metadata: &str) -> Answer {
        let mut answer = response::refuse(self.status(), self.reason());
        // Both consist of characters that a header may contain.
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
        // A request without a token gets no error code.
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

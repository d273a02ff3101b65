//! Refusals that tell the client how to proceed:
//! <https://www.rfc-editor.org/rfc/rfc6750#section-3>.

use std::borrow::Cow;

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
    Invalid(Cow<'static, str>),
    /// Its token lacks a required scope.
    Scope(&'a [String]),
}

impl Challenge<'_> {
    /// Returns the refusal. It names the metadata, which tells a client where to get tokens.
    pub(super) fn answer(&self, metadata: &str) -> Answer {
        let mut answer = response::refuse(self.status(), self.reason());
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

    fn reason(&self) -> &str {
        match self {
            Self::Missing => "a token is required",
            Self::Malformed(why) => why,
            Self::Invalid(why) => why,
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
        let reason = describable(self.reason());
        let challenge = format!("{challenge}, error=\"{error}\", error_description=\"{reason}\"");
        match self {
            Self::Scope(scopes) => format!("{challenge}, scope=\"{}\"", scopes.join(" ")),
            _ => challenge,
        }
    }
}

/// Replaces the characters that a description must not contain.
fn describable(text: &str) -> String {
    let is_allowed = |character: &char| matches!(character, ' ' | '!' | '#'..='[' | ']'..='~');
    let replaced = |character: char| Some(character).filter(is_allowed).unwrap_or('?');
    text.chars().map(replaced).collect()
}

//! Refusals that tell the client how to proceed:
//! <https://www.rfc-editor.org/rfc/rfc6750#section-3>.

use std::borrow::Cow;

/// The reason for refusing a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Challenge {
    /// It carries no token.
    Missing,
    /// Its credentials are malformed.
    Malformed(&'static str),
    /// Its token is invalid here.
    Invalid(Cow<'static, str>),
    /// Its token lacks a required scope.
    Scope,
}

impl Challenge {
    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Missing | Self::Invalid(_) => 401,
            Self::Malformed(_) => 400,
            Self::Scope => 403,
        }
    }

    /// Returns the reason, for the client.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Missing => "a token is required",
            Self::Malformed(why) => why,
            Self::Invalid(why) => why,
            Self::Scope => "the token's scopes do not suffice",
        }
    }

    /// Returns the field `WWW-Authenticate`.
    pub(super) fn header(&self, metadata: &str, scopes: &[String]) -> String {
        let challenge = format!("Bearer resource_metadata=\"{metadata}\"");
        // A request without a token gets no error code.
        let error = match self {
            Self::Missing => return challenge,
            Self::Malformed(_) => "invalid_request",
            Self::Invalid(_) => "invalid_token",
            Self::Scope => "insufficient_scope",
        };
        let reason = describable(self.reason());
        let challenge = format!("{challenge}, error=\"{error}\", error_description=\"{reason}\"");
        match self {
            Self::Scope => format!("{challenge}, scope=\"{}\"", scopes.join(" ")),
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

//! The reasons for not accepting a token.

use std::borrow::Cow;

/// The reason for not accepting a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It is not valid here. The text is for the client, which gets status 401 and `invalid_token`.
    #[error("{0}")]
    Invalid(Cow<'static, str>),
    /// Tokens cannot be verified at the moment. The client gets status 503.
    #[error(transparent)]
    Unavailable(#[from] VerifierUnavailable),
}

/// Tokens cannot be verified at the moment. The text is for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct VerifierUnavailable(pub String);

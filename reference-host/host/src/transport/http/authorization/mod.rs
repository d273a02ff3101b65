//! The transport as an OAuth 2.1 resource server.
//!
//! See <https://modelcontextprotocol.io/specification/2025-06-18/basic/authorization>. Tokens are
//! sent according to RFC 6750 and checked by a [`TokenVerifier`]: JSON Web Tokens (RFC 9068) of one
//! issuer, issued for this server (RFC 8707), or tokens that an embedder verifies. The
//! protected-resource metadata (RFC 9728) tells clients where to get them. A session belongs to the
//! user who began it: for any other user's token it does not exist.
//!
//! A token is checked when a request arrives. A stream that it opened stays open even if the token
//! expires in the meantime.

mod bearer;
mod challenge;
mod issuer;
#[cfg(feature = "auth")]
mod jwt;
mod metadata;
mod secure;
mod user;
mod verifier;

use std::borrow::Cow;
use std::sync::Arc;

use http::header::HeaderMap;
use tracing::{info, warn};
use wasi_mcp_types::types::Principal;

use super::response::Answer;
use crate::visible::Visible;

pub use issuer::{Issuer, NotAnIssuer};
#[cfg(feature = "auth")]
pub use jwt::{JwtOptions, JwtVerifier, KeySource, NotAKeySource};
pub use metadata::{NotAResource, Resource};
pub(super) use user::{Authenticated, User};
pub use verifier::{TokenError, TokenVerifier, VerifierUnavailable};

use bearer::Credentials;
use challenge::Challenge;

/// Requirements for access to the endpoint.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Authorization {
    /// The name of this server in the metadata: the canonical URI of its endpoint.
    pub resource: Resource,
    /// The authorization server that the metadata names.
    pub issuer: Issuer,
    /// Scopes that every request needs, all of them.
    pub scopes: Vec<String>,
    /// Verifies tokens.
    pub verifier: Arc<dyn TokenVerifier>,
}

impl Authorization {
    /// Requires a token that this verifier accepts, with any scopes.
    pub fn new(resource: Resource, issuer: Issuer, verifier: Arc<dyn TokenVerifier>) -> Self {
        Self {
            resource,
            issuer,
            scopes: Vec::new(),
            verifier,
        }
    }
}

/// Admits requests or challenges them.
#[derive(Debug)]
pub(super) struct Guard {
    verifier: Arc<dyn TokenVerifier>,
    scopes: Vec<String>,
    metadata: metadata::Document,
}

impl Guard {
    /// Creates a guard, and prepares its verifier.
    pub(super) async fn new(options: Authorization) -> Result<Self, VerifierUnavailable> {
        options.verifier.prepare().await?;
        Ok(Self {
            metadata: metadata::Document::new(&options),
            verifier: options.verifier,
            scopes: options.scopes,
        })
    }

    /// Returns the metadata if the path is one of its locations. Everyone may read it.
    pub(super) fn metadata(&self, path: &str) -> Option<Answer> {
        self.metadata.at(path)
    }

    /// Returns the party whose token the request carries. (The refusal is boxed for its size.)
    pub(super) async fn check(&self, headers: &HeaderMap) -> Result<Authenticated, Box<Answer>> {
        let token = match bearer::credentials(headers) {
            Credentials::Token(token) => token,
            Credentials::None => return Err(self.refuse(&Challenge::Missing)),
            Credentials::Malformed(why) => return Err(self.refuse(&Challenge::Malformed(why))),
        };
        match self.verifier.verify(token).await {
            Ok(principal) if !is_somebody(&principal) => {
                Err(self.refuse_token("the token names neither user nor client".into()))
            }
            Ok(principal) if !self.scopes.iter().all(|it| principal.scopes.contains(it)) => {
                Err(self.refuse(&Challenge::Scope(&self.scopes)))
            }
            Ok(principal) => Ok(Authenticated::of(principal)),
            Err(TokenError::Invalid(why)) => Err(self.refuse_token(why)),
            Err(TokenError::Unavailable(error)) => {
                warn!(%error, "tokens cannot be checked");
                Err(Box::new(super::response::unavailable(
                    "tokens cannot be checked at the moment",
                )))
            }
        }
    }

    fn refuse_token(&self, why: Cow<'static, str>) -> Box<Answer> {
        info!(reason = %Visible(why.as_bytes()), "a token is refused");
        self.refuse(&Challenge::Invalid(why))
    }

    fn refuse(&self, challenge: &Challenge<'_>) -> Box<Answer> {
        Box::new(challenge.answer(self.metadata.url()))
    }
}

/// Returns whether a session can belong to this party.
pub(super) fn is_somebody(principal: &Principal) -> bool {
    let is_named = |name: &Option<String>| name.as_ref().is_some_and(|name| !name.is_empty());
    is_named(&principal.subject) || principal.subject.is_none() && is_named(&principal.client_id)
}

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

#[cfg(feature = "auth")]
mod jwt;
mod verifier;

use std::sync::Arc;

use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use tracing::{info, warn};
use wasi_mcp_authorization::{CANNOT_CHECK, Challenge, Policy};
use wasi_mcp_types::types::Principal;

use super::response::{self, Answer};
use crate::visible::Visible;

#[cfg(feature = "auth")]
pub use jwt::{JwtOptions, JwtVerifier, KeySource, NotAKeySource};
pub use verifier::TokenVerifier;
pub use wasi_mcp_authorization::{
    Issuer, NotAResource, NotAnIssuer, Resource, TokenError, VerifierUnavailable,
};
pub(super) use wasi_mcp_authorization::{User, is_somebody};

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

/// The party that a request comes from.
#[derive(Debug, Clone)]
pub(super) struct Authenticated {
    /// The owner of sessions.
    pub(super) user: User,
    /// The claims that the component may see.
    pub(super) principal: Arc<Principal>,
}

impl Authenticated {
    /// Returns the party that a verifier or the embedder has authenticated, perhaps with one of
    /// several issuers.
    pub(super) fn of(principal: Principal) -> Self {
        Self {
            user: User::of(&principal),
            principal: Arc::new(principal),
        }
    }
}

/// Admits requests or challenges them.
#[derive(Debug)]
pub(super) struct Guard {
    verifier: Arc<dyn TokenVerifier>,
    policy: Policy,
}

impl Guard {
    /// Creates a guard, and prepares its verifier.
    pub(super) async fn new(options: Authorization) -> Result<Self, VerifierUnavailable> {
        options.verifier.prepare().await?;
        Ok(Self {
            policy: Policy::new(&options.resource, &options.issuer, options.scopes),
            verifier: options.verifier,
        })
    }

    /// Returns the metadata if the path is one of its locations. Everyone may read it.
    pub(super) fn metadata(&self, path: &str) -> Option<Answer> {
        let metadata = self.policy.metadata(path)?;
        Some(response::json(StatusCode::OK, metadata.to_owned()))
    }

    /// Returns the party whose token the request carries. (The refusal is boxed for its size.)
    pub(super) async fn check(&self, headers: &HeaderMap) -> Result<Authenticated, Box<Answer>> {
        let fields = headers.get_all(AUTHORIZATION).iter();
        let token = self.policy.token(fields.map(HeaderValue::as_bytes));
        let token = token.map_err(|challenge| self.refuse(&challenge))?;
        let admitted = match self.verifier.verify(token).await {
            Ok(principal) => self.policy.admit(principal),
            Err(TokenError::Unavailable(error)) => {
                warn!(%error, "tokens cannot be checked");
                return Err(Box::new(response::unavailable(CANNOT_CHECK)));
            }
            Err(error) => Err(Challenge::Invalid(error.to_string().into())),
        };
        let principal = admitted.map_err(|challenge| self.refuse(&challenge))?;
        Ok(Authenticated::of(principal))
    }

    fn refuse(&self, challenge: &Challenge) -> Box<Answer> {
        if let Challenge::Invalid(why) = challenge {
            info!(reason = %Visible(why.as_bytes()), "a token is refused");
        }
        let status = StatusCode::from_u16(challenge.status());
        let status = status.unwrap_or(StatusCode::UNAUTHORIZED);
        let mut answer = response::refuse(status, challenge.reason());
        if let Ok(value) = HeaderValue::from_str(&self.policy.header(challenge)) {
            answer.headers_mut().insert(WWW_AUTHENTICATE, value);
        }
        Box::new(answer)
    }
}

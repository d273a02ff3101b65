//! The transport as an OAuth 2.1 resource server.
//!
//! See <https://modelcontextprotocol.io/specification/2025-06-18/basic/authorization>. Tokens are
//! JSON Web Tokens (RFC 9068) of one issuer, issued for this server (RFC 8707) and sent according
//! to RFC 6750. The protected-resource metadata (RFC 9728) tells clients where to get them. A
//! session belongs to the user who began it: for any other user's token it does not exist.
//!
//! A token is checked when a request arrives. A stream that it opened stays open even if the token
//! expires in the meantime.

mod bearer;
mod challenge;
mod issuer;
mod keys;
mod metadata;
mod secure;
mod token;

use std::sync::Arc;
use std::time::Instant;

use http::header::HeaderMap;
use tracing::{info, warn};

use super::response::Answer;

pub use issuer::{Issuer, NotAnIssuer};
pub use keys::{KeySource, KeysUnavailable, NotAKeySource};
pub use metadata::{NotAResource, Resource};
pub(super) use token::{Authenticated, User};

use bearer::Credentials;
use challenge::Challenge;
use keys::Keys;
use token::{Refusal, Rules};

/// Requirements for access to the endpoint.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// The name of this server in tokens and metadata: the canonical URI of its endpoint.
    pub resource: Resource,
    /// The issuer whose tokens are accepted. The metadata names it as the authorization server.
    pub issuer: Issuer,
    /// The source of the issuer's public keys.
    pub keys: KeySource,
    /// Scopes that every request needs, all of them.
    pub scopes: Vec<String>,
    /// Claims of tokens that the component may see, in addition to those that the interface names.
    pub claims: Vec<String>,
}

/// Admits requests or challenges them.
#[derive(Debug)]
pub(super) struct Guard {
    rules: Rules,
    keys: Arc<Keys>,
    metadata: metadata::Document,
}

impl Guard {
    /// Creates a guard. Its keys are read once, so that a wrong location is noticed at the start.
    pub(super) async fn new(options: Authorization) -> Result<Self, KeysUnavailable> {
        Ok(Self {
            keys: Keys::open(options.keys.clone(), Instant::now()).await?,
            metadata: metadata::Document::new(&options),
            rules: Rules {
                issuer: options.issuer.to_string(),
                audience: options.resource,
                scopes: options.scopes,
                granted_claims: options.claims,
            },
        })
    }

    /// Returns the metadata if the path is one of its locations. Everyone may read it.
    pub(super) fn metadata(&self, path: &str) -> Option<Answer> {
        self.metadata.at(path)
    }

    /// Returns the party whose token the request carries. (The refusal is boxed for its size.)
    pub(super) async fn check(&self, headers: &HeaderMap) -> Result<Authenticated, Box<Answer>> {
        self.check_at(headers, Instant::now()).await
    }

    /// Checks a request as [`Guard::check`] does, with this time for the age of keys.
    pub(super) async fn check_at(
        &self,
        headers: &HeaderMap,
        now: Instant,
    ) -> Result<Authenticated, Box<Answer>> {
        let token = match bearer::credentials(headers) {
            Credentials::Token(token) => token,
            Credentials::None => return Err(self.refuse(&Challenge::Missing)),
            Credentials::Malformed(why) => return Err(self.refuse(&Challenge::Malformed(why))),
        };
        match self.keys.verify(token, &self.rules, now).await {
            Ok(party) => Ok(party),
            Err(Refusal::Invalid(why)) => {
                info!(reason = why, "a token is refused");
                Err(self.refuse(&Challenge::Invalid(why)))
            }
            Err(Refusal::Scope) => Err(self.refuse(&Challenge::Scope(&self.rules.scopes))),
            Err(Refusal::Keys(error)) => {
                warn!(%error, "tokens cannot be checked");
                Err(Box::new(super::response::unavailable(
                    "tokens cannot be checked at the moment",
                )))
            }
        }
    }

    fn refuse(&self, challenge: &Challenge<'_>) -> Box<Answer> {
        Box::new(challenge.answer(self.metadata.url()))
    }
}

//! Requirements for requests, and the answers to those that do not meet them.

use wasi_mcp_types::types::Principal;

use super::bearer::{Credentials, credentials};
use super::challenge::Challenge;
use super::issuer::Issuer;
use super::metadata::{Document, Resource};
use super::user::is_somebody;

/// The reason for status 503: tokens cannot be verified at the moment. The cause is for the operator.
pub const CANNOT_CHECK: &str = "tokens cannot be checked at the moment";

/// Requirements for requests to a protected resource.
#[derive(Debug)]
pub struct Policy {
    scopes: Vec<String>,
    metadata: Document,
}

impl Policy {
    /// Requires tokens of this issuer for this resource, with all of these scopes.
    #[must_use]
    pub fn new(resource: &Resource, issuer: &Issuer, scopes: Vec<String>) -> Self {
        Self {
            metadata: Document::new(resource, issuer, &scopes),
            scopes,
        }
    }

    /// Returns the metadata, a JSON document, if the path is one of its locations. Everyone may read
    /// it.
    #[must_use]
    pub fn metadata(&self, path: &str) -> Option<&[u8]> {
        self.metadata.at(path)
    }

    /// Returns the token of a request, from its fields `Authorization`.
    ///
    /// # Errors
    ///
    /// [`Challenge`] if there is none, or if it is malformed.
    pub fn token<'a>(
        &self,
        authorization: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<&'a str, Challenge> {
        match credentials(authorization) {
            Credentials::Token(token) => Ok(token),
            Credentials::None => Err(Challenge::Missing),
            Credentials::Malformed(why) => Err(Challenge::Malformed(why)),
        }
    }

    /// Admits the party of a verified token.
    ///
    /// # Errors
    ///
    /// [`Challenge`] if the party has no name, or lacks a required scope.
    pub fn admit(&self, principal: Principal) -> Result<Principal, Challenge> {
        if !is_somebody(&principal) {
            let reason = "the token names neither user nor client";
            return Err(Challenge::Invalid(reason.into()));
        }
        if !self.scopes.iter().all(|it| principal.scopes.contains(it)) {
            return Err(Challenge::Scope);
        }
        Ok(principal)
    }

    /// Returns the field `WWW-Authenticate` of a challenge. It names the metadata, which tells a client
    /// where to get tokens.
    #[must_use]
    pub fn header(&self, challenge: &Challenge) -> String {
        challenge.header(self.metadata.url(), &self.scopes)
    }
}

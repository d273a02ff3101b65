//! The verification of tokens, which an embedder can replace.

use std::fmt;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use wasi_mcp_authorization::{TokenError, VerifierUnavailable};
use wasi_mcp_types::types::Principal;

/// Verifies the access tokens of requests.
///
/// `JwtVerifier` (feature `auth`) verifies JSON Web Tokens of one issuer. Implement this for other
/// tokens, such as opaque ones that an authorization server introspects (RFC 7662).
///
/// A verifier must accept only tokens that were issued for this server: see
/// [token handling](https://modelcontextprotocol.io/specification/2025-06-18/basic/authorization#token-handling).
pub trait TokenVerifier: fmt::Debug + Send + Sync {
    /// Prepares to verify tokens. Called once, before the first request is served, so that a wrong
    /// configuration is noticed at the start.
    fn prepare(&self) -> BoxFuture<'_, Result<(), VerifierUnavailable>> {
        async { Ok(()) }.boxed()
    }

    /// Returns the party that a token represents. The host compares its scopes with those that
    /// [`Authorization`](super::Authorization) requires, and refuses a party that has neither a
    /// subject nor a client id, since a session needs an owner.
    fn verify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Principal, TokenError>>;
}

//! JSON Web Tokens of one issuer: <https://www.rfc-editor.org/rfc/rfc9068>.

mod keys;

use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use wasi_mcp_authorization::jwt::Rules;
use wasi_mcp_types::types::Principal;

pub use keys::{KeySource, NotAKeySource};

use super::verifier::TokenVerifier;
use super::{Authorization, Issuer, Resource, TokenError, VerifierUnavailable};
use keys::SharedKeys;

/// Options for accepting JSON Web Tokens of one issuer. [`Authorization::from`] turns them into an
/// authorization.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct JwtOptions {
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

impl JwtOptions {
    /// Accepts tokens with any scopes, and shows the component no further claims.
    pub fn new(resource: Resource, issuer: Issuer, keys: KeySource) -> Self {
        Self {
            resource,
            issuer,
            keys,
            scopes: Vec::new(),
            claims: Vec::new(),
        }
    }
}

impl From<JwtOptions> for Authorization {
    fn from(options: JwtOptions) -> Self {
        let verifier = JwtVerifier::new(&options);
        Self {
            resource: options.resource,
            issuer: options.issuer,
            scopes: options.scopes,
            verifier: Arc::new(verifier),
        }
    }
}

/// Verifies JSON Web Tokens of one issuer with its public keys, which are read again from time to
/// time.
#[derive(Debug)]
pub struct JwtVerifier {
    rules: Rules,
    source: KeySource,
    keys: OnceLock<Arc<SharedKeys>>,
}

impl JwtVerifier {
    /// Creates a verifier. It reads the keys when it is prepared. It does not check the scopes of
    /// the options.
    pub fn new(options: &JwtOptions) -> Self {
        Self {
            rules: Rules::new(
                options.issuer.clone(),
                options.resource.clone(),
                options.claims.clone(),
            ),
            source: options.keys.clone(),
            keys: OnceLock::new(),
        }
    }

    /// Reads the keys for the first time.
    pub(in crate::transport::http) async fn prepare_at(
        &self,
        now: Instant,
    ) -> Result<(), VerifierUnavailable> {
        let keys = SharedKeys::open(self.source.clone(), now).await?;
        // Keys from another preparation serve as well.
        let _ = self.keys.set(keys);
        Ok(())
    }

    /// Verifies a token, with this time for the age of keys.
    pub(in crate::transport::http) async fn verify_at(
        &self,
        token: &str,
        now: Instant,
    ) -> Result<Principal, TokenError> {
        let Some(keys) = self.keys.get() else {
            let reason = "the keys have not been read".to_owned();
            return Err(VerifierUnavailable(reason).into());
        };
        let (header, keys) = keys.for_token(token, now).await?;
        self.rules.verify(token, &header, &keys, SystemTime::now())
    }
}

impl TokenVerifier for JwtVerifier {
    fn prepare(&self) -> BoxFuture<'_, Result<(), VerifierUnavailable>> {
        self.prepare_at(Instant::now()).boxed()
    }

    fn verify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Principal, TokenError>> {
        self.verify_at(token, Instant::now()).boxed()
    }
}

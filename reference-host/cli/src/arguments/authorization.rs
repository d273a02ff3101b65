//! Options for authorization.

use clap::Args;
use wasi_mcp_authorization::{is_claim, is_scope};
use wasi_mcp_host::transport::http::{Authorization, Issuer, JwtOptions, KeySource, Resource};

/// The server as an OAuth 2.1 resource server. Off unless an issuer is named.
#[derive(Debug, Args)]
#[command(next_help_heading = "Authorization")]
pub(crate) struct AuthorizationArguments {
    /// Require a token of this issuer: its `iss`, compared exactly
    #[arg(id = "issuer", long = "auth-issuer", value_name = "URL", requires_all = ["http", "jwks", "audience"])]
    pub(crate) issuer: Option<Issuer>,

    /// The issuer's public keys: a JSON Web Key Set, in a file or at an https URL
    #[arg(
        id = "jwks",
        long = "auth-jwks",
        value_name = "FILE|URL",
        requires = "issuer"
    )]
    pub(crate) keys: Option<KeySource>,

    /// The audience (`aud`) of tokens for this server: the address of its endpoint as clients see
    /// it
    #[arg(
        id = "audience",
        long = "auth-audience",
        value_name = "URL",
        requires = "issuer"
    )]
    pub(crate) resource: Option<Resource>,

    /// A scope that tokens must have; may be repeated
    #[arg(long = "auth-scope", value_name = "SCOPE", requires = "issuer", value_parser = scope)]
    pub(crate) scopes: Vec<String>,

    /// Let the component see this claim of tokens, besides issuer, subject, client and scopes; may
    /// be repeated
    #[arg(long = "auth-claim", value_name = "NAME", requires = "issuer", value_parser = claim)]
    pub(crate) claims: Vec<String>,
}

impl AuthorizationArguments {
    /// Returns the authorization, or `None` to accept every request if no issuer is named.
    pub(crate) fn authorization(self) -> Option<Authorization> {
        // Clap requires the others together with the issuer.
        let mut options = JwtOptions::new(self.resource?, self.issuer?, self.keys?);
        options.scopes = self.scopes;
        options.claims = self.claims;
        Some(options.into())
    }
}

fn claim(text: &str) -> Result<String, String> {
    if is_claim(text) {
        Ok(text.to_owned())
    } else if text.is_empty() {
        Err("expected the name of a claim".to_owned())
    } else {
        Err("the component always sees this claim".to_owned())
    }
}

fn scope(text: &str) -> Result<String, String> {
    if is_scope(text) {
        Ok(text.to_owned())
    } else {
        Err("expected one scope, without spaces and quotes".to_owned())
    }
}

//! The block of docs/embedding.md with a verifier of tokens.

use std::sync::Arc;

use axum::Router;
use futures::future::BoxFuture;
use wasi_mcp_host::session::Server;
use wasi_mcp_host::transport::http::{
    Authorization, HttpOptions, McpService, TokenError, TokenVerifier, VerifierUnavailable,
};
use wasi_mcp_host::types::types::Principal;

/// Accepts one token.
#[derive(Debug)]
struct Shared(String);

impl TokenVerifier for Shared {
    fn verify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Principal, TokenError>> {
        Box::pin(async move {
            // Where timing can be measured, compare in constant time.
            if token != self.0 {
                return Err(TokenError::Invalid("unknown token".into()));
            }
            Ok(Principal {
                issuer: "https://login.example.com".to_owned(),
                subject: Some("alice".to_owned()),
                ..Principal::default()
            })
        })
    }
}

pub fn options(token: String) -> HttpOptions {
    let mut options = HttpOptions::default();
    options.authorization = Some(Authorization::new(
        "https://mcp.example.com/mcp".parse().expect("a URI"),
        "https://login.example.com".parse().expect("a URL"),
        Arc::new(Shared(token)),
    ));
    options
}

/// Serves at `/mcp`, beside the metadata by which clients find out where tokens come from.
pub async fn router(server: Arc<Server>, token: String) -> Result<Router, VerifierUnavailable> {
    let service = McpService::new(server, options(token)).await?;
    Ok(Router::new()
        .route_service("/.well-known/oauth-protected-resource/mcp", service.clone())
        .route_service("/mcp", service))
}

//! Serves two components at two paths of one axum server, beside a page of its own:
//!
//! ```sh
//! cargo run --package wasi-mcp-host --example gateway -- hello.wasm other.wasm
//! ```
//!
//! `/first` and `/second` are MCP endpoints. A layer in front of the second one lets in requests
//! with a password alone, and tells the component who asks.

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use wasi_mcp_host::component::{Engine, EngineOptions, Source};
use wasi_mcp_host::session::{Server, ServerOptions};
use wasi_mcp_host::transport::http::{HttpOptions, McpService};
use wasi_mcp_host::types::types::Principal;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = std::env::args_os().skip(1);
    let (Some(first), Some(second)) = (paths.next(), paths.next()) else {
        return Err("usage: gateway COMPONENT COMPONENT".into());
    };
    // Both share compiled code and the epoch clock.
    let engine = Engine::new(EngineOptions::default())?;
    let serve = async |path: std::ffi::OsString| {
        let component = engine.load(Source::File(path.as_ref()))?;
        let server = Arc::new(Server::new(component, ServerOptions::default()));
        let service = McpService::new(server, HttpOptions::default()).await?;
        Ok::<_, Box<dyn Error>>(service)
    };
    let protected = Router::new()
        .fallback_service(serve(second).await?)
        .layer(middleware::from_fn(authenticate));
    let router = Router::new()
        .route("/", get(|| async { "MCP is at /first and /second\n" }))
        .nest_service("/first", serve(first).await?)
        .nest("/second", protected);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

/// Lets in requests with a password, which stands for a real check, and preflights of browsers,
/// which have no credentials.
async fn authenticate(mut request: Request, next: Next) -> Response {
    if request.method() == Method::OPTIONS {
        return next.run(request).await;
    }
    let given = request.headers().get(AUTHORIZATION);
    if given.is_none_or(|given| given != "Bearer open sesame") {
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")]).into_response();
    }
    request.extensions_mut().insert(Principal {
        issuer: "https://gateway.example".to_owned(),
        subject: Some("ali".to_owned()),
        client_id: None,
        scopes: Vec::new(),
        claims: Vec::new(),
    });
    next.run(request).await
}

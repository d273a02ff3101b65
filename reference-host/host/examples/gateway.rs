//! Serves two components at two paths of one axum server, beside a page of its own, until Ctrl-C:
//!
//! ```sh
//! cargo run --package wasi-mcp-host --example gateway -- hello.wasm other.wasm
//! ```

use std::error::Error;
use std::ffi::OsString;
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
    let first = service(&engine, first).await?;
    let second = service(&engine, second).await?;

    let protected = Router::new()
        .fallback_service(second.clone())
        .layer(middleware::from_fn(authenticate));
    let router = Router::new()
        .route("/", get(|| async { "MCP is at /first and /second\n" }))
        .nest_service("/first", first.clone())
        .nest("/second", protected);

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            // If signals cannot be received, stop at once.
            let _ = tokio::signal::ctrl_c().await;
            // Listening streams end only now, and axum waits for them.
            tokio::join!(first.shutdown(), second.shutdown());
        })
        .await?;
    Ok(())
}

/// Loads a component and makes a service of it.
async fn service(engine: &Engine, path: OsString) -> Result<McpService, Box<dyn Error>> {
    let component = engine.load(Source::File(path.as_ref()))?;
    let server = Arc::new(Server::new(component, ServerOptions::default()));
    let mut options = HttpOptions::default();
    // The names of this server besides `localhost`: requests to others get status 403.
    options.allowed_hosts = vec!["gateway.example".to_owned()];
    // The origins whose pages may use it from a browser.
    options.allowed_origins = vec!["https://app.example".parse()?];
    Ok(McpService::new(server, options).await?)
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
    // The component sees it, and the session belongs to it.
    request.extensions_mut().insert(Principal {
        issuer: "https://gateway.example".to_owned(),
        subject: Some("ali".to_owned()),
        ..Principal::default()
    });
    next.run(request).await
}

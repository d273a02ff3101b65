//! The example of docs/embedding.md: compiled here, not run.
#![expect(dead_code, reason = "the page shows it")]

use std::error::Error;
use std::sync::Arc;

use wasi_mcp_host::component::{Engine, EngineOptions, Source};
use wasi_mcp_host::session::{Server, ServerOptions};
use wasi_mcp_host::transport::stdio;

pub async fn serve() -> Result<(), Box<dyn Error>> {
    let engine = Engine::new(EngineOptions::default())?;
    let component = engine.load(Source::File("hello.wasm".as_ref()))?;
    let server = Arc::new(Server::new(component, ServerOptions::default()));
    stdio::serve(server, tokio::io::stdin(), tokio::io::stdout()).await?;
    Ok(())
}

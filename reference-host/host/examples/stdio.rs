//! Serves a component on standard input and output:
//!
//! ```sh
//! cargo run --example stdio -- hello.wasm
//! ```

use std::error::Error;
use std::sync::Arc;

use wasi_mcp_host::component::{Engine, EngineOptions, Source};
use wasi_mcp_host::session::{Server, ServerOptions};
use wasi_mcp_host::transport::stdio;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: stdio COMPONENT")?;
    let engine = Engine::new(EngineOptions::default())?;
    let component = engine.load(Source::File(path.as_ref()))?;
    let server = Arc::new(Server::new(component, ServerOptions::default()));
    stdio::serve(server, tokio::io::stdin(), tokio::io::stdout()).await?;
    Ok(())
}

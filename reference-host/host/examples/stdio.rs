//! Serves a component on standard input and output:
//!
//! ```sh
//! cargo run --package wasi-mcp-host --example stdio -- hello.wasm
//! ```

use std::error::Error;
use std::ffi::OsString;
use std::sync::Arc;

use wasi_mcp_host::component::{Engine, EngineOptions, Source};
use wasi_mcp_host::session::{Server, ServerOptions};
use wasi_mcp_host::transport::stdio;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: stdio COMPONENT")?;
    let runtime = tokio::runtime::Runtime::new()?;
    let ended = runtime.block_on(serve(path));
    // A thread that reads standard input cannot be stopped: do not wait for it.
    runtime.shutdown_background();
    ended
}

async fn serve(path: OsString) -> Result<(), Box<dyn Error>> {
    let engine = Engine::new(EngineOptions::default())?;
    let component = engine.load(Source::File(path.as_ref()))?;
    let server = Arc::new(Server::new(component, ServerOptions::default()));
    stdio::serve(server, stdio::input(), stdio::output()).await?;
    Ok(())
}

//! Loads a component and calls its tool, as the first program of `docs/embedding.md` does:
//!
//! ```sh
//! cargo run --package wasi-mcp-host --example first
//! ```

use std::error::Error;
use std::sync::Arc;

use wasi_mcp_host::component::{Engine, EngineOptions, Source};
use wasi_mcp_host::session::{InProcessClient, Server, ServerOptions};
use wasi_mcp_host::types::content::{CallToolParams, ContentBlock};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let engine = Engine::new(EngineOptions::default())?;
    let component = engine.load(Source::File("hello.wasm".as_ref()))?;
    let server = Arc::new(Server::new(component, ServerOptions::default()));

    let client = InProcessClient::builder().connect(&server).await?;
    let params = CallToolParams {
        name: "hello".to_owned(),
        arguments: Some(r#"{"name": "World"}"#.to_owned()),
        ..CallToolParams::default()
    };
    for block in client.call_tool(params).await?.content {
        if let ContentBlock::Text(text) = block {
            println!("{}", text.text);
        }
    }
    Ok(())
}

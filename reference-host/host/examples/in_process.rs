//! Calls a tool from the same process, and answers what the component asks of its user:
//!
//! ```sh
//! cargo run --package wasi-mcp-host --example in_process -- COMPONENT TOOL ARGUMENTS
//! ```

use std::error::Error;
use std::sync::Arc;

use wasi_mcp_host::component::{Engine, EngineOptions, Source};
use wasi_mcp_host::session::{InProcessClient, Server, ServerOptions};
use wasi_mcp_host::types::content::{
    CallToolParams, ContentBlock, ElicitAction, ElicitParams, ElicitResult, ElicitValue,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: in_process COMPONENT TOOL ARGUMENTS";
    let path = arguments.next().ok_or(usage)?;
    let name = arguments.next().ok_or(usage)?;

    let engine = Engine::new(EngineOptions::default())?;
    let component = engine.load(Source::File(path.as_ref()))?;
    let server = Arc::new(Server::new(component, ServerOptions::default()));
    let client = InProcessClient::builder()
        .name("in-process", "1.0.0")
        .on_elicit(|params| async { Ok(answer(params)) })
        .connect(&server)
        .await?;
    println!("server: {}", client.initialized().server_info);

    let result = client
        .call_tool(CallToolParams {
            name,
            arguments: arguments.next(),
            extra: None,
        })
        .await?;
    for block in result.content {
        if let ContentBlock::Text(block) = block {
            println!("{}", block.text);
        }
    }
    Ok(())
}

/// Fills a form as a user would, with the same text everywhere.
fn answer(params: ElicitParams) -> ElicitResult {
    println!("the component asks: {}", params.message);
    let fields = params.requested_schema.properties.into_iter();
    let content = fields.map(|(name, _)| (name, ElicitValue::Text("forty-two".to_owned())));
    ElicitResult {
        action: ElicitAction::Accept,
        content: Some(content.collect()),
        meta: None,
        extra: None,
    }
}

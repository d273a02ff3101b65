//! A server on the official Rust SDK, `rmcp`, as its documentation has one written.
//!
//! ```text
//! native-rmcp stdio current|multi standard|pipes
//! native-rmcp http current|multi json|sessions ADDRESS
//! ```
//!
//! `current` and `multi` are tokio's runtimes. `pipes` is the SDK's transport for pipes, `json` its
//! mode without sessions that answers with JSON.

use std::sync::{Arc, Mutex};

use anyhow::{Result, bail};
use axum::serve::ListenerExt as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use benchmark_tools::{FURTHER_TOOLS, IMAGE_TYPE, Memory};
use rmcp::handler::server::router::tool::{ToolRoute, ToolRouter};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolResult, ContentBlock, JsonObject, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::transport::io::{stdio, stdio_pipes};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ServerHandler, ServiceExt as _, tool, tool_handler, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

#[derive(Deserialize, JsonSchema)]
struct Text {
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct Size {
    bytes: usize,
}

#[derive(Clone)]
struct Server {
    tool_router: Arc<ToolRouter<Self>>,
    text: Arc<Mutex<Memory<String>>>,
    binary: Arc<Mutex<Memory<Vec<u8>>>>,
}

#[tool_router]
impl Server {
    fn new() -> Self {
        let mut tool_router = Self::tool_router();
        for tool in benchmark_tools::all() {
            if tool_router.has_route(&tool.name) {
                continue;
            }
            let schema: JsonObject = serde_json::from_str(tool.schema).expect("schemas are JSON");
            let tool = Tool::new(tool.name, tool.description, Arc::new(schema));
            let there = ContentBlock::text("it is there to be listed");
            tool_router.add_route(ToolRoute::new_dyn(tool, move |_| {
                let there = vec![there.clone()];
                Box::pin(async { Ok(CallToolResult::success(there).into()) })
            }));
        }
        Self {
            tool_router: Arc::new(tool_router),
            text: Arc::default(),
            binary: Arc::default(),
        }
    }

    #[tool(description = "Returns the text that it is given.")]
    async fn echo(&self, Parameters(Text { text }): Parameters<Text>) -> String {
        text
    }

    #[tool(name = "large-text", description = "Returns a text of so many bytes.")]
    async fn large_text(&self, Parameters(Size { bytes }): Parameters<Size>) -> String {
        let memory = self.text.lock().expect("nothing panics with it");
        memory.with(bytes, benchmark_tools::large_text, String::clone)
    }

    #[tool(
        name = "large-binary",
        description = "Returns an image of so many bytes."
    )]
    async fn large_binary(&self, Parameters(Size { bytes }): Parameters<Size>) -> CallToolResult {
        let memory = self.binary.lock().expect("nothing panics with it");
        let data = memory.with(bytes, benchmark_tools::large_binary, |data| {
            STANDARD.encode(data)
        });
        CallToolResult::success(vec![ContentBlock::image(data, IMAGE_TYPE)])
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["stdio", kind, transport] => runtime(kind)?.block_on(serve_stdio(transport)),
        ["http", kind, mode, address] => runtime(kind)?.block_on(serve_http(mode, address)),
        _ => bail!(
            "native-rmcp stdio current|multi standard|pipes\n\
             native-rmcp http current|multi json|sessions ADDRESS\n\
             further tools: {FURTHER_TOOLS}=NUMBER"
        ),
    }
}

fn runtime(kind: &str) -> Result<Runtime> {
    let mut builder = match kind {
        "current" => Builder::new_current_thread(),
        "multi" => Builder::new_multi_thread(),
        _ => bail!("unknown runtime `{kind}`: expected `current` or `multi`"),
    };
    Ok(builder.enable_all().build()?)
}

async fn serve_stdio(transport: &str) -> Result<()> {
    let server = Server::new();
    let service = match transport {
        "standard" => server.serve(stdio()).await?,
        "pipes" => server.serve(stdio_pipes()).await?,
        _ => bail!("unknown transport `{transport}`: expected `standard` or `pipes`"),
    };
    service.waiting().await?;
    Ok(())
}

async fn serve_http(mode: &str, address: &str) -> Result<()> {
    let config = StreamableHttpServerConfig::default();
    let config = match mode {
        "json" => config
            .with_legacy_session_mode(false)
            .with_json_response(true),
        "sessions" => config,
        _ => bail!("unknown mode `{mode}`: expected `json` or `sessions`"),
    };
    let server = Server::new();
    let service = StreamableHttpService::new(
        move || Ok(server.clone()),
        Arc::new(LocalSessionManager::default()),
        config,
    );
    let router = axum::Router::new().nest_service("/mcp", service);
    let listener = TcpListener::bind(address).await?;
    eprintln!("serving MCP at http://{}/mcp", listener.local_addr()?);
    // Answers are small: they must not wait for each other.
    let listener = listener.tap_io(|stream| {
        stream.set_nodelay(true).expect("a connection of TCP");
    });
    axum::serve(listener, router).await?;
    Ok(())
}

//! A server with one tool on the official Rust SDK: over stdio, or with a port over Streamable HTTP.

use std::error::Error;
use std::sync::Arc;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{ServerCapabilities, ServerConfig};
use rmcp::transport::stdio;
use rmcp::transport::streamable_http_server::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::{ServerHandler, ServiceExt, tool, tool_handler, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Deserialize, JsonSchema)]
struct HelloArguments {
    /// The name of the person to greet.
    name: String,
}

#[derive(Clone)]
struct Hello;

#[tool_router]
impl Hello {
    #[tool(description = "Greets somebody.")]
    fn hello(&self, Parameters(HelloArguments { name }): Parameters<HelloArguments>) -> String {
        format!("Hello, {name}!")
    }
}

#[tool_handler]
impl ServerHandler for Hello {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if let Some(port) = std::env::args().nth(1) {
        let service = StreamableHttpService::new(
            || Ok(Hello),
            Arc::new(LocalSessionManager::default()),
            Default::default(),
        );
        let router = axum::Router::new().nest_service("/mcp", service);
        let listener = TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
        axum::serve(listener, router).await?;
    } else {
        Hello.serve(stdio()).await?.waiting().await?;
    }
    Ok(())
}

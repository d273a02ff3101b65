//! The block of docs/embedding.md with a listener of the host's own.

use std::sync::Arc;

use tokio::net::TcpListener;
use wasi_mcp_host::session::Server;
use wasi_mcp_host::transport::http::{self, HttpOptions};

/// Serves at http://127.0.0.1:8080/mcp until Ctrl-C.
pub async fn serve(server: Arc<Server>) -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    let stop = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    http::serve(server, listener, HttpOptions::default(), stop).await
}

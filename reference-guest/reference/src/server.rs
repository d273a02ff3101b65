//! This server's declaration in the answer to `initialize`.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle#initialization>

use crate::bindings::wasi::mcp::capabilities::{
    PromptsCapability, ResourcesCapability, Server, ServerCapabilities, ToolsCapability,
};
use crate::bindings::wasi::mcp::types::Implementation;

/// Returns the declaration. Called once, when an instance starts.
pub fn server() -> Server {
    // Standard error is for people, in UTF-8: the host keeps it separate from the messages.
    eprintln!("The reference guest is ready: grüß Gott, 你好 🦀");
    Server {
        info: Implementation {
            name: "wasi-mcp-reference".into(),
            title: Some("Reference guest of wasi:mcp".into()),
            version: env!("CARGO_PKG_VERSION").into(),
            extra: Some(r#"{"websiteUrl": "https://github.com/WebAssembly/wasi-mcp"}"#.into()),
        },
        capabilities: ServerCapabilities {
            extra: None,
            experimental: Some(vec![("example.org/reference".into(), "{}".into())]),
            completions: Some("{}".into()),
            prompts: Some(PromptsCapability {
                list_changed: Some(true),
            }),
            resources: Some(ResourcesCapability {
                subscribe: Some(true),
                list_changed: Some(true),
            }),
            tools: Some(ToolsCapability {
                list_changed: Some(true),
            }),
        },
        instructions: Some("Call `echo` first; every other tool shows one more feature.".into()),
    }
}

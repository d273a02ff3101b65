//! `capabilities.wit`: the capabilities of a client and a server in
//! [`initialize`](https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle#capability-negotiation).
//! Its `client` and `server` are mapped in [`client`](super::client) and [`server`](super::server)
//! because they span more than one object.

use super::codec::{JsonObject, Map};
use super::record::record;
use wasi_mcp_types::capabilities::{
    ClientCapabilities, PromptsCapability, ResourcesCapability, RootsCapability,
    ServerCapabilities, ToolsCapability,
};

record! {
    RootsCapability {
        list_changed => "listChanged": Option<bool>,
    }

    PromptsCapability {
        list_changed => "listChanged": Option<bool>,
    }

    ToolsCapability {
        list_changed => "listChanged": Option<bool>,
    }

    ResourcesCapability {
        subscribe: Option<bool>,
        list_changed => "listChanged": Option<bool>,
    }

    ClientCapabilities {
        experimental: Option<Map<JsonObject>>,
        roots: Option<RootsCapability>,
        sampling: Option<JsonObject>,
        elicitation: Option<JsonObject>,
        ..extra
    }

    ServerCapabilities {
        experimental: Option<Map<JsonObject>>,
        completions: Option<JsonObject>,
        prompts: Option<PromptsCapability>,
        resources: Option<ResourcesCapability>,
        tools: Option<ToolsCapability>,
        ..extra
    }
}

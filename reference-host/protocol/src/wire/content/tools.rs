//! [Tools](https://modelcontextprotocol.io/specification/2025-06-18/server/tools).

use crate::wire::codec::JsonObject;
use crate::wire::record::record;
use wasi_mcp_types::content::{
    CallToolParams, CallToolResult, ContentBlock, ListToolsResult, Tool, ToolAnnotations,
};

record! {
    ToolAnnotations {
        title: Option<String>,
        read_only_hint => "readOnlyHint": Option<bool>,
        destructive_hint => "destructiveHint": Option<bool>,
        idempotent_hint => "idempotentHint": Option<bool>,
        open_world_hint => "openWorldHint": Option<bool>,
    }

    Tool {
        name: String,
        title: Option<String>,
        description: Option<String>,
        input_schema => "inputSchema": JsonObject,
        output_schema => "outputSchema": Option<JsonObject>,
        annotations: Option<ToolAnnotations>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    CallToolParams without "_meta" {
        name: String,
        arguments: Option<JsonObject>,
        ..extra
    }

    CallToolResult {
        content: Vec<ContentBlock>,
        structured_content => "structuredContent": Option<JsonObject>,
        is_error => "isError": Option<bool>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    ListToolsResult {
        tools: Vec<Tool>,
        next_cursor => "nextCursor": Option<String>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }
}

//! [Prompts](https://modelcontextprotocol.io/specification/2025-06-18/server/prompts).

use crate::wire::codec::{JsonObject, Map};
use crate::wire::record::record;
use wasi_mcp_types::content::{
    ContentBlock, GetPromptParams, GetPromptResult, ListPromptsResult, Prompt, PromptArgument,
    PromptMessage,
};
use wasi_mcp_types::types::Role;

record! {
    PromptArgument {
        name: String,
        title: Option<String>,
        description: Option<String>,
        required: Option<bool>,
        ..extra
    }

    Prompt {
        name: String,
        title: Option<String>,
        description: Option<String>,
        arguments: Option<Vec<PromptArgument>>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    GetPromptParams without "_meta" {
        name: String,
        arguments: Option<Map<String>>,
        ..extra
    }

    PromptMessage {
        role: Role,
        content: ContentBlock,
    }

    GetPromptResult {
        description: Option<String>,
        messages: Vec<PromptMessage>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    ListPromptsResult {
        prompts: Vec<Prompt>,
        next_cursor => "nextCursor": Option<String>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }
}

//! [Sampling](https://modelcontextprotocol.io/specification/2025-06-18/client/sampling).

use crate::wire::codec::{JsonObject, Priority};
use crate::wire::keyword::keyword;
use crate::wire::record::record;
use crate::wire::tagged::tagged;
use wasi_mcp_types::content::{
    AudioContent, CreateMessageParams, CreateMessageResult, ImageContent, IncludeContext,
    ModelHint, ModelPreferences, SamplingContent, SamplingMessage, TextContent,
};
use wasi_mcp_types::types::Role;

keyword! {
    IncludeContext {
        None => "none",
        ThisServer => "thisServer",
        AllServers => "allServers",
    }
}

tagged! {
    SamplingContent {
        Text(TextContent),
        Image(ImageContent),
        Audio(AudioContent),
    }
}

record! {
    SamplingMessage {
        role: Role,
        content: SamplingContent,
    }

    ModelHint {
        name: Option<String>,
    }

    ModelPreferences {
        hints: Option<Vec<ModelHint>>,
        cost_priority => "costPriority": Option<Priority>,
        speed_priority => "speedPriority": Option<Priority>,
        intelligence_priority => "intelligencePriority": Option<Priority>,
    }

    CreateMessageParams {
        messages: Vec<SamplingMessage>,
        max_tokens => "maxTokens": u32,
        model_preferences => "modelPreferences": Option<ModelPreferences>,
        system_prompt => "systemPrompt": Option<String>,
        include_context => "includeContext": Option<IncludeContext>,
        temperature: Option<f64>,
        stop_sequences => "stopSequences": Option<Vec<String>>,
        metadata: Option<JsonObject>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    CreateMessageResult {
        role: Role,
        content: SamplingContent,
        model: String,
        stop_reason => "stopReason": Option<String>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }
}

//! Requests to the client's language model.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/client/sampling>

use futures::future::join_all;
use serde::Deserialize;
use serde_json::json;

use super::client_requests::{self, failed};
use super::entry::{Call, Entry, Outcome, arguments};
use crate::bindings::wasi::mcp::content::{
    AudioContent, CallToolResult, CreateMessageParams, ImageContent, IncludeContext, ModelHint,
    ModelPreferences, SamplingContent, SamplingMessage, TextContent,
};
use crate::bindings::wasi::mcp::types::{Error, Role};
use crate::content::{extra, meta, structured_result};
use crate::edge;
use crate::samples::{PIXEL, SILENCE};

pub fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "sample",
            "Asks the client's model, with every parameter filled: a text, an image and a sound.",
            arguments(json!({ "prompt": { "type": "string" } }), &["prompt"]),
            |call| Box::pin(sample(call)),
        ),
        Entry::new(
            "sample-many",
            "Asks the client's model `count` times: at the same time where calls can overlap, else in turn.",
            arguments(
                json!({ "count": { "type": "integer", "minimum": 1, "maximum": 1000 } }),
                &["count"],
            ),
            |call| Box::pin(sample_many(call)),
        ),
    ]
}

/// Returns the minimal request: one text from the user.
pub fn text_request(text: impl Into<String>) -> CreateMessageParams {
    CreateMessageParams {
        messages: vec![message(Role::User, text_content(text))],
        max_tokens: 100,
        ..CreateMessageParams::default()
    }
}

fn message(role: Role, content: SamplingContent) -> SamplingMessage {
    SamplingMessage { role, content }
}

fn text_content(text: impl Into<String>) -> SamplingContent {
    SamplingContent::Text(TextContent {
        text: text.into(),
        ..TextContent::default()
    })
}

#[derive(Deserialize)]
struct Prompt {
    prompt: String,
}

async fn sample(call: Call) -> Outcome {
    let Prompt { prompt } = call.arguments.parse()?;
    let params = CreateMessageParams {
        messages: vec![
            message(Role::User, text_content(prompt)),
            message(
                Role::User,
                SamplingContent::Image(ImageContent {
                    data: PIXEL.into(),
                    mime_type: "image/png".into(),
                    ..ImageContent::default()
                }),
            ),
            message(
                Role::Assistant,
                SamplingContent::Audio(AudioContent {
                    data: SILENCE.into(),
                    mime_type: "audio/wav".into(),
                    ..AudioContent::default()
                }),
            ),
        ],
        max_tokens: 100,
        model_preferences: Some(ModelPreferences {
            hints: Some(vec![
                ModelHint {
                    name: Some("small".into()),
                },
                ModelHint::default(),
            ]),
            cost_priority: Some(0.5),
            speed_priority: Some(1.0),
            intelligence_priority: Some(0.0),
        }),
        system_prompt: Some("Be brief.".into()),
        include_context: Some(IncludeContext::ThisServer),
        temperature: Some(0.7),
        stop_sequences: Some(vec!["END".into(), "\n".into()]),
        metadata: Some(r#"{"provider": {"seed": 18446744073709551615}}"#.into()),
        meta: Some(meta()),
        extra: Some(extra()),
    };
    match edge::create_message(&call.context, params).await {
        Ok(answer) => Ok(CallToolResult {
            meta: answer.meta,
            ..structured_result(
                json!({
                    "role": client_requests::role_name(answer.role),
                    "model": answer.model,
                    "stopReason": answer.stop_reason,
                    "content": describe(&answer.content),
                    "extra": answer.extra,
                })
                .to_string(),
            )
        }),
        Err(error) => failed(error),
    }
}

/// Returns the kind of content, and its text or its size in bytes.
pub fn describe(content: &SamplingContent) -> serde_json::Value {
    match content {
        SamplingContent::Text(text) => json!({ "type": "text", "text": text.text }),
        SamplingContent::Image(image) => {
            json!({ "type": "image", "mimeType": image.mime_type, "bytes": image.data.len() })
        }
        SamplingContent::Audio(audio) => {
            json!({ "type": "audio", "mimeType": audio.mime_type, "bytes": audio.data.len() })
        }
        SamplingContent::Other(json) => json!({ "other": json }),
    }
}

#[derive(Deserialize)]
struct Count {
    count: u32,
}

async fn sample_many(call: Call) -> Outcome {
    let Count { count } = call.arguments.parse()?;
    let context = &call.context;
    let answers = join_all((0..count).map(async |number| {
        edge::create_message(context, text_request(format!("Question {number}"))).await
    }))
    .await
    .into_iter()
    .collect::<Result<Vec<_>, Error>>();
    match answers {
        Ok(answers) => {
            let contents: Vec<_> = answers.iter().map(|it| describe(&it.content)).collect();
            Ok(structured_result(
                json!({ "answers": contents }).to_string(),
            ))
        }
        Err(error) => failed(error),
    }
}

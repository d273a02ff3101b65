//! Requests to the client's language model.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/client/sampling>

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use futures::future::try_join_all;
    use schemars::JsonSchema;
    use serde::Serialize;
    use wasi_mcp_guest::records::*;
    use wasi_mcp_guest::{Context, IntoToolResult, Json, Role, ToolError};

    use crate::samples::{EXTRA, META, PIXEL, SILENCE};

    fn message(role: Role, content: SamplingContent) -> SamplingMessage {
        SamplingMessage { role, content }
    }

    #[derive(Serialize, JsonSchema)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        role: &'static str,
        model: String,
        stop_reason: Option<String>,
        content: String,
    }

    /// Asks the client's model, with every parameter filled: a text, an image and a sound.
    #[tool(read_only)]
    async fn sample(context: &Context, prompt: String) -> Result<CallToolResult, ToolError> {
        let answer = context
            .sample(CreateMessageParams {
                messages: vec![
                    message(
                        Role::User,
                        SamplingContent::Text(TextContent {
                            text: prompt,
                            ..TextContent::default()
                        }),
                    ),
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
                meta: Some(META.into()),
                extra: Some(EXTRA.into()),
            })
            .await?;
        let described = Json(Answer {
            role: match answer.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            },
            model: answer.model,
            stop_reason: answer.stop_reason,
            content: match answer.content {
                SamplingContent::Text(content) => content.text,
                other => format!("{other:?}"),
            },
        });
        Ok(CallToolResult {
            meta: answer.meta,
            ..described.into_tool_result()?
        })
    }

    #[derive(Serialize, JsonSchema)]
    struct Answers {
        answers: Vec<String>,
    }

    /// Asks the client's model `count` times: at the same time where calls can overlap, else in turn.
    #[tool(read_only)]
    async fn sample_many(
        context: &Context,
        #[schemars(range(min = 1, max = 1000))] count: u32,
    ) -> Result<Json<Answers>, ToolError> {
        let questions =
            (0..count).map(|number| context.ask_model(format!("Question {number}"), 100));
        Ok(Json(Answers {
            answers: try_join_all(questions).await?,
        }))
    }
}

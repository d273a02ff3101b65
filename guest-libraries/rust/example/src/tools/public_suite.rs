//! The tools that MCP's public conformance suite requires of a server, under its names.

#[wasi_mcp_guest::items]
pub mod items {
    use std::time::Duration;

    use serde::Serialize;
    use serde_json::{Map, Value, json};
    use wasi_mcp_guest::content::{embedded, text, text_contents};
    use wasi_mcp_guest::records::ContentBlock;
    use wasi_mcp_guest::tasks::sleep;
    use wasi_mcp_guest::{Arguments, Choice, Context, Elicited, Form, LogLevel, ToolError};

    use crate::samples::{audio, image};

    /// The pause between two steps of a tool that works for a while.
    const STEP: Duration = Duration::from_millis(50);

    /// Answers with a text.
    #[tool(read_only)]
    fn test_simple_text() -> &'static str {
        "This is a simple text response for testing."
    }

    /// Answers with an image.
    #[tool(read_only)]
    fn test_image_content() -> ContentBlock {
        image()
    }

    /// Answers with a sound.
    #[tool(read_only)]
    fn test_audio_content() -> ContentBlock {
        audio()
    }

    /// Answers with an embedded resource.
    #[tool(read_only)]
    fn test_embedded_resource() -> ContentBlock {
        embedded(text_contents(
            "test://embedded-resource",
            "text/plain",
            "This is an embedded resource content.",
        ))
    }

    /// Answers with a text, an image and an embedded resource.
    #[tool(read_only)]
    fn test_multiple_content_types() -> Vec<ContentBlock> {
        vec![
            text("Multiple content types test:"),
            image(),
            embedded(text_contents(
                "test://mixed-content-resource",
                "application/json",
                r#"{"test":"data","value":123}"#,
            )),
        ]
    }

    /// Answers with a failure of the tool.
    #[tool(read_only)]
    fn test_error_handling() -> Result<(), &'static str> {
        Err("This tool intentionally returns an error for testing")
    }

    /// Logs three messages, some time apart.
    #[tool(read_only)]
    async fn test_tool_with_logging(context: &Context) -> Result<&'static str, ToolError> {
        context.log(LogLevel::Info, "Tool execution started")?;
        sleep(STEP).await;
        context.log(LogLevel::Info, "Tool processing data")?;
        sleep(STEP).await;
        context.log(LogLevel::Info, "Tool execution completed")?;
        Ok("Logged three messages")
    }

    /// Reports progress three times, some time apart.
    #[tool(read_only)]
    async fn test_tool_with_progress(context: &Context) -> Result<&'static str, ToolError> {
        context.progress(0.0, 100.0, "Started")?;
        sleep(STEP).await;
        context.progress(50.0, 100.0, "Half done")?;
        sleep(STEP).await;
        context.progress(100.0, 100.0, "Done")?;
        Ok("Reported three times")
    }

    /// Asks the client's model.
    #[tool(read_only)]
    async fn test_sampling(context: &Context, prompt: String) -> Result<String, ToolError> {
        let answer = context.ask_model(prompt, 100).await?;
        Ok(format!("LLM response: {answer}"))
    }

    #[derive(Form)]
    struct Username {
        /// The user's name
        username: String,
        /// The user's address
        email: String,
    }

    /// Asks the user for a name and an address.
    #[tool(read_only)]
    async fn test_elicitation(context: &Context, message: String) -> Result<String, ToolError> {
        Ok(match context.elicit::<Username>(message).await? {
            Elicited::Accepted(user) => {
                format!("User response: {} <{}>", user.username, user.email)
            }
            Elicited::Declined => "User response: decline".into(),
            Elicited::Cancelled => "User response: cancel".into(),
        })
    }

    #[derive(Form, Serialize)]
    struct Defaults {
        #[form(default = "John Doe")]
        name: Option<String>,
        #[form(default = 30)]
        age: Option<u32>,
        #[form(default = 95.5)]
        score: Option<f64>,
        #[form(default = "active")]
        status: Option<Status>,
        #[form(default = true)]
        verified: Option<bool>,
    }

    #[derive(Choice, Serialize)]
    #[serde(rename_all = "lowercase")]
    enum Status {
        #[choice(value = "active")]
        Active,
        #[choice(value = "inactive")]
        Inactive,
        #[choice(value = "pending")]
        Pending,
    }

    /// Asks the user for values that have defaults.
    #[tool(read_only)]
    async fn test_elicitation_sep1034_defaults(context: &Context) -> Result<String, ToolError> {
        let answer = context.elicit::<Defaults>("Please check the defaults.");
        let values = serde_json::to_string(&answer.await?.accepted())?;
        Ok(format!("User response: {values}"))
    }

    fn json_schema_2020_12() -> String {
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "$defs": {
                "address": {
                    "$anchor": "addressDef",
                    "type": "object",
                    "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
                },
            },
            "properties": {
                "name": { "type": "string" },
                "address": { "$ref": "#/$defs/address" },
                "contactMethod": { "type": "string", "enum": ["phone", "email"] },
                "phone": { "type": "string" },
                "email": { "type": "string" },
            },
            "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
            "if": {
                "properties": { "contactMethod": { "const": "phone" } },
                "required": ["contactMethod"],
            },
            "then": { "required": ["phone"] },
            "else": { "required": ["email"] },
            "additionalProperties": false,
        })
        .to_string()
    }

    /// Has an input schema that uses much of JSON Schema 2020-12.
    #[tool(read_only, input_schema = json_schema_2020_12())]
    fn json_schema_2020_12_tool(Arguments(contact): Arguments<Map<String, Value>>) -> String {
        Value::Object(contact).to_string()
    }
}

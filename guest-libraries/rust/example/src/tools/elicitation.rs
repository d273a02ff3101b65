//! Questions to the user behind the client.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/client/elicitation>

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use schemars::JsonSchema;
    use serde::Serialize;
    use wasi_mcp_guest::records::*;
    use wasi_mcp_guest::{Choice, Context, Elicited, Form, Json, ToolError};

    /// One field of each kind, and of each format of a text.
    #[derive(Form, Serialize, JsonSchema)]
    struct Everything {
        /// A name to call you by
        #[form(title = "Name", min_length = 1, max_length = 40, default = "Ada")]
        name: String,
        /// Within its bounds
        #[form(title = "A number", minimum = 0.5, maximum = 99.5)]
        ratio: Option<f64>,
        /// Within its bounds
        #[form(title = "A number", minimum = 0, maximum = 150)]
        age: u8,
        /// Say yes to agree
        #[form(title = "Agreed", default = false)]
        agreed: Option<bool>,
        /// Choose one
        #[form(title = "Colour")]
        colour: Option<Colour>,
        #[form(format = "email")]
        email: Option<String>,
        #[form(format = "uri")]
        homepage: Option<String>,
        #[form(format = "date")]
        birthday: Option<String>,
        #[form(format = "date-time")]
        appointment: Option<String>,
    }

    #[derive(Choice, Serialize, JsonSchema)]
    enum Colour {
        #[choice(value = "r", title = "Red")]
        #[serde(rename = "r")]
        Red,
        #[choice(value = "g", title = "Green")]
        #[serde(rename = "g")]
        Green,
        #[choice(value = "b", title = "Blue")]
        #[serde(rename = "b")]
        Blue,
    }

    #[derive(Serialize, JsonSchema)]
    struct Answer {
        action: &'static str,
        content: Option<Everything>,
    }

    /// Asks the user for one value of each primitive schema.
    #[tool(read_only)]
    async fn elicit(context: &Context) -> Result<Json<Answer>, ToolError> {
        let (action, content) = match context.elicit("Please fill in the form.").await? {
            Elicited::Accepted(content) => ("accept", Some(content)),
            Elicited::Declined => ("decline", None),
            Elicited::Cancelled => ("cancel", None),
        };
        Ok(Json(Answer { action, content }))
    }

    /// Asks the user with a form field of a kind that the interface does not name.
    // Marked as destructive, so that clients do not call it unasked: MCP has no such kind yet.
    #[tool(read_only = false, destructive)]
    async fn elicit_other_field(
        context: &Context,
        json: String,
        message: Option<String>,
    ) -> Result<String, ToolError> {
        let answer = context
            .elicit_form(ElicitParams {
                message: message.unwrap_or_else(|| "A field of another kind".into()),
                requested_schema: RequestedSchema {
                    properties: vec![("field".into(), PrimitiveSchema::Other(json))],
                    ..RequestedSchema::default()
                },
                ..ElicitParams::default()
            })
            .await?;
        let values = answer.content.unwrap_or_default();
        let other = values.into_iter().find_map(|(_, value)| match value {
            ElicitValue::Other(json) => Some(json),
            _ => None,
        });
        Ok(other.unwrap_or_else(|| "none".into()))
    }
}

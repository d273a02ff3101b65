//! One tool: its listing and its handler.

use std::pin::Pin;

use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::bindings::wasi::mcp::content::{CallToolResult, Tool, ToolAnnotations};
use crate::bindings::wasi::mcp::context::RequestContext;
use crate::bindings::wasi::mcp::types::Error;

/// One call of a tool.
pub struct Call {
    pub context: RequestContext,
    pub arguments: Arguments,
    /// Members of the params that the interface does not name.
    pub extra: Option<String>,
}

pub type Outcome = Result<CallToolResult, Error>;
type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Outcome>>>;

pub struct Entry {
    pub tool: Tool,
    handler: Handler,
}

impl Entry {
    /// Creates a read-only tool.
    pub fn new(name: &str, description: &str, input_schema: Value, handler: Handler) -> Self {
        Self {
            tool: Tool {
                name: name.into(),
                description: Some(description.into()),
                input_schema: input_schema.to_string(),
                annotations: Some(ToolAnnotations {
                    read_only_hint: Some(true),
                    ..ToolAnnotations::default()
                }),
                ..Tool::default()
            },
            handler,
        }
    }

    pub fn with_output_schema(mut self, schema: Value) -> Self {
        self.tool.output_schema = Some(schema.to_string());
        self
    }

    /// Marks a tool that changes the state or the lists of this instance.
    pub fn changing(self) -> Self {
        self.with_hints(false)
    }

    /// Marks a tool after which the instance may be unusable.
    pub fn destructive(self) -> Self {
        self.with_hints(true)
    }

    fn with_hints(mut self, destructive: bool) -> Self {
        self.tool.annotations = Some(ToolAnnotations {
            read_only_hint: Some(false),
            destructive_hint: Some(destructive),
            ..ToolAnnotations::default()
        });
        self
    }

    pub async fn call(&self, call: Call) -> Outcome {
        (self.handler)(call).await
    }
}

/// Returns a schema of arguments: exactly these properties, of which `required` are.
pub fn arguments(properties: Value, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// Returns the schema of a tool that takes no arguments.
pub fn no_arguments() -> Value {
    json!({ "type": "object", "additionalProperties": false })
}

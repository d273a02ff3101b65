//! What a component registers.

use std::sync::Arc;

use super::CatalogError;
use super::registry::Item;
use super::schema::{Schema, SchemaError};

/// A [tool](https://modelcontextprotocol.io/specification/2025-06-18/server/tools#tool).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolEntry {
    /// `name`
    pub name: String,
    /// The whole item as it is listed: a JSON object.
    pub json: String,
    /// `inputSchema` as JSON text.
    pub input_schema: String,
    /// `outputSchema` as JSON text.
    pub output_schema: Option<String>,
}

/// A [resource](https://modelcontextprotocol.io/specification/2025-06-18/server/resources#resource).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceEntry {
    /// `uri`
    pub uri: String,
    /// The whole item as it is listed: a JSON object.
    pub json: String,
}

/// A [resource template](https://modelcontextprotocol.io/specification/2025-06-18/server/resources#resource-templates).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateEntry {
    /// `uriTemplate`
    pub uri_template: String,
    /// The whole item as it is listed: a JSON object.
    pub json: String,
}

/// A [prompt](https://modelcontextprotocol.io/specification/2025-06-18/server/prompts#prompt).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptEntry {
    /// `name`
    pub name: String,
    /// The whole item as it is listed: a JSON object.
    pub json: String,
    /// Names of the arguments, and whether each is required.
    pub arguments: Vec<(String, bool)>,
}

#[derive(Debug)]
pub(super) struct Tool {
    pub(super) schemas: Arc<ToolSchemas>,
}

/// What the arguments and the structured content of a tool have to match.
#[derive(Debug)]
pub(in super::super) struct ToolSchemas {
    pub(in super::super) input: Schema,
    pub(in super::super) output: Option<Schema>,
}

impl ToolSchemas {
    /// Bytes of the schemas' text.
    pub(in super::super) fn len(&self) -> usize {
        self.input.as_json().len()
            + self
                .output
                .as_ref()
                .map_or(0, |schema| schema.as_json().len())
    }
}

#[derive(Debug)]
pub(in super::super) struct Prompt {
    pub(in super::super) arguments: Vec<(String, bool)>,
}

impl ToolEntry {
    pub(super) fn into_item(self) -> Result<Item<Tool>, CatalogError> {
        let Self {
            name,
            json,
            input_schema,
            output_schema,
        } = self;
        let refused = |member| {
            let tool = name.clone();
            move |error: SchemaError| CatalogError::Schema {
                tool,
                member,
                error,
            }
        };
        let input = Schema::compile(&input_schema).map_err(refused("inputSchema"))?;
        let output = output_schema.as_deref().map(Schema::compile).transpose();
        let output = output.map_err(refused("outputSchema"))?;
        Ok((
            name,
            json,
            Tool {
                schemas: Arc::new(ToolSchemas { input, output }),
            },
        ))
    }
}

impl PromptEntry {
    pub(super) fn into_item(self) -> Item<Prompt> {
        (
            self.name,
            self.json,
            Prompt {
                arguments: self.arguments,
            },
        )
    }
}

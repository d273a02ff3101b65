//! The entries that a component registers.

use std::sync::Arc;

use super::CatalogError;
use super::schema::{Schema, SchemaError};
use super::schemas::Schemas;

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
    /// The names of the arguments, each with its `required` flag.
    pub arguments: Vec<(String, bool)>,
}

#[derive(Debug)]
pub(super) struct Tool {
    pub(super) schemas: Arc<ToolSchemas>,
}

/// The compiled schemas of a tool's arguments and of its structured content.
#[derive(Debug)]
pub(in super::super) struct ToolSchemas {
    pub(in super::super) input: Arc<Schema>,
    pub(in super::super) output: Option<Arc<Schema>>,
}

impl ToolSchemas {
    /// Compiles both schemas with `compile`.
    ///
    /// # Errors
    ///
    /// The error of one of them, made by `refused` from the member's name.
    pub(in super::super) fn new<E>(
        input: &str,
        output: Option<&str>,
        compile: impl Fn(&str) -> Result<Arc<Schema>, SchemaError>,
        refused: impl Fn(&'static str, SchemaError) -> E,
    ) -> Result<Self, E> {
        let compiled = |member, json: &str| compile(json).map_err(|error| refused(member, error));
        Ok(Self {
            input: compiled("inputSchema", input)?,
            output: output
                .map(|json| compiled("outputSchema", json))
                .transpose()?,
        })
    }

    /// Returns the estimated memory of both, in bytes.
    pub(in super::super) fn weight(&self) -> usize {
        let output = self.output.as_ref().map_or(0, |schema| schema.weight());
        self.input.weight().saturating_add(output)
    }
}

#[derive(Debug)]
pub(in super::super) struct Prompt {
    pub(in super::super) arguments: Vec<(String, bool)>,
}

impl Tool {
    pub(super) fn compile(
        name: &str,
        input_schema: &str,
        output_schema: Option<&str>,
        schemas: &Schemas,
    ) -> Result<Self, CatalogError> {
        let schemas = ToolSchemas::new(
            input_schema,
            output_schema,
            |json| schemas.compile(json),
            |member, error| CatalogError::Schema {
                tool: name.to_owned(),
                member,
                error,
            },
        )?;
        let schemas = Arc::new(schemas);
        Ok(Self { schemas })
    }
}

//! Items on their way into a catalog.

use super::entries::{Prompt, Tool};
use super::registry::Item;
use super::{
    Catalog, CatalogError, List, PromptEntry, ResourceEntry, Room, Schemas, TemplateEntry,
    ToolEntry, check_template, check_uri,
};
use crate::json;

/// Items that are registered together: all or none. They are checked, and schemas compiled, one by
/// one, so that a caller can pause between two of them, and need not hold the catalog meanwhile.
#[derive(Debug)]
pub struct Batch {
    room: Room,
    schemas: Schemas,
    bytes: usize,
    schema_bytes: usize,
    pub(super) tools: Vec<Item<Tool>>,
    pub(super) resources: Vec<Item<()>>,
    pub(super) templates: Vec<Item<()>>,
    pub(super) prompts: Vec<Item<Prompt>>,
}

impl Batch {
    pub(super) fn new(catalog: &Catalog) -> Self {
        Self {
            room: catalog.room(),
            schemas: catalog.schemas.clone(),
            bytes: 0,
            schema_bytes: 0,
            tools: Vec::new(),
            resources: Vec::new(),
            templates: Vec::new(),
            prompts: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.tools.len() + self.resources.len() + self.templates.len() + self.prompts.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn schema_bytes(&self) -> usize {
        self.schema_bytes
    }

    /// Adds a tool, and compiles its schemas.
    ///
    /// # Errors
    ///
    /// As [`Catalog::add_tools`].
    pub fn push_tool(&mut self, tool: ToolEntry) -> Result<(), CatalogError> {
        self.compile_tool(
            &tool.name,
            &tool.input_schema,
            tool.output_schema.as_deref(),
        )?
        .finish(tool.name, &tool.json)
    }

    /// Compiles the schemas of a tool whose text follows with [`CompiledTool::finish`].
    ///
    /// # Errors
    ///
    /// As [`Catalog::add_tools`].
    pub fn compile_tool(
        &mut self,
        name: &str,
        input_schema: &str,
        output_schema: Option<&str>,
    ) -> Result<CompiledTool<'_>, CatalogError> {
        self.room.check(self.len() + 1, self.bytes)?;
        let tool = Tool::compile(name, input_schema, output_schema, &self.schemas)?;
        self.schema_bytes = self.schema_bytes.saturating_add(tool.schemas.weight());
        self.room.check_schemas(self.schema_bytes)?;
        Ok(CompiledTool { batch: self, tool })
    }

    /// Adds a resource.
    ///
    /// # Errors
    ///
    /// As [`Catalog::add_resources`].
    pub fn push_resource(&mut self, resource: ResourceEntry) -> Result<(), CatalogError> {
        check_uri(&resource.uri).map_err(|fault| CatalogError::Identifier {
            list: List::Resources,
            key: resource.uri.clone(),
            fault,
        })?;
        let json = self.take(List::Resources, &resource.uri, &resource.json)?;
        self.resources.push((resource.uri, json, ()));
        Ok(())
    }

    /// Adds a resource template.
    ///
    /// # Errors
    ///
    /// As [`Catalog::add_templates`].
    pub fn push_template(&mut self, template: TemplateEntry) -> Result<(), CatalogError> {
        check_template(&template.uri_template).map_err(|fault| CatalogError::Identifier {
            list: List::ResourceTemplates,
            key: template.uri_template.clone(),
            fault,
        })?;
        let list = List::ResourceTemplates;
        let json = self.take(list, &template.uri_template, &template.json)?;
        self.templates.push((template.uri_template, json, ()));
        Ok(())
    }

    /// Adds a prompt.
    ///
    /// # Errors
    ///
    /// As [`Catalog::add_prompts`].
    pub fn push_prompt(&mut self, prompt: PromptEntry) -> Result<(), CatalogError> {
        let json = self.take(List::Prompts, &prompt.name, &prompt.json)?;
        let arguments = prompt.arguments;
        self.prompts.push((prompt.name, json, Prompt { arguments }));
        Ok(())
    }

    /// Stores the text of an item if there is room for it.
    fn take(&mut self, list: List, key: &str, json: &str) -> Result<Box<str>, CatalogError> {
        let bytes = self.bytes.saturating_add(key.len() + json.len());
        self.room.check(self.len() + 1, bytes)?;
        let json = object_on_one_line(list, key, json)?;
        self.bytes += key.len() + json.len();
        Ok(json)
    }
}

/// A tool of a batch whose schemas are compiled.
#[derive(Debug)]
#[must_use = "the tool is added by `finish`"]
pub struct CompiledTool<'a> {
    batch: &'a mut Batch,
    tool: Tool,
}

impl CompiledTool<'_> {
    /// Adds the tool with the text of the whole item.
    ///
    /// # Errors
    ///
    /// As [`Catalog::add_tools`].
    pub fn finish(self, name: String, json: &str) -> Result<(), CatalogError> {
        let json = self.batch.take(List::Tools, &name, json)?;
        self.batch.tools.push((name, json, self.tool));
        Ok(())
    }
}

/// Checks that an item is an object on one line, since items are listed verbatim.
fn object_on_one_line(list: List, key: &str, json: &str) -> Result<Box<str>, CatalogError> {
    let refused = |reason: String| CatalogError::NoObject {
        list,
        key: key.to_owned(),
        reason,
    };
    // Most clients cannot read deeper nesting than this.
    let text = json::check(json.as_bytes(), 128).map_err(|defect| refused(defect.to_string()))?;
    if !text.trim_start().starts_with('{') {
        return Err(refused("it is JSON of another kind".to_owned()));
    }
    Ok(json::strip_line_breaks(text).into())
}

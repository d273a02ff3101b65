//! The lists of a component that registers its entries.

mod cursor;
mod entries;
mod expansion;
mod numbers;
mod registry;
mod schema;
mod schemas;
mod weight;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub(super) use cursor::Cursor;
pub(super) use entries::ToolSchemas;
use entries::{Prompt, Tool};
pub use entries::{PromptEntry, ResourceEntry, TemplateEntry, ToolEntry};
use registry::{Page, Registry};
pub use schema::{Schema, SchemaError, Violation};
pub use schemas::Schemas;

use crate::json;

/// The lists of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum List {
    /// [Tools](https://modelcontextprotocol.io/specification/2025-06-18/server/tools), by name.
    Tools,
    /// [Resources](https://modelcontextprotocol.io/specification/2025-06-18/server/resources), by URI.
    Resources,
    /// [Resource templates](https://modelcontextprotocol.io/specification/2025-06-18/server/resources#resource-templates), by URI template.
    ResourceTemplates,
    /// [Prompts](https://modelcontextprotocol.io/specification/2025-06-18/server/prompts), by name.
    Prompts,
}

impl std::fmt::Display for List {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Tools => "tool",
            Self::Resources => "resource",
            Self::ResourceTemplates => "resource template",
            Self::Prompts => "prompt",
        })
    }
}

/// The lists that have changed, in the terms of the `list_changed` notifications: resource
/// templates count as resources.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changed {
    /// The tools.
    pub tools: bool,
    /// The resources or the resource templates.
    pub resources: bool,
    /// The prompts.
    pub prompts: bool,
}

impl Changed {
    /// The tools alone.
    pub const TOOLS: Self = Self {
        tools: true,
        resources: false,
        prompts: false,
    };
    /// The resources, or the resource templates, alone.
    pub const RESOURCES: Self = Self {
        tools: false,
        resources: true,
        prompts: false,
    };
    /// The prompts alone.
    pub const PROMPTS: Self = Self {
        tools: false,
        resources: false,
        prompts: true,
    };

    /// All of them.
    pub const ALL: Self = Self {
        tools: true,
        resources: true,
        prompts: true,
    };

    pub(super) fn or(self, other: Self) -> Self {
        Self {
            tools: self.tools || other.tools,
            resources: self.resources || other.resources,
            prompts: self.prompts || other.prompts,
        }
    }
}

/// Reasons why nothing was registered or unregistered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// The name or URI is already registered, or occurs twice in the call.
    #[error("there is a {list} {key:?} already")]
    Duplicate {
        /// The list.
        list: List,
        /// Its name or URI.
        key: String,
    },
    /// The name or URI is not registered, or occurs twice in the call.
    #[error("there is no {list} {key:?}")]
    Unknown {
        /// The list.
        list: List,
        /// Its name or URI.
        key: String,
    },
    /// A tool's schema is unusable.
    #[error("the {member} of the tool {tool:?}: {error}")]
    Schema {
        /// The tool's name.
        tool: String,
        /// `inputSchema` or `outputSchema`.
        member: &'static str,
        /// The reason.
        error: SchemaError,
    },
    /// An item is not one JSON object.
    #[error("the {list} {key:?} is no JSON object: {reason}")]
    NoObject {
        /// The list.
        list: List,
        /// Its name or URI.
        key: String,
        /// The reason.
        reason: String,
    },
    /// The limit on the number of entries is reached.
    #[error("no more than {limit} entries can be registered")]
    Full {
        /// The maximum number of entries in all lists together.
        limit: usize,
    },
    /// The limit on the size of the entries is reached.
    #[error("no more than {limit} bytes can be registered")]
    TooLarge {
        /// The maximum size of all entries together, in bytes.
        limit: usize,
    },
    /// The limit on the memory of compiled schemas is reached.
    #[error("the schemas of all tools would take more than {limit} bytes of the host's memory")]
    SchemasTooLarge {
        /// The estimated memory they may take together, in bytes.
        limit: usize,
    },
}

impl CatalogError {
    /// Returns whether the cause is a limit rather than a mistake of the component.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::Full { .. } | Self::TooLarge { .. } | Self::SchemasTooLarge { .. }
        )
    }
}

/// The entries that a component has registered. Each change is atomic.
///
/// Entries are listed in the order of registration, and a position in that order is never reused,
/// so a cursor stays valid while the lists change. Cloning copies no entries.
#[derive(Debug, Clone)]
pub struct Catalog {
    limit: usize,
    most_bytes: usize,
    most_schema_bytes: usize,
    /// The estimated memory of the compiled schemas of all tools.
    schema_bytes: usize,
    schemas: Schemas,
    tools: Registry<Tool>,
    resources: Registry<()>,
    templates: Registry<()>,
    prompts: Registry<Prompt>,
}

impl Catalog {
    /// Creates an empty catalog with room for `limit` entries in all lists together.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            most_bytes: usize::MAX,
            most_schema_bytes: usize::MAX,
            schema_bytes: 0,
            schemas: Schemas::default(),
            tools: Registry::new(List::Tools),
            resources: Registry::new(List::Resources),
            templates: Registry::new(List::ResourceTemplates),
            prompts: Registry::new(List::Prompts),
        }
    }

    /// Sets the maximum size of all names, URIs and items, in bytes.
    #[must_use]
    pub fn with_most_bytes(mut self, most: usize) -> Self {
        self.most_bytes = most;
        self
    }

    /// Sets the maximum estimated memory of the compiled schemas, in bytes.
    #[must_use]
    pub fn with_most_schema_bytes(mut self, most: usize) -> Self {
        self.most_schema_bytes = most;
        self
    }

    /// Shares compiled schemas with other catalogs.
    #[must_use]
    pub fn with_schemas(mut self, schemas: Schemas) -> Self {
        self.schemas = schemas;
        self
    }

    /// Registers tools.
    ///
    /// # Errors
    ///
    /// [`CatalogError`], and nothing is registered: a duplicate name, an unusable schema, an item
    /// that is not a JSON object, or a limit that is reached.
    pub fn add_tools(&mut self, tools: Vec<ToolEntry>) -> Result<(), CatalogError> {
        self.check_room(tools.iter().map(|tool| (&tool.name, &tool.json)))?;
        let mut schema_bytes = self.schema_bytes;
        let mut entries = Vec::with_capacity(tools.len());
        for tool in tools {
            let item = tool.into_item(&self.schemas)?;
            schema_bytes = schema_bytes.saturating_add(item.2.schemas.weight());
            if schema_bytes > self.most_schema_bytes {
                return Err(CatalogError::SchemasTooLarge {
                    limit: self.most_schema_bytes,
                });
            }
            entries.push(item);
        }
        self.tools.add(entries)?;
        self.schema_bytes = schema_bytes;
        Ok(())
    }

    /// Unregisters tools by name.
    ///
    /// # Errors
    ///
    /// [`CatalogError::Unknown`], and nothing is unregistered.
    pub fn remove_tools<S: AsRef<str>>(&mut self, names: &[S]) -> Result<(), CatalogError> {
        let weight = |name: &S| {
            self.tool(name.as_ref())
                .map_or(0, |schemas| schemas.weight())
        };
        let schema_bytes: usize = names.iter().map(weight).sum();
        self.tools.remove(names)?;
        self.schema_bytes -= schema_bytes;
        Ok(())
    }

    /// Registers resources; errors as with [`Catalog::add_tools`].
    ///
    /// # Errors
    ///
    /// [`CatalogError`], and nothing is registered.
    pub fn add_resources(&mut self, resources: Vec<ResourceEntry>) -> Result<(), CatalogError> {
        self.check_room(resources.iter().map(|it| (&it.uri, &it.json)))?;
        self.resources.add(
            resources
                .into_iter()
                .map(|entry| (entry.uri, entry.json, ()))
                .collect(),
        )
    }

    /// Unregisters resources by URI.
    ///
    /// # Errors
    ///
    /// [`CatalogError::Unknown`], and nothing is unregistered.
    pub fn remove_resources<S: AsRef<str>>(&mut self, uris: &[S]) -> Result<(), CatalogError> {
        self.resources.remove(uris)
    }

    /// Registers resource templates; errors as with [`Catalog::add_tools`].
    ///
    /// # Errors
    ///
    /// [`CatalogError`], and nothing is registered.
    pub fn add_templates(&mut self, templates: Vec<TemplateEntry>) -> Result<(), CatalogError> {
        self.check_room(templates.iter().map(|it| (&it.uri_template, &it.json)))?;
        let items = templates
            .into_iter()
            .map(|entry| (entry.uri_template, entry.json, ()));
        self.templates.add(items.collect())
    }

    /// Unregisters resource templates by URI template.
    ///
    /// # Errors
    ///
    /// [`CatalogError::Unknown`], and nothing is unregistered.
    pub fn remove_templates<S: AsRef<str>>(
        &mut self,
        uri_templates: &[S],
    ) -> Result<(), CatalogError> {
        self.templates.remove(uri_templates)
    }

    /// Registers prompts; errors as with [`Catalog::add_tools`].
    ///
    /// # Errors
    ///
    /// [`CatalogError`], and nothing is registered.
    pub fn add_prompts(&mut self, prompts: Vec<PromptEntry>) -> Result<(), CatalogError> {
        self.check_room(prompts.iter().map(|it| (&it.name, &it.json)))?;
        self.prompts
            .add(prompts.into_iter().map(PromptEntry::into_item).collect())
    }

    /// Unregisters prompts by name.
    ///
    /// # Errors
    ///
    /// [`CatalogError::Unknown`], and nothing is unregistered.
    pub fn remove_prompts<S: AsRef<str>>(&mut self, names: &[S]) -> Result<(), CatalogError> {
        self.prompts.remove(names)
    }

    /// Returns the number of entries in a list.
    #[must_use]
    pub fn len(&self, list: List) -> usize {
        match list {
            List::Tools => self.tools.len(),
            List::Resources => self.resources.len(),
            List::ResourceTemplates => self.templates.len(),
            List::Prompts => self.prompts.len(),
        }
    }

    /// Returns whether nothing is registered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total() == 0
    }

    /// Returns the items of a list as JSON text, in their order.
    pub fn items(&self, list: List) -> impl Iterator<Item = &str> {
        self.page(list, None, usize::MAX).items.into_iter()
    }

    /// Returns the lists that differ from those of `other` in an item or in the order.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Changed {
        let differs = |list| !self.items(list).eq(other.items(list));
        Changed {
            tools: differs(List::Tools),
            resources: differs(List::Resources) || differs(List::ResourceTemplates),
            prompts: differs(List::Prompts),
        }
    }

    pub(super) fn tool(&self, name: &str) -> Option<&Arc<ToolSchemas>> {
        self.tools.get(name).map(|tool| &tool.schemas)
    }

    pub(super) fn prompt(&self, name: &str) -> Option<&Prompt> {
        self.prompts.get(name)
    }

    pub(super) fn has_template_or_resource(&self, uri: &str) -> bool {
        self.templates.get(uri).is_some() || self.resources.get(uri).is_some()
    }

    pub(super) fn page(&self, list: List, after: Option<u64>, size: usize) -> Page<'_> {
        match list {
            List::Tools => self.tools.page(after, size),
            List::Resources => self.resources.page(after, size),
            List::ResourceTemplates => self.templates.page(after, size),
            List::Prompts => self.prompts.page(after, size),
        }
    }

    fn total(&self) -> usize {
        self.tools.len() + self.resources.len() + self.templates.len() + self.prompts.len()
    }

    fn bytes(&self) -> usize {
        self.tools.bytes() + self.resources.bytes() + self.templates.bytes() + self.prompts.bytes()
    }

    /// Checks that there is room for items of these names and texts.
    fn check_room<'a>(
        &self,
        items: impl ExactSizeIterator<Item = (&'a String, &'a String)>,
    ) -> Result<(), CatalogError> {
        if self.total().saturating_add(items.len()) > self.limit {
            return Err(CatalogError::Full { limit: self.limit });
        }
        let more: usize = items.map(|(key, json)| key.len() + json.len()).sum();
        if self.bytes().saturating_add(more) > self.most_bytes {
            return Err(CatalogError::TooLarge {
                limit: self.most_bytes,
            });
        }
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

//! The lists of a component that registers its entries.

mod batch;
mod cursor;
#[cfg(feature = "validation")]
mod dialect;
mod entries;
#[cfg(feature = "validation")]
mod expansion;
mod identifiers;
#[cfg(feature = "validation")]
mod numbers;
mod registry;
#[cfg_attr(not(feature = "validation"), path = "unvalidated.rs")]
mod schema;
mod schemas;
#[cfg(feature = "validation")]
mod violations;
#[cfg(feature = "validation")]
mod weight;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use batch::{Batch, CompiledTool};
pub(super) use cursor::Cursor;
pub(super) use entries::ToolSchemas;
use entries::{Prompt, Tool};
pub use entries::{PromptEntry, ResourceEntry, TemplateEntry, ToolEntry};
pub use identifiers::{check_template, check_uri};
use registry::{Page, Registry};
pub use schema::{Schema, SchemaError, Violation};
pub use schemas::Schemas;

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
    #[error("the `{member}` of the tool {tool:?}: {error}")]
    Schema {
        /// The tool's name.
        tool: String,
        /// `inputSchema` or `outputSchema`.
        member: &'static str,
        /// The reason.
        error: SchemaError,
    },
    /// A URI or URI template does not conform to its RFC.
    #[error("the {list} {key:?}: {fault}")]
    Identifier {
        /// The list.
        list: List,
        /// The URI or URI template.
        key: String,
        /// The expectation and the finding.
        fault: String,
    },
    /// An item is not one JSON object.
    #[error("the {list} {key:?} is not a JSON object: {reason}")]
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

    /// Returns an empty batch of items for this catalog.
    #[must_use]
    pub fn batch(&self) -> Batch {
        Batch::new(self)
    }

    /// Registers the items of a batch.
    ///
    /// # Errors
    ///
    /// [`CatalogError`], and nothing is registered: a duplicate name, or a limit that is reached.
    pub fn add(&mut self, batch: Batch) -> Result<(), CatalogError> {
        let room = self.room();
        room.check(batch.len(), batch.bytes())?;
        let batch_schema_bytes = batch.schema_bytes();
        room.check_schemas(batch_schema_bytes)?;
        self.tools.check_new(&batch.tools)?;
        self.resources.check_new(&batch.resources)?;
        self.templates.check_new(&batch.templates)?;
        self.prompts.check_new(&batch.prompts)?;
        self.tools.add(batch.tools);
        self.resources.add(batch.resources);
        self.templates.add(batch.templates);
        self.prompts.add(batch.prompts);
        self.schema_bytes += batch_schema_bytes;
        Ok(())
    }

    /// Registers tools.
    ///
    /// # Errors
    ///
    /// [`CatalogError`], and nothing is registered: a duplicate name, an unusable schema, an item
    /// that is not a JSON object, or a limit that is reached.
    pub fn add_tools(&mut self, tools: Vec<ToolEntry>) -> Result<(), CatalogError> {
        let mut batch = self.batch();
        tools
            .into_iter()
            .try_for_each(|tool| batch.push_tool(tool))?;
        self.add(batch)
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
        let mut batch = self.batch();
        let mut resources = resources.into_iter();
        resources.try_for_each(|resource| batch.push_resource(resource))?;
        self.add(batch)
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
        let mut batch = self.batch();
        let mut templates = templates.into_iter();
        templates.try_for_each(|template| batch.push_template(template))?;
        self.add(batch)
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
        let mut batch = self.batch();
        let mut prompts = prompts.into_iter();
        prompts.try_for_each(|prompt| batch.push_prompt(prompt))?;
        self.add(batch)
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

    fn room(&self) -> Room {
        Room {
            limit: self.limit,
            entries: self.total(),
            most_bytes: self.most_bytes,
            bytes: self.bytes(),
            most_schema_bytes: self.most_schema_bytes,
            schema_bytes: self.schema_bytes,
        }
    }

    fn total(&self) -> usize {
        self.tools.len() + self.resources.len() + self.templates.len() + self.prompts.len()
    }

    fn bytes(&self) -> usize {
        self.tools.bytes() + self.resources.bytes() + self.templates.bytes() + self.prompts.bytes()
    }
}

/// The limits of a catalog, and the use of them by its items.
#[derive(Debug, Clone, Copy)]
struct Room {
    limit: usize,
    entries: usize,
    most_bytes: usize,
    bytes: usize,
    most_schema_bytes: usize,
    schema_bytes: usize,
}

impl Room {
    /// Checks that there is room for this many items with this many bytes of names and texts.
    fn check(&self, items: usize, bytes: usize) -> Result<(), CatalogError> {
        if self.entries.saturating_add(items) > self.limit {
            return Err(CatalogError::Full { limit: self.limit });
        }
        if self.bytes.saturating_add(bytes) > self.most_bytes {
            return Err(CatalogError::TooLarge {
                limit: self.most_bytes,
            });
        }
        Ok(())
    }

    /// Checks that there is room for compiled schemas of this size.
    fn check_schemas(&self, bytes: usize) -> Result<(), CatalogError> {
        if self.schema_bytes.saturating_add(bytes) > self.most_schema_bytes {
            return Err(CatalogError::SchemasTooLarge {
                limit: self.most_schema_bytes,
            });
        }
        Ok(())
    }
}

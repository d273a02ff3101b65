//! Items that a service hides from some requests.

use crate::context::Context;
use crate::items::{PromptItem, ResourceItem, TemplateItem, ToolItem};
use crate::server::ServerDefinition;

/// The kind of an item, and its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemName<'a> {
    /// A tool, by its name.
    Tool(&'a str),
    /// A resource, by its URI.
    Resource(&'a str),
    /// A resource template, by its URI template.
    ResourceTemplate(&'a str),
    /// A prompt, by its name.
    Prompt(&'a str),
}

/// An item with a name.
pub trait Named {
    fn name(&self) -> ItemName<'_>;

    /// Returns whether lists have the item.
    fn is_listed(&self) -> bool {
        true
    }
}

impl Named for ToolItem {
    fn name(&self) -> ItemName<'_> {
        ItemName::Tool(&self.tool.name)
    }
}

impl Named for ResourceItem {
    fn name(&self) -> ItemName<'_> {
        ItemName::Resource(&self.resource.uri)
    }
}

impl Named for TemplateItem {
    fn name(&self) -> ItemName<'_> {
        ItemName::ResourceTemplate(&self.template.uri_template)
    }

    fn is_listed(&self) -> bool {
        self.listed
    }
}

impl Named for PromptItem {
    fn name(&self) -> ItemName<'_> {
        ItemName::Prompt(&self.prompt.name)
    }
}

/// Returns whether a request may see an item. In a backend it always may: the host owns the lists.
pub async fn is_visible<S: ServerDefinition>(context: &Context, item: &impl Named) -> bool {
    !S::SERVICE || S::visible(context, item.name()).await
}

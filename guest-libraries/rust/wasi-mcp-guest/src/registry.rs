//! The items that this instance has registered.

use std::cell::RefCell;
use std::rc::Rc;

use crate::items::{Items, PromptItem, ResourceItem, TemplateItem, ToolItem};
use crate::server::Exports;
use crate::template::Variables;

/// The items, and the kinds that the component can serve.
#[derive(Default)]
pub struct Registry {
    pub items: Items,
    pub exports: Exports,
}

thread_local! {
    static REGISTRY: RefCell<Registry> = RefCell::default();
}

/// Accesses the registry; never across an await, so concurrent calls do not conflict.
pub fn with<T>(work: impl FnOnce(&mut Registry) -> T) -> T {
    REGISTRY.with_borrow_mut(work)
}

impl Items {
    pub(crate) fn tool(&self, name: &str) -> Option<Rc<ToolItem>> {
        self.tools.iter().find(|it| it.tool.name == name).cloned()
    }

    pub(crate) fn resource(&self, uri: &str) -> Option<Rc<ResourceItem>> {
        self.resources
            .iter()
            .find(|it| it.resource.uri == uri)
            .cloned()
    }

    /// Returns the templates that a URI matches, with their variables.
    pub(crate) fn matching_templates(&self, uri: &str) -> Vec<(Rc<TemplateItem>, Variables)> {
        let matching = self.templates.iter().filter_map(|it| {
            let variables = it.pattern.matches(uri)?;
            Some((it.clone(), variables))
        });
        matching.collect()
    }

    pub(crate) fn template(&self, template: &str) -> Option<Rc<TemplateItem>> {
        self.templates
            .iter()
            .find(|it| it.template.uri_template == template)
            .cloned()
    }

    pub(crate) fn prompt(&self, name: &str) -> Option<Rc<PromptItem>> {
        self.prompts
            .iter()
            .find(|it| it.prompt.name == name)
            .cloned()
    }
}

//! The items that this instance has registered.

use std::cell::RefCell;
use std::rc::Rc;

use wasi_mcp_types::capabilities::Server;

use crate::items::{Items, PromptItem, ResourceItem, TemplateItem, ToolItem};
use crate::lists::Owner;
use crate::server::Exports;
use crate::template::Variables;

/// The items, and the server that has them.
#[derive(Default)]
pub struct Registry {
    pub items: Items,
    /// The kinds that the component can serve.
    pub exports: Exports,
    pub server: Server,
    /// The owner of the lists, once the items are registered.
    pub owner: Option<Owner>,
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

    /// Checks that each item of another collection is in this one, by its name.
    pub(crate) fn check_has(&self, others: &Self) -> Result<(), String> {
        let unknown = |kind: &str, name: &str| Err(format!("{kind} `{name}` is not registered"));
        for name in others.tools().map(|it| &it.name) {
            if self.tool(name).is_none() {
                return unknown("tool", name);
            }
        }
        for uri in others.resources().map(|it| &it.uri) {
            if self.resource(uri).is_none() {
                return unknown("resource", uri);
            }
        }
        for template in others.resource_templates().map(|it| &it.uri_template) {
            if self.template(template).is_none() {
                return unknown("resource template", template);
            }
        }
        for name in others.prompts().map(|it| &it.name) {
            if self.prompt(name).is_none() {
                return unknown("prompt", name);
            }
        }
        Ok(())
    }

    /// Removes the items that another collection has under the same names.
    pub(crate) fn forget(&mut self, others: &Self) {
        self.tools.retain(|it| others.tool(&it.tool.name).is_none());
        self.resources
            .retain(|it| others.resource(&it.resource.uri).is_none());
        self.templates
            .retain(|it| others.template(&it.template.uri_template).is_none());
        self.prompts
            .retain(|it| others.prompt(&it.prompt.name).is_none());
    }
}

#[cfg(test)]
mod tests {
    #[crate::items]
    mod some {
        #[tool]
        fn a() {}

        #[resource(uri = "a:b")]
        fn b() -> &'static str {
            "b"
        }

        #[resource(template = "a:c/{d}", unlisted)]
        fn c(d: String) -> String {
            d
        }

        #[prompt]
        fn e() -> &'static str {
            "e"
        }
    }

    #[crate::items]
    mod others {
        #[tool]
        fn f() {}
    }

    #[test]
    fn forgotten_items_are_found_no_more() {
        let mut items = some::items();
        items.append(others::items());
        items.forget(&some::items());
        assert!(items.tool("a").is_none() && items.tool("f").is_some());
        assert!(items.resource("a:b").is_none());
        assert!(items.matching_templates("a:c/d").is_empty());
        assert!(items.prompt("e").is_none());
    }
}

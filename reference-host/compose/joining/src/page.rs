//! The pages of the four lists, alike.

use wasi_mcp_types::content::{
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, Prompt,
    Resource, ResourceTemplate, Tool,
};

/// One page of a list.
pub(crate) trait Page: Default {
    /// What is listed, in an error message: `tools`.
    const ITEMS: &'static str;
    /// A composition can put the name of a component before that of an item.
    const HAVE_PREFIXES: bool;
    /// An item.
    type Item;

    fn items(&mut self) -> &mut Vec<Self::Item>;
    /// Returns what identifies an item in the list.
    fn key(item: &Self::Item) -> &str;
    fn next(&mut self) -> &mut Option<String>;
    fn meta(&mut self) -> &mut Option<String>;
    fn extra(&mut self) -> &mut Option<String>;

    /// Adds the items of the page that follows. Where both have `_meta` or further members, those of
    /// the first page stay.
    fn append(&mut self, mut following: Self) {
        self.items().append(following.items());
        *self.next() = following.next().take();
        if self.meta().is_none() {
            *self.meta() = following.meta().take();
        }
        if self.extra().is_none() {
            *self.extra() = following.extra().take();
        }
    }
}

macro_rules! page {
    ($page:ident, $items:ident: $item:ident by $key:ident, $text:literal, $have_prefixes:literal) => {
        impl Page for $page {
            const ITEMS: &'static str = $text;
            const HAVE_PREFIXES: bool = $have_prefixes;
            type Item = $item;

            fn items(&mut self) -> &mut Vec<$item> {
                &mut self.$items
            }
            fn key(item: &$item) -> &str {
                &item.$key
            }
            fn next(&mut self) -> &mut Option<String> {
                &mut self.next_cursor
            }
            fn meta(&mut self) -> &mut Option<String> {
                &mut self.meta
            }
            fn extra(&mut self) -> &mut Option<String> {
                &mut self.extra
            }
        }
    };
}

page!(ListToolsResult, tools: Tool by name, "tools", true);
page!(ListResourcesResult, resources: Resource by uri, "resources", false);
page!(ListResourceTemplatesResult, resource_templates: ResourceTemplate by uri_template, "resource templates", false);
page!(ListPromptsResult, prompts: Prompt by name, "prompts", true);

//! The server's capabilities and lists once it has started.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use super::catalog::{Catalog, List};

/// The declarations of a started component for this session.
#[derive(Debug, Clone)]
pub struct Offer {
    /// `serverInfo`: a JSON object.
    pub info: String,
    /// `capabilities` as sent to the client: a JSON object.
    pub capabilities: String,
    /// `instructions`
    pub instructions: Option<String>,
    /// The features that follow from the capabilities.
    pub offered: Offered,
    /// The lists of a component that registers its entries; `None` for one that answers the list
    /// requests itself.
    pub catalog: Option<Arc<Catalog>>,
}

impl Offer {
    /// Returns a number that stands for the lists of the component. It is the same in every
    /// process of the same build that serves the same lists.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        // Its keys are fixed.
        let mut hasher = DefaultHasher::new();
        if let Some(catalog) = &self.catalog {
            for list in [
                List::Tools,
                List::Resources,
                List::ResourceTemplates,
                List::Prompts,
            ] {
                list.hash(&mut hasher);
                for item in catalog.items(list) {
                    item.hash(&mut hasher);
                }
            }
        }
        hasher.finish()
    }
}

/// The features that are offered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offered {
    /// `tools`
    pub tools: bool,
    /// `resources`
    pub resources: bool,
    /// `resources.subscribe`
    pub subscribe: bool,
    /// `prompts`
    pub prompts: bool,
    /// `completions`
    pub completions: bool,
    /// `logging`
    pub logging: bool,
    /// `tools.listChanged`
    pub tools_list_changed: bool,
    /// `resources.listChanged`
    pub resources_list_changed: bool,
    /// `prompts.listChanged`
    pub prompts_list_changed: bool,
    /// The component handles the client's notifications.
    pub client_events: bool,
}

//! What the server offers once it has started.

use std::sync::Arc;

use super::catalog::Catalog;

/// What a started component offers to this session.
#[derive(Debug, Clone)]
pub struct Offer {
    /// `serverInfo`: a JSON object.
    pub info: String,
    /// `capabilities` as they go to the client: a JSON object.
    pub capabilities: String,
    /// `instructions`
    pub instructions: Option<String>,
    /// What follows from the capabilities for this host.
    pub offered: Offered,
    /// The lists of a component that registers what it has; `None` for one
    /// that answers the list requests itself.
    pub catalog: Option<Arc<Catalog>>,
}

/// Which features are there.
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
    /// The component acts on the client's notifications.
    pub client_events: bool,
}

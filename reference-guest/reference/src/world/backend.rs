//! The backend registers its items. The host lists them, refuses unknown names, and checks
//! arguments and structured results against the schemas.

use crate::bindings::wasi::mcp::runtime;
use crate::bindings::wasi::mcp::types::Error;
use crate::tools::Entry;
use crate::{prompts, resource_templates, resources, server, state, tools};

pub fn start() -> Result<(), Error> {
    runtime::register_server(&server::server())?;
    runtime::register_tools(&tools::listed())?;
    runtime::register_resources(&resources::listed())?;
    runtime::register_resource_templates(&resource_templates::listed())?;
    runtime::register_prompts(&prompts::listed())?;
    runtime::serve()
}

/// Accepts all arguments: the host has checked them against the input schema.
pub fn check_arguments(_entry: &Entry, _arguments: &str) -> Result<(), Error> {
    Ok(())
}

/// Registers one more entry of each kind. The host tells the clients.
pub fn add_entries() -> Result<(), Error> {
    runtime::register_tools(&[tools::added().tool.clone()])?;
    runtime::register_resources(&[resources::added()])?;
    runtime::register_resource_templates(&[resource_templates::added()])?;
    runtime::register_prompts(&[prompts::added()])?;
    state::with(|state| state.added = true);
    Ok(())
}

/// Withdraws the entries of [`add_entries`].
pub fn remove_entries() -> Result<(), Error> {
    runtime::unregister_tools(&[tools::added().tool.name.clone()])?;
    runtime::unregister_resources(&[resources::added().uri])?;
    runtime::unregister_resource_templates(&[resource_templates::added().uri_template])?;
    runtime::unregister_prompts(&[prompts::added().name])?;
    state::with(|state| state.added = false);
    Ok(())
}

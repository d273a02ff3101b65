//! Lists that change while the server runs.
//!
//! A module with the attribute [`items`](macro@crate::items) that the server does not name makes a
//! collection to add and remove:
//!
//! ```
//! #[wasi_mcp_guest::items]
//! mod extra {
//!     /// Is there at times.
//!     #[tool]
//!     fn guest() -> &'static str {
//!         "I was added"
//!     }
//! }
//!
//! fn add() -> Result<(), wasi_mcp_guest::Error> {
//!     wasi_mcp_guest::lists::add(extra::items())
//! }
//! ```
//!
//! The host tells the clients where the server has `list_changed`. It refuses changes with
//! `invalid-state` where an instance does not serve one session alone.

use wasi_mcp_types::types::Error;

use crate::bindings::wasi::mcp::runtime;
use crate::errors::invalid_params;
use crate::items::Items;
use crate::registry;

/// Registers further items.
pub fn add(items: Items) -> Result<(), Error> {
    registry::with(|registry| {
        let mut all = registry.items.clone();
        all.append(items.clone());
        all.check()
            .and_then(|()| registry.exports.check(&items))
            .map_err(invalid_params)
    })?;
    register(&items)?;
    registry::with(|registry| {
        registry.items.append(items);
    });
    Ok(())
}

/// Withdraws items. Calls of them that are running end as usual.
pub fn remove(items: &Items) -> Result<(), Error> {
    let tools: Vec<_> = items.tools().map(|it| it.name.clone()).collect();
    let resources: Vec<_> = items.resources().map(|it| it.uri.clone()).collect();
    let templates: Vec<_> = items
        .resource_templates()
        .map(|it| it.uri_template.clone())
        .collect();
    let prompts: Vec<_> = items.prompts().map(|it| it.name.clone()).collect();
    call(&tools, runtime::unregister_tools)?;
    call(&resources, runtime::unregister_resources)?;
    call(&templates, runtime::unregister_resource_templates)?;
    call(&prompts, runtime::unregister_prompts)?;
    registry::with(|registry| {
        let all = &mut registry.items;
        all.tools.retain(|it| !tools.contains(&it.tool.name));
        all.resources
            .retain(|it| !resources.contains(&it.resource.uri));
        all.templates.retain(|it| {
            let template = &it.template.uri_template;
            !items
                .templates
                .iter()
                .any(|removed| &removed.template.uri_template == template)
        });
        all.prompts.retain(|it| !prompts.contains(&it.prompt.name));
    });
    Ok(())
}

/// Tells the host of items.
pub(crate) fn register(items: &Items) -> Result<(), Error> {
    call(
        &items.tools().cloned().collect::<Vec<_>>(),
        runtime::register_tools,
    )?;
    call(
        &items.resources().cloned().collect::<Vec<_>>(),
        runtime::register_resources,
    )?;
    call(
        &items.resource_templates().cloned().collect::<Vec<_>>(),
        runtime::register_resource_templates,
    )?;
    call(
        &items.prompts().cloned().collect::<Vec<_>>(),
        runtime::register_prompts,
    )
}

/// Calls an import unless there is nothing to do.
fn call<T>(items: &[T], import: impl FnOnce(&[T]) -> Result<(), Error>) -> Result<(), Error> {
    if items.is_empty() {
        Ok(())
    } else {
        import(items)
    }
}

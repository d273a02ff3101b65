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
    for (_, unregister) in KINDS {
        unregister(items)?;
    }
    registry::with(|registry| registry.items.forget(items));
    Ok(())
}

/// Tells the host of some items, or takes them back.
type Step = fn(&Items) -> Result<(), Error>;

/// Registration and its reverse, for each kind.
const KINDS: [(Step, Step); 4] = [
    (
        |items| call(items.tools().cloned(), runtime::register_tools),
        |items| {
            let names = items.tools().map(|it| it.name.clone());
            call(names, runtime::unregister_tools)
        },
    ),
    (
        |items| call(items.resources().cloned(), runtime::register_resources),
        |items| {
            let uris = items.resources().map(|it| it.uri.clone());
            call(uris, runtime::unregister_resources)
        },
    ),
    (
        |items| {
            let templates = items.resource_templates().cloned();
            call(templates, runtime::register_resource_templates)
        },
        |items| {
            let templates = items.resource_templates();
            let templates = templates.map(|it| it.uri_template.clone());
            call(templates, runtime::unregister_resource_templates)
        },
    ),
    (
        |items| call(items.prompts().cloned(), runtime::register_prompts),
        |items| {
            let names = items.prompts().map(|it| it.name.clone());
            call(names, runtime::unregister_prompts)
        },
    ),
];

/// Registers the items with the host: all of them, or none.
pub(crate) fn register(items: &Items) -> Result<(), Error> {
    for (index, (register, _)) in KINDS.iter().enumerate() {
        if let Err(error) = register(items) {
            for (_, unregister) in &KINDS[..index] {
                // The first error says more than one of these.
                let _ = unregister(items);
            }
            return Err(error);
        }
    }
    Ok(())
}

/// Calls an import unless there is nothing to do.
fn call<T>(
    items: impl Iterator<Item = T>,
    import: impl FnOnce(&[T]) -> Result<(), Error>,
) -> Result<(), Error> {
    let items: Vec<T> = items.collect();
    if items.is_empty() {
        Ok(())
    } else {
        import(&items)
    }
}

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
//! The clients are told where the server has `list_changed`. A backend's host refuses changes with
//! `invalid-state` where an instance does not serve one session alone. A service changes the lists
//! of one instance.

use wasi_mcp_types::capabilities::ServerCapabilities;
use wasi_mcp_types::types::{Error, ErrorCode};

use crate::bindings::wasi::mcp::{notifications, runtime};
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
    let owner = owner()?;
    (owner.add)(&items)?;
    registry::with(|registry| {
        registry.items.append(items.clone());
    });
    (owner.report)(&items);
    Ok(())
}

/// Withdraws items. Calls of them that are running end as usual.
pub fn remove(items: &Items) -> Result<(), Error> {
    let owner = owner()?;
    (owner.remove)(items)?;
    registry::with(|registry| registry.items.forget(items));
    (owner.report)(items);
    Ok(())
}

/// Accepts a change of the lists by some items.
type Step = fn(&Items) -> Result<(), Error>;

/// The owner of the lists, which accepts changes of them.
#[derive(Clone, Copy)]
pub(crate) struct Owner {
    pub add: Step,
    pub remove: Step,
    /// Notifies clients after a change, unless the owner already has.
    pub report: fn(&Items),
}

/// The host, which owns the lists of a backend.
pub(crate) const HOST: Owner = Owner {
    add: register,
    remove: unregister,
    report: |_| {},
};

/// The service itself. A component imports only what the owner of its lists calls.
pub(crate) const SERVICE: Owner = Owner {
    add: |_| Ok(()),
    remove: |items| {
        registry::with(|registry| registry.items.check_has(items)).map_err(invalid_params)
    },
    report,
};

fn owner() -> Result<Owner, Error> {
    registry::with(|registry| registry.owner).ok_or_else(|| {
        Error::new(
            ErrorCode::InvalidState,
            "the lists cannot change before the server has started",
        )
    })
}

/// Tells the clients which lists some items change.
fn report(items: &Items) {
    let changed = registry::with(|registry| changed(&registry.server.capabilities, items));
    let notify = [
        notifications::tools_changed,
        notifications::resources_changed,
        notifications::prompts_changed,
    ];
    for (changed, notify) in changed.into_iter().zip(notify) {
        if changed {
            notify();
        }
    }
}

/// Returns whether some items change the list of tools, of resources, and of prompts, and the server
/// has declared that it changes.
fn changed(capabilities: &ServerCapabilities, items: &Items) -> [bool; 3] {
    let declared = [
        capabilities.tools.and_then(|it| it.list_changed),
        capabilities.resources.and_then(|it| it.list_changed),
        capabilities.prompts.and_then(|it| it.list_changed),
    ];
    let has_resources = items.resources().next().is_some();
    let has = [
        items.tools().next().is_some(),
        has_resources || items.resource_templates().next().is_some(),
        items.prompts().next().is_some(),
    ];
    std::array::from_fn(|kind| declared[kind] == Some(true) && has[kind])
}

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
fn register(items: &Items) -> Result<(), Error> {
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

/// Takes the items back from the host.
fn unregister(items: &Items) -> Result<(), Error> {
    for (_, unregister) in KINDS {
        unregister(items)?;
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

#[cfg(test)]
mod tests {
    use wasi_mcp_types::capabilities::{PromptsCapability, ResourcesCapability, ToolsCapability};

    use super::*;

    #[crate::items]
    mod tools {
        #[tool]
        fn a() {}
    }

    #[crate::items]
    mod templates {
        #[resource(template = "a:{b}")]
        fn b(b: String) -> String {
            b
        }
    }

    #[crate::items]
    mod unlisted {
        #[resource(template = "c:{d}", unlisted)]
        fn d(d: String) -> String {
            d
        }
    }

    #[test]
    fn a_service_reports_changes_of_lists_that_it_declares_to_change() {
        let list_changed = Some(true);
        let declared = ServerCapabilities {
            tools: Some(ToolsCapability { list_changed }),
            resources: Some(ResourcesCapability {
                list_changed,
                subscribe: None,
            }),
            prompts: Some(PromptsCapability { list_changed }),
            ..ServerCapabilities::default()
        };
        for (items, lists) in [
            (Items::new(), [false, false, false]),
            (tools::items(), [true, false, false]),
            (templates::items(), [false, true, false]),
            (unlisted::items(), [false, false, false]),
        ] {
            assert_eq!(changed(&declared, &items), lists);
            assert_eq!(changed(&ServerCapabilities::default(), &items), [false; 3]);
        }
    }

    #[test]
    fn items_that_are_not_registered_cannot_be_removed() {
        registry::with(|registry| registry.owner = Some(SERVICE));
        assert_eq!(
            remove(&tools::items()),
            Err(invalid_params("tool `a` is not registered"))
        );
    }

    #[test]
    fn clients_are_told_after_the_change() {
        let has_tool = || registry::with(|registry| registry.items.tool("a").is_some());
        registry::with(|registry| {
            registry.exports.tools = true;
            registry.owner = Some(Owner {
                report: |_| {
                    registry::with(|registry| {
                        registry.server.info.name += &registry.items.tools().count().to_string()
                    })
                },
                ..SERVICE
            });
        });
        add(tools::items()).unwrap();
        assert!(has_tool());
        remove(&tools::items()).unwrap();
        assert_eq!(
            registry::with(|registry| registry.server.info.name.clone()),
            "10"
        );
    }

    #[test]
    fn lists_change_after_the_start() {
        assert_eq!(
            remove(&tools::items()).unwrap_err().code,
            ErrorCode::InvalidState
        );
    }
}

//! The start of a server, and its description.

use wasi_mcp_types::capabilities::{
    PromptsCapability, ResourcesCapability, Server, ServerCapabilities, ToolsCapability,
};
use wasi_mcp_types::types::Error;

use crate::bindings::wasi::mcp::runtime;
use crate::context::Context;
use crate::errors::invalid_params;
use crate::items::Items;
use crate::lists::{self, Owner};
use crate::registry::{self, Registry};
use crate::visibility::ItemName;

/// The exports of a component, apart from `start`, or from `server-catalog` and the lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exports {
    /// `wasi:mcp/tools`.
    pub tools: bool,
    /// `wasi:mcp/resources`.
    pub resources: bool,
    /// `wasi:mcp/resource-subscriptions`.
    pub subscriptions: bool,
    /// `wasi:mcp/prompts`.
    pub prompts: bool,
    /// `wasi:mcp/completion`.
    pub completion: bool,
}

impl Exports {
    /// Checks that each item has its export.
    pub(crate) fn check(self, items: &Items) -> Result<(), String> {
        let tool = items.tools.iter().next().map(|it| it.origin);
        let resource = items.resources.iter().next().map(|it| it.origin);
        let template = items.templates.iter().next().map(|it| it.origin);
        let prompt = items.prompts.iter().next().map(|it| it.origin);
        for (kind, origin, exported) in [
            ("tools", tool, self.tools),
            ("resources", resource, self.resources),
            ("resources", template, self.resources),
            ("prompts", prompt, self.prompts),
        ] {
            if let Some(origin) = origin
                && !exported
            {
                return Err(format!(
                    "{origin} adds {kind}, which the component does not export: name the kind, as in `#[setup({kind})]`"
                ));
            }
        }
        Ok(())
    }

    /// Returns the capabilities that need the exports.
    fn capabilities(self, list_changed: bool) -> ServerCapabilities {
        let list_changed = list_changed.then_some(true);
        ServerCapabilities {
            tools: self.tools.then_some(ToolsCapability { list_changed }),
            resources: self.resources.then_some(ResourcesCapability {
                subscribe: self.subscriptions.then_some(true),
                list_changed,
            }),
            prompts: self.prompts.then_some(PromptsCapability { list_changed }),
            completions: self.completion.then(|| "{}".into()),
            ..ServerCapabilities::default()
        }
    }
}

/// A server. Implemented by the attribute [`server`](macro@crate::server).
///
/// A type that implements it implements the exports of [`bindings`](crate::bindings), so that the
/// macros there export it.
#[expect(async_fn_in_trait, reason = "an instance is one thread")]
pub trait ServerDefinition: 'static {
    /// The server is a service: it answers the list methods itself.
    const SERVICE: bool = false;
    /// The exports of the component.
    const EXPORTS: Exports;
    /// The lists change while the server runs.
    const LIST_CHANGED: bool;

    /// Returns the description, without capabilities that follow from the exports.
    fn description() -> Server;

    /// Returns everything that the server registers.
    fn items() -> Items;

    /// Returns whether a request to a service may see an item.
    async fn visible(_context: &Context, _item: ItemName<'_>) -> bool {
        true
    }

    /// Handles a subscription to a resource that exists.
    async fn subscribed(_context: Context, _uri: String) -> Result<(), Error> {
        Ok(())
    }

    /// Handles the end of a subscription.
    async fn unsubscribed(_context: Context, _uri: String) -> Result<(), Error> {
        Ok(())
    }

    /// Handles a client's notification that it is ready.
    async fn initialized(_context: Context) {}

    /// Handles a client's notification that its roots have changed.
    async fn roots_changed(_context: Context) {}
}

/// Returns the whole description of a server.
fn describe<S: ServerDefinition>() -> Server {
    let mut server = S::description();
    let derived = S::EXPORTS.capabilities(S::LIST_CHANGED);
    let own = &mut server.capabilities;
    own.tools = own.tools.take().or(derived.tools);
    own.resources = own.resources.take().or(derived.resources);
    own.prompts = own.prompts.take().or(derived.prompts);
    own.completions = own.completions.take().or(derived.completions);
    server
}

/// Returns the items of a server, checked.
fn checked_items<S: ServerDefinition>() -> Result<Items, Error> {
    let items = S::items();
    items
        .check()
        .and_then(|()| S::EXPORTS.check(&items))
        .map_err(invalid_params)?;
    Ok(items)
}

/// Makes the items those of this instance.
fn register<S: ServerDefinition>(server: Server, items: Items, owner: Owner) {
    registry::with(|registry| {
        *registry = Registry {
            items,
            exports: S::EXPORTS,
            server,
            owner: Some(owner),
        };
    });
}

/// Registers a backend and its items, and publishes them.
pub fn start<S: ServerDefinition>() -> Result<(), Error> {
    let (items, server) = (checked_items::<S>()?, describe::<S>());
    runtime::register_server(&server)?;
    (lists::HOST.add)(&items)?;
    register::<S>(server, items, lists::HOST);
    runtime::serve()
}

/// Registers the items of a service, unless an earlier call of this instance has. A backend has
/// started by then.
pub fn prepare<S: ServerDefinition>() -> Result<(), Error> {
    let is_prepared = !S::SERVICE || registry::with(|registry| registry.owner.is_some());
    if !is_prepared {
        let (items, server) = (checked_items::<S>()?, describe::<S>());
        register::<S>(server, items, lists::SERVICE);
    }
    Ok(())
}

/// Returns the description of a service.
pub fn get_server<S: ServerDefinition>() -> Result<Server, Error> {
    prepare::<S>()?;
    Ok(registry::with(|registry| registry.server.clone()))
}

//! The start of a server.

use wasi_mcp_types::capabilities::{
    PromptsCapability, ResourcesCapability, Server, ServerCapabilities, ToolsCapability,
};
use wasi_mcp_types::types::Error;

use crate::bindings::wasi::mcp::runtime;
use crate::context::Context;
use crate::errors::invalid_params;
use crate::items::Items;
use crate::{lists, registry};

/// The exports of a component, apart from `start`.
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
        let tool = items.tools.first().map(|it| it.origin);
        let resource = items.resources.first().map(|it| it.origin);
        let template = items.templates.first().map(|it| it.origin);
        let prompt = items.prompts.first().map(|it| it.origin);
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
    /// The exports of the component.
    const EXPORTS: Exports;
    /// The lists change while the server runs.
    const LIST_CHANGED: bool;

    /// Returns the description, without capabilities that follow from the exports.
    fn description() -> Server;

    /// Returns everything that the server registers.
    fn items() -> Items;

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

/// Registers a server and its items, and publishes them.
pub fn start<S: ServerDefinition>() -> Result<(), Error> {
    let items = S::items();
    items
        .check()
        .and_then(|()| S::EXPORTS.check(&items))
        .map_err(invalid_params)?;
    runtime::register_server(&describe::<S>())?;
    lists::register(&items)?;
    registry::with(|registry| {
        registry.items = items;
        registry.exports = S::EXPORTS;
    });
    runtime::serve()
}

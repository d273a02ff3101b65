//! The server's capabilities and lists once it has started.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use wasi_mcp_types::capabilities::{Server, ServerCapabilities};

use super::catalog::{Catalog, List};
use crate::wire;

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

/// The interfaces of a component that implement its capabilities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// It answers the list requests itself.
    pub is_service: bool,
    /// The handler and, for a service, the catalog of tools.
    pub tools: bool,
    /// The handler and, for a service, the catalog of resources.
    pub resources: bool,
    /// `resource-subscriptions`
    pub subscriptions: bool,
    /// The handler and, for a service, the catalog of prompts.
    pub prompts: bool,
    /// `completion`
    pub completion: bool,
    /// `client-events`
    pub client_events: bool,
    /// It imports `logging`.
    pub logging: bool,
}

/// The time for which an instance of the component serves a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// The client's session.
    Session,
    /// One call of a session.
    Call,
    /// One message: there are no sessions.
    Message,
    /// One request of a session whose state is kept elsewhere. Subscriptions are part of it, and
    /// updates go on the streams of requests in flight.
    Request,
}

/// The words before the missing exports.
const MISSING: &str = "but the component does not export ";

/// Returns the missing interfaces, such as `wasi:mcp/tools`, for which [`Offer::declare`] refused a
/// component. `text` contains its error. Returns none if the component was refused for another reason.
pub fn missing_exports(text: &str) -> impl Iterator<Item = &str> {
    let interfaces = text.split_once(MISSING).map(|(_, interfaces)| interfaces);
    interfaces
        .into_iter()
        .flat_map(|interfaces| interfaces.split(" and "))
        .map(|interface| {
            let is_part =
                |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, ':' | '/' | '-');
            interface
                .find(|letter| !is_part(letter))
                .map_or(interface, |end| &interface[..end])
        })
}

/// The largest server declaration, in bytes of JSON: each client receives it.
const DECLARATION_BYTES: usize = 1 << 20;

impl Offer {
    /// Checks a server's declaration against its component's exports. Calls `unclaimed` with each
    /// capability that is exported and not declared, and so not offered.
    ///
    /// # Errors
    ///
    /// The reason why the component cannot be served.
    pub fn declare(
        server: &Server,
        catalog: Option<Arc<Catalog>>,
        exported: Exported,
        lifetime: Lifetime,
        mut unclaimed: impl FnMut(&str),
    ) -> Result<Self, String> {
        let mut server = server.clone();
        for (name, is_claimed, is_exported) in claims(&server.capabilities, exported) {
            if is_claimed && !is_exported {
                let interfaces = needed(name, exported.is_service);
                return Err(format!(
                    "the capability `{name}` is declared, {MISSING}{interfaces}"
                ));
            }
            if is_exported && !is_claimed {
                unclaimed(name);
            }
        }
        withdraw(&mut server.capabilities, exported.is_service, lifetime);
        let declared = &server.capabilities;
        let list_changed = |declared: Option<Option<bool>>| declared.flatten() == Some(true);
        let offered = Offered {
            tools: declared.tools.is_some(),
            resources: declared.resources.is_some(),
            subscribe: subscribes(declared),
            prompts: declared.prompts.is_some(),
            completions: declared.completions.is_some(),
            logging: exported.logging,
            tools_list_changed: list_changed(declared.tools.as_ref().map(|it| it.list_changed)),
            resources_list_changed: list_changed(
                declared.resources.as_ref().map(|it| it.list_changed),
            ),
            prompts_list_changed: list_changed(declared.prompts.as_ref().map(|it| it.list_changed)),
            // Their effects could reach no later call.
            client_events: exported.client_events && lifetime == Lifetime::Session,
        };
        let texts =
            wire::declare_server(server, exported.logging).map_err(|fault| fault.to_string())?;
        let declared_bytes = texts.info.len()
            + texts.capabilities.len()
            + texts.instructions.as_ref().map_or(0, String::len);
        if declared_bytes > DECLARATION_BYTES {
            return Err(format!(
                "what the server says of itself has more than {DECLARATION_BYTES} bytes"
            ));
        }
        Ok(Self {
            info: texts.info,
            capabilities: texts.capabilities,
            instructions: texts.instructions,
            offered,
            catalog,
        })
    }

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

/// Returns each capability, and whether it is declared and exported.
fn claims(declared: &ServerCapabilities, exported: Exported) -> [(&'static str, bool, bool); 5] {
    [
        ("tools", declared.tools.is_some(), exported.tools),
        (
            "resources",
            declared.resources.is_some(),
            exported.resources,
        ),
        ("prompts", declared.prompts.is_some(), exported.prompts),
        (
            "completions",
            declared.completions.is_some(),
            exported.completion,
        ),
        (
            "resources.subscribe",
            subscribes(declared),
            exported.subscriptions,
        ),
    ]
}

fn subscribes(declared: &ServerCapabilities) -> bool {
    let resources = declared.resources.as_ref();
    resources.is_some_and(|resources| resources.subscribe == Some(true))
}

/// Returns the interfaces that a capability needs.
fn needed(capability: &str, is_service: bool) -> &'static str {
    match (capability, is_service) {
        ("tools", false) => "wasi:mcp/tools",
        ("tools", true) => "wasi:mcp/tool-catalog and wasi:mcp/tools",
        ("resources", false) => "wasi:mcp/resources",
        ("resources", true) => "wasi:mcp/resource-catalog and wasi:mcp/resources",
        ("prompts", false) => "wasi:mcp/prompts",
        ("prompts", true) => "wasi:mcp/prompt-catalog and wasi:mcp/prompts",
        ("completions", _) => "wasi:mcp/completion",
        _ => "wasi:mcp/resource-subscriptions",
    }
}

/// Withdraws capabilities that an instance for a single call cannot fulfil: notifications of later
/// changes. A service's lists may change elsewhere, and any of its instances may learn of it, but
/// without a session there is no stream to announce it on.
fn withdraw(declared: &mut ServerCapabilities, is_service: bool, lifetime: Lifetime) {
    if lifetime == Lifetime::Session {
        return;
    }
    if let Some(resources) = &mut declared.resources
        && lifetime != Lifetime::Request
    {
        resources.subscribe = None;
    }
    if !is_service || lifetime != Lifetime::Call {
        let lists = [
            declared.tools.as_mut().map(|it| &mut it.list_changed),
            declared.resources.as_mut().map(|it| &mut it.list_changed),
            declared.prompts.as_mut().map(|it| &mut it.list_changed),
        ];
        for list_changed in lists.into_iter().flatten() {
            *list_changed = None;
        }
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

#[cfg(test)]
mod tests {
    use wasi_mcp_types::capabilities::PromptsCapability;

    use super::*;

    #[test]
    fn the_error_names_the_missing_exports() {
        let server = Server {
            capabilities: ServerCapabilities {
                prompts: Some(PromptsCapability::default()),
                ..ServerCapabilities::default()
            },
            ..Server::default()
        };
        for (is_service, expected) in [
            (false, vec!["wasi:mcp/prompts"]),
            (true, vec!["wasi:mcp/prompt-catalog", "wasi:mcp/prompts"]),
        ] {
            let exported = Exported {
                is_service,
                ..Exported::default()
            };
            let refused = Offer::declare(&server, None, exported, Lifetime::Session, |_| {});
            let error = refused.unwrap_err();
            for text in [error.clone(), format!("not started: {error}: the end")] {
                assert_eq!(missing_exports(&text).collect::<Vec<_>>(), expected);
            }
        }
        assert_eq!(missing_exports("the component trapped").count(), 0);
    }
}

// Written by `wasi-mcp-wit types` from the WIT package: change that instead.
//! The descriptions that client and server exchange when a session begins.
//!
//! The text of this interface is the same in both variants of the package.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle>

#[cfg(feature = "wasmtime")]
use wasmtime::component::{ComponentType, Lift, Lower};

pub use crate::types::{Extra, Implementation, Json, LogLevel};

/// A client's support for roots.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/client/roots#capabilities>
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct RootsCapability {
    /// The client notifies the server when its roots change. `none` means `false`.
    #[cfg_attr(feature = "wasmtime", component(name = "list-changed"))]
    pub list_changed: Option<bool>,
}

/// A server's support for prompts.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/server/prompts#capabilities>
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct PromptsCapability {
    /// The server notifies clients when its list of prompts changes. `none` means `false`.
    #[cfg_attr(feature = "wasmtime", component(name = "list-changed"))]
    pub list_changed: Option<bool>,
}

/// A server's support for tools.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/server/tools#capabilities>
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ToolsCapability {
    /// The server notifies clients when its list of tools changes. `none` means `false`.
    #[cfg_attr(feature = "wasmtime", component(name = "list-changed"))]
    pub list_changed: Option<bool>,
}

/// A server's support for resources.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/server/resources#capabilities>
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ResourcesCapability {
    /// Clients can subscribe to changes of a single resource. `none` means `false`. A component
    /// that sets it to `true` MUST export `resource-subscriptions`.
    #[cfg_attr(feature = "wasmtime", component(name = "subscribe"))]
    pub subscribe: Option<bool>,
    /// The server notifies clients when its list of resources changes. `none` means `false`.
    #[cfg_attr(feature = "wasmtime", component(name = "list-changed"))]
    pub list_changed: Option<bool>,
}

/// The capabilities of a client. Where a capability is `none`, the host refuses requests that
/// need it with `method-not-found`, without asking the client.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#clientcapabilities>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ClientCapabilities {
    /// Capabilities that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
    /// Capabilities outside the specification: a name, and one JSON object for each.
    #[cfg_attr(feature = "wasmtime", component(name = "experimental"))]
    pub experimental: Option<Vec<(String, Json)>>,
    /// The client answers `roots.list-roots`.
    #[cfg_attr(feature = "wasmtime", component(name = "roots"))]
    pub roots: Option<RootsCapability>,
    /// The client answers `sampling.create-message`: one JSON object, empty in this revision.
    #[cfg_attr(feature = "wasmtime", component(name = "sampling"))]
    pub sampling: Option<Json>,
    /// The client answers `elicitation.elicit`: one JSON object, empty in this revision.
    #[cfg_attr(feature = "wasmtime", component(name = "elicitation"))]
    pub elicitation: Option<Json>,
}

/// The client that sent a request.
///
/// The description belongs to the request, not to an instance: one instance may serve several
/// clients, and a later revision of MCP sends it with each request. A host that keeps no sessions
/// forgets what `initialize` said: it MUST set `info`, `log-level` and all capabilities to
/// `none`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle#initialization>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Client {
    /// The name and version of the client. Present in this revision, except as said above.
    #[cfg_attr(feature = "wasmtime", component(name = "info"))]
    pub info: Option<Implementation>,
    /// The capabilities of the client that this component can use: a host MUST hide a capability
    /// that it denies to the component.
    #[cfg_attr(feature = "wasmtime", component(name = "capabilities"))]
    pub capabilities: ClientCapabilities,
    /// The negotiated revision of MCP, such as `2025-06-18`. In a host that keeps no sessions, the
    /// revision that the request names.
    #[cfg_attr(feature = "wasmtime", component(name = "protocol-version"))]
    pub protocol_version: String,
    /// The least severe log level that the client has set, at the time of the call; `none` while it
    /// has set none. A guest MAY skip work for messages below it. The host filters in any case.
    #[cfg_attr(feature = "wasmtime", component(name = "log-level"))]
    pub log_level: Option<LogLevel>,
}

/// The capabilities of a server.
///
/// A component declares its capabilities, and implements them with its exports. A host compares
/// the two:
///
/// - Where a declared capability lacks its export, the host MUST NOT serve the component, answers
///   `initialize` with `-32603`, and MUST report to its operator which capability lacks which
///   export. `tools` needs the export `tools` (in a service also `tool-catalog`), `resources`
///   needs `resources` (in a service also `resource-catalog`), `resources.subscribe` needs
///   `resource-subscriptions`, `prompts` needs `prompts` (in a service also `prompt-catalog`),
///   and `completions` needs `completion`.
/// - An export without its capability is not offered: the host MUST NOT declare the capability,
///   answers its methods with `-32601`, and never calls the export.
/// - `list-changed` and `experimental` need no export and are declared as given.
/// - A host that keeps no sessions, or uses each instance for one call only, MUST NOT declare
///   `subscribe`, nor the `list-changed` of a backend, because no instance could fulfil them.
///
/// The capability `logging` has no field. The host MUST declare it, as `{}`, when the component
/// imports the interface `logging`, and MUST NOT declare it otherwise.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#servercapabilities>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ServerCapabilities {
    /// Capabilities that this record does not name. Declared as given, except for a member
    /// `logging`, which is ignored. The description of an upstream has its `logging` here.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
    /// Capabilities outside the specification: a name, and one JSON object for each.
    #[cfg_attr(feature = "wasmtime", component(name = "experimental"))]
    pub experimental: Option<Vec<(String, Json)>>,
    /// The server completes arguments: one JSON object, `{}` in this revision.
    #[cfg_attr(feature = "wasmtime", component(name = "completions"))]
    pub completions: Option<Json>,
    /// The server has prompts.
    #[cfg_attr(feature = "wasmtime", component(name = "prompts"))]
    pub prompts: Option<PromptsCapability>,
    /// The server has resources or resource templates.
    #[cfg_attr(feature = "wasmtime", component(name = "resources"))]
    pub resources: Option<ResourcesCapability>,
    /// The server has tools.
    #[cfg_attr(feature = "wasmtime", component(name = "tools"))]
    pub tools: Option<ToolsCapability>,
}

/// The server's description of itself in the answer to `initialize`. The host negotiates the
/// protocol version in that answer.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#initializeresult>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Server {
    /// The name and version of the server.
    #[cfg_attr(feature = "wasmtime", component(name = "info"))]
    pub info: Implementation,
    /// The capabilities of the server.
    #[cfg_attr(feature = "wasmtime", component(name = "capabilities"))]
    pub capabilities: ServerCapabilities,
    /// Instructions for using the server, in words for a model: a client MAY add them to a system
    /// prompt.
    #[cfg_attr(feature = "wasmtime", component(name = "instructions"))]
    pub instructions: Option<String>,
}

//! The variant of the interface that a component was built for, and its exports.

use std::fmt;

use wasmtime::component::ComponentExportIndex;
use wasmtime::component::types::ComponentItem;

use super::load::LoadError;

/// The two packages of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Variant {
    /// `wasi:mcp@0.2.0-draft2`: functions block.
    P2,
    /// `wasi:mcp@0.3.0-draft2`: functions that may wait are `async`.
    P3,
}

impl Variant {
    /// Both variants, the older first.
    pub const ALL: [Variant; 2] = [Variant::P2, Variant::P3];

    /// Returns the version of the package, as it appears in interface names.
    pub fn package_version(self) -> &'static str {
        match self {
            Variant::P2 => "0.2.0-draft2",
            Variant::P3 => "0.3.0-draft2",
        }
    }

    fn of_version(version: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|variant| variant.package_version() == version)
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Variant::P2 => "0.2",
            Variant::P3 => "0.3",
        })
    }
}

/// The two ways in which a component declares its offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum World {
    /// It exports `start` and registers through the import `runtime`.
    Backend,
    /// It exports `server-catalog` and the catalogs of its features.
    Service,
}

impl fmt::Display for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            World::Backend => "backend",
            World::Service => "service",
        })
    }
}

/// Declares each exported function once: its field, interface and function name.
macro_rules! exports {
    ($($field:ident = $interface:literal . $function:literal,)*) => {
        /// The index of each exported function of the interface in a component.
        #[derive(Debug, Clone, Default)]
        pub(super) struct Exports {
            $(pub(super) $field: Option<ComponentExportIndex>,)*
        }

        impl Exports {
            fn of(component: &wasmtime::component::Component, version: &str) -> Self {
                Self {
                    $($field: component
                        .get_export_index(None, &format!(concat!("wasi:mcp/", $interface, "@{}"), version))
                        .and_then(|interface| component.get_export_index(Some(&interface), $function)),)*
                }
            }
        }
    };
}

exports! {
    start = "start"."start",
    get_server = "server-catalog"."get-server",
    list_tools = "tool-catalog"."list-tools",
    list_resources = "resource-catalog"."list-resources",
    list_resource_templates = "resource-catalog"."list-resource-templates",
    list_prompts = "prompt-catalog"."list-prompts",
    call_tool = "tools"."call-tool",
    read_resource = "resources"."read-resource",
    read_resource_stream = "resource-streams"."read-resource-stream",
    subscribe = "resource-subscriptions"."subscribe",
    unsubscribe = "resource-subscriptions"."unsubscribe",
    get_prompt = "prompts"."get-prompt",
    complete = "completion"."complete",
    initialized = "client-events"."initialized",
    roots_changed = "client-events"."roots-changed",
}

/// The optional interfaces that a component imports: its abilities besides answering requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Imports {
    /// `sampling`: it can ask the client's model.
    pub sampling: bool,
    /// `elicitation`: it can ask the client's user.
    pub elicitation: bool,
    /// `roots`: it can ask for the client's roots.
    pub roots: bool,
    /// `logging`: it can send log messages to the client.
    pub logging: bool,
    /// `identity`: it can see who makes a request.
    pub identity: bool,
}

/// The interfaces of a component, known before it runs.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) variant: Variant,
    pub(super) world: World,
    pub(super) exports: Exports,
    pub(super) imports: Imports,
    /// The first import of a 0.3 component through which it can wait as in 0.2.
    pub(super) stalling_import: Option<String>,
}

/// Interfaces of WASI 0.2 whose functions wait.
const WAITING: [&str; 2] = ["wasi:io/poll@0.2.", "wasi:http/outgoing-handler@0.2."];

/// Returns true if the component can wait through WASI 0.2 for its output streams alone. The host
/// takes output at once. Rust's standard library needs them to print, so nearly all its components
/// import this much.
fn only_prints(component: &wasmtime::component::Component) -> bool {
    let engine = component.engine();
    let ty = component.component_type();
    let instances = ty.imports(engine).filter_map(|(name, import)| {
        let is_wasi = name.starts_with("wasi:") && name.contains("@0.2.");
        match import.ty {
            ComponentItem::ComponentInstance(instance) if is_wasi => Some(instance),
            _ => None,
        }
    });
    let functions = instances.flat_map(|instance| {
        let names = instance.exports(engine).map(|(name, _)| name.to_owned());
        names.collect::<Vec<_>>()
    });
    let mut waits = functions
        .filter(|name| name.contains("subscribe"))
        .peekable();
    waits.peek().is_some() && waits.all(|name| name == "[method]output-stream.subscribe")
}

impl Shape {
    /// Reads the shape from the names of imports and exports.
    pub(super) fn of(component: &wasmtime::component::Component) -> Result<Self, LoadError> {
        let engine = component.engine();
        let ty = component.component_type();
        let imports: Vec<String> = ty
            .imports(engine)
            .map(|(name, _)| name.to_owned())
            .collect();
        let exports: Vec<String> = ty
            .exports(engine)
            .map(|(name, _)| name.to_owned())
            .collect();

        let variant = only_variant(imports.iter().chain(&exports))?;
        let has = |names: &[String], interface: &str| {
            let full = format!("wasi:mcp/{interface}@{}", variant.package_version());
            names.contains(&full)
        };
        let world = match (has(&exports, "start"), has(&exports, "server-catalog")) {
            (true, false) => World::Backend,
            (false, true) => World::Service,
            (true, true) => return Err(LoadError::BothWorlds),
            (false, false) => return Err(LoadError::NeitherWorld),
        };
        if world == World::Backend && !has(&imports, "runtime") {
            return Err(LoadError::Stubbed);
        }
        let stalls = |name: &&String| WAITING.iter().any(|waiting| name.starts_with(waiting));
        let stalling_import = (variant == Variant::P3 && !only_prints(component))
            .then(|| imports.iter().find(stalls).cloned())
            .flatten();
        Ok(Self {
            stalling_import,
            variant,
            world,
            exports: Exports::of(component, variant.package_version()),
            imports: Imports {
                sampling: has(&imports, "sampling"),
                elicitation: has(&imports, "elicitation"),
                roots: has(&imports, "roots"),
                logging: has(&imports, "logging"),
                identity: has(&imports, "identity"),
            },
        })
    }

    /// Returns whether the handler and, for a service, the catalog of tools are exported.
    pub(super) fn tools(&self) -> bool {
        self.feature(
            self.exports.call_tool.is_some(),
            self.exports.list_tools.is_some(),
        )
    }

    /// Returns whether the handler and, for a service, the catalog of resources are exported.
    pub(super) fn resources(&self) -> bool {
        self.feature(
            self.exports.read_resource.is_some(),
            self.exports.list_resources.is_some(),
        )
    }

    /// Returns whether the handler and, for a service, the catalog of prompts are exported.
    pub(super) fn prompts(&self) -> bool {
        self.feature(
            self.exports.get_prompt.is_some(),
            self.exports.list_prompts.is_some(),
        )
    }

    /// Returns whether `resource-subscriptions` is exported.
    pub(super) fn subscriptions(&self) -> bool {
        self.exports.subscribe.is_some()
    }

    /// Returns whether `completion` is exported.
    pub(super) fn completion(&self) -> bool {
        self.exports.complete.is_some()
    }

    /// Returns whether `client-events` is exported.
    pub(super) fn client_events(&self) -> bool {
        self.exports.initialized.is_some()
    }

    fn feature(&self, handler: bool, catalog: bool) -> bool {
        handler && (self.world == World::Backend || catalog)
    }
}

/// Returns the one variant that all `wasi:mcp` names agree on.
fn only_variant<'a>(names: impl Iterator<Item = &'a String>) -> Result<Variant, LoadError> {
    let mut found: Option<Variant> = None;
    for name in names {
        let Some(rest) = name.strip_prefix("wasi:mcp/") else {
            continue;
        };
        let version = rest.split_once('@').map_or("", |(_, version)| version);
        let variant = Variant::of_version(version).ok_or_else(|| LoadError::OtherDraft {
            interface: name.clone(),
        })?;
        match found {
            Some(other) if other != variant => return Err(LoadError::MixedVariants),
            _ => found = Some(variant),
        }
    }
    found.ok_or(LoadError::NotMcp)
}

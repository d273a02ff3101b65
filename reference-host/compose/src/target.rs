//! A service as a component that any WASI runtime serves.
//!
//! ```text
//!   wasi:cli/run, wasi:http
//!            ^
//!          front             asks for the next call, makes it, and reports what it returned
//!         ^     ^
//!    service    |            the composition
//!         ^     |
//!        substrate           holds the protocol, and what a service imports from a host
//! ```
//!
//! Both adapters are built once with HTTP and once without, so that a command needs no HTTP. The
//! substrate is also built with sessions, which alone need a key-value store, and with authorization,
//! which alone makes requests. An adapter below it can take its settings from `wasi:config`.

use std::collections::BTreeMap;

use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};

use crate::adapters::Adapter;
use crate::interfaces::{Variant, of_mcp};
use crate::link::{mismatch, text};
use crate::shape::{Shape, register};
use crate::{ComposeError, settings};

/// The entry points of a component that a runtime serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// `wasi:cli/run`: stdio.
    Cli,
    /// `wasi:http`: Streamable HTTP at `/mcp`.
    Http,
    /// Both.
    Both,
}

/// The place of the sessions of clients over HTTP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Sessions {
    /// There are none: each request is served by itself.
    #[default]
    None,
    /// `wasi:keyvalue`: any instance serves any request of a session.
    KeyValue,
}

/// The place of the settings that a component reads when it runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Settings {
    /// The environment, which every runtime has.
    #[default]
    Environment,
    /// `wasi:config/store`, and the environment for what it lacks.
    Config,
}

/// The way in which a component is made that any WASI runtime serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TargetOptions {
    /// The entry points.
    pub target: Target,
    /// The place of the sessions of clients over HTTP.
    pub sessions: Sessions,
    /// True to require tokens of requests over HTTP.
    pub authorization: bool,
    /// The place of the settings.
    pub settings: Settings,
}

impl TargetOptions {
    /// Makes a component with these entry points, without sessions and authorization.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self {
            target,
            sessions: Sessions::None,
            authorization: false,
            settings: Settings::Environment,
        }
    }

    /// Returns the adapters below and above the service.
    fn adapters(self) -> Result<(Adapter, Adapter), ComposeError> {
        if !self.target.has_http() {
            return match (self.sessions, self.authorization) {
                (Sessions::KeyValue, _) => Err(ComposeError::SessionsWithoutHttp),
                (Sessions::None, true) => Err(ComposeError::AuthorizationWithoutHttp),
                (Sessions::None, false) => Ok((Adapter::SubstrateCli, Adapter::FrontCli)),
            };
        }
        let substrate = match (self.sessions, self.authorization) {
            (Sessions::None, false) => Adapter::Substrate,
            (Sessions::None, true) => Adapter::SubstrateAuthorization,
            (Sessions::KeyValue, false) => Adapter::SubstrateSessions,
            (Sessions::KeyValue, true) => Adapter::SubstrateSessionsAuthorization,
        };
        Ok((substrate, Adapter::Front))
    }
}

/// The interfaces that only define types.
const DEFINITIONS: [&str; 3] = ["types", "capabilities", "content"];

/// The interfaces that the substrate provides to a service.
const PROVIDED: [&str; 9] = [
    "context",
    "runtime",
    "notifications",
    "shutdown",
    "logging",
    "sampling",
    "elicitation",
    "roots",
    "identity",
];

/// The interfaces between the two adapters.
const CONTROL: &str = "wasi-mcp:target/control";
const WEB: &str = "wasi-mcp:target/web";
/// The interface of what is known when the composition is made.
const SETTINGS: &str = "wasi-mcp:adapters/settings";

/// The interface of the environment, in the version of the configuration adapter, and its beginning in
/// any version.
const ENVIRONMENT: &str = "wasi:cli/environment@0.2.6";
const ANY_ENVIRONMENT: &str = "wasi:cli/environment@0.2.";

impl Target {
    fn has_cli(self) -> bool {
        self != Self::Http
    }

    fn has_http(self) -> bool {
        self != Self::Cli
    }

    /// Returns the exports of the result.
    fn exports(self, variant: Variant) -> impl Iterator<Item = &'static str> {
        let (run, handler) = match variant {
            Variant::P2 => ("wasi:cli/run@0.2.6", "wasi:http/incoming-handler@0.2.6"),
            Variant::P3 => ("wasi:cli/run@0.3.0", "wasi:http/handler@0.3.0"),
        };
        let run = self.has_cli().then_some(run);
        run.into_iter().chain(self.has_http().then_some(handler))
    }
}

/// Links a service between the two adapters.
///
/// # Errors
///
/// [`ComposeError`] if it is not a service, or needs something that the adapters do not provide, and
/// for options that need HTTP without it.
pub(crate) fn link(service: &[u8], options: TargetOptions) -> Result<Vec<u8>, ComposeError> {
    let target = options.target;
    let (substrate_adapter, front_adapter) = options.adapters()?;
    let mut graph = CompositionGraph::new();
    let service = Shape::register(
        &mut graph,
        "wasi-mcp-part:service",
        "the composition",
        service,
    )?;
    if !service.exports("server-catalog") {
        return Err(ComposeError::NotAServer { name: service.name });
    }
    let variant = service.variant;
    let mut linker = Linker {
        graph,
        variant,
        provided: BTreeMap::new(),
    };

    let definitions = linker.adapter(Adapter::Definitions)?;
    linker.instantiate(&definitions, &DEFINITIONS.map(|name| variant.full(name)))?;

    linker.settings(&service)?;
    let mut controls = vec![CONTROL.to_owned()];
    if target.has_http() {
        controls.push(WEB.to_owned());
    }
    let substrate = linker.adapter(substrate_adapter)?;
    let provided = PROVIDED.map(|name| variant.full(name));
    let exports: Vec<String> = provided.into_iter().chain(controls).collect();
    if options.settings == Settings::Config {
        linker.configuration(&substrate)?;
    }
    linker.instantiate(&substrate, &exports)?;
    // Those of the service and the front are the runtime's.
    linker
        .provided
        .retain(|name, _| !name.starts_with(ANY_ENVIRONMENT));

    let is_missing =
        |import: &&String| of_mcp(import).is_some() && !linker.provided.contains_key(*import);
    if let Some(interface) = service.imports.iter().find(is_missing) {
        return Err(ComposeError::NotProvided {
            interface: interface.clone(),
        });
    }
    let exports: Vec<String> = service_exports(&service).collect();
    let front = linker.adapter(front_adapter)?;
    let lacking: Vec<String> = variant
        .service()
        .map(|name| variant.full(name))
        .filter(|name| front.imports.contains(name) && !exports.contains(name))
        .collect();
    linker.instantiate(&service, &exports)?;
    if !lacking.is_empty() {
        let nothing = linker.adapter(Adapter::Nothing)?;
        linker.instantiate(&nothing, &lacking)?;
    }
    let exports: Vec<String> = target.exports(variant).map(str::to_owned).collect();
    linker.instantiate(&front, &exports)?;
    linker.finish(&exports)
}

/// Returns the full names of what a service exports as one.
fn service_exports(service: &Shape) -> impl Iterator<Item = String> {
    let variant = service.variant;
    let exported = variant.service().filter(|name| service.exports(name));
    exported.map(move |name| variant.full(name))
}

struct Linker {
    graph: CompositionGraph,
    variant: Variant,
    /// What was instantiated so far, by the full names of interfaces.
    provided: BTreeMap<String, NodeId>,
}

impl Linker {
    fn adapter(&mut self, adapter: Adapter) -> Result<Shape, ComposeError> {
        let id = format!("wasi-mcp-adapter:{}", adapter.name());
        let component = adapter.component(self.variant);
        Shape::register(&mut self.graph, &id, adapter.name(), component)
    }

    /// Instantiates a component with what is provided, and provides these of its exports.
    fn instantiate(&mut self, shape: &Shape, exports: &[String]) -> Result<(), ComposeError> {
        let instance = self.graph.instantiate(shape.package);
        for import in &shape.imports {
            if let Some(provided) = self.provided.get(import) {
                self.graph
                    .set_instantiation_argument(instance, import, *provided)
                    .map_err(|error| mismatch(shape, import, &error))?;
            }
        }
        for export in exports {
            let provided = self
                .graph
                .alias_instance_export(instance, export)
                .map_err(|error| mismatch(shape, export, &error))?;
            self.provided.insert(export.clone(), provided);
        }
        Ok(())
    }

    /// Provides an environment with the settings of `wasi:config`.
    fn configuration(&mut self, substrate: &Shape) -> Result<(), ComposeError> {
        let encoding = |reason: String| ComposeError::Encoding(reason);
        let component = Adapter::Configuration.component(self.variant).to_owned();
        let id = "wasi-mcp-adapter:configuration";
        let adapter = register(&mut self.graph, id, component).map_err(encoding)?;
        let adapter = self.graph.instantiate(adapter);
        let environment = self
            .graph
            .alias_instance_export(adapter, ENVIRONMENT)
            .map_err(|error| encoding(text(&error)))?;
        let mut imports = substrate.imports.iter();
        let import = imports.find(|name| name.starts_with(ANY_ENVIRONMENT));
        let import =
            import.ok_or_else(|| encoding("the substrate has no environment".to_owned()))?;
        self.provided.insert(import.clone(), environment);
        Ok(())
    }

    /// Provides what the substrate knows of the service: what the service exports, and whether it logs.
    fn settings(&mut self, service: &Shape) -> Result<(), ComposeError> {
        let encoding = |error: &dyn std::fmt::Display| ComposeError::Encoding(error.to_string());
        let settings = serde_json::json!({
            "exports": service.exports,
            "logging": service.imports("logging"),
        });
        let holder = settings::component(&settings.to_string())?;
        let holder = Package::from_bytes(
            "wasi-mcp-part:settings",
            None,
            holder,
            self.graph.types_mut(),
        )
        .map_err(|error| encoding(&format!("{error:#}")))?;
        let holder = self
            .graph
            .register_package(holder)
            .map_err(|error| encoding(&error))?;
        let holder = self.graph.instantiate(holder);
        let get = self
            .graph
            .alias_instance_export(holder, SETTINGS)
            .map_err(|error| encoding(&error))?;
        self.provided.insert(SETTINGS.to_owned(), get);
        Ok(())
    }

    fn finish(mut self, exports: &[String]) -> Result<Vec<u8>, ComposeError> {
        for name in exports {
            if let Some(export) = self.provided.get(name) {
                self.graph
                    .export(*export, name)
                    .map_err(|error| ComposeError::Encoding(error.to_string()))?;
            }
        }
        self.graph
            .encode(EncodeOptions::default())
            .map_err(|error| ComposeError::Encoding(text(&error)))
    }
}

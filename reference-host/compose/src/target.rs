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
//! substrate is built once more with sessions, which alone needs a key-value store.

use std::collections::BTreeMap;

use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};

use crate::adapters::Adapter;
use crate::interfaces::{Variant, of_mcp};
use crate::link::{mismatch, text};
use crate::shape::Shape;
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
/// The interface of the settings.
const SETTINGS: &str = "wasi-mcp:adapters/settings";

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
/// for sessions without HTTP.
pub(crate) fn link(
    service: &[u8],
    target: Target,
    sessions: Sessions,
) -> Result<Vec<u8>, ComposeError> {
    let (substrate_adapter, front_adapter) = match (target.has_http(), sessions) {
        (true, Sessions::None) => (Adapter::Substrate, Adapter::Front),
        (true, Sessions::KeyValue) => (Adapter::SubstrateSessions, Adapter::Front),
        (false, Sessions::None) => (Adapter::SubstrateCli, Adapter::FrontCli),
        (false, Sessions::KeyValue) => return Err(ComposeError::SessionsWithoutHttp),
    };
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
    linker.instantiate(&substrate, &exports)?;

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

    /// Provides the settings of the substrate: what the service exports, and whether it logs.
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

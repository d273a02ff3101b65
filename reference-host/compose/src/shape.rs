//! The imports and exports of a component.

use wac_graph::CompositionGraph;
use wac_graph::PackageId;
use wac_graph::types::Package;

use crate::interfaces::{CATALOGS, HANDLERS, POWERS, Variant, of_mcp};
use crate::{ComposeError, Inspection};

/// The two kinds of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum World {
    /// It registers its items.
    Backend,
    /// It exports its lists.
    Service,
}

/// A component in a graph.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) package: PackageId,
    /// The full names of all imports.
    pub(crate) imports: Vec<String>,
    /// The interfaces of `wasi:mcp` that it exports.
    pub(crate) exports: Vec<String>,
    pub(crate) variant: Variant,
}

impl Shape {
    /// Adds a component to a graph.
    pub(crate) fn register(
        graph: &mut CompositionGraph,
        id: &str,
        name: &str,
        component: &[u8],
    ) -> Result<Self, ComposeError> {
        let unusable = |reason: String| ComposeError::NotAComponent {
            name: name.to_owned(),
            reason,
        };
        let package = register(graph, id, component.to_vec()).map_err(unusable)?;
        let world = &graph.types()[graph[package].ty()];
        let imports: Vec<String> = world.imports.keys().cloned().collect();
        let all_exports: Vec<String> = world.exports.keys().cloned().collect();
        let variant = variant(name, imports.iter().chain(&all_exports))?;
        let exports = all_exports
            .iter()
            .filter_map(|export| Some(of_mcp(export)?.0.to_owned()))
            .collect();
        Ok(Self {
            name: name.to_owned(),
            package,
            imports,
            exports,
            variant,
        })
    }

    pub(crate) fn exports(&self, interface: &str) -> bool {
        self.exports.iter().any(|export| export == interface)
    }

    pub(crate) fn imports(&self, interface: &str) -> bool {
        self.imports.contains(&self.variant.full(interface))
    }

    /// Returns the kind of server, or `None` for a middleware.
    pub(crate) fn world(&self) -> Result<Option<World>, ComposeError> {
        match (self.exports("start"), self.exports("server-catalog")) {
            (true, false) => Ok(Some(World::Backend)),
            (false, true) => Ok(Some(World::Service)),
            (false, false) => Ok(None),
            (true, true) => Err(ComposeError::BothWorlds {
                name: self.name.clone(),
            }),
        }
    }
}

/// Adds any component to a graph.
pub(crate) fn register(
    graph: &mut CompositionGraph,
    id: &str,
    component: Vec<u8>,
) -> Result<PackageId, String> {
    let package = Package::from_bytes(id, None, component, graph.types_mut())
        .map_err(|error| format!("{error:#}"))?;
    graph
        .register_package(package)
        .map_err(|error| error.to_string())
}

/// Returns the one variant that all names of `wasi:mcp` agree on.
fn variant<'a>(
    name: &str,
    names: impl Iterator<Item = &'a String>,
) -> Result<Variant, ComposeError> {
    let mut found = None;
    for interface in names {
        if !interface.starts_with("wasi:mcp/") {
            continue;
        }
        let version = of_mcp(interface).map_or("", |(_, version)| version);
        let variant = Variant::of_version(version).ok_or_else(|| ComposeError::OtherVersion {
            name: name.to_owned(),
            interface: interface.clone(),
        })?;
        if found.replace(variant).is_some_and(|other| other != variant) {
            return Err(ComposeError::TwoVersions {
                name: name.to_owned(),
            });
        }
    }
    found.ok_or_else(|| ComposeError::NotMcp {
        name: name.to_owned(),
    })
}

pub(crate) fn inspect(name: &str, component: &[u8]) -> Result<Inspection, ComposeError> {
    let shape = Shape::register(
        &mut CompositionGraph::new(),
        "wasi-mcp:inspected",
        name,
        component,
    )?;
    let known = CATALOGS.iter().chain(HANDLERS).chain(POWERS).copied();
    Ok(Inspection {
        variant: shape.variant,
        world: shape.world()?,
        exports: known.filter(|interface| shape.exports(interface)).collect(),
    })
}

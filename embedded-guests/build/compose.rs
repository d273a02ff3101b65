//! Links two components into one.

use anyhow::{Context, Result};
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId, PackageId};

/// Instantiates `provider`, then `consumer` with every export of `provider` that it imports.
///
/// The composition exports the exports of `consumer`, and those of `provider` that `consumer` does
/// not import. So a middleware in front of a component is the consumer, and a middleware that
/// narrows an import of a component is the provider.
pub fn compose(provider: Vec<u8>, consumer: Vec<u8>) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let provider = register(&mut graph, "wasi-mcp:provider", provider)?;
    let consumer = register(&mut graph, "wasi-mcp:consumer", consumer)?;
    let imports = imports(&graph, consumer);
    let (linked, passed_on): (Vec<String>, Vec<String>) = exports(&graph, provider)
        .into_iter()
        .partition(|name| imports.contains(name));

    let provider = graph.instantiate(provider);
    let consumer_exports = exports(&graph, consumer);
    let consumer = graph.instantiate(consumer);
    for name in linked {
        let export = graph.alias_instance_export(provider, &name)?;
        graph
            .set_instantiation_argument(consumer, &name, export)
            .with_context(|| format!("the components disagree on `{name}`"))?;
    }
    for name in &consumer_exports {
        export(&mut graph, consumer, name)?;
    }
    for name in passed_on
        .iter()
        .filter(|name| !consumer_exports.contains(name))
    {
        export(&mut graph, provider, name)?;
    }
    Ok(graph.encode(EncodeOptions::default())?)
}

fn register(graph: &mut CompositionGraph, name: &str, component: Vec<u8>) -> Result<PackageId> {
    let package = Package::from_bytes(name, None, component, graph.types_mut())?;
    Ok(graph.register_package(package)?)
}

fn imports(graph: &CompositionGraph, package: PackageId) -> Vec<String> {
    let world = &graph.types()[graph[package].ty()];
    world.imports.keys().cloned().collect()
}

fn exports(graph: &CompositionGraph, package: PackageId) -> Vec<String> {
    let world = &graph.types()[graph[package].ty()];
    world.exports.keys().cloned().collect()
}

fn export(graph: &mut CompositionGraph, instance: NodeId, name: &str) -> Result<()> {
    let node = graph.alias_instance_export(instance, name)?;
    graph.export(node, name)?;
    Ok(())
}

//! The graph of a composition.

use std::collections::{BTreeMap, HashMap, HashSet};

use wac_graph::{CompositionGraph, EncodeOptions, NodeId};

use crate::adapters::Adapter;
use crate::interfaces::{POWERS, Variant, catalog_of};
use crate::middleware::{self, Kind};
use crate::shape::{Shape, World};
use crate::{ComposeError, Composition, Middleware, Part, settings, shape};

/// The interfaces that a part of the graph exports, each with its instance.
type Exports = BTreeMap<&'static str, NodeId>;

/// Links the components.
pub(crate) fn compose(composition: &Composition) -> Result<Vec<u8>, ComposeError> {
    check_names(composition)?;
    let mut graph = CompositionGraph::new();
    let parts = composition.parts.iter().enumerate().map(|(number, part)| {
        let id = format!("wasi-mcp-part:part{number}");
        let shape = Shape::register(&mut graph, &id, &part.name, &part.component)?;
        let world = shape.world()?.ok_or_else(|| ComposeError::NotAServer {
            name: part.name.clone(),
        })?;
        Ok((part, shape, world))
    });
    let parts: Vec<(&Part, Shape, World)> = parts.collect::<Result<_, _>>()?;
    let Some((_, first, _)) = parts.first() else {
        return Err(ComposeError::NoParts);
    };
    let mut linker = Linker {
        graph,
        variant: first.variant,
        first: first.name.clone(),
        adapters: HashMap::new(),
        nothing: None,
        components: 0,
    };
    for (_, shape, _) in &parts {
        linker.check_variant(shape)?;
    }

    let all = linker.middleware(&composition.middleware)?;
    let needs = |power: &str| parts.iter().any(|(_, shape, _)| shape.imports(power));
    let powers = linker.powers(&all, &BTreeMap::new(), "the composition", needs)?;
    let mut exports = Vec::new();
    for (part, shape, world) in &parts {
        let own = linker.middleware(&part.middleware)?;
        let needs = |power: &str| shape.imports(power);
        let powers = linker.powers(&own, &powers, &part.name, needs)?;
        let mut service = linker.service(shape, *world, &powers)?;
        service = linker.wrap(&own, service, &powers, &part.name)?;
        if composition.prefix {
            let settings = serde_json::json!({ "prefix": format!("{}-", part.name) });
            service = linker.wrapper(&settings, &service)?;
        }
        exports.push(service);
    }
    let mut whole = linker.join(&exports)?;
    whole = linker.wrap(&all, whole, &powers, "the composition")?;
    if [
        &composition.name,
        &composition.version,
        &composition.instructions,
    ]
    .iter()
    .any(|setting| setting.is_some())
    {
        let settings = serde_json::json!({
            "name": composition.name,
            "version": composition.version,
            "instructions": composition.instructions,
        });
        whole = linker.wrapper(&settings, &whole)?;
    }
    linker.finish(&whole)
}

fn check_names(composition: &Composition) -> Result<(), ComposeError> {
    let mut names = HashSet::new();
    for Part { name, .. } in &composition.parts {
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(ComposeError::BadName { name: name.clone() });
        }
        if !names.insert(name) {
            return Err(ComposeError::SameName { name: name.clone() });
        }
    }
    Ok(())
}

struct Linker {
    graph: CompositionGraph,
    variant: Variant,
    /// The name of the first part, which decides the variant.
    first: String,
    adapters: HashMap<Adapter, Shape>,
    /// The instance that is linked to what a part lacks.
    nothing: Option<NodeId>,
    /// The number of components besides parts and adapters, to name them in the graph.
    components: usize,
}

impl Linker {
    fn check_variant(&self, shape: &Shape) -> Result<(), ComposeError> {
        if shape.variant == self.variant {
            return Ok(());
        }
        Err(ComposeError::MixedVariants {
            name: shape.name.clone(),
            variant: shape.variant,
            other: self.first.clone(),
            other_variant: self.variant,
        })
    }

    fn register(&mut self, name: &str, component: &[u8]) -> Result<Shape, ComposeError> {
        self.components += 1;
        let id = format!("wasi-mcp-part:other{}", self.components);
        Shape::register(&mut self.graph, &id, name, component)
    }

    /// Registers middleware, and finds out what each wraps.
    fn middleware(
        &mut self,
        middleware: &[Middleware],
    ) -> Result<Vec<(Shape, Kind)>, ComposeError> {
        let registered = middleware.iter().map(|Middleware { name, component }| {
            let shape = self.register(name, component)?;
            self.check_variant(&shape)?;
            let kind = middleware::kind(&shape)?;
            Ok((shape, kind))
        });
        registered.collect()
    }

    /// Instantiates the middleware of powers, each behind those before it. `needs` says whether the
    /// component behind them imports a power.
    fn powers(
        &mut self,
        middleware: &[(Shape, Kind)],
        outer: &Exports,
        target: &str,
        needs: impl Fn(&str) -> bool,
    ) -> Result<Exports, ComposeError> {
        let mut powers = outer.clone();
        for (shape, kind) in middleware {
            if *kind != Kind::Powers {
                continue;
            }
            let exported = || POWERS.iter().copied().filter(|name| shape.exports(name));
            if !exported().any(&needs) {
                return Err(self.fits_nothing(shape, target, exported()));
            }
            let instance = self.instantiate(shape, &powers)?;
            for name in exported() {
                powers.insert(name, self.export_of(shape, instance, name)?);
            }
        }
        Ok(powers)
    }

    fn fits_nothing(
        &self,
        shape: &Shape,
        target: &str,
        interfaces: impl Iterator<Item = &'static str>,
    ) -> ComposeError {
        let interfaces: Vec<String> = interfaces.map(|name| self.variant.full(name)).collect();
        ComposeError::FitsNothing {
            name: shape.name.clone(),
            target: target.to_owned(),
            interfaces: match interfaces.is_empty() {
                true => "the interfaces that a middleware wraps".to_owned(),
                false => interfaces.join(", "),
            },
        }
    }

    /// Makes a service of a part.
    fn service(
        &mut self,
        part: &Shape,
        world: World,
        powers: &Exports,
    ) -> Result<Exports, ComposeError> {
        let variant = self.variant;
        match world {
            World::Service => {
                let instance = self.instantiate(part, powers)?;
                let exported = variant.service().filter(|name| part.exports(name));
                exported
                    .map(|name| Ok((name, self.export_of(part, instance, name)?)))
                    .collect()
            }
            World::Backend => {
                let lower = self.adapter(Adapter::RecorderLower)?;
                let lower_instance = self.graph.instantiate(lower.package);
                let mut provided = powers.clone();
                provided.insert(
                    "runtime",
                    self.export_of(&lower, lower_instance, "runtime")?,
                );
                let instance = self.instantiate(part, &provided)?;

                let upper = self.adapter(Adapter::RecorderUpper)?;
                let upper_instance = self.graph.instantiate(upper.package);
                let control = self.alias(&lower, lower_instance, CONTROL)?;
                self.argument(&upper, upper_instance, CONTROL, control)?;
                let start = self.export_of(part, instance, "start")?;
                self.argument(&upper, upper_instance, &variant.full("start"), start)?;
                let mut exports = vec!["server-catalog"];
                for name in variant.handlers() {
                    let handler = if part.exports(name) {
                        exports.push(name);
                        exports.extend(catalog_of(name));
                        self.export_of(part, instance, name)?
                    } else {
                        self.nothing(name)?
                    };
                    self.argument(&upper, upper_instance, &variant.full(name), handler)?;
                }
                exports
                    .into_iter()
                    .map(|name| Ok((name, self.export_of(&upper, upper_instance, name)?)))
                    .collect()
            }
        }
    }

    /// Puts the middleware of handlers in front of a service, the first one outermost.
    fn wrap(
        &mut self,
        middleware: &[(Shape, Kind)],
        mut service: Exports,
        powers: &Exports,
        target: &str,
    ) -> Result<Exports, ComposeError> {
        for (shape, kind) in middleware.iter().rev() {
            if *kind != Kind::Handlers {
                continue;
            }
            let wrapped = middleware::wrapped(shape, self.variant, *kind);
            if !wrapped.iter().any(|name| service.contains_key(name)) {
                return Err(self.fits_nothing(shape, target, wrapped.into_iter()));
            }
            let mut provided = powers.clone();
            for name in self.variant.service().filter(|name| shape.imports(name)) {
                provided.insert(name, self.or_nothing(&service, name)?);
            }
            let instance = self.instantiate(shape, &provided)?;
            // What it wraps of nothing is still nothing.
            for name in self.variant.service().filter(|name| shape.exports(name)) {
                if service.contains_key(name) || !shape.imports(name) {
                    service.insert(name, self.export_of(shape, instance, name)?);
                }
            }
        }
        Ok(service)
    }

    /// Puts the wrapper with these settings in front of a service.
    fn wrapper(
        &mut self,
        settings: &serde_json::Value,
        service: &Exports,
    ) -> Result<Exports, ComposeError> {
        let holder = settings::component(&settings.to_string())?;
        self.components += 1;
        let id = format!("wasi-mcp-part:settings{}", self.components);
        let holder =
            shape::register(&mut self.graph, &id, holder).map_err(ComposeError::Encoding)?;
        let holder = self.graph.instantiate(holder);
        let settings = self
            .graph
            .alias_instance_export(holder, SETTINGS)
            .map_err(|error| ComposeError::Encoding(error.to_string()))?;
        let wrapper = self.adapter(Adapter::Wrapper)?;
        let instance = self.graph.instantiate(wrapper.package);
        self.argument(&wrapper, instance, SETTINGS, settings)?;
        for name in self.variant.service() {
            let inner = self.or_nothing(service, name)?;
            self.argument(&wrapper, instance, &self.variant.full(name), inner)?;
        }
        service
            .keys()
            .map(|name| Ok((*name, self.export_of(&wrapper, instance, name)?)))
            .collect()
    }

    /// Joins services, as a balanced tree that keeps their order.
    fn join(&mut self, services: &[Exports]) -> Result<Exports, ComposeError> {
        let (left, right) = match services {
            [] => return Err(ComposeError::NoParts),
            [one] => return Ok(one.clone()),
            many => many.split_at(many.len().div_ceil(2)),
        };
        let (left, right) = (self.join(left)?, self.join(right)?);
        let joint = self.adapter(Adapter::Joint)?;
        let instance = self.graph.instantiate(joint.package);
        for name in self.variant.service() {
            for (side, service) in [("left", &left), ("right", &right)] {
                let provided = self.or_nothing(service, name)?;
                let import = format!("wasi-mcp:{side}/{name}");
                self.argument(&joint, instance, &import, provided)?;
            }
        }
        let all = self
            .variant
            .service()
            .filter(|name| left.contains_key(name) || right.contains_key(name));
        all.map(|name| Ok((name, self.export_of(&joint, instance, name)?)))
            .collect()
    }

    /// Instantiates a component with what is provided of its imports. The rest is imported by the
    /// composition.
    fn instantiate(&mut self, shape: &Shape, provided: &Exports) -> Result<NodeId, ComposeError> {
        let instance = self.graph.instantiate(shape.package);
        for (name, export) in provided {
            if shape.imports(name) {
                self.argument(shape, instance, &self.variant.full(name), *export)?;
            }
        }
        Ok(instance)
    }

    fn or_nothing(&mut self, service: &Exports, name: &str) -> Result<NodeId, ComposeError> {
        match service.get(name) {
            Some(export) => Ok(*export),
            None => self.nothing(name),
        }
    }

    /// Returns an interface of the adapter that has nothing.
    fn nothing(&mut self, name: &str) -> Result<NodeId, ComposeError> {
        let nothing = self.adapter(Adapter::Nothing)?;
        let instance = match self.nothing {
            Some(instance) => instance,
            None => *self.nothing.insert(self.graph.instantiate(nothing.package)),
        };
        self.export_of(&nothing, instance, name)
    }

    fn adapter(&mut self, adapter: Adapter) -> Result<Shape, ComposeError> {
        if let Some(shape) = self.adapters.get(&adapter) {
            return Ok(shape.clone());
        }
        let id = format!("wasi-mcp-adapter:{}", adapter.name());
        let component = adapter.component(self.variant);
        let shape = Shape::register(&mut self.graph, &id, adapter.name(), component)?;
        self.adapters.insert(adapter, shape.clone());
        Ok(shape)
    }

    fn export_of(
        &mut self,
        shape: &Shape,
        instance: NodeId,
        interface: &str,
    ) -> Result<NodeId, ComposeError> {
        self.alias(shape, instance, &self.variant.full(interface))
    }

    fn alias(
        &mut self,
        shape: &Shape,
        instance: NodeId,
        export: &str,
    ) -> Result<NodeId, ComposeError> {
        self.graph
            .alias_instance_export(instance, export)
            .map_err(|error| mismatch(shape, export, &error))
    }

    fn argument(
        &mut self,
        shape: &Shape,
        instance: NodeId,
        import: &str,
        provided: NodeId,
    ) -> Result<(), ComposeError> {
        // A component that uses a part of an interface imports that part alone, or nothing of it.
        if !shape.imports.iter().any(|name| name == import) {
            return Ok(());
        }
        self.graph
            .set_instantiation_argument(instance, import, provided)
            .map_err(|error| mismatch(shape, import, &error))
    }

    /// Exports a service, and writes the component.
    fn finish(mut self, service: &Exports) -> Result<Vec<u8>, ComposeError> {
        for (name, export) in service {
            self.graph
                .export(*export, self.variant.full(name))
                .map_err(|error| ComposeError::Encoding(error.to_string()))?;
        }
        self.graph
            .encode(EncodeOptions::default())
            .map_err(|error| ComposeError::Encoding(text(&error)))
    }
}

/// The private interface between the halves of a recorder.
const CONTROL: &str = "wasi-mcp:adapters/control";
/// The interface of a wrapper's settings.
const SETTINGS: &str = "wasi-mcp:adapters/settings";

fn mismatch(
    shape: &Shape,
    interface: &str,
    error: &(dyn std::error::Error + 'static),
) -> ComposeError {
    ComposeError::Mismatch {
        name: shape.name.clone(),
        interface: interface.to_owned(),
        reason: text(error),
    }
}

/// Returns an error's text with its causes.
fn text(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

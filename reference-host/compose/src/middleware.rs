//! Middleware: what it wraps.

use crate::ComposeError;
use crate::interfaces::{CATALOGS, HANDLERS, POWERS, Variant};
use crate::shape::Shape;

/// What a middleware wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Handlers and lists, between clients and a component.
    Handlers,
    /// Powers, between a component and its clients.
    Powers,
}

/// Finds out what a middleware wraps.
pub(crate) fn kind(shape: &Shape) -> Result<Kind, ComposeError> {
    let handler = first(shape, CATALOGS).or_else(|| first(shape, HANDLERS));
    let power = first(shape, POWERS);
    match (handler, power) {
        (Some(handler), Some(power)) => Err(ComposeError::Cycle {
            name: shape.name.clone(),
            handler: shape.variant.full(handler),
            power: shape.variant.full(power),
        }),
        (_, Some(_)) => Ok(Kind::Powers),
        // One that exports nothing fits nothing, which is found when it is linked.
        _ => Ok(Kind::Handlers),
    }
}

fn first(shape: &Shape, interfaces: &[&'static str]) -> Option<&'static str> {
    let mut exported = interfaces.iter().filter(|name| shape.exports(name));
    exported.next().copied()
}

/// Returns the interfaces that a middleware both imports and exports: what it wraps.
pub(crate) fn wrapped(shape: &Shape, variant: Variant, kind: Kind) -> Vec<&'static str> {
    let all: Vec<&str> = match kind {
        Kind::Handlers => variant.service().collect(),
        Kind::Powers => POWERS.to_vec(),
    };
    let wrapped = all
        .into_iter()
        .filter(|name| shape.exports(name) && shape.imports(name));
    wrapped.collect()
}

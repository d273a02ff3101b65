//! Places in a package: `content.tool.input-schema`, `tools.call-tool`,
//! `context.request-context.log`.
//!
//! A place is the name of an interface; then, after a dot, of one of its types or functions; then
//! of a field, a case or a method of the type, or of a parameter of the function; and after a
//! method, of one of its parameters. Names are spelled as in the text, without `%`.

use anyhow::{Context, Result, bail};
use wit_parser::{Function, Interface, Type, TypeDefKind, TypeId};

use crate::package::Package;

/// The item at a place.
#[derive(Debug)]
pub enum Item<'p> {
    /// An interface.
    Interface(&'p Interface),
    /// A type that the interface defines.
    Type(TypeId),
    /// A field of a record.
    Field(Type),
    /// A case of a variant or an enum.
    Case,
    /// A function or a method.
    Function(&'p Function),
    /// A parameter of a function or a method.
    Parameter(Type),
}

/// Finds the item at a place.
///
/// # Errors
///
/// If there is none; the error gives the unknown name.
pub fn find<'p>(package: &'p Package, place: &str) -> Result<Item<'p>> {
    let names: Vec<&str> = place.split('.').collect();
    let [interface_name, rest @ ..] = names.as_slice() else {
        bail!("an empty place");
    };
    let interface = package
        .interface(interface_name)
        .with_context(|| format!("`{place}`: there is no interface `{interface_name}`"))?;
    let [name, rest @ ..] = rest else {
        return Ok(Item::Interface(interface));
    };
    if let Some(function) = interface.functions.get(*name) {
        return in_function(function, rest).with_context(|| format!("`{place}`"));
    }
    let own_types = package.own_types(interface);
    let (_, id) = own_types
        .iter()
        .find(|(own, _)| own == name)
        .with_context(|| format!("`{place}`: `{interface_name}` has no `{name}`"))?;
    in_type(package, interface, *id, rest).with_context(|| format!("`{place}`"))
}

fn in_type<'p>(
    package: &'p Package,
    interface: &'p Interface,
    id: TypeId,
    names: &[&str],
) -> Result<Item<'p>> {
    let [name, rest @ ..] = names else {
        return Ok(Item::Type(id));
    };
    let found = match &package.resolve.types[id].kind {
        TypeDefKind::Record(record) => record
            .fields
            .iter()
            .find(|field| field.name == *name)
            .map(|field| Item::Field(field.ty)),
        TypeDefKind::Variant(variant) => variant
            .cases
            .iter()
            .any(|case| case.name == *name)
            .then_some(Item::Case),
        TypeDefKind::Enum(cases) => cases
            .cases
            .iter()
            .any(|case| case.name == *name)
            .then_some(Item::Case),
        TypeDefKind::Resource => {
            let method = interface.functions.values().find(|function| {
                function.kind.resource() == Some(id) && function.item_name() == *name
            });
            return match method {
                Some(function) => in_function(function, rest),
                None => bail!("the resource has no method `{name}`"),
            };
        }
        _ => None,
    };
    match (found, rest) {
        (Some(item), []) => Ok(item),
        (Some(_), [name, ..]) => bail!("`{name}` does not stand in a record, variant or enum"),
        (None, _) => bail!("the type has no `{name}`"),
    }
}

fn in_function<'p>(function: &'p Function, names: &[&str]) -> Result<Item<'p>> {
    match names {
        [] => Ok(Item::Function(function)),
        [name] => function
            .params
            .iter()
            .find(|parameter| parameter.name == *name)
            .map(|parameter| Item::Parameter(parameter.ty))
            .with_context(|| format!("the function has no parameter `{name}`")),
        [_, name, ..] => bail!("`{name}` does not stand in a parameter"),
    }
}

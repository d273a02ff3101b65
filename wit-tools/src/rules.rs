//! Rules for the text of the packages. Each returns sentences that describe its violations; none
//! means that it holds.

use wit_parser::{Docs, Function, Type, TypeDefKind, TypeId};

use crate::SPECIFICATION;
use crate::mapping::{Kind, Mapping};
use crate::package::{Package, Source};
use crate::place::{self, Item};

/// The files whose text is the same in both variants, except the package line.
pub const SHARED_FILES: [&str; 3] = ["types.wit", "capabilities.wit", "content.wit"];

/// The maximum number of characters in a line.
pub const LINE_WIDTH: usize = 100;

/// Checks that lines are at most [`LINE_WIDTH`] wide, without tabs or trailing blanks, and that the
/// last one ends with a line break.
pub fn layout(source: &Source) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, text) in &source.files {
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            let width = line.chars().count();
            if width > LINE_WIDTH {
                broken.push(format!("{name}:{number}: {width} characters"));
            }
            if line.contains('\t') || line.ends_with(char::is_whitespace) {
                broken.push(format!("{name}:{number}: a tab, or a blank at the end"));
            }
        }
        if !text.ends_with('\n') || text.ends_with("\n\n") {
            broken.push(format!("{name}: does not end with exactly one line break"));
        }
    }
    broken
}

/// Checks that the [`SHARED_FILES`] of two variants differ only in their package lines.
pub fn shared_files(one: &Source, other: &Source) -> Vec<String> {
    let without_package = |source: &Source, name: &str| {
        source.files.get(name).map(|text| {
            text.lines()
                .filter(|line| !line.starts_with("package "))
                .collect::<Vec<_>>()
                .join("\n")
        })
    };
    SHARED_FILES
        .into_iter()
        .filter(|name| {
            let text = without_package(one, name);
            text.is_none() || text != without_package(other, name)
        })
        .map(|name| format!("{name} is not the same in both variants"))
        .collect()
}

/// Checks that the package and every interface, world, type, field, case and function has a doc
/// comment, and that all but fields and cases, which share their type's, link to a page of the
/// specification.
pub fn documentation(package: &Package) -> Vec<String> {
    let mut broken = Vec::new();
    let mut check = |what: String, docs: Option<&str>, needs_link: bool| match docs.map(str::trim) {
        None | Some("") => broken.push(format!("{what} has no doc comment")),
        Some(text) if needs_link && !text.contains(SPECIFICATION) => {
            broken.push(format!("{what} has no link to the specification"));
        }
        Some(_) => {}
    };
    check("the package".to_owned(), package.documentation(), true);
    for (name, _, world) in package.worlds() {
        check(format!("world {name}"), text(&world.docs), true);
    }
    for (name, _, interface) in package.interfaces() {
        check(format!("interface {name}"), text(&interface.docs), true);
        for (type_name, id) in package.own_types(interface) {
            let place = format!("{name}.{type_name}");
            check(place.clone(), text(&package.resolve.types[id].docs), true);
            for (member, docs) in members(package, id) {
                check(format!("{place}.{member}"), text(docs), false);
            }
        }
        for function in interface.functions.values() {
            check(
                function_place(package, name, function),
                text(&function.docs),
                true,
            );
        }
    }
    broken
}

fn text(docs: &Docs) -> Option<&str> {
    docs.contents.as_deref()
}

/// Returns the fields or cases of a type, with their documentation.
fn members(package: &Package, id: TypeId) -> Vec<(&str, &Docs)> {
    match &package.resolve.types[id].kind {
        TypeDefKind::Record(record) => record
            .fields
            .iter()
            .map(|field| (field.name.as_str(), &field.docs))
            .collect(),
        TypeDefKind::Variant(variant) => variant
            .cases
            .iter()
            .map(|case| (case.name.as_str(), &case.docs))
            .collect(),
        TypeDefKind::Enum(cases) => cases
            .cases
            .iter()
            .map(|case| (case.name.as_str(), &case.docs))
            .collect(),
        TypeDefKind::Flags(flags) => flags
            .flags
            .iter()
            .map(|flag| (flag.name.as_str(), &flag.docs))
            .collect(),
        _ => Vec::new(),
    }
}

/// Returns the place of a function, in the form of [`place`].
pub fn function_place(package: &Package, interface: &str, function: &Function) -> String {
    let name = function.item_name();
    match function
        .kind
        .resource()
        .and_then(|id| package.qualified_name(id))
    {
        Some((_, resource)) => format!("{interface}.{resource}.{name}"),
        None => format!("{interface}.{name}"),
    }
}

/// Checks that no record, variant or enum is empty, and that no type has a 64-bit integer in it:
/// some languages support neither.
pub fn types_for_every_language(package: &Package) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, _, interface) in package.interfaces() {
        for (type_name, id) in package.own_types(interface) {
            let place = format!("{name}.{type_name}");
            let kind = &package.resolve.types[id].kind;
            let open = matches!(kind, TypeDefKind::Resource | TypeDefKind::Type(_));
            if !open && members(package, id).is_empty() {
                broken.push(format!("{place} is empty"));
            }
            if holds_wide_integer(package, Type::Id(id)) {
                broken.push(format!("{place} has a 64-bit integer in it"));
            }
        }
        for function in interface.functions.values() {
            if function
                .parameter_and_result_types()
                .any(|ty| holds_wide_integer(package, ty))
            {
                let place = function_place(package, name, function);
                broken.push(format!("{place} has a 64-bit integer in it"));
            }
        }
    }
    broken
}

fn holds_wide_integer(package: &Package, ty: Type) -> bool {
    let holds = |ty: Type| holds_wide_integer(package, ty);
    let holds_optional = |ty: Option<Type>| ty.is_some_and(holds);
    match ty {
        Type::U64 | Type::S64 => true,
        Type::Id(id) => match &package.resolve.types[id].kind {
            TypeDefKind::Record(record) => record.fields.iter().any(|field| holds(field.ty)),
            TypeDefKind::Variant(variant) => {
                variant.cases.iter().any(|case| holds_optional(case.ty))
            }
            TypeDefKind::Tuple(tuple) => tuple.types.iter().any(|ty| holds(*ty)),
            TypeDefKind::Option(ty)
            | TypeDefKind::List(ty)
            | TypeDefKind::FixedLengthList(ty, _)
            | TypeDefKind::Type(ty) => holds(*ty),
            TypeDefKind::Map(key, value) => holds(*key) || holds(*value),
            TypeDefKind::Result(result) => holds_optional(result.ok) || holds_optional(result.err),
            TypeDefKind::Future(ty) | TypeDefKind::Stream(ty) => holds_optional(*ty),
            TypeDefKind::Resource
            | TypeDefKind::Handle(_)
            | TypeDefKind::Flags(_)
            | TypeDefKind::Enum(_)
            | TypeDefKind::Unknown => false,
        },
        _ => false,
    }
}

/// The imported interfaces that a middleware may export to narrow them.
const NARROWABLE: [&str; 5] = ["elicitation", "identity", "logging", "roots", "sampling"];

/// Checks that interfaces that a component or a middleware may export define no types: a middleware
/// imports and exports them, so each of their types would be two types there.
pub fn exported_interfaces_define_no_types(package: &Package) -> Vec<String> {
    let mut exported = package.exported_interfaces();
    exported.extend(NARROWABLE);
    exported.sort_unstable();
    exported.dedup();
    exported
        .into_iter()
        .filter_map(|name| Some((name, package.interface(name)?)))
        .flat_map(|(name, interface)| {
            package
                .own_types(interface)
                .into_iter()
                .map(move |(type_name, _)| format!("{name} is exported and defines {type_name}"))
        })
        .collect()
}

/// The imported interfaces whose functions send requests to another party.
const ASKING: [&str; 4] = ["client", "elicitation", "roots", "sampling"];

/// Checks that `async func` is used exactly for the functions that may wait for another party:
///
/// - every function of an interface that a component exports, because a guest may wait;
/// - in the imported interfaces that send requests, every function for a request of MCP (the
///   mapping names it as the place of a method), because the other side may take its time;
/// - every function named `wait-*`, and `client.get-upstreams`, because connecting takes time.
pub fn async_where_waiting(package: &Package, mapping: &Mapping) -> Vec<String> {
    let exported = package.exported_interfaces();
    let requests: Vec<&str> = mapping
        .rows
        .iter()
        .filter(|row| row.kind == Kind::Method)
        .flat_map(|row| row.places.iter().map(String::as_str))
        .filter(|place| matches!(place::find(package, place), Ok(Item::Function(_))))
        .filter(|place| {
            ASKING
                .iter()
                .any(|interface| place.starts_with(&format!("{interface}.")))
        })
        .collect();
    let mut broken = Vec::new();
    for (name, _, interface) in package.interfaces() {
        for function in interface.functions.values() {
            let place = function_place(package, name, function);
            let waits = exported.contains(&name)
                || requests.contains(&place.as_str())
                || function.item_name().starts_with("wait-")
                || place == "client.get-upstreams";
            match (waits, function.kind.is_async()) {
                (true, false) => broken.push(format!("{place} may wait but is not an async func")),
                (false, true) => broken.push(format!("{place} is an async func but never waits")),
                _ => {}
            }
        }
    }
    broken
}

/// Checks that the variant for 0.2 has no `async`, no future and no stream.
pub fn nothing_asynchronous(package: &Package) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, _, interface) in package.interfaces() {
        for function in interface.functions.values() {
            if function.kind.is_async() {
                broken.push(format!(
                    "{} is async",
                    function_place(package, name, function)
                ));
            }
        }
    }
    for (_, definition) in package.resolve.types.iter() {
        if matches!(
            definition.kind,
            TypeDefKind::Future(_) | TypeDefKind::Stream(_)
        ) {
            broken.push("a future or stream".to_owned());
        }
    }
    broken
}

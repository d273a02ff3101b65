//! Generates Rust source of the records that both variants of the package share.
//!
//! The crate `wasi-mcp-types` holds the result: plain types without handles, so that hosts, guests
//! and programs without WebAssembly use the same ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use heck::{ToSnakeCase, ToUpperCamelCase};
use wit_parser::{Docs, Handle, Interface, Type, TypeDef, TypeDefKind, TypeId, TypeOwner};

use crate::package::Package;

/// The interfaces whose types are free of handles.
pub const INTERFACES: [&str; 3] = ["types", "capabilities", "content"];

const HEADER: &str = "\
// Written by `wasi-mcp-wit types` from the WIT package: change that instead.
";

/// Returns the Rust source of an interface's types.
///
/// # Panics
///
/// If a type holds a handle, future, stream, map or result, which plain types cannot.
pub fn source(package: &Package, interface: &Interface) -> String {
    let mut output = String::from(HEADER);
    push_docs(&mut output, "//!", "", &interface.docs);
    output.push_str(
        "\n#[cfg(feature = \"wasmtime\")]\nuse wasmtime::component::{ComponentType, Lift, Lower};\n",
    );
    push_imports(&mut output, package, interface);
    for (_, id) in package.own_types(interface) {
        output.push('\n');
        push_type(&mut output, package, &package.resolve.types[id], id);
    }
    output
}

fn push_docs(output: &mut String, mark: &str, indent: &str, docs: &Docs) {
    for line in docs.contents.as_deref().unwrap_or_default().trim().lines() {
        if line.is_empty() {
            writeln!(output, "{indent}{mark}").expect("a string takes any text");
        } else {
            writeln!(output, "{indent}{mark} {line}").expect("a string takes any text");
        }
    }
}

/// Re-exports the types of other interfaces that this one uses, one line for each interface.
fn push_imports(output: &mut String, package: &Package, interface: &Interface) {
    let mut imports = BTreeMap::<&str, BTreeSet<String>>::new();
    for (name, id) in &interface.types {
        if package.is_used_type(*id)
            && let Some((owner, _)) = package.qualified_name(*id)
        {
            imports
                .entry(owner)
                .or_default()
                .insert(name.to_upper_camel_case());
        }
    }
    for (owner, names) in imports {
        let names: Vec<String> = names.into_iter().collect();
        writeln!(
            output,
            "\npub use crate::{}::{{{}}};",
            owner.to_snake_case(),
            names.join(", ")
        )
        .expect("a string takes any text");
    }
}

fn push_type(output: &mut String, package: &Package, definition: &TypeDef, id: TypeId) {
    let name = definition
        .name
        .as_deref()
        .expect("a type of an interface has a name")
        .to_upper_camel_case();
    push_docs(output, "///", "", &definition.docs);
    match &definition.kind {
        TypeDefKind::Type(ty) => {
            writeln!(output, "pub type {name} = {};", rust_type(package, *ty))
                .expect("a string takes any text");
        }
        TypeDefKind::Record(record) => {
            let default = if has_default(package, Type::Id(id)) {
                "Default, "
            } else {
                ""
            };
            let copy = copy(package, id);
            push_derives(
                output,
                "record",
                &format!("Debug, Clone, {copy}PartialEq, {default}"),
            );
            writeln!(output, "pub struct {name} {{").expect("a string takes any text");
            for field in &record.fields {
                push_docs(output, "///", "    ", &field.docs);
                push_name(output, &field.name);
                writeln!(
                    output,
                    "    pub {}: {},",
                    rust_field(&field.name),
                    rust_type(package, field.ty)
                )
                .expect("a string takes any text");
            }
            output.push_str("}\n");
        }
        TypeDefKind::Variant(variant) => {
            let copy = copy(package, id);
            push_derives(
                output,
                "variant",
                &format!("Debug, Clone, {copy}PartialEq, "),
            );
            writeln!(output, "pub enum {name} {{").expect("a string takes any text");
            for case in &variant.cases {
                push_docs(output, "///", "    ", &case.docs);
                push_name(output, &case.name);
                let payload = case
                    .ty
                    .map(|ty| format!("({})", rust_type(package, ty)))
                    .unwrap_or_default();
                writeln!(output, "    {}{payload},", case.name.to_upper_camel_case())
                    .expect("a string takes any text");
            }
            output.push_str("}\n");
        }
        TypeDefKind::Enum(cases) => {
            push_derives(
                output,
                "enum",
                "Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ",
            );
            output.push_str("#[repr(u8)]\n");
            writeln!(output, "pub enum {name} {{").expect("a string takes any text");
            for case in &cases.cases {
                push_docs(output, "///", "    ", &case.docs);
                push_name(output, &case.name);
                writeln!(output, "    {},", case.name.to_upper_camel_case())
                    .expect("a string takes any text");
            }
            output.push_str("}\n");
            push_lift(
                output,
                &name,
                cases.cases.iter().map(|case| case.name.as_str()),
            );
        }
        other => panic!("{name}: a plain type expected, found {}", other.as_str()),
    }
}

fn push_derives(output: &mut String, kind: &str, derives: &str) {
    writeln!(output, "#[derive({})]", derives.trim_end_matches(", "))
        .expect("a string takes any text");
    writeln!(
        output,
        "#[cfg_attr(\n    feature = \"wasmtime\",\n    derive(ComponentType, Lift, Lower),\n    \
         component({kind})\n)]"
    )
    .expect("a string takes any text");
}

/// Writes the WIT name, by which wasmtime matches fields and cases.
fn push_name(output: &mut String, name: &str) {
    writeln!(
        output,
        "    #[cfg_attr(feature = \"wasmtime\", component(name = \"{name}\"))]"
    )
    .expect("a string takes any text");
}

/// Writes the constructor from a discriminant that code generated by `wit-bindgen` calls.
fn push_lift<'n>(output: &mut String, name: &str, cases: impl Iterator<Item = &'n str>) {
    writeln!(
        output,
        "\n#[cfg(feature = \"guest\")]\nimpl {name} {{\n    \
         /// Returns the case of a discriminant, for generated bindings.\n    \
         ///\n    \
         /// # Panics\n    \
         ///\n    \
         /// Where no case has it.\n    \
         #[doc(hidden)]\n    \
         #[must_use]\n    \
         #[expect(\n        \
         unsafe_code,\n        \
         reason = \"generated bindings call it as an unsafe function\"\n    \
         )]\n    \
         pub unsafe fn _lift(discriminant: u8) -> Self {{\n        \
         match discriminant {{"
    )
    .expect("a string takes any text");
    for (index, case) in cases.enumerate() {
        writeln!(
            output,
            "            {index} => Self::{},",
            case.to_upper_camel_case()
        )
        .expect("a string takes any text");
    }
    writeln!(
        output,
        "            _ => panic!(\"unknown discriminant {{discriminant}} of {name}\"),\n        \
         }}\n    }}\n}}"
    )
    .expect("a string takes any text");
}

/// Returns a field's name; both bindings generators append `_` to a Rust keyword.
fn rust_field(name: &str) -> String {
    let name = name.to_snake_case();
    if matches!(name.as_str(), "type" | "enum" | "ref") {
        format!("{name}_")
    } else {
        name
    }
}

fn rust_type(package: &Package, ty: Type) -> String {
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::U8 => "u8".to_owned(),
        Type::U32 => "u32".to_owned(),
        Type::S32 => "i32".to_owned(),
        Type::F64 => "f64".to_owned(),
        Type::String => "String".to_owned(),
        Type::Id(id) => rust_defined_type(package, id),
        other => panic!("a plain type expected, found {other:?}"),
    }
}

fn rust_defined_type(package: &Package, id: TypeId) -> String {
    let definition = &package.resolve.types[id];
    if let (Some(name), TypeOwner::Interface(_)) = (&definition.name, definition.owner) {
        return name.to_upper_camel_case();
    }
    match &definition.kind {
        TypeDefKind::Option(ty) => format!("Option<{}>", rust_type(package, *ty)),
        TypeDefKind::List(ty) => format!("Vec<{}>", rust_type(package, *ty)),
        TypeDefKind::Tuple(tuple) => {
            let types: Vec<String> = tuple
                .types
                .iter()
                .map(|ty| rust_type(package, *ty))
                .collect();
            format!("({})", types.join(", "))
        }
        TypeDefKind::Handle(Handle::Own(_) | Handle::Borrow(_)) => {
            panic!("a plain type expected, found a handle")
        }
        other => panic!("a plain type expected, found {}", other.as_str()),
    }
}

fn copy(package: &Package, id: TypeId) -> &'static str {
    if is_copy(package, Type::Id(id)) {
        "Copy, "
    } else {
        ""
    }
}

fn is_copy(package: &Package, ty: Type) -> bool {
    let Type::Id(id) = ty else {
        return ty != Type::String;
    };
    match &package.resolve.types[id].kind {
        TypeDefKind::Record(record) => record.fields.iter().all(|field| is_copy(package, field.ty)),
        TypeDefKind::Variant(variant) => variant
            .cases
            .iter()
            .all(|case| case.ty.is_none_or(|ty| is_copy(package, ty))),
        TypeDefKind::Enum(_) => true,
        TypeDefKind::Option(ty) | TypeDefKind::Type(ty) => is_copy(package, *ty),
        _ => false,
    }
}

/// Returns whether a type has a default. An enum or variant has no natural one, so a record that
/// requires one has none either.
fn has_default(package: &Package, ty: Type) -> bool {
    let Type::Id(id) = ty else {
        return true;
    };
    match &package.resolve.types[id].kind {
        TypeDefKind::Record(record) => record
            .fields
            .iter()
            .all(|field| has_default(package, field.ty)),
        TypeDefKind::Type(ty) => has_default(package, *ty),
        TypeDefKind::Option(_) | TypeDefKind::List(_) => true,
        _ => false,
    }
}

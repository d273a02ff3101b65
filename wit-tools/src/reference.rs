//! The package as a page for people: every world, interface, type, field, case and function with its
//! text, for both variants at once.

use std::fmt::Write;

use wit_parser::{Docs, Function, Handle, Interface, Type, TypeDefKind, TypeId, World};

use crate::derive::{VERSION_0_2, VERSION_0_3};
use crate::package::Package;
use crate::place;
use crate::rules::function_place;

/// The first lines of the page.
const TITLE: &str = "\
<!-- Written by `wasi-mcp-wit reference` from the WIT in wit/. Change it there. -->

# Reference: `wasi:mcp`
";

/// The introduction of the page.
const PREFACE: &str = "\
Functions are shown as they are in 0.3, and each says what it is in 0.2. Everything else is the same
in both variants. The anchor of an item is its place: `#types`, `#content.tool`,
`#content.tool.input-schema`, `#tools.call-tool`.
";

/// Writes the page for a package for 0.3 and the one for 0.2 that was derived from it.
pub fn page(package: &Package, derived: &Package) -> String {
    let mut page = Page {
        package,
        derived,
        text: TITLE.to_owned(),
    };
    page.contents();
    page.paragraph(&demoted(package.documentation().unwrap_or_default(), 2));
    page.paragraph(&format!(
        "`{VERSION_0_3}` in `wit/`, `{VERSION_0_2}` in `wit/preview2/`."
    ));
    page.paragraph(PREFACE.trim_end());
    for (title, introduction, names) in page.sections() {
        page.paragraph(&format!("## {title}"));
        page.paragraph(introduction);
        for name in names {
            if let Some(interface) = package.interface(name) {
                page.interface(name, interface);
            }
        }
    }
    page.paragraph("## Worlds");
    for (name, _, world) in package.worlds() {
        page.world(name, world);
    }
    page.text
}

struct Page<'p> {
    package: &'p Package,
    derived: &'p Package,
    text: String,
}

/// A section's title, its introduction, and its interfaces.
type Section<'p> = (&'static str, &'static str, Vec<&'p str>);

impl<'p> Page<'p> {
    /// Groups the interfaces by their implementer: none (types alone), the host, the component.
    fn sections(&self) -> Vec<Section<'p>> {
        let exported = self.package.exported_interfaces();
        let pick = |test: &dyn Fn(&str, &Interface) -> bool| {
            self.package
                .interfaces()
                .filter(|(name, _, interface)| test(name, interface))
                .map(|(name, _, _)| name)
                .collect()
        };
        vec![
            (
                "Types",
                "Interfaces that only define types.",
                pick(&|_, interface| interface.functions.is_empty()),
            ),
            (
                "What a host provides",
                "Interfaces that components import.",
                pick(&|name, interface| {
                    !interface.functions.is_empty() && !exported.contains(&name)
                }),
            ),
            (
                "What a component provides",
                "Interfaces that components export. A middleware imports some of them as well.",
                pick(&|name, _| exported.contains(&name)),
            ),
        ]
    }

    fn paragraph(&mut self, text: &str) {
        self.text.push('\n');
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    fn contents(&mut self) {
        let mut list = String::new();
        for (title, _, names) in self.sections() {
            let links: Vec<String> = names
                .iter()
                .map(|name| format!("[`{name}`](#{name})"))
                .collect();
            let _ = writeln!(list, "- {title}: {}", links.join(", "));
        }
        let worlds: Vec<String> = self
            .package
            .worlds()
            .map(|(name, _, _)| format!("[`{name}`](#world.{name})"))
            .collect();
        let _ = writeln!(list, "- Worlds: {}", worlds.join(", "));
        self.paragraph(&list);
    }

    fn interface(&mut self, name: &str, interface: &Interface) {
        self.paragraph(&format!("### <a id=\"{name}\"></a>`interface {name}`"));
        self.docs(&interface.docs, 3);
        for (type_name, id) in self.package.own_types(interface) {
            self.type_definition(name, interface, &type_name, id);
        }
        for function in interface.functions.values() {
            if function.kind.resource().is_none() {
                self.function(name, function);
            }
        }
    }

    fn type_definition(&mut self, owner: &str, interface: &Interface, name: &str, id: TypeId) {
        let definition = &self.package.resolve.types[id];
        let kind = match &definition.kind {
            TypeDefKind::Record(_) => "record",
            TypeDefKind::Variant(_) => "variant",
            TypeDefKind::Enum(_) => "enum",
            TypeDefKind::Flags(_) => "flags",
            TypeDefKind::Resource => "resource",
            _ => "type",
        };
        let place = format!("{owner}.{name}");
        self.paragraph(&format!("#### <a id=\"{place}\"></a>`{kind} {name}`"));
        if let TypeDefKind::Type(target) = definition.kind {
            let target = self.type_text(target);
            self.paragraph(&format!("The same as {target}."));
        }
        self.docs(&definition.docs, 4);
        let members: Vec<(&str, Option<Type>, &Docs)> = match &definition.kind {
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter();
                fields
                    .map(|field| (field.name.as_str(), Some(field.ty), &field.docs))
                    .collect()
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter();
                cases
                    .map(|case| (case.name.as_str(), case.ty, &case.docs))
                    .collect()
            }
            TypeDefKind::Enum(cases) => {
                let cases = cases.cases.iter();
                cases
                    .map(|case| (case.name.as_str(), None, &case.docs))
                    .collect()
            }
            _ => Vec::new(),
        };
        let list: Vec<String> = members
            .into_iter()
            .map(|(member, ty, docs)| {
                let ty = ty
                    .map(|ty| format!(": {}", self.type_text(ty)))
                    .unwrap_or_default();
                let docs = docs
                    .contents
                    .as_deref()
                    .unwrap_or_default()
                    .replace('\n', "\n  ");
                format!("- <a id=\"{place}.{member}\"></a>`{member}`{ty}\n\n  {docs}\n")
            })
            .collect();
        if !list.is_empty() {
            self.paragraph(&list.join("\n"));
        }
        for function in interface.functions.values() {
            if function.kind.resource() == Some(id) {
                self.function(owner, function);
            }
        }
    }

    fn function(&mut self, owner: &str, function: &Function) {
        let place = function_place(self.package, owner, function);
        let name = function.item_name();
        let func = if function.kind.is_async() {
            "async func"
        } else {
            "func"
        };
        let level = if function.kind.resource().is_some() {
            "#####"
        } else {
            "####"
        };
        self.paragraph(&format!("{level} <a id=\"{place}\"></a>`{name}: {func}`"));
        let variants = match place::find(self.derived, &place) {
            Err(_) => "In 0.3 only.",
            Ok(_) if function.kind.is_async() => "In 0.2 a `func`.",
            Ok(_) => "The same in 0.2.",
        };
        self.paragraph(variants);
        self.docs(&function.docs, level.len());
        let is_self = |index: usize| index == 0 && function.kind.resource().is_some();
        let mut list = String::new();
        for (index, parameter) in function.params.iter().enumerate() {
            if !is_self(index) {
                let ty = self.type_text(parameter.ty);
                let _ = writeln!(list, "- `{}`: {ty}", parameter.name);
            }
        }
        if let Some(result) = function.result {
            let _ = writeln!(list, "- returns {}", self.type_text(result));
        }
        if !list.is_empty() {
            self.paragraph(&list);
        }
    }

    fn world(&mut self, name: &str, world: &World) {
        self.paragraph(&format!("### <a id=\"world.{name}\"></a>`world {name}`"));
        self.docs(&world.docs, 3);
        let (imports, exports) = self.package.imports_and_exports(world);
        let links = |names: Vec<&str>| {
            let links: Vec<String> = names
                .iter()
                .map(|name| format!("[`{name}`](#{name})"))
                .collect();
            if links.is_empty() {
                "nothing".to_owned()
            } else {
                links.join(", ")
            }
        };
        let (imports, exports) = (links(imports), links(exports));
        self.paragraph(&format!("- Imports: {imports}\n- Exports: {exports}\n"));
    }

    /// Writes the documentation of an item whose heading has the given level.
    fn docs(&mut self, docs: &Docs, level: usize) {
        if let Some(text) = &docs.contents {
            self.paragraph(&demoted(text, level));
        }
    }

    /// Returns a type as written in WIT, with links from names to their definitions.
    fn type_text(&self, ty: Type) -> String {
        let text = self.linked(ty);
        // Adjacent pieces of code are merged.
        format!("`{text}`").replace("``", "")
    }

    /// Returns the text like [`Self::type_text`], for the inside of a piece of code: a link ends it
    /// and begins it anew.
    fn linked(&self, ty: Type) -> String {
        let all = |types: &[Type]| {
            types
                .iter()
                .map(|ty| self.linked(*ty))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let optional = |ty: Option<Type>| ty.map_or("_".to_owned(), |ty| self.linked(ty));
        let id = match ty {
            Type::Id(id) => id,
            simple => return simple_name(simple).to_owned(),
        };
        let definition = &self.package.resolve.types[id];
        if definition.name.is_some() {
            return match self.package.qualified_name(id) {
                Some((owner, name)) => format!("`[`{name}`](#{owner}.{name})`"),
                None => definition.name.clone().unwrap_or_default(),
            };
        }
        match &definition.kind {
            TypeDefKind::Option(ty) => format!("option<{}>", self.linked(*ty)),
            TypeDefKind::List(ty) => format!("list<{}>", self.linked(*ty)),
            TypeDefKind::Tuple(tuple) => format!("tuple<{}>", all(&tuple.types)),
            TypeDefKind::Result(result) => match (result.ok, result.err) {
                (None, None) => "result".to_owned(),
                (ok, None) => format!("result<{}>", optional(ok)),
                (ok, err) => format!("result<{}, {}>", optional(ok), optional(err)),
            },
            TypeDefKind::Future(ty) => ty.map_or("future".to_owned(), |ty| {
                format!("future<{}>", self.linked(ty))
            }),
            TypeDefKind::Stream(ty) => ty.map_or("stream".to_owned(), |ty| {
                format!("stream<{}>", self.linked(ty))
            }),
            TypeDefKind::Handle(Handle::Own(id)) => self.linked(Type::Id(*id)),
            TypeDefKind::Handle(Handle::Borrow(id)) => {
                format!("borrow<{}>", self.linked(Type::Id(*id)))
            }
            TypeDefKind::Map(key, value) => {
                format!("map<{}, {}>", self.linked(*key), self.linked(*value))
            }
            TypeDefKind::FixedLengthList(ty, length) => {
                format!("list<{}, {length}>", self.linked(*ty))
            }
            TypeDefKind::Type(ty) => self.linked(*ty),
            TypeDefKind::Record(_)
            | TypeDefKind::Resource
            | TypeDefKind::Flags(_)
            | TypeDefKind::Variant(_)
            | TypeDefKind::Enum(_)
            | TypeDefKind::Unknown => "_".to_owned(),
        }
    }
}

fn simple_name(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::ErrorContext => "error-context",
        Type::Id(_) => "_",
    }
}

/// Lowers the headings of a doc comment, which begin at level two, below a heading of the given
/// level.
fn demoted(docs: &str, level: usize) -> String {
    let more = "#".repeat(level.saturating_sub(1));
    let mut in_code = false;
    let lines = docs.lines().map(|line| {
        in_code ^= line.trim_start().starts_with("```");
        if line.starts_with('#') && !in_code {
            format!("{more}{line}")
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

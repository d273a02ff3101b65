//! A WIT package: the texts of its files, and their meaning.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use wit_parser::{
    Interface, InterfaceId, PackageId, Resolve, SourceMap, Type, TypeDefKind, TypeId, TypeOwner,
    World, WorldId, WorldItem,
};

use crate::derive;

/// The files of a package, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// File name, such as `types.wit`, and text.
    pub files: BTreeMap<String, String>,
}

impl Source {
    /// Reads the `.wit` files in a folder, without its subfolders.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read, or has no such file.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        let entries =
            fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .map(str::to_owned);
            let Some(name) = name.filter(|name| name.ends_with(".wit") && path.is_file()) else {
                continue;
            };
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            files.insert(name, text);
        }
        anyhow::ensure!(!files.is_empty(), "no .wit file in {}", folder.display());
        Ok(Self { files })
    }

    /// Derives the package for WASI 0.2 from this one, which is for WASI 0.3.
    ///
    /// # Errors
    ///
    /// If a file breaks the rules of [`derive::derive`].
    pub fn derived(&self) -> Result<Self> {
        let without = self
            .files
            .values()
            .flat_map(|text| derive::interfaces_of_0_3_alone(text))
            .collect();
        let files = self
            .files
            .iter()
            .map(|(name, text)| {
                let text = derive::derive(text, &without).with_context(|| format!("in {name}"))?;
                Ok((name.clone(), text))
            })
            .collect::<Result<_>>()?;
        Ok(Self { files })
    }

    /// Returns the differences to another package, `expected`: a sentence for each file.
    pub fn differences(&self, expected: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        for (name, text) in &expected.files {
            match self.files.get(name) {
                None => differences.push(format!("{name} is missing")),
                Some(found) if found != text => {
                    differences.push(format!("{name} {}", first_difference(found, text)));
                }
                Some(_) => {}
            }
        }
        for name in self
            .files
            .keys()
            .filter(|name| !expected.files.contains_key(*name))
        {
            differences.push(format!("{name} does not belong there"));
        }
        differences
    }

    /// Writes the package into a folder, and removes `.wit` files that do not belong to the
    /// package.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        if let Ok(there) = Self::read(folder) {
            for name in there
                .files
                .keys()
                .filter(|name| !self.files.contains_key(*name))
            {
                fs::remove_file(folder.join(name))?;
            }
        }
        for (name, text) in &self.files {
            fs::write(folder.join(name), text)
                .with_context(|| format!("cannot write {name} in {}", folder.display()))?;
        }
        Ok(())
    }

    /// Parses the texts.
    ///
    /// # Errors
    ///
    /// If they are invalid; the error shows the place.
    pub fn parse(&self) -> Result<Package> {
        let mut resolve = Resolve::default();
        let mut sources = SourceMap::default();
        for (name, text) in &self.files {
            sources.push_str(name, text.as_str());
        }
        let group = sources
            .parse()
            .map_err(|(sources, error)| anyhow!(error.render(&sources)))?;
        let id = match resolve.push_group(group) {
            Ok(id) => id,
            Err(error) => return Err(anyhow!(error.render(&resolve.source_map))),
        };
        Ok(Package { resolve, id })
    }
}

/// Describes the first difference between two texts, which must differ.
pub fn first_difference(found: &str, expected: &str) -> String {
    let lines = found
        .lines()
        .zip(expected.lines())
        .take_while(|(a, b)| a == b)
        .count();
    let line = |text: &str| {
        text.lines()
            .nth(lines)
            .unwrap_or("(end of file)")
            .to_owned()
    };
    format!(
        "differs in line {}: there is `{}`, expected is `{}`",
        lines + 1,
        line(found),
        line(expected)
    )
}

/// A package that has been parsed.
#[derive(Debug)]
pub struct Package {
    /// The result of the parser.
    pub resolve: Resolve,
    /// The id of the package.
    pub id: PackageId,
}

impl Package {
    /// Returns the documentation of the package itself.
    pub fn documentation(&self) -> Option<&str> {
        self.resolve.packages[self.id].docs.contents.as_deref()
    }

    /// Returns the interfaces, in the order of the parser.
    pub fn interfaces(&self) -> impl Iterator<Item = (&str, InterfaceId, &Interface)> {
        self.resolve.packages[self.id]
            .interfaces
            .iter()
            .map(|(name, id)| (name.as_str(), *id, &self.resolve.interfaces[*id]))
    }

    /// Returns the interface of this name.
    pub fn interface(&self, name: &str) -> Option<&Interface> {
        let id = self.resolve.packages[self.id].interfaces.get(name)?;
        Some(&self.resolve.interfaces[*id])
    }

    /// Returns the worlds, in the order of the parser.
    pub fn worlds(&self) -> impl Iterator<Item = (&str, WorldId, &World)> {
        self.resolve.packages[self.id]
            .worlds
            .iter()
            .map(|(name, id)| (name.as_str(), *id, &self.resolve.worlds[*id]))
    }

    /// Returns the names of the interfaces that a world imports and exports.
    pub fn imports_and_exports(&self, world: &World) -> (Vec<&str>, Vec<&str>) {
        let names = |items: Vec<&WorldItem>| {
            items
                .into_iter()
                .filter_map(|item| match item {
                    WorldItem::Interface { id, .. } => self.resolve.interfaces[*id].name.as_deref(),
                    _ => None,
                })
                .collect()
        };
        (
            names(world.imports.values().collect()),
            names(world.exports.values().collect()),
        )
    }

    /// Returns the interfaces that at least one world exports, in the order of the parser.
    pub fn exported_interfaces(&self) -> Vec<&str> {
        let exported: Vec<&str> = self
            .worlds()
            .flat_map(|(_, _, world)| self.imports_and_exports(world).1)
            .collect();
        self.interfaces()
            .map(|(name, _, _)| name)
            .filter(|name| exported.contains(name))
            .collect()
    }

    /// Returns the types that an interface defines, without those that it only uses.
    pub fn own_types(&self, interface: &Interface) -> Vec<(String, TypeId)> {
        interface
            .types
            .iter()
            .filter(|(_, id)| !self.is_used_type(**id))
            .map(|(name, id)| (name.clone(), *id))
            .collect()
    }

    /// Returns whether a `use` has brought a type into its interface.
    pub fn is_used_type(&self, id: TypeId) -> bool {
        let definition = &self.resolve.types[id];
        match definition.kind {
            TypeDefKind::Type(Type::Id(target)) => {
                self.resolve.types[target].owner != definition.owner
            }
            _ => false,
        }
    }

    /// Returns the type at the end of a chain of `use`s and aliases.
    pub fn origin(&self, mut id: TypeId) -> TypeId {
        while self.is_used_type(id) {
            let TypeDefKind::Type(Type::Id(target)) = self.resolve.types[id].kind else {
                break;
            };
            id = target;
        }
        id
    }

    /// Returns the name of the interface that defines a type, and the type's own name.
    pub fn qualified_name(&self, id: TypeId) -> Option<(&str, &str)> {
        let definition = &self.resolve.types[self.origin(id)];
        let TypeOwner::Interface(owner) = definition.owner else {
            return None;
        };
        Some((
            self.resolve.interfaces[owner].name.as_deref()?,
            definition.name.as_deref()?,
        ))
    }
}

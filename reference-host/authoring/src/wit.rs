//! The WIT of a project.

use std::fs;
use std::path::{Path, PathBuf};

use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{PackageName, Resolve, WorldId, WorldKey};

use crate::build_error::BuildError;
use crate::wasi::Wasi;

/// The folder `wit` of a project, which has one world: what the component exports and may import.
pub(crate) struct Wit {
    folder: PathBuf,
    pub(crate) resolve: Resolve,
    pub(crate) world: WorldId,
}

impl Wit {
    /// Reads the folder `wit` of a project.
    ///
    /// # Errors
    ///
    /// [`BuildError::Project`] with the file and the line.
    pub(crate) fn read(project: &Path) -> Result<Self, BuildError> {
        let folder = project.join("wit");
        let mut resolve = Resolve::default();
        let pushed = resolve.push_dir(&folder);
        let world = pushed.and_then(|(package, _)| resolve.select_world(&[package], None));
        // With the file and the line.
        let world = world.map_err(|error| BuildError::Project(resolve.render_error(&error)))?;
        Ok(Self {
            folder,
            resolve,
            world,
        })
    }

    /// Returns the variant of the interface that the world uses.
    ///
    /// # Errors
    ///
    /// [`BuildError::Project`] if it uses neither.
    pub(crate) fn variant(&self) -> Result<Wasi, BuildError> {
        let world = &self.resolve.worlds[self.world];
        let mut interfaces = world.exports.keys().chain(world.imports.keys());
        let version = interfaces.find_map(|key| self.interface_of_mcp(key)?.1.version.as_ref());
        match version.map(|version| (version.major, version.minor)) {
            Some((0, 2)) => Ok(Wasi::V0_2),
            Some((0, 3)) => Ok(Wasi::V0_3),
            _ => Err(BuildError::Project(format!(
                "{}: the world uses no version of wasi:mcp that has a library: 0.2 or 0.3",
                self.folder.display()
            ))),
        }
    }

    /// Returns whether the world exports an interface of `wasi:mcp`.
    pub(crate) fn exports(&self, interface: &str) -> bool {
        let mut exports = self.resolve.worlds[self.world].exports.keys();
        exports.any(|key| self.is_interface_of_mcp(key, interface))
    }

    /// Returns whether the world imports an interface of `wasi:mcp`.
    fn imports(&self, interface: &str) -> bool {
        let mut imports = self.resolve.worlds[self.world].imports.keys();
        imports.any(|key| self.is_interface_of_mcp(key, interface))
    }

    fn is_interface_of_mcp(&self, key: &WorldKey, interface: &str) -> bool {
        let found = self.interface_of_mcp(key);
        found.is_some_and(|(name, _)| name == interface)
    }

    /// Returns the names of the interfaces of `wasi:mcp`, also of those that the world does not use.
    pub(crate) fn interfaces_of_mcp(&self) -> impl Iterator<Item = &str> {
        let interfaces = self.resolve.interfaces.iter();
        interfaces.filter_map(|(id, _)| Some(self.interface_of_mcp(&WorldKey::Interface(id))?.0))
    }

    /// Returns the name and the package of an interface, if it is one of `wasi:mcp`.
    fn interface_of_mcp(&self, key: &WorldKey) -> Option<(&str, &PackageName)> {
        let WorldKey::Interface(id) = key else {
            return None;
        };
        let interface = &self.resolve.interfaces[*id];
        let package = &self.resolve.packages[interface.package?].name;
        let is_ours = (&*package.namespace, &*package.name) == ("wasi", "mcp");
        let name = interface.name.as_deref().filter(|_| is_ours)?;
        Some((name, package))
    }

    /// Returns the line to add to the world for an export of `wasi:mcp`, such as `wasi:mcp/tools`, and its
    /// place: `add "export wasi:mcp/tools@0.3.0;" to wit/world.wit:9`. Returns `None` if the world has the
    /// export already.
    pub(crate) fn missing_export(&self, interface: &str) -> Option<String> {
        let (_, name) = interface.split_once('/')?;
        match self.exports(name) {
            true => None,
            false => self.added_line("export", name),
        }
    }

    /// Returns the same for an import, of which only the interface's own name is given.
    pub(crate) fn missing_import(&self, name: &str) -> Option<String> {
        match self.imports(name) {
            true => None,
            false => self.added_line("import", name),
        }
    }

    /// Describes a line to add to the world, for an interface of `wasi:mcp` and in the version of the others.
    fn added_line(&self, keyword: &str, name: &str) -> Option<String> {
        let world = &self.resolve.worlds[self.world];
        let mut interfaces = world.exports.keys().chain(world.imports.keys());
        let version = interfaces.find_map(|key| self.interface_of_mcp(key)?.1.version.as_ref())?;
        let place = match self.end_of_world(&world.name) {
            Some((file, line)) => format!("{}:{line}", file.display()),
            None => format!("the world `{}`", world.name),
        };
        Some(format!(
            "add `{keyword} wasi:mcp/{name}@{version};` to {place}"
        ))
    }

    /// Returns the file of a world and the number of the line that closes it, if that is another than the one
    /// that opens it.
    fn end_of_world(&self, name: &str) -> Option<(PathBuf, usize)> {
        let opening = format!("world {name} {{");
        let files = fs::read_dir(&self.folder).ok()?;
        let files = files.filter_map(|entry| Some(entry.ok()?.path()));
        files
            .filter(|path| path.extension().is_some_and(|extension| extension == "wit"))
            .find_map(|path| {
                let text = fs::read_to_string(&path).ok()?;
                let code = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
                let mut lines = text.lines().map(code).zip(1..);
                lines.find(|(line, _)| line.trim() == opening)?;
                let mut depth = 1;
                let (_, line) = lines.find(|(line, _)| {
                    depth += line.matches('{').count();
                    depth -= line.matches('}').count().min(depth);
                    depth == 0
                })?;
                Some((path, line))
            })
    }

    /// Returns the component of a core module that was compiled with bindings of the world. A module that uses
    /// WASI 0.1, as the C library and Go's runtime do, gets an adapter.
    ///
    /// # Errors
    ///
    /// [`BuildError::Project`] if the module lacks an export of the world, or needs another import.
    pub(crate) fn component(&self, mut module: Vec<u8>) -> Result<Vec<u8>, BuildError> {
        use wasi_preview1_component_adapter_provider as adapter;
        let mut encode = || {
            let (resolve, world) = (&self.resolve, self.world);
            embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8)?;
            ComponentEncoder::default()
                .validate(true)
                .module(&module)?
                .adapter(
                    adapter::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME,
                    adapter::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
                )?
                .encode()
        };
        let encoded: anyhow::Result<_> = encode();
        encoded.map_err(|error| {
            let folder = self.folder.display();
            let mut text = format!("the program does not fit the world in {folder}: {error:#}");
            if let Some(line) = self.import_of_module(&module) {
                text = format!("{text}: {line}");
            }
            BuildError::Project(text)
        })
    }

    /// Returns the line to add to the world for the first interface of `wasi:mcp` that a module imports and the
    /// world does not.
    fn import_of_module(&self, module: &[u8]) -> Option<String> {
        let mut missing = self.interfaces_of_mcp().filter(|name| !self.imports(name));
        let imported = imported_interfaces(module);
        missing.find_map(|name| {
            let prefix = format!("wasi:mcp/{name}@");
            let is_imported = imported.iter().any(|module| module.starts_with(&prefix));
            is_imported.then(|| self.missing_import(name))?
        })
    }
}

/// Returns the names of the modules that a core module imports from, as far as it can be read.
fn imported_interfaces(module: &[u8]) -> Vec<&str> {
    let payloads = Parser::new(0).parse_all(module).map_while(Result::ok);
    let sections = payloads.filter_map(|payload| match payload {
        Payload::ImportSection(imports) => Some(imports),
        _ => None,
    });
    let imports = sections.flat_map(|section| section.into_imports().map_while(Result::ok));
    imports.map(|import| import.module).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes the WIT of a project with a world.
    fn project(version: &str, world: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("wit/deps/mcp");
        fs::create_dir_all(&package).unwrap();
        let interfaces = format!(
            "package wasi:mcp@{version};\ninterface start {{}}\ninterface tools {{ run: func(); }}\n"
        );
        fs::write(package.join("mcp.wit"), interfaces).unwrap();
        let world = format!("package local:server;\n{world}").replace("VERSION", version);
        fs::write(folder.path().join("wit/world.wit"), world).unwrap();
        folder
    }

    #[test]
    fn the_variant_is_the_version_of_the_interface() {
        let world = "world server { export wasi:mcp/tools@VERSION; }";
        for (version, variant) in [("0.2.0-draft2", Wasi::V0_2), ("0.3.0", Wasi::V0_3)] {
            let project = project(version, world);
            assert_eq!(
                Wit::read(project.path()).unwrap().variant().unwrap(),
                variant
            );
        }
        let project = project("1.0.0", world);
        let error = Wit::read(project.path()).unwrap().variant().unwrap_err();
        assert!(error.to_string().contains("0.2 or 0.3"), "{error}");
    }

    #[test]
    fn the_world_tells_what_it_exports() {
        let world =
            "world server { import wasi:mcp/start@VERSION; export wasi:mcp/tools@VERSION; }";
        let project = project("0.3.0", world);
        let wit = Wit::read(project.path()).unwrap();
        assert!(wit.exports("tools"));
        assert!(!wit.exports("start"));
    }

    #[test]
    fn a_missing_export_has_a_place() {
        let world = "world server {\n  export nested: interface { // {\n  }\n  export wasi:mcp/start@VERSION;\n}";
        let project = project("0.3.0", world);
        let wit = Wit::read(project.path()).unwrap();
        assert_eq!(
            wit.missing_export("wasi:mcp/tools"),
            Some(format!(
                "add `export wasi:mcp/tools@0.3.0;` to {}:6",
                project.path().join("wit/world.wit").display()
            ))
        );
        assert_eq!(wit.missing_export("wasi:mcp/start"), None);
    }

    #[test]
    fn errors_in_the_wit_name_the_file() {
        let none = tempfile::tempdir().unwrap();
        let error = Wit::read(none.path()).err().unwrap().to_string();
        assert!(error.contains("wit"), "{error}");
        let wrong = project("0.3.0", "world server { export nothing; }");
        let error = Wit::read(wrong.path()).err().unwrap().to_string();
        assert!(error.contains("world.wit:2"), "{error}");
        let two = project("0.3.0", "world one {}\nworld two {}");
        assert!(Wit::read(two.path()).is_err());
    }

    #[test]
    fn an_import_that_the_world_lacks_has_a_place() {
        let project = project(
            "0.3.0",
            "world server {\n  import wasi:mcp/start@VERSION;\n}",
        );
        let wit = Wit::read(project.path()).unwrap();
        let place = project.path().join("wit/world.wit");
        let line = format!(
            "add `import wasi:mcp/tools@0.3.0;` to {}:4",
            place.display()
        );
        assert_eq!(wit.missing_import("tools"), Some(line.clone()));
        assert_eq!(wit.missing_import("start"), None);
        let mut types = wasm_encoder::TypeSection::new();
        types.ty().function([], []);
        let mut imports = wasm_encoder::ImportSection::new();
        imports.import(
            "wasi:mcp/tools@0.3.0",
            "run",
            wasm_encoder::EntityType::Function(0),
        );
        let mut module = wasm_encoder::Module::new();
        module.section(&types).section(&imports);
        let error = wit.component(module.finish()).unwrap_err().to_string();
        assert!(error.ends_with(&line), "{error}");
    }

    #[test]
    fn a_module_that_lacks_an_export_does_not_fit() {
        let project = project("0.3.0", "world server { export wasi:mcp/tools@VERSION; }");
        let wit = Wit::read(project.path()).unwrap();
        // An empty module.
        let error = wit
            .component(b"\0asm\x01\0\0\0".to_vec())
            .unwrap_err()
            .to_string();
        assert!(error.contains("does not fit the world"), "{error}");
        assert!(error.contains("wasi:mcp/tools"), "{error}");
    }
}

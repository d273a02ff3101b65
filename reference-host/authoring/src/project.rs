//! Existing projects.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::language::Language;
use crate::wit::Wit;

/// A folder with the sources of a component.
#[derive(Debug, Clone)]
pub struct Project {
    folder: PathBuf,
    language: Language,
    name: String,
}

/// A folder that holds no project.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// The folder has no known manifest.
    #[error(
        "{}: no project found: expected Cargo.toml (Rust), pyproject.toml (Python), package.json \
         (TypeScript, JavaScript), go.mod (Go) or compile_flags.txt (C); create one with `wasi-mcp new`",
        .0.display()
    )]
    NotFound(PathBuf),
    /// The file that names the project cannot be used.
    #[error("{}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
}

/// The manifest of Rust.
const CARGO: &str = "Cargo.toml";
const PYPROJECT: &str = "pyproject.toml";
pub(crate) const PACKAGE: &str = "package.json";
const GO: &str = "go.mod";
pub(crate) const C_FLAGS: &str = "compile_flags.txt";

/// Reads the language and the name of a project from its folder and the text of its manifest, or says
/// what it lacks.
type Reader = fn(&Path, &str) -> Result<(Language, String), String>;

impl Project {
    /// Finds the project in a folder, by its manifest.
    ///
    /// # Errors
    ///
    /// [`ProjectError`].
    pub fn find(folder: &Path) -> Result<Self, ProjectError> {
        let readers: [(&str, Reader); 5] = [
            (CARGO, |_, text| {
                Ok((Language::Rust, named_in(text, "package")?))
            }),
            (PYPROJECT, |_, text| {
                Ok((Language::Python, named_in(text, "project")?))
            }),
            (PACKAGE, |_, text| read_package(text)),
            (GO, |_, text| Ok((Language::Go, go_module(text)?))),
            (C_FLAGS, |folder, _| Ok((Language::C, folder_name(folder)?))),
        ];
        let mut readers = readers.into_iter();
        let found = readers.find(|(file, _)| folder.join(file).is_file());
        let (file, read) = found.ok_or_else(|| ProjectError::NotFound(folder.to_owned()))?;
        let path = folder.join(file);
        let text = fs::read_to_string(&path).map_err(|error| error.to_string());
        let (language, name) = text
            .and_then(|text| read(folder, &text))
            .map_err(|reason| ProjectError::Malformed { path, reason })?;
        Ok(Self {
            folder: folder.to_owned(),
            language,
            name,
        })
    }

    /// Returns its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns its language.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the usual place of its component: `NAME.wasm` in its folder.
    #[must_use]
    pub fn component(&self) -> PathBuf {
        self.folder.join(format!("{}.wasm", self.name))
    }

    /// Returns the place of the component while it is built.
    #[must_use]
    pub fn unfinished(&self) -> PathBuf {
        self.folder.join(format!("{}.wasm.unfinished", self.name))
    }

    /// Returns the lines to add to the project's world for exports that the component lacks, such as
    /// `wasi:mcp/tools`, with their places. Returns `None` if the project has no world of its own, or has
    /// these exports.
    #[must_use]
    pub fn missing_exports<'a>(
        &self,
        interfaces: impl IntoIterator<Item = &'a str>,
    ) -> Option<String> {
        let wit = Wit::read(&self.folder).ok()?;
        let lines = interfaces
            .into_iter()
            .filter_map(|interface| wit.missing_export(interface));
        let lines = lines.collect::<Vec<_>>().join(", and ");
        (!lines.is_empty()).then_some(lines)
    }

    /// Returns the names of files and folders, at any depth, that are not sources. Changes in them do
    /// not call for a build.
    #[must_use]
    pub fn ignored_names(&self) -> &'static [&'static str] {
        match self.language {
            Language::Rust => &["target", ".git"],
            Language::Python => &[".venv", "__pycache__", ".git"],
            Language::TypeScript | Language::JavaScript => &["node_modules", "dist", ".git"],
            Language::Go => &[".venv", ".git"],
            Language::C => &[".venv", "bindings", ".git"],
        }
    }
}

/// Returns the name that a table of a manifest gives.
fn named_in(text: &str, table: &str) -> Result<String, String> {
    let manifest: toml::Table = toml::from_str(text).map_err(|error| error.to_string())?;
    let name = manifest.get(table).and_then(|table| table.get("name"));
    let name = name.and_then(toml::Value::as_str);
    as_file(name.ok_or_else(|| format!("missing `name` in [{table}]"))?)
}

/// Reads a package of npm, whose program has the name `main`.
fn read_package(text: &str) -> Result<(Language, String), String> {
    let package: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let language = match package["main"].as_str() {
        Some(main) if main.ends_with(".ts") => Language::TypeScript,
        Some(_) => Language::JavaScript,
        None => return Err("missing `main`, which names the program".to_owned()),
    };
    let name = package["name"].as_str().ok_or("missing `name`")?;
    // A scope is no part of the file's name.
    let name = name.rsplit('/').next().unwrap_or(name);
    Ok((language, as_file(name)?))
}

/// Returns the last part of a Go module's path, before its major version.
///
/// <https://go.dev/ref/mod#module-path>
fn go_module(text: &str) -> Result<String, String> {
    let mut lines = text.lines();
    let path = lines
        .find_map(|line| line.trim().strip_prefix("module"))
        .filter(|path| path.starts_with([' ', '\t']))
        .map(|path| path.split("//").next().unwrap_or(path))
        .ok_or("missing `module`")?
        .trim()
        .trim_matches(['"', '`']);
    let is_version = |part: &&str| {
        let number = part.strip_prefix('v');
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    };
    let name = path.rsplit('/').find(|part| !is_version(part));
    as_file(name.unwrap_or(path))
}

/// Returns the name of a folder: a program in C has no other.
fn folder_name(folder: &Path) -> Result<String, String> {
    let folder = folder.canonicalize().map_err(|error| error.to_string())?;
    let name = folder.file_name().and_then(|name| name.to_str());
    let name =
        name.ok_or("expected a folder whose name is UTF-8: a program in C has no other name")?;
    Ok(name.to_owned())
}

/// Returns the name, if it can be that of a file.
fn as_file(name: &str) -> Result<String, String> {
    match Path::new(name).file_name() == Some(name.as_ref()) {
        true => Ok(name.to_owned()),
        false => Err(format!("invalid name {name:?}: expected a plain file name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_are_found_by_their_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        assert!(matches!(Project::find(at), Err(ProjectError::NotFound(_))));
        fs::write(at.join("pyproject.toml"), "[project]\nname = 'one'\n").unwrap();
        let project = Project::find(at).unwrap();
        assert_eq!(
            (project.language(), project.name()),
            (Language::Python, "one")
        );
        assert_eq!(project.component(), at.join("one.wasm"));
        for (text, reason) in [
            ("[project", "expected"),
            ("[other]\n", "missing `name` in [project]"),
            ("[project]\nname = 7\n", "missing `name` in [project]"),
            ("[project]\nname = '../up'\n", "expected a plain file name"),
        ] {
            fs::write(at.join("pyproject.toml"), text).unwrap();
            let error = Project::find(at).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
            assert!(error.contains("pyproject.toml"), "{error}");
        }
    }

    #[test]
    fn programs_in_c_are_named_after_their_folder() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("words");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("compile_flags.txt"), "-Wall").unwrap();
        let project = Project::find(&folder).unwrap();
        assert_eq!((project.language(), project.name()), (Language::C, "words"));
    }

    #[test]
    fn programs_in_go_are_named_after_their_module() {
        for (text, name) in [
            ("module words\n", "words"),
            (
                "// first\nmodule example.com/a/words // last\n\ngo 1.25\n",
                "words",
            ),
            ("module\t\"example.com/words/v2\"\n", "words"),
        ] {
            assert_eq!(go_module(text).as_deref(), Ok(name), "{text}");
        }
        assert!(go_module("go 1.25\n").is_err());
    }

    #[test]
    fn packages_of_npm_have_the_language_of_their_program() {
        for (text, expected) in [
            (
                r#"{"name": "a", "main": "server.ts"}"#,
                Ok((Language::TypeScript, "a")),
            ),
            (
                r#"{"name": "@b/c", "main": "server.js"}"#,
                Ok((Language::JavaScript, "c")),
            ),
            (r#"{"name": "a"}"#, Err("missing `main`")),
            (r#"{"main": "server.ts"}"#, Err("missing `name`")),
            (
                r#"{"name": "..", "main": "a.js"}"#,
                Err("expected a plain file name"),
            ),
            ("{", Err("EOF")),
        ] {
            match (read_package(text), expected) {
                (Ok((language, name)), Ok(expected)) => assert_eq!((language, &*name), expected),
                (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
                (read, _) => panic!("{text}: {read:?}"),
            }
        }
    }
}

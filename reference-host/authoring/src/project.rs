//! Existing projects.

use std::fs;
use std::path::{Path, PathBuf};

use crate::build::{self, BuildError};
use crate::language::Language;

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
    /// Nothing in it tells the language.
    #[error(
        "{} holds no project: expected Cargo.toml for Rust or pyproject.toml for Python; `wasi-mcp new` \
         makes one",
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

/// The file that tells a language, and the table in it that names the project.
const MANIFESTS: [(&str, &str, Language); 2] = [
    ("Cargo.toml", "package", Language::Rust),
    ("pyproject.toml", "project", Language::Python),
];

impl Project {
    /// Finds the project in a folder, by its manifest.
    ///
    /// # Errors
    ///
    /// [`ProjectError`].
    pub fn find(folder: &Path) -> Result<Self, ProjectError> {
        let mut manifests = MANIFESTS.into_iter();
        let found = manifests.find(|(file, _, _)| folder.join(file).is_file());
        let (file, table, language) =
            found.ok_or_else(|| ProjectError::NotFound(folder.to_owned()))?;
        let path = folder.join(file);
        let name =
            name_in(&path, table).map_err(|reason| ProjectError::Malformed { path, reason })?;
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

    /// Returns the names in its folder whose contents are not sources: a change in them calls for no
    /// build.
    #[must_use]
    pub fn not_sources(&self) -> &'static [&'static str] {
        &["target", ".venv", "__pycache__", "node_modules", ".git"]
    }

    /// Builds its component with the language's own tools, whose output goes to standard error, and
    /// puts it in place when it is whole.
    ///
    /// # Errors
    ///
    /// [`BuildError`], which says what to do if a tool is missing.
    pub fn build(&self, component: &Path) -> Result<(), BuildError> {
        build::build(self, component)
    }
}

fn name_in(path: &Path, table: &str) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let manifest: toml::Table = toml::from_str(&text).map_err(|error| error.to_string())?;
    let name = manifest.get(table).and_then(|table| table.get("name"));
    let name = name.and_then(toml::Value::as_str);
    let name = name.ok_or_else(|| format!("it has no `name` in [{table}]"))?;
    // It becomes the name of a file.
    match Path::new(name).file_name() == Some(name.as_ref()) {
        true => Ok(name.to_owned()),
        false => Err(format!("the name {name:?} cannot be a file's")),
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
            ("[other]\n", "no `name` in [project]"),
            ("[project]\nname = 7\n", "no `name` in [project]"),
            ("[project]\nname = '../up'\n", "cannot be a file's"),
        ] {
            fs::write(at.join("pyproject.toml"), text).unwrap();
            let error = Project::find(at).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
            assert!(error.contains("pyproject.toml"), "{error}");
        }
    }
}

//! Rust: cargo, with the target of components.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::build_error::{BuildError, MissingTool};
use crate::project::Project;
use crate::tool::query;

const TARGET: &str = "wasm32-wasip2";

pub(super) fn build(project: &Project, component: &Path) -> Result<(), BuildError> {
    let folder = project.folder();
    let tool = |name| MissingTool::command(name, "install Rust from https://rustup.rs");
    let cargo = || tool("cargo");
    let libraries = query(
        folder,
        "rustc",
        &["--print", "target-libdir", "--target", TARGET],
        tool("rustc"),
    )?;
    if !Path::new(libraries.trim_end()).is_dir() {
        return Err(MissingTool::command(
            "the standard library for wasm32-wasip2",
            project.language().setup(),
        )
        .into());
    }
    let messages = query(folder, "cargo", &BUILD, cargo())?;
    let Some(built) = built_component(&messages, &folder.join("Cargo.toml")) else {
        return Err(BuildError::Project(format!(
            "cargo built no component of {}: set `crate-type = [\"cdylib\"]` in [lib] of Cargo.toml",
            project.name()
        )));
    };
    let copied = fs::copy(&built, component);
    copied.map(drop).map_err(|source| BuildError::Write {
        path: component.to_owned(),
        source,
    })
}

/// Errors and warnings go to standard error as usual, and messages on standard output say where the component is.
const BUILD: [&str; 6] = [
    "build",
    "--release",
    "--target",
    TARGET,
    "--message-format",
    "json-render-diagnostics",
];

/// Finds the component of a package in cargo's messages: its library may have another name, and the target
/// folder another place.
///
/// <https://doc.rust-lang.org/cargo/reference/external-tools.html#artifact-messages>
fn built_component(messages: &str, manifest: &Path) -> Option<PathBuf> {
    // Cargo's paths may go through no symbolic link.
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let manifest = canonical(manifest);
    let messages = messages.lines();
    let artifacts = messages.filter_map(|line| serde_json::from_str::<Artifact>(line).ok());
    let own = artifacts.filter(|artifact| canonical(&artifact.manifest_path) == manifest);
    let mut files = own.flat_map(|artifact| artifact.filenames);
    files.find(|file| file.extension().is_some_and(|it| it == "wasm"))
}

/// A message about a compiled target of a package.
#[derive(Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    filenames: Vec<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_component_is_that_of_the_package_whatever_its_library_is_called() {
        let message = |manifest: &str, files: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"{manifest}","filenames":[{files}]}}"#
            )
        };
        let messages = [
            message("/a/vendor/Cargo.toml", r#""/a/target/vendor.wasm""#),
            message("/a/Cargo.toml", r#""/a/target/other_name.wasm""#),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
        ];
        let found = built_component(&messages.join("\n"), Path::new("/a/Cargo.toml"));
        assert_eq!(found, Some("/a/target/other_name.wasm".into()));
        let library = message("/a/Cargo.toml", r#""/a/target/liba.rlib""#);
        assert_eq!(built_component(&library, Path::new("/a/Cargo.toml")), None);
    }
}

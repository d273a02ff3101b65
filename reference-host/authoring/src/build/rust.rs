//! Rust: cargo, with the target of components.

use std::fs;
use std::path::{Path, PathBuf};

use crate::build_error::{BuildError, MissingTool};
use crate::project::Project;
use crate::tool::{query, run};

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
    let arguments = ["build", "--release", "--target", TARGET];
    run(folder, "cargo", &arguments, cargo())?;
    let built = target(folder, cargo())?
        .join(TARGET)
        .join("release")
        .join(format!("{}.wasm", project.name().replace('-', "_")));
    if !built.is_file() {
        return Err(BuildError::Project(format!(
            "cargo did not write {}: set `crate-type = [\"cdylib\"]` in [lib] of Cargo.toml",
            built.display()
        )));
    }
    let copied = fs::copy(&built, component);
    copied.map(drop).map_err(|source| BuildError::Write {
        path: component.to_owned(),
        source,
    })
}

/// Returns cargo's target folder, which its configuration may change.
fn target(folder: &Path, cargo: MissingTool) -> Result<PathBuf, BuildError> {
    let arguments = ["metadata", "--format-version", "1", "--no-deps"];
    let metadata = query(folder, "cargo", &arguments, cargo)?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap_or_default();
    let target = metadata["target_directory"].as_str();
    Ok(target.map_or_else(|| folder.join("target"), PathBuf::from))
}

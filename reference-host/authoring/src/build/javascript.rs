//! TypeScript and JavaScript: the library's own command, which bundles the program and puts it into
//! QuickJS.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::build_error::{BuildError, MissingTool};
use crate::language::Language;
use crate::project::{PACKAGE, Project};
use crate::tool::run;

pub(super) fn build(project: &Project, component: &Path) -> Result<(), BuildError> {
    let folder = project.folder();
    let missing = |tool| MissingTool::command(tool, project.language().setup());
    let package = fs::read_to_string(folder.join(PACKAGE)).unwrap_or_default();
    let package: Value = serde_json::from_str(&package).unwrap_or_default();
    let program = package["main"].as_str().unwrap_or_default();
    let wasi = match &package["wasi-mcp"]["wasi"] {
        Value::Null => "0.2",
        Value::String(wasi) => wasi,
        other => {
            return Err(BuildError::Project(format!(
                "package.json: `wasi` is {other}: expected a string, \"0.2\" or \"0.3\""
            )));
        }
    };
    if !folder.join(program).is_file() {
        return Err(BuildError::Project(format!(
            "{} is missing: package.json names it as `main`",
            folder.join(program).display()
        )));
    }
    if project.language() == Language::TypeScript {
        let checker = "the TypeScript compiler";
        run(folder, compiler(folder), &["--noEmit"], missing(checker))?;
    }
    let component = std::path::absolute(component).map_err(|source| BuildError::Write {
        path: component.to_owned(),
        source,
    })?;
    // npm does not link the commands of a linked package, such as the one in `vendor`.
    let builder = folder.join("node_modules/@wasi-mcp/guest/dist/build/cli.js");
    let builder = std::path::absolute(&builder).unwrap_or(builder);
    if !builder.is_file() {
        return Err(missing("wasi-mcp-guest").into());
    }
    let mut arguments: Vec<OsString> = vec![builder.into()];
    arguments.extend(["build", program, "--wasi", wasi, "--output"].map(Into::into));
    arguments.push(component.into());
    let node = MissingTool::command(
        "node",
        "install Node.js 20 or later from https://nodejs.org",
    );
    run(folder, "node", &arguments, node)
}

/// Returns the project's own TypeScript compiler.
fn compiler(folder: &Path) -> PathBuf {
    let own = match cfg!(windows) {
        true => "node_modules/.bin/tsc.cmd",
        false => "node_modules/.bin/tsc",
    };
    // A relative path would be looked up in another folder.
    std::path::absolute(folder.join(own)).unwrap_or_else(|_| folder.join(own))
}

//! Python: componentize-py, which takes the application's module `app`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::build_error::{BuildError, MissingTool};
use crate::project::Project;
use crate::tool::run;

pub(super) fn build(project: &Project, component: &Path) -> Result<(), BuildError> {
    let folder = project.folder();
    for (needed, purpose) in [("app.py", "the server"), ("wit/world.wit", "its world")] {
        if !folder.join(needed).is_file() {
            return Err(BuildError::Project(format!(
                "{} is missing: {purpose}",
                folder.join(needed).display()
            )));
        }
    }
    let component = std::path::absolute(component).map_err(|source| BuildError::Write {
        path: component.to_owned(),
        source,
    })?;
    let mut arguments: Vec<OsString> = ["--quiet", "-d", "wit", "-w", "server", "componentize"]
        .map(Into::into)
        .into();
    arguments.extend(["-p", ".", "-p", "vendor", "app", "-o"].map(Into::into));
    arguments.push(component.into());
    let missing = MissingTool::command("componentize-py", project.language().setup());
    run(folder, tool(folder), &arguments, missing)
}

/// Returns the project's own componentize-py, or else the one on the path.
fn tool(folder: &Path) -> PathBuf {
    let own = match cfg!(windows) {
        true => ".venv/Scripts/componentize-py.exe",
        false => ".venv/bin/componentize-py",
    };
    let own = folder.join(own);
    // A relative path would be looked up in another folder.
    match std::path::absolute(&own) {
        Ok(path) if path.is_file() => path,
        _ => "componentize-py".into(),
    }
}

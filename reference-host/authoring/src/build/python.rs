//! Python: componentize-py, which takes the application's module `app`.

use std::ffi::OsString;
use std::path::Path;

use super::own_or_on_path;
use crate::build_error::{BuildError, MissingTool};
use crate::project::Project;
use crate::tool::run_with;

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
    let tool = own_or_on_path(folder, "componentize-py");
    // It bundles the packages of the environment that is active, and otherwise those of the system.
    let environment = tool.parent().and_then(Path::parent).map(Path::as_os_str);
    let variables: Vec<_> = environment
        .map(|it| ("VIRTUAL_ENV", it))
        .into_iter()
        .collect();
    run_with(folder, &tool, &arguments, &variables, missing)
}

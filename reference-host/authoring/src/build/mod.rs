//! Building a component with the tools of its language.

mod bindings;
mod c;
mod go;
mod javascript;
mod lines;
mod native;
mod python;
mod rust;

use std::fs;
use std::path::{Path, PathBuf};

use crate::build_error::BuildError;
use crate::language::Language;
use crate::project::Project;

/// Builds a project's component with the language's own tools, whose output goes to standard error, and
/// returns it. Meanwhile it is a file of the project's folder, [`Project::unfinished`].
///
/// # Errors
///
/// [`BuildError`], which says what to do if a tool is missing.
pub fn build(project: &Project) -> Result<Vec<u8>, BuildError> {
    let unfinished = project.unfinished();
    let built = match project.language() {
        Language::Rust => rust::build(project, &unfinished),
        Language::Python => python::build(project, &unfinished),
        Language::TypeScript | Language::JavaScript => javascript::build(project, &unfinished),
        Language::Go => go::build(project, &unfinished),
        Language::C => c::build(project, &unfinished),
    };
    let component = built.and_then(|()| {
        fs::read(&unfinished).map_err(|error| {
            let path = unfinished.display();
            BuildError::Project(format!("{path}: the tools wrote no component: {error}"))
        })
    });
    // It may not exist.
    let _ = fs::remove_file(&unfinished);
    component
}

/// Returns the place of a program in the folder `bin` of the project's own `.venv`, or else its name, which is
/// looked up on the path.
fn project_or_path_program(folder: &Path, program: &str) -> PathBuf {
    let own = match cfg!(windows) {
        true => format!(".venv/Scripts/{program}.exe"),
        false => format!(".venv/bin/{program}"),
    };
    // A relative path would be looked up in another folder.
    match std::path::absolute(folder.join(own)) {
        Ok(path) if path.is_file() => path,
        _ => program.into(),
    }
}

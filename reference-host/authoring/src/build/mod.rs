//! Building a component with the tools of its language.

mod bindings;
mod c;
mod go;
mod javascript;
mod lines;
mod native;
mod python;
mod rust;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::build_error::BuildError;
use crate::language::Language;
use crate::project::Project;

/// Builds a project's component with the language's own tools, whose output goes to standard error. The
/// component is renamed into place, so that a watcher never reads a part of it.
///
/// # Errors
///
/// [`BuildError`], which says what to do if a tool is missing.
pub fn build(project: &Project, component: &Path) -> Result<(), BuildError> {
    let unfinished =
        component.with_file_name(unfinished(component.file_name().unwrap_or_default()));
    let built = match project.language() {
        Language::Rust => rust::build(project, &unfinished),
        Language::Python => python::build(project, &unfinished),
        Language::TypeScript | Language::JavaScript => javascript::build(project, &unfinished),
        Language::Go => go::build(project, &unfinished),
        Language::C => c::build(project, &unfinished),
    };
    let moved = built.and_then(|()| {
        moved(&unfinished, component).map_err(|source| BuildError::Write {
            path: component.to_owned(),
            source,
        })
    });
    if moved.is_err() {
        // It may not exist.
        let _ = fs::remove_file(&unfinished);
    }
    moved
}

/// Renames a file. A device, such as `/dev/null`, gets its contents instead of being replaced.
fn moved(from: &Path, to: &Path) -> io::Result<()> {
    if fs::metadata(to).is_ok_and(|found| !found.is_file()) {
        fs::copy(from, to)?;
        return fs::remove_file(from);
    }
    fs::rename(from, to)
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

/// Returns the name of a component's file until it is complete, in the same folder.
#[must_use]
pub fn unfinished(component: &OsStr) -> OsString {
    let mut name = component.to_owned();
    name.push(".unfinished");
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn files_are_replaced_and_devices_kept() {
        use std::os::unix::fs::FileTypeExt as _;

        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("new");
        let to = folder.path().join("old");
        fs::write(&from, "new").unwrap();
        fs::write(&to, "old").unwrap();
        moved(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "new");
        assert!(!from.exists());
        // A link stands for the device, lest a failure removes it.
        let device = folder.path().join("device");
        std::os::unix::fs::symlink("/dev/null", &device).unwrap();
        moved(&to, &device).unwrap();
        let kind = fs::metadata(&device).unwrap().file_type();
        assert!(kind.is_char_device());
        assert!(!to.exists());
        // A folder is an error.
        fs::write(&from, "new").unwrap();
        assert!(moved(&from, folder.path()).is_err());
    }
}

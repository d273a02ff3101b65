//! The bindings of C, which are generated from the project's WIT.

use std::path::Path;
use std::{fs, io};

use wit_bindgen_core::{Files, WorldGenerator};

use crate::build_error::BuildError;
use crate::wit::Wit;

/// The folder of the bindings in a project.
pub(super) const FOLDER: &str = "bindings";

/// Generates the bindings into the folder [`FOLDER`] of a project. Files that would not change stay
/// untouched, so that editors and compilers need not read them again.
///
/// # Errors
///
/// [`BuildError`] if the language has no bindings of the world, or a file cannot be written.
pub(super) fn write(
    project: &Path,
    wit: &mut Wit,
    mut generator: Box<dyn WorldGenerator>,
) -> Result<(), BuildError> {
    let mut files = Files::default();
    generator
        .generate(&mut wit.resolve, wit.world, &mut files)
        .map_err(|error| BuildError::Project(format!("no bindings of the world: {error:#}")))?;
    for (name, contents) in files.iter() {
        let path = project.join(FOLDER).join(name);
        replace(&path, contents).map_err(|source| BuildError::Write { path, source })?;
    }
    Ok(())
}

/// Writes a file unless it has these contents.
fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|present| present == contents) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, contents)
}

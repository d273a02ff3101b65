//! The bindings of C and Go, which are generated from the project's WIT.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use wit_bindgen_core::{Files, WorldGenerator};

use crate::build_error::BuildError;
use crate::wit::Wit;

/// The folder of the bindings in a project.
pub(crate) const FOLDER: &str = "bindings";

/// Generates the bindings into the folder [`FOLDER`] of a project. Files that would not change stay
/// untouched, so that compilers need not read them again; other files in it are removed.
///
/// # Errors
///
/// [`BuildError`] if the language has no bindings of the world, or a file cannot be written.
pub(super) fn write(
    project: &Path,
    wit: &mut Wit,
    mut generator: Box<dyn WorldGenerator>,
    further: &[(&str, &[u8])],
) -> Result<(), BuildError> {
    let mut files = Files::default();
    generator
        .generate(&mut wit.resolve, wit.world, &mut files)
        .map_err(|error| BuildError::Project(format!("no bindings of the world: {error:#}")))?;
    let folder = project.join(FOLDER);
    let generated = files.iter().chain(further.iter().copied());
    let mut written = BTreeSet::new();
    for (name, contents) in generated {
        let path = folder.join(name);
        replace(&path, contents).map_err(|source| BuildError::Write {
            path: path.clone(),
            source,
        })?;
        written.insert(path);
    }
    remove_others(&folder, &written).map_err(|source| BuildError::Write {
        path: folder,
        source,
    })
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

/// Removes the files of earlier bindings, which compilers would still read.
fn remove_others(folder: &Path, kept: &BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
            // It fails if something is left in it.
            let _ = fs::remove_dir(&path);
        } else if !kept.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

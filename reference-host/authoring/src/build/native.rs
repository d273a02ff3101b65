//! Steps shared by C and Go: from the compiler's core module to a component.

use std::fs;
use std::path::{Path, PathBuf};

use crate::build_error::BuildError;
use crate::wit::Wit;

/// Returns the place of a core module until it is a component, beside the component.
pub(super) fn module_beside(component: &Path) -> Result<PathBuf, BuildError> {
    let mut module = component.as_os_str().to_owned();
    module.push(".core");
    // The compiler runs in the project's folder.
    std::path::absolute(&module).map_err(|source| BuildError::Write {
        path: module.into(),
        source,
    })
}

/// Writes the component of a core module, and removes the module.
pub(super) fn encode(wit: &Wit, module: &Path, component: &Path) -> Result<(), BuildError> {
    encode_with(wit, module, component, Ok)
}

/// Does the same, but passes the compiler's module through `adapt` first.
pub(super) fn encode_with(
    wit: &Wit,
    module: &Path,
    component: &Path,
    adapt: impl FnOnce(Vec<u8>) -> anyhow::Result<Vec<u8>>,
) -> Result<(), BuildError> {
    let core = fs::read(module);
    // It may be missing.
    let _ = fs::remove_file(module);
    let core = core.map_err(|error| {
        BuildError::Project(format!(
            "the compiler did not write {}: {error}",
            module.display()
        ))
    })?;
    let core = adapt(core).map_err(|error| {
        BuildError::Project(format!(
            "the compiler's debug information cannot be read: {error:#}"
        ))
    })?;
    let encoded = wit.component(core)?;
    fs::write(component, encoded).map_err(|source| BuildError::Write {
        path: component.to_owned(),
        source,
    })
}

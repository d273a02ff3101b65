//! An embedded guest in a file.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A file that is removed when dropped.
pub struct GuestFile {
    _folder: TempDir,
    path: PathBuf,
}

impl GuestFile {
    pub fn write(name: &str) -> Self {
        let guest = wasi_mcp_embedded_guests::find(name)
            .unwrap_or_else(|| panic!("no guest is called {name}"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("{name}.wasm"));
        std::fs::write(&path, guest.bytes).unwrap();
        Self {
            _folder: folder,
            path,
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

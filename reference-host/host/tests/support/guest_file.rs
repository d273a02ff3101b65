//! An embedded guest in a file. Tests of the command include this file too.

#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A file that is removed when dropped.
pub struct GuestFile {
    folder: TempDir,
    path: PathBuf,
}

impl GuestFile {
    pub fn write(name: &str) -> Self {
        let guest = wasi_mcp_embedded_guests::find(name)
            .unwrap_or_else(|| panic!("no guest is called {name}"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("{name}.wasm"));
        std::fs::write(&path, guest.bytes).unwrap();
        Self { folder, path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a path beside it.
    pub fn sibling(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

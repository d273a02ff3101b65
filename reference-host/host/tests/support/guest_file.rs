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
        Self::with(name, guest(name))
    }

    /// Writes a guest that is [`large`].
    pub fn write_large(name: &str) -> Self {
        Self::with(name, &large(name))
    }

    fn with(name: &str, component: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("{name}.wasm"));
        std::fs::write(&path, component).unwrap();
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

fn guest(name: &str) -> &'static [u8] {
    wasi_mcp_embedded_guests::find(name)
        .unwrap_or_else(|| panic!("no guest is called {name}"))
        .bytes
}

/// A guest with a section of 2 MiB that nobody reads: a large component to the host.
pub fn large(name: &str) -> Vec<u8> {
    const CUSTOM_SECTION: u8 = 0;
    const NAME: &[u8] = b"\x07padding";
    /// 2 MiB and the name, in LEB128.
    const LENGTH: [u8; 4] = [0x88, 0x80, 0x80, 0x01];
    let mut component = guest(name).to_vec();
    component.push(CUSTOM_SECTION);
    component.extend(LENGTH);
    component.extend(NAME);
    component.resize(component.len() + (2 << 20), b'-');
    component
}

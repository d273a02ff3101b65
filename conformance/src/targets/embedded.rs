//! The test components that are part of this program.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;
use sha2::{Digest, Sha256};
use wasi_mcp_embedded_guests::{ALL, Guest};

use super::component::{self, Loaded};

/// The components that the suite judges when it is told nothing else: the
/// reference guest in all its forms, and the least guest.
///
/// # Errors
///
/// When one cannot be loaded.
pub fn load_default() -> anyhow::Result<Vec<Loaded>> {
    wasi_mcp_embedded_guests::servers()
        .map(|guest| component::load(guest.name, guest.bytes))
        .collect()
}

/// An entry of `manifest.json`.
#[derive(Debug, Serialize)]
struct Entry {
    name: &'static str,
    file: String,
    sha256: String,
    bytes: usize,
    variant: String,
    world: String,
    features: &'static [&'static str],
}

/// Writes all embedded components and `manifest.json` into a folder, which is
/// made where it is missing; gives the paths of what was written.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write_all(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let entries = ALL
        .iter()
        .map(|guest| write_one(folder, guest))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let manifest =
        serde_json::to_string_pretty(&serde_json::json!({"schema": 1, "components": entries}))?;
    let mut written: Vec<PathBuf> = entries
        .iter()
        .map(|entry| folder.join(&entry.file))
        .collect();
    let path = folder.join("manifest.json");
    write(&path, (manifest + "\n").as_bytes())?;
    written.push(path);
    Ok(written)
}

fn write_one(folder: &Path, guest: &Guest) -> anyhow::Result<Entry> {
    let file = format!("{}.wasm", guest.name);
    write(&folder.join(&file), guest.bytes)?;
    let digest = Sha256::digest(guest.bytes);
    Ok(Entry {
        name: guest.name,
        file,
        sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        bytes: guest.bytes.len(),
        variant: guest.variant.to_string(),
        world: guest.world.to_string(),
        features: guest.features,
    })
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}

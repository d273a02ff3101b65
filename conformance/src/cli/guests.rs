//! `guests`: writing the embedded test components and their data files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::checks::Scope;
use crate::checks::runtime;
use crate::model::Level;
use crate::runtime::components::{self, Base, Component, DEFAULT, MINIMAL, Mode};
use crate::targets::guests::{self, Guest};

/// Version of the form of `manifest.json` and of the data files.
const SCHEMA: u32 = 2;

/// An entry of `manifest.json`.
#[derive(Debug, Serialize)]
struct Entry {
    name: String,
    file: String,
    sha256: String,
    bytes: usize,
    variant: String,
    world: String,
    features: &'static [&'static str],
    /// The data file, for a component that probes a runtime.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
}

/// The purpose of a component that probes a runtime: the data file beside it.
#[derive(Debug, Serialize)]
struct Data {
    schema: u32,
    name: String,
    component: String,
    variant: &'static str,
    world: &'static str,
    /// True if its functions are lifted and lowered synchronously although the variant has async
    /// ones.
    blocking: bool,
    mode: &'static str,
    what: &'static str,
    /// True if the runtime must serve it, false if it must answer `initialize` with -32603.
    serves: bool,
    checks: Vec<DataCheck>,
}

/// A check that needs the component.
#[derive(Debug, Serialize)]
struct DataCheck {
    check: &'static str,
    intent: &'static str,
    level: Level,
    #[serde(skip_serializing_if = "Option::is_none")]
    transport: Option<&'static str>,
    requirements: &'static [&'static str],
}

/// Writes all embedded components, a data file for each that probes a runtime, and `manifest.json`
/// into a folder, which is created if missing. Returns the paths of the written files.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write_all(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)
        .with_context(|| format!("{} cannot be created", folder.display()))?;
    let mut written = Vec::new();
    let mut entries = Vec::new();
    for guest in guests::all()? {
        entries.push(write_one(
            folder,
            guest,
            guest.name.to_owned(),
            guest.bytes,
        )?);
    }
    for (base, mode) in components::all() {
        if ![DEFAULT, MINIMAL].contains(&mode.name) {
            let component = Component::new(base, mode.name)?;
            let guest = base.guest()?;
            entries.push(write_one(folder, guest, component.name, &component.bytes)?);
        }
        let data = data(base, mode);
        let file = format!("{}.json", data.name);
        let path = folder.join(&file);
        write(
            &path,
            (serde_json::to_string_pretty(&data)? + "\n").as_bytes(),
        )?;
        written.push(path);
        let entry = entries.iter_mut().find(|entry| entry.name == data.name);
        if let Some(entry) = entry {
            entry.data = Some(file);
        }
    }
    let manifest = serde_json::json!({"schema": SCHEMA, "components": entries});
    let manifest = serde_json::to_string_pretty(&manifest)?;
    written.extend(entries.iter().map(|entry| folder.join(&entry.file)));
    let path = folder.join("manifest.json");
    write(&path, (manifest + "\n").as_bytes())?;
    written.push(path);
    Ok(written)
}

fn data(base: Base, mode: &Mode) -> Data {
    let name = components::name(base, mode.name);
    let checks =
        runtime::all().filter(|check| check.bases.contains(&base) && mode.is_for(check.id));
    Data {
        schema: SCHEMA,
        component: format!("{name}.wasm"),
        name,
        variant: base.variant(),
        world: base.world(),
        blocking: base == Base::Blocking,
        mode: mode.name,
        what: mode.what,
        serves: mode.serves,
        checks: checks
            .map(|check| DataCheck {
                check: check.id,
                intent: check.intent,
                level: check.level(),
                transport: match check.scope {
                    Scope::Everywhere => None,
                    Scope::Stdio => Some("stdio"),
                    Scope::Http => Some("http"),
                },
                requirements: check.requirements,
            })
            .collect(),
    }
}

fn write_one(folder: &Path, guest: &Guest, name: String, bytes: &[u8]) -> anyhow::Result<Entry> {
    let file = format!("{name}.wasm");
    write(&folder.join(&file), bytes)?;
    let digest = Sha256::digest(bytes);
    Ok(Entry {
        name,
        file,
        sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        bytes: bytes.len(),
        variant: guest.variant.to_string(),
        world: guest.world.to_string(),
        features: guest.features,
        data: None,
    })
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}

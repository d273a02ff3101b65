//! Builds the guests, and writes the table of them that the library includes.

mod compose;
mod guests;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, Result};
use wasi_mcp_guest_build::Workspace;

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").context("OUT_DIR is not set")?);
    let manifest = env::var_os("CARGO_MANIFEST_DIR").context("CARGO_MANIFEST_DIR is not set")?;
    let project = Path::new(&manifest).join("..");
    declare_inputs(&project);
    wasi_mcp_guest_build::ensure_target()?;

    let workspace = Workspace::open(project.join("reference-guest"), &out)?;
    for guest in guests::BUILT {
        let component = workspace.build(guest.package, guest.cargo_features)?;
        write(&out, guest.name, &component)?;
    }
    for composed in guests::COMPOSED {
        if workspace.is_omitted() {
            write(&out, composed.name, &[])?;
            continue;
        }
        let provider = read(&out, composed.provider)?;
        let consumer = read(&out, composed.consumer)?;
        let component = compose::compose(provider, consumer)
            .with_context(|| format!("cannot compose {}", composed.name))?;
        write(&out, composed.name, &component)?;
    }
    fs::write(out.join("guests.rs"), table::source()).context("cannot write guests.rs")
}

/// Declares the sources of the guests. Their folder also holds build results, so its parts are
/// named.
fn declare_inputs(project: &Path) {
    let inputs = [
        "wit",
        "reference-guest/Cargo.toml",
        "reference-guest/Cargo.lock",
        "reference-guest/elicitation-middleware",
        "reference-guest/explorer",
        "reference-guest/greeter",
        "reference-guest/hello",
        "reference-guest/middleware",
        "reference-guest/probes",
        "reference-guest/reference",
        "reference-guest/streams",
        "embedded-guests/build",
    ];
    for input in inputs {
        println!("cargo::rerun-if-changed={}", project.join(input).display());
    }
}

fn path(out: &Path, name: &str) -> PathBuf {
    out.join(format!("{name}.wasm"))
}

fn read(out: &Path, name: &str) -> Result<Vec<u8>> {
    fs::read(path(out, name)).with_context(|| format!("cannot read the component {name}"))
}

fn write(out: &Path, name: &str, component: &[u8]) -> Result<()> {
    fs::write(path(out, name), component)
        .with_context(|| format!("cannot write the component {name}"))
}

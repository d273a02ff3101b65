//! Builds the adapters, for both variants of the interface.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, Result};
use wasi_mcp_guest_build::{Workspace, ensure_target};

const ADAPTERS: [&str; 5] = [
    "joint-adapter",
    "nothing-adapter",
    "recorder-lower-adapter",
    "recorder-upper-adapter",
    "wrapper-adapter",
];

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
    let package = Path::new(&manifest);
    let inputs = [
        "adapters",
        "build",
        "joining/src",
        "../protocol/src",
        "../types/src",
        "../../wit",
    ];
    for input in inputs {
        println!("cargo::rerun-if-changed={}", package.join(input).display());
    }
    ensure_target()?;
    let workspace = Workspace::open(package.join("adapters"), &out)?;
    for variant in ["p2", "p3"] {
        let built = workspace.build_all(&ADAPTERS, &[variant])?;
        for (name, component) in ADAPTERS.into_iter().zip(built) {
            let path = out.join(format!("{name}-{variant}.wasm"));
            fs::write(&path, component)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(())
}

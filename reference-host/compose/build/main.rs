//! Builds the adapters, for both variants of the interface.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, Result};
use wasi_mcp_guest_build::{Workspace, ensure_target};

const ADAPTERS: [&str; 5] = [
    "joint",
    "nothing",
    "recorder-lower",
    "recorder-upper",
    "wrapper",
];

/// Those that are built with HTTP and without; the substrate is built with sessions, too. They are
/// built apart from the others, which need the validator of schemas.
const SERVING: [&str; 2] = ["front", "substrate"];

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
        let write = |name: &str, component: &[u8]| {
            let path = out.join(format!("{name}-adapter-{variant}.wasm"));
            fs::write(&path, component).with_context(|| format!("cannot write {}", path.display()))
        };
        let built = build_all(&workspace, &ADAPTERS, &[variant])?;
        for (name, component) in ADAPTERS.into_iter().zip(built) {
            write(name, &component)?;
        }
        write(
            "definitions",
            &workspace.build("definitions-adapter", &[variant])?,
        )?;
        for (suffix, features) in [("", &[variant, "http"][..]), ("-cli", &[variant])] {
            let built = build_all(&workspace, &SERVING, features)?;
            for (name, component) in SERVING.into_iter().zip(built) {
                write(&format!("{name}{suffix}"), &component)?;
            }
        }
        write(
            "substrate-sessions",
            &workspace.build("substrate-adapter", &[variant, "sessions"])?,
        )?;
    }
    Ok(())
}

fn build_all(workspace: &Workspace, names: &[&str], features: &[&str]) -> Result<Vec<Vec<u8>>> {
    let packages: Vec<String> = names.iter().map(|name| format!("{name}-adapter")).collect();
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    workspace.build_all(&packages, features)
}

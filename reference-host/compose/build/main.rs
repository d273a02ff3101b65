//! Builds the adapters, for both variants of the interface.

mod names;

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

/// Those that are built with HTTP and without. They are built apart from the others, which need the
/// validator of schemas.
const SERVING: [&str; 2] = ["front", "substrate"];

/// The features of a substrate with HTTP, alone and together, and what they add to its name.
const OPTIONS: [(&str, &[&str]); 3] = [
    ("sessions", &["sessions"]),
    ("authorization", &["authorization"]),
    ("sessions-authorization", &["sessions", "authorization"]),
];

/// Those that are built once.
const SINGLE: [&str; 2] = ["configuration", "definitions"];

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
        "../authorization/src",
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
            fs::write(&path, names::without_names(component)?)
                .with_context(|| format!("cannot write {}", path.display()))
        };
        let built = build_all(&workspace, &ADAPTERS, &[variant])?;
        for (name, component) in ADAPTERS.into_iter().zip(built) {
            write(name, &component)?;
        }
        for name in SINGLE {
            let package = format!("{name}-adapter");
            write(name, &workspace.build(&package, &[variant])?)?;
        }
        for (suffix, features) in [("", &[variant, "http"][..]), ("-cli", &[variant])] {
            let built = build_all(&workspace, &SERVING, features)?;
            for (name, component) in SERVING.into_iter().zip(built) {
                write(&format!("{name}{suffix}"), &component)?;
            }
        }
        for (suffix, options) in OPTIONS {
            let features = [&[variant], options].concat();
            let name = format!("substrate-{suffix}");
            write(&name, &workspace.build("substrate-adapter", &features)?)?;
        }
    }
    Ok(())
}

fn build_all(workspace: &Workspace, names: &[&str], features: &[&str]) -> Result<Vec<Vec<u8>>> {
    let packages: Vec<String> = names.iter().map(|name| format!("{name}-adapter")).collect();
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    workspace.build_all(&packages, features)
}

//! Runs cargo on the guests' own workspace.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::wasm_target::WASM_TARGET;

/// Variables that configure the surrounding build and do not suit a component.
const FOREIGN_VARIABLES: &[&str] = &[
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_TARGET_DIR",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
];

/// The variable that, set to 1, makes components empty files: lints and documentation need no others.
const OMITTED: &str = "WASI_MCP_OMIT_GUESTS";

/// The profile of the guests' workspace that is quick to build.
const PROFILE: &str = "embedded";

/// A workspace of components, apart from the surrounding one.
#[derive(Debug)]
pub struct Workspace {
    folder: PathBuf,
    target: PathBuf,
    is_omitted: bool,
    /// Held during the build: features of one package share a file name, and another build (of
    /// another profile, for example) may run concurrently.
    _lock: File,
}

impl Workspace {
    /// Opens the workspace. `out` is this package's folder for build results.
    ///
    /// # Errors
    ///
    /// When the folder for the results cannot be used.
    pub fn open(folder: PathBuf, out: &Path) -> Result<Self> {
        println!("cargo::rerun-if-env-changed={OMITTED}");
        let target = target_folder(out);
        fs::create_dir_all(&target).with_context(|| format!("cannot make {}", target.display()))?;
        let lock = target.join("lock");
        let lock =
            File::create(&lock).with_context(|| format!("cannot write {}", lock.display()))?;
        lock.lock()
            .context("cannot wait for another build of the guests")?;
        Ok(Self {
            folder,
            target,
            is_omitted: env::var_os(OMITTED).is_some_and(|value| value == "1"),
            _lock: lock,
        })
    }

    /// Returns whether components are empty files, since the variable `WASI_MCP_OMIT_GUESTS` is 1.
    #[must_use]
    pub fn is_omitted(&self) -> bool {
        self.is_omitted
    }

    /// Builds one package, and returns the component.
    ///
    /// # Errors
    ///
    /// When cargo fails.
    pub fn build(&self, package: &str, features: &[&str]) -> Result<Vec<u8>> {
        let mut built = self.build_all(&[package], features)?;
        built.pop().context("cargo was asked for one package")
    }

    /// Builds packages with the same features in one run of cargo, and returns the components.
    ///
    /// # Errors
    ///
    /// When cargo fails.
    pub fn build_all(&self, packages: &[&str], features: &[&str]) -> Result<Vec<Vec<u8>>> {
        if self.is_omitted {
            return Ok(vec![Vec::new(); packages.len()]);
        }
        let cargo = env::var_os("CARGO").context("CARGO is not set")?;
        let mut command = Command::new(cargo);
        command
            .current_dir(&self.folder)
            .args(["build", "--profile", PROFILE, "--locked"])
            .args(["--target", WASM_TARGET])
            .args(packages.iter().flat_map(|package| ["--package", package]))
            .args(["--features", &features.join(",")])
            .arg("--target-dir")
            .arg(&self.target)
            // Cargo names a component by its package alone, so that each set of features replaces the
            // one before and none is ever fresh. With this, which is made for the build of the
            // compiler, the names differ. A cargo that ignores it is slower, and no less correct.
            .env("__CARGO_DEFAULT_LIB_METADATA", PROFILE);
        for variable in FOREIGN_VARIABLES {
            command.env_remove(variable);
        }
        let status = command.status().context("cannot run cargo")?;
        ensure!(
            status.success(),
            "{} cannot be built with the features {features:?}; what cargo says stands above",
            packages.join(", ")
        );
        let built = packages.iter().map(|package| {
            let component = self
                .target
                .join(WASM_TARGET)
                .join(PROFILE)
                .join(format!("{}.wasm", package.replace('-', "_")));
            fs::read(&component).with_context(|| format!("cannot read {}", component.display()))
        });
        built.collect()
    }
}

/// Returns one folder for all profiles, beside the results of the surrounding build, so that the
/// guests are not compiled once for each. Cargo marks the root of its results with a tag for backup
/// tools.
fn target_folder(out: &Path) -> PathBuf {
    out.ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .unwrap_or(out)
        .join("guests")
}

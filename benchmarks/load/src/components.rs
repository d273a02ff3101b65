//! The components that the host runs, built on demand.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::candidates::Family;

const WASM_TARGET: &str = "wasm32-wasip2";

/// A component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guest {
    /// The benchmark component, for WASI 0.3.
    Benchmark3,
    /// The benchmark component, for WASI 0.2.
    Benchmark2,
    /// The minimal component, for WASI 0.3.
    Hello3,
    /// The minimal component, for WASI 0.2.
    Hello2,
    /// Streams resources, for WASI 0.3.
    Streams,
}

impl Guest {
    /// The benchmark components.
    pub const MEASURED: [Self; 2] = [Self::Benchmark3, Self::Benchmark2];

    /// Returns the version of WASI.
    pub fn variant(self) -> &'static str {
        match self {
            Self::Benchmark3 | Self::Hello3 | Self::Streams => "0.3",
            Self::Benchmark2 | Self::Hello2 => "0.2",
        }
    }

    /// Returns the family of the host with this component.
    pub fn family(self) -> Family {
        match self {
            Self::Benchmark3 | Self::Hello3 | Self::Streams => Family::Host3,
            Self::Benchmark2 | Self::Hello2 => Family::Host2,
        }
    }

    fn source(self) -> Source {
        let (workspace, profile, package, feature) = match self {
            Self::Benchmark3 => ("benchmarks", "guest", "benchmark-guest", "p3"),
            Self::Benchmark2 => ("benchmarks", "guest", "benchmark-guest", "p2"),
            Self::Hello3 => ("reference-guest", "release", "hello-guest", ""),
            Self::Hello2 => ("reference-guest", "release", "hello-preview2-guest", ""),
            Self::Streams => ("reference-guest", "release", "streams-guest", ""),
        };
        Source {
            workspace,
            profile,
            package,
            feature,
        }
    }

    /// Builds it from the project's sources into a folder below `target`, unless it is fresh, and
    /// returns its path.
    pub fn build(self, project: &Path, target: &Path) -> Result<PathBuf> {
        let source = self.source();
        // Builds with other features would overwrite each other.
        let target = target.join(format!("{}{}", source.workspace, source.feature));
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .current_dir(project.join(source.workspace))
            .args(["build", "--quiet", "--locked", "--target", WASM_TARGET])
            .args(["--profile", source.profile, "--package", source.package])
            .args(["--features", source.feature])
            .arg("--target-dir")
            .arg(&target)
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("RUSTFLAGS")
            .status()
            .context("cannot run cargo")?;
        ensure!(status.success(), "{} cannot be built", source.package);
        let file = format!("{}.wasm", source.package.replace('-', "_"));
        Ok(target.join(WASM_TARGET).join(source.profile).join(file))
    }
}

struct Source {
    workspace: &'static str,
    profile: &'static str,
    package: &'static str,
    feature: &'static str,
}

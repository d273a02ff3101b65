//! The servers of the comparison: their sources, builds and command lines.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::build::{Build, BuildTimes, Measured};
use super::{Counted, installed, lines};
use crate::candidates::{Candidate, Family};
use crate::cli::{Host, Options};

/// A server that is ready to start.
pub struct Server {
    /// The server.
    pub candidate: Candidate,
    /// The lines of its source.
    pub lines: usize,
    /// The size of what is deployed, in bytes.
    pub size: u64,
    /// The duration of its builds.
    pub build: Option<BuildTimes>,
    /// True if the first start compiles code that later starts use.
    pub keeps_compiled_code: bool,
}

/// The versions of WASI, with the family and the name of the crate's feature.
const VARIANTS: [(&str, Family, &str); 2] =
    [("0.3", Family::Host3, "p3"), ("0.2", Family::Host2, "p2")];
/// The settings of the Python peers: no banner, and no log line for each call.
const QUIET: [(&str, &str); 3] = [
    ("FASTMCP_LOG_LEVEL", "WARNING"),
    ("FASTMCP_SHOW_SERVER_BANNER", "false"),
    ("FASTMCP_CHECK_FOR_UPDATES", "off"),
];
const FASTMCP: Python = Python {
    title: "FastMCP",
    package: "fastmcp",
    folder: "fastmcp",
};
const PYTHON_SDK: Python = Python {
    title: "Python SDK",
    package: "mcp",
    folder: "python-sdk",
};

/// Builds the servers that are installed. Returns them, and how to install the others.
pub fn prepare(options: &Options, folder: &Path) -> Result<(Vec<Server>, Vec<String>)> {
    let workshop = Workshop {
        options,
        project: fs::canonicalize(options.project())?,
        folder,
        host: options.hosts()?.swap_remove(0),
    };
    ensure!(
        workshop.host.binary.is_file(),
        "there is no {}: build it as --help says, or name another with --host",
        workshop.host.binary.display()
    );
    let installed = &options.installed;
    let mut servers = Vec::new();
    let mut left_out = Vec::new();
    workshop.rust(&mut servers)?;
    match &installed.componentize_py {
        Some(program) => workshop.python(program, &mut servers)?,
        None => left_out.push(
            "our library for Python: name componentize-py with --componentize-py, after \
             `pip install componentize-py==0.25.1`"
                .to_owned(),
        ),
    }
    match &installed.wasi_mcp_guest {
        Some(folder) => workshop.typescript(folder, &mut servers)?,
        None => left_out.push(
            "our library for TypeScript: name a folder with --wasi-mcp-guest, after \
             `npm install` of the packed library and zod there"
                .to_owned(),
        ),
    }
    workshop.rmcp(&mut servers)?;
    for (peer, option, python) in [
        (FASTMCP, "--fastmcp", &installed.fastmcp),
        (PYTHON_SDK, "--python-sdk", &installed.python_sdk),
    ] {
        match python {
            Some(python) => workshop.python_peer(&peer, python, &mut servers)?,
            None => left_out.push(format!(
                "{}: name a Python with {option}, after `pip install --requirement \
                 benchmarks/peers/{}/requirements.txt`",
                peer.title, peer.folder
            )),
        }
    }
    match &installed.typescript_sdk {
        Some(folder) => workshop.typescript_sdk(folder, &mut servers)?,
        None => left_out.push(
            "TypeScript SDK: name a folder with --typescript-sdk, after `npm ci` there with \
             the package.json and package-lock.json of benchmarks/peers/typescript-sdk"
                .to_owned(),
        ),
    }
    Ok((servers, left_out))
}

/// Counts the servers that are present only as source.
pub fn counted(options: &Options) -> Result<Vec<Counted>> {
    let peers = options.project().join("benchmarks/peers");
    let counted = |name, source| -> Result<Counted> {
        let lines = lines::count_file(&peers.join(source))?;
        Ok(Counted { name, lines })
    };
    Ok(vec![
        counted("go-sdk (source only)", "go-sdk/main.go")?,
        counted("wasmcp (source only)", "wasmcp/lib.rs")?,
    ])
}

/// A peer in Python.
struct Python {
    title: &'static str,
    package: &'static str,
    folder: &'static str,
}

/// The folders and options of all builds.
struct Workshop<'a> {
    options: &'a Options,
    project: PathBuf,
    folder: &'a Path,
    host: Host,
}

impl Workshop<'_> {
    fn rust(&self, servers: &mut Vec<Server>) -> Result<()> {
        let library = self.project.join("guest-libraries/rust");
        for (variant, family, feature) in VARIANTS {
            let name = format!("ours, Rust, {variant}");
            let target = self.folder.join(format!("rust-{variant}"));
            let mut command = cargo(&library, &target);
            command.args(["--target", "wasm32-wasip2", "--package", "hello"]);
            command.args(["--features", feature]);
            let build = Build {
                name: name.clone(),
                command,
                result: target.join("wasm32-wasip2/release/hello.wasm"),
                folder: target,
                source: library.join("hello/src/lib.rs"),
            };
            self.add_component(name, family, build, servers)?;
        }
        Ok(())
    }

    fn python(&self, program: &Path, servers: &mut Vec<Server>) -> Result<()> {
        let library = self.project.join("guest-libraries/python");
        for (variant, family, _) in VARIANTS {
            let name = format!("ours, Python, {variant}");
            let target = self.folder.join(format!("python-{variant}"));
            let result = target.join("hello.wasm");
            let wit = match family {
                Family::Host3 => self.project.join("wit"),
                _ => self.project.join("wit/preview2"),
            };
            let mut command = Command::new(std::path::absolute(program)?);
            command.current_dir(&library).arg("--quiet").arg("-d");
            command
                .arg(wit)
                .args(["-w", "tools-backend", "componentize"]);
            command.args(["-p", "hello", "-p", "src", "app", "-o"]);
            command.arg(&result).env("XDG_CACHE_HOME", &target);
            command.env("PYTHONDONTWRITEBYTECODE", "1");
            let build = Build {
                name: name.clone(),
                command,
                folder: target,
                source: library.join("hello/app.py"),
                result,
            };
            self.add_component(name, family, build, servers)?;
        }
        Ok(())
    }

    fn typescript(&self, installed: &Path, servers: &mut Vec<Server>) -> Result<()> {
        let installed = std::path::absolute(installed)?;
        let original = self
            .project
            .join("guest-libraries/typescript/example/hello.ts");
        // Packages are found from the folder of the source.
        let source = installed.join("hello.ts");
        copy(&original, &source)?;
        for (variant, family, _) in VARIANTS {
            let name = format!("ours, TypeScript, {variant}");
            let target = self.folder.join(format!("typescript-{variant}"));
            let result = target.join("hello.wasm");
            let mut command = Command::new(installed.join("node_modules/.bin/wasi-mcp-guest"));
            command.current_dir(&installed).args(["build", "hello.ts"]);
            command.args(["--wasi", variant, "-o"]).arg(&result);
            command.env("XDG_CACHE_HOME", &target);
            let build = Build {
                name: name.clone(),
                command,
                folder: target,
                source: source.clone(),
                result,
            };
            self.add_component(name, family, build, servers)?;
        }
        Ok(())
    }

    fn unless_quick(&self, measured: Measured) -> Measured {
        if self.options.quick {
            Measured::Nothing
        } else {
            measured
        }
    }

    /// Builds a component, and adds the host with it.
    fn add_component(
        &self,
        name: String,
        family: Family,
        build: Build,
        servers: &mut Vec<Server>,
    ) -> Result<()> {
        if !self.options.wants(&name) {
            return Ok(());
        }
        let lines = lines::count_file(&build.source)?;
        // The variants are built alike, and Python's take long.
        let measured = match family {
            Family::Host3 => Measured::ColdAndWarm,
            _ => Measured::Cold,
        };
        let (component, times) = build.run(self.unless_quick(measured))?;
        servers.push(Server {
            lines,
            size: installed::size(&component)?,
            candidate: Candidate::hosting(&self.host, name, family, component),
            build: Some(times),
            keeps_compiled_code: true,
        });
        Ok(())
    }

    fn rmcp(&self, servers: &mut Vec<Server>) -> Result<()> {
        let peer = self.project.join("benchmarks/peers/rmcp");
        let name = format!("rmcp {}", locked_version(&peer.join("Cargo.lock"), "rmcp")?);
        if !self.options.wants(&name) {
            return Ok(());
        }
        let target = self.folder.join("rmcp");
        let build = Build {
            name: name.clone(),
            command: cargo(&peer, &target),
            result: target.join("release/hello-rmcp"),
            folder: target,
            source: peer.join("src/main.rs"),
        };
        let lines = lines::count_file(&build.source)?;
        let (program, times) = build.run(self.unless_quick(Measured::ColdAndWarm))?;
        servers.push(Server {
            lines,
            size: installed::size(&program)?,
            candidate: Candidate::program(name, vec![program.into()], Vec::new()),
            build: Some(times),
            keeps_compiled_code: false,
        });
        Ok(())
    }

    fn python_peer(&self, peer: &Python, python: &Path, servers: &mut Vec<Server>) -> Result<()> {
        let version = installed::python_version(python, peer.package)?;
        let name = format!("{} {version}", peer.title);
        if !self.options.wants(&name) {
            return Ok(());
        }
        let peers = self.project.join("benchmarks/peers");
        let source = peers.join(peer.folder).join("server.py");
        let lines = lines::count_file(&source)?;
        let command = vec![OsString::from(python), source.into()];
        let quiet = QUIET.map(|(name, value)| (name.to_owned(), value.to_owned()));
        servers.push(Server {
            candidate: Candidate::program(name, command, quiet.into()),
            lines,
            size: installed::python_packages(python)?,
            build: None,
            keeps_compiled_code: true,
        });
        Ok(())
    }

    fn typescript_sdk(&self, installed: &Path, servers: &mut Vec<Server>) -> Result<()> {
        let folder = std::path::absolute(installed)?;
        let package = "@modelcontextprotocol/server";
        let version = installed::npm_version(&folder, package)?;
        let name = format!("TypeScript SDK {version}");
        if !self.options.wants(&name) {
            return Ok(());
        }
        let peer = self.project.join("benchmarks/peers/typescript-sdk");
        // Packages are found from the folder of the source.
        let source = folder.join("src/server.ts");
        for file in ["tsconfig.json", "src/server.ts"] {
            copy(&peer.join(file), &folder.join(file))?;
        }
        let lines = lines::count_file(&source)?;
        let mut command = Command::new(folder.join("node_modules/.bin/tsc"));
        command.arg("--project").arg(&folder);
        let target = folder.join("build");
        let build = Build {
            name: name.clone(),
            command,
            result: target.join("server.js"),
            folder: target.clone(),
            source,
        };
        let (program, times) = build.run(self.unless_quick(Measured::ColdAndWarm))?;
        servers.push(Server {
            candidate: Candidate::program(name, vec!["node".into(), program.into()], Vec::new()),
            lines,
            size: installed::npm_packages(&folder)? + installed::size(&target)?,
            build: Some(times),
            keeps_compiled_code: false,
        });
        Ok(())
    }
}

/// Returns a build for release in a folder, with its results below `target`.
fn cargo(folder: &Path, target: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(folder);
    command.args(["build", "--quiet", "--locked", "--offline", "--release"]);
    command.arg("--target-dir").arg(target);
    for variable in ["CARGO_TARGET_DIR", "CARGO_INCREMENTAL", "RUSTFLAGS"] {
        command.env_remove(variable);
    }
    command
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// Returns the version of a package in a lock file of cargo.
fn locked_version(lock: &Path, package: &str) -> Result<String> {
    let text = fs::read_to_string(lock);
    let text = text.with_context(|| format!("cannot read {}", lock.display()))?;
    let name = format!("name = \"{package}\"\n");
    let (_, rest) = text.split_once(&name).context("a locked package")?;
    let version = rest.lines().next().and_then(|line| line.split('"').nth(1));
    let version = version.with_context(|| format!("{} has no {package}", lock.display()))?;
    Ok(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_package() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("Cargo.lock");
        let text = "[[package]]\nname = \"hello-rmcp\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"rmcp\"\nversion = \"3.1.2\"\n";
        fs::write(&lock, text).unwrap();
        assert_eq!(locked_version(&lock, "rmcp").unwrap(), "3.1.2");
        assert!(locked_version(&lock, "mcp").is_err());
    }
}

//! Versions and sizes of installed packages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::servers::Server;
use crate::candidates::Family;
use crate::cli::Options;
use crate::report::text::bytes;

/// Returns the programs that run the servers, with their versions or sizes.
pub fn runtimes(options: &Options, servers: &[Server]) -> Result<Vec<String>> {
    let mut runtimes = Vec::new();
    if servers
        .iter()
        .any(|one| one.candidate.family != Family::Peer)
    {
        let host = &options.hosts()?[0].binary;
        runtimes.push(format!("`wasi-mcp` ({})", bytes(size(host)? as f64)));
    }
    let pythons = [&options.installed.fastmcp, &options.installed.python_sdk];
    if let Some(python) = pythons.into_iter().flatten().next() {
        let version = output(
            python,
            &["-c", "import platform; print(platform.python_version())"],
        )?;
        runtimes.push(format!("CPython {version}"));
    }
    if options.installed.typescript_sdk.is_some() {
        let version = output(Path::new("node"), &["--version"])?;
        let path = output(Path::new("node"), &["-p", "process.execPath"])?;
        let size = bytes(size(Path::new(&path))? as f64);
        runtimes.push(format!(
            "Node.js {} ({size})",
            version.trim_start_matches('v')
        ));
    }
    Ok(runtimes)
}

/// Returns the version of a package that a Python has.
pub fn python_version(python: &Path, package: &str) -> Result<String> {
    let program = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))";
    output(python, &["-c", program, package])
}

/// Returns the size of the packages that a Python has, without its installer and compiled bytecode.
pub fn python_packages(python: &Path) -> Result<u64> {
    let program = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let folder = output(python, &["-c", program])?;
    let mut total = 0;
    for (name, path) in entries(Path::new(&folder))? {
        if !is_installer(&name) {
            total += size_without(&path, "__pycache__")?;
        }
    }
    Ok(total)
}

fn is_installer(name: &str) -> bool {
    let installers = [
        "pip",
        "setuptools",
        "wheel",
        "_distutils_hack",
        "distutils-",
    ];
    let is_of = |installer: &&str| {
        let rest = name.strip_prefix(*installer);
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with('-') || installer.ends_with('-')
        })
    };
    installers.iter().any(is_of)
}

/// Returns the version of a package in a folder of npm.
pub fn npm_version(folder: &Path, package: &str) -> Result<String> {
    let file = folder
        .join("node_modules")
        .join(package)
        .join("package.json");
    let version = json(&file)?["version"].as_str().map(str::to_owned);
    version.with_context(|| format!("{} has no version", file.display()))
}

/// Returns the size of the packages in a folder of npm, without those that only a build needs.
pub fn npm_packages(folder: &Path) -> Result<u64> {
    let file = folder.join("node_modules/.package-lock.json");
    let lock = json(&file)?;
    let packages = lock["packages"].as_object();
    let packages = packages.with_context(|| format!("{} has no packages", file.display()))?;
    let mut total = 0;
    for (path, package) in packages {
        // Packages for other systems are listed, but not installed.
        let path = folder.join(path);
        if package["dev"] != true && path.is_dir() {
            total += size_without(&path, "node_modules")?;
        }
    }
    Ok(total)
}

/// Returns the size of a file or folder.
pub fn size(path: &Path) -> Result<u64> {
    size_without(path, "")
}

/// Returns the size of a file or folder, without the folders of a name in it.
fn size_without(path: &Path, excluded: &str) -> Result<u64> {
    let data = fs::symlink_metadata(path);
    let data = data.with_context(|| format!("cannot find {}", path.display()))?;
    if data.is_symlink() {
        return Ok(fs::metadata(path).map_or(0, |data| if data.is_file() { data.len() } else { 0 }));
    }
    if !data.is_dir() {
        return Ok(data.len());
    }
    let mut total = 0;
    for (name, path) in entries(path)? {
        if name != excluded {
            total += size_without(&path, excluded)?;
        }
    }
    Ok(total)
}

fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let listed =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    listed
        .map(|entry| {
            let entry = entry?;
            Ok((
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            ))
        })
        .collect()
}

fn json(file: &Path) -> Result<Value> {
    let text = fs::read_to_string(file);
    let text = text.with_context(|| format!("cannot read {}: is it installed?", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))
}

fn output(program: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.with_context(|| format!("cannot run {}", program.display()))?;
    ensure!(
        output.status.success(),
        "{} {}: {}",
        program.display(),
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, file: &str, text: &str) {
        let file = folder.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    #[test]
    fn packages_of_the_build_are_not_deployed() {
        let folder = tempfile::tempdir().unwrap();
        let lock = r#"{"packages": {
            "node_modules/a": {}, "node_modules/a/node_modules/b": {},
            "node_modules/tsc": {"dev": true}, "node_modules/other-system": {"optional": true}
        }}"#;
        write(folder.path(), "node_modules/.package-lock.json", lock);
        write(folder.path(), "node_modules/a/index.js", "12345");
        write(
            folder.path(),
            "node_modules/a/node_modules/b/index.js",
            "123",
        );
        write(folder.path(), "node_modules/tsc/index.js", "1234567");
        assert_eq!(npm_packages(folder.path()).unwrap(), 8);
    }

    #[test]
    fn installers_and_bytecode_are_not_deployed() {
        assert!(is_installer("pip") && is_installer("pip-24.0.dist-info"));
        assert!(!is_installer("pipeline") && !is_installer("wheels"));
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a/module.py", "12345");
        write(folder.path(), "a/__pycache__/module.pyc", "123");
        assert_eq!(size_without(folder.path(), "__pycache__").unwrap(), 5);
        assert_eq!(size(folder.path()).unwrap(), 8);
    }

    #[test]
    fn a_missing_package_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = npm_version(folder.path(), "zod").unwrap_err().to_string();
        assert!(error.contains("node_modules/zod/package.json: is it installed?"));
    }
}

//! Writes a table of the files of new projects: the templates, and the libraries that go into
//! `vendor/`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, Result};

/// The files of each language: a folder or a file of the repository, and its place in a project. Later folders
/// replace files of earlier ones.
const SOURCES: &[(&str, &[(&str, &str)])] = &[
    (
        "rust",
        &[
            (
                "guest-libraries/rust/wasi-mcp-guest",
                "vendor/wasi-mcp/guest-libraries/rust/wasi-mcp-guest",
            ),
            (
                "guest-libraries/rust/wasi-mcp-guest-macros",
                "vendor/wasi-mcp/guest-libraries/rust/wasi-mcp-guest-macros",
            ),
            (
                "reference-host/types",
                "vendor/wasi-mcp/reference-host/types",
            ),
            ("LICENSE", "vendor/wasi-mcp/LICENSE"),
            ("reference-host/authoring/templates/common", ""),
            ("reference-host/authoring/templates/rust", ""),
        ],
    ),
    (
        "python",
        &[
            ("guest-libraries/python/src", "vendor"),
            (
                "guest-libraries/python/example/wit/0.3/deps",
                "wit/0.3/deps",
            ),
            ("LICENSE", "vendor/wasi_mcp/LICENSE"),
            ("wit/preview2", "wit/0.2/deps/mcp"),
            ("wit", "wit/0.3/deps/mcp"),
            ("reference-host/authoring/templates/common", ""),
            ("reference-host/authoring/templates/python", ""),
        ],
    ),
    (
        "go",
        &[
            (
                "guest-libraries/go/mcp",
                "vendor/github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp",
            ),
            (
                "guest-libraries/go/bindings",
                "vendor/github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings",
            ),
            (
                "LICENSE",
                "vendor/github.com/WebAssembly/wasi-mcp/guest-libraries/go/LICENSE",
            ),
            ("wit/preview2", "wit/0.2/deps/mcp"),
            ("wit", "wit/0.3/deps/mcp"),
            ("reference-host/authoring/templates/common", ""),
            ("reference-host/authoring/templates/go", ""),
        ],
    ),
    (
        "c",
        &[
            ("guest-libraries/c/src", "vendor/wasi-mcp"),
            ("LICENSE", "vendor/wasi-mcp/LICENSE"),
            ("wit/preview2", "wit/0.2/deps/mcp"),
            ("wit", "wit/0.3/deps/mcp"),
            ("reference-host/authoring/templates/common", ""),
            ("reference-host/authoring/templates/c", ""),
        ],
    ),
    (
        "typescript",
        &[
            (
                "guest-libraries/typescript",
                "vendor/wasi-mcp/guest-libraries/typescript",
            ),
            ("wit", "vendor/wasi-mcp/wit"),
            ("LICENSE", "vendor/wasi-mcp/LICENSE"),
            ("reference-host/authoring/templates/common", ""),
            ("reference-host/authoring/templates/typescript", ""),
        ],
    ),
    (
        "javascript",
        &[
            (
                "guest-libraries/typescript",
                "vendor/wasi-mcp/guest-libraries/typescript",
            ),
            ("wit", "vendor/wasi-mcp/wit"),
            ("LICENSE", "vendor/wasi-mcp/LICENSE"),
            ("reference-host/authoring/templates/common", ""),
            ("reference-host/authoring/templates/javascript", ""),
        ],
    ),
];

/// Names that are left out of projects: results of tools, files that a library derives from the WIT,
/// and its examples.
const LEFT_OUT: [&str; 10] = [
    "LICENSE",
    "__pycache__",
    "bindings.d.ts",
    "check-async.sh",
    "check.sh",
    "dist",
    "example",
    "mcp",
    "node_modules",
    "target",
];

fn main() -> ExitCode {
    match write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn write() -> Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").context("OUT_DIR is not set")?);
    let package = env::var_os("CARGO_MANIFEST_DIR").context("CARGO_MANIFEST_DIR is not set")?;
    let repository = Path::new(&package).join("../..").canonicalize()?;
    let mut table = String::from("pub(crate) const FILES: &[(&str, &[File])] = &[\n");
    for (language, sources) in SOURCES {
        let mut files = BTreeMap::new();
        for (source, place) in *sources {
            let source = repository.join(source);
            println!("cargo::rerun-if-changed={}", source.display());
            if source.is_file() {
                files.insert((*place).to_owned(), source);
            } else {
                collect(&source, place, &mut files)?;
            }
        }
        writeln!(table, "({language:?}, &[")?;
        for (place, file) in files {
            writeln!(
                table,
                "File {{ path: {place:?}, bytes: include_bytes!({file:?}) }},"
            )?;
        }
        table.push_str("]),\n");
    }
    table.push_str("];\n");
    let file = out.join("files.rs");
    fs::write(&file, table).with_context(|| format!("cannot write {}", file.display()))
}

/// Adds the files below a folder, each with its place.
fn collect(folder: &Path, place: &str, files: &mut BTreeMap<String, PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry
            .file_name()
            .into_string()
            .ok()
            .context("a name in UTF-8")?;
        if LEFT_OUT.contains(&name.as_str()) || name.ends_with("_test.go") {
            continue;
        }
        let within = match place {
            "" => name,
            _ => format!("{place}/{name}"),
        };
        if entry.file_type()?.is_file() {
            files.insert(within, entry.path());
        } else {
            collect(&entry.path(), &within, files)?;
        }
    }
    Ok(())
}

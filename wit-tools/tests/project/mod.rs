//! The project's files, as the tests need them.
//!
//! Each test file uses a part of this module.
#![allow(dead_code)]

use std::fs;
use std::path::PathBuf;

use wasi_mcp_wit::mapping::Mapping;
use wasi_mcp_wit::package::{Package, Source};

/// The folder that has `wit/` and `proposal/` in it.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A copy of the folders that the command reads and writes.
pub fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for part in [
        "wit",
        "wit/preview2",
        "proposal",
        "reference-host/types/src",
    ] {
        fs::create_dir_all(folder.path().join(part)).expect("a folder can be made");
        for entry in fs::read_dir(root().join(part)).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            if path.is_file() {
                let name = path.file_name().expect("a file has a name");
                fs::copy(&path, folder.path().join(part).join(name)).expect("it can be copied");
            }
        }
    }
    folder
}

/// The package for WASI 0.3, as text.
pub fn source_0_3() -> Source {
    Source::read(&root().join("wit")).expect("wit/ can be read")
}

/// The package for WASI 0.2, as text.
pub fn source_0_2() -> Source {
    Source::read(&root().join("wit/preview2")).expect("wit/preview2/ can be read")
}

/// The package for WASI 0.3.
pub fn package_0_3() -> Package {
    source_0_3().parse().expect("wit/ parses")
}

/// The package for WASI 0.2.
pub fn package_0_2() -> Package {
    source_0_2().parse().expect("wit/preview2/ parses")
}

/// A file of the proposal.
pub fn proposal(name: &str) -> String {
    let path = root().join("proposal").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The account of the schema.
pub fn mapping() -> Mapping {
    Mapping::parse(&proposal("mapping.tsv")).expect("mapping.tsv has its form")
}

/// The package for WASI 0.3 after a change of its text, which must be one: a test that changes
/// nothing proves nothing.
pub fn changed_source(file: &str, from: &str, to: &str) -> Source {
    let mut source = source_0_3();
    let text = source.files.get_mut(file).expect("the file is there");
    assert!(text.contains(from), "{file} does not contain {from:?}");
    *text = text.replacen(from, to, 1);
    source
}

/// As [`changed_source`], parsed.
pub fn changed(file: &str, from: &str, to: &str) -> Package {
    changed_source(file, from, to)
        .parse()
        .expect("the changed package parses")
}

/// Asserts that a rule holds: it has no sentence to say.
#[track_caller]
pub fn assert_holds(broken: Vec<String>) {
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Asserts that a rule is broken in one place, and says so with these words in it.
#[track_caller]
pub fn assert_broken(broken: &[String], words: &str) {
    assert!(
        matches!(broken, [only] if only.contains(words)),
        "one sentence with {words:?} is expected, not {broken:#?}"
    );
}

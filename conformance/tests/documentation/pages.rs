//! The pages of the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// A page of Markdown.
pub(crate) struct Page {
    /// The path in the repository.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// The folder of the repository.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the package is in a workspace")
}

/// The page at this path in the repository.
pub(crate) fn page(path: impl AsRef<Path>) -> Page {
    let path = path.as_ref().to_owned();
    let file = root().join(&path);
    let text =
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Page { path, text }
}

/// The pages of a folder of the repository, without its subfolders.
fn folder(path: &str) -> Vec<Page> {
    let folder = root().join(path);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{path}: {error}"));
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut paths: Vec<PathBuf> = names.map(|name| Path::new(path).join(name)).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths.into_iter().map(page).collect()
}

fn folders(paths: &[&str]) -> Vec<Page> {
    paths.iter().copied().flat_map(folder).collect()
}

/// The pages whose commands are run.
pub(crate) fn with_commands() -> Vec<Page> {
    folders(&[
        "",
        "benchmarks",
        "docs",
        "docs/guests",
        "guest-libraries/python",
        "guest-libraries/typescript",
        "conformance/runtimes",
        "interoperability",
        "interoperability/foreign",
        "reference-guest",
        "reference-guest/python/hello",
        "reference-host",
        "reference-host/host",
    ])
}

/// The pages that describe the options of the programs.
pub(crate) fn with_options() -> Vec<Page> {
    let mut pages = folders(&["docs", "conformance/runtimes"]);
    pages.extend(["README.md", "reference-host/LIMITS.md"].map(page));
    pages
}

/// Every page.
pub(crate) fn all() -> Vec<Page> {
    let mut pages = with_commands();
    pages.extend(folder("proposal"));
    pages
}

//! Puts a middleware in front of a component, as `wac compose` does.

use anyhow::{Context, Result};
use indexmap::IndexMap;
use wac_graph::EncodeOptions;
use wac_graph::types::BorrowedPackageKey;
use wac_parser::Document;

/// Composes the packages that the document names.
pub fn compose(document: &str, middleware: Vec<u8>, inner: Vec<u8>) -> Result<Vec<u8>> {
    let document = Document::parse(document).context("the composition does not parse")?;
    let packages = IndexMap::from([
        (package("wasi-mcp:middleware"), middleware),
        (package("wasi-mcp:inner"), inner),
    ]);
    let resolution = document
        .resolve(packages)
        .context("the components do not fit together")?;
    Ok(resolution.encode(EncodeOptions::default())?)
}

fn package(name: &str) -> BorrowedPackageKey<'_> {
    BorrowedPackageKey::from_name_and_version(name, None)
}

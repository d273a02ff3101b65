//! A WIT package as an artifact for OCI registries, in the form of [`wasi_mcp_registry`].

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use wasi_mcp_registry::{Content, Digest};

use crate::package::Package;

/// The texts that describe an artifact and are not in the package.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// An SPDX expression.
    pub licence: &'a str,
    /// The address of the repository.
    pub source: &'a str,
}

/// One version of a package, as a registry stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// The name of the repository in a namespace: `wasi/mcp`.
    pub repository: String,
    /// The version of the package.
    pub tag: String,
    /// The package in its binary form, its configuration and its manifest.
    pub content: wasi_mcp_registry::Artifact,
}

impl Artifact {
    /// Encodes a package.
    ///
    /// # Errors
    ///
    /// If the package has no version or no documentation, or if it cannot be encoded.
    pub fn new(package: &Package, origin: &Origin<'_>) -> Result<Self> {
        let name = &package.resolve.packages[package.id].name;
        let version = name
            .version
            .as_ref()
            .with_context(|| format!("{name}: expected a version, which becomes the tag"))?
            .to_string();
        let description = package
            .documentation()
            .and_then(|text| text.split("\n\n").next())
            .with_context(|| format!("{name}: expected documentation, which describes it"))?
            .replace('\n', " ");
        let layer = wit_component::encode(&package.resolve, package.id)
            .with_context(|| format!("cannot encode {name}"))?;
        let content = Content {
            exports: exports(package).into_iter().collect(),
            imports: Vec::new(),
        };
        let annotation =
            |key: &str, value: &str| (format!("org.opencontainers.image.{key}"), value.to_owned());
        let annotations = BTreeMap::from([
            annotation("title", &name.to_string()),
            annotation("version", &version),
            annotation("description", &description),
            annotation("licenses", origin.licence),
            annotation("source", origin.source),
        ]);
        let title = format!("{}.wasm", name.name);
        Ok(Self {
            repository: format!("{}/{}", name.namespace, name.name),
            tag: version,
            content: wasi_mcp_registry::Artifact::new(layer, &content, &title, annotations),
        })
    }

    /// Returns the digest of the manifest, which identifies the whole content.
    pub fn digest(&self) -> Digest {
        self.content.digest()
    }
}

/// Returns the names of all interfaces and worlds: a binary package exports both.
fn exports(package: &Package) -> BTreeSet<String> {
    let name = &package.resolve.packages[package.id].name;
    let interfaces = package.interfaces().map(|(interface, _, _)| interface);
    let worlds = package.worlds().map(|(world, _, _)| world);
    interfaces
        .chain(worlds)
        .map(|item| name.interface_id(item))
        .collect()
}

//! A WIT package as an artifact for OCI registries.
//!
//! The format is CNCF's [Wasm OCI artifact], which `wkg` and `wasm-pkg-client` read. All bytes are
//! determined by the package and the version of `wit-component`, so a digest identifies a content:
//! `created`, which the format requires, is the epoch.
//!
//! [Wasm OCI artifact]: https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::package::Package;

/// The media type of the manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The media type of the configuration.
pub const CONFIG: &str = "application/vnd.wasm.config.v0+json";
/// The media type of the only layer.
pub const LAYER: &str = "application/wasm";

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
    /// The package in its binary form.
    pub layer: Vec<u8>,
    /// The configuration, as JSON.
    pub config: Vec<u8>,
    /// The manifest, as JSON.
    pub manifest: Vec<u8>,
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

        let config = serde_json::to_vec(&Config {
            created: "1970-01-01T00:00:00Z",
            author: None,
            architecture: "wasm",
            os: "wasip2",
            layer_digests: vec![digest(&layer)],
            component: Component {
                exports: exports(package),
                imports: Vec::new(),
                target: None,
            },
        })?;
        let annotation =
            |key: &str, value: &str| (format!("org.opencontainers.image.{key}"), value.to_owned());
        let manifest = serde_json::to_vec(&Manifest {
            schema_version: 2,
            media_type: MANIFEST,
            config: Descriptor::new(CONFIG, &config, BTreeMap::new()),
            layers: vec![Descriptor::new(
                LAYER,
                &layer,
                BTreeMap::from([annotation("title", &format!("{}.wasm", name.name))]),
            )],
            annotations: BTreeMap::from([
                annotation("title", &name.to_string()),
                annotation("version", &version),
                annotation("description", &description),
                annotation("licenses", origin.licence),
                annotation("source", origin.source),
            ]),
        })?;
        Ok(Self {
            repository: format!("{}/{}", name.namespace, name.name),
            tag: version,
            layer,
            config,
            manifest,
        })
    }

    /// Returns the digest of the manifest, which identifies the whole content.
    pub fn digest(&self) -> String {
        digest(&self.manifest)
    }
}

/// Returns the digest of a blob, in the form that registries use.
pub fn digest(blob: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(blob) {
        let _ = write!(text, "{byte:02x}");
    }
    text
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

// The order of the fields is that of the JSON text, whatever features serde_json has.

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    schema_version: u8,
    media_type: &'a str,
    config: Descriptor<'a>,
    layers: Vec<Descriptor<'a>>,
    annotations: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'a> {
    media_type: &'a str,
    digest: String,
    size: usize,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

impl<'a> Descriptor<'a> {
    fn new(media_type: &'a str, blob: &[u8], annotations: BTreeMap<String, String>) -> Self {
        Self {
            media_type,
            digest: digest(blob),
            size: blob.len(),
            annotations,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config<'a> {
    created: &'a str,
    author: Option<&'a str>,
    architecture: &'a str,
    /// The format has no other value for a component or WIT package, of any WASI version.
    os: &'a str,
    layer_digests: Vec<String>,
    component: Component<'a>,
}

#[derive(Serialize)]
struct Component<'a> {
    exports: BTreeSet<String>,
    imports: Vec<String>,
    target: Option<&'a str>,
}

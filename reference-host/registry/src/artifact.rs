//! Components as artifacts of OCI registries.
//!
//! The format is CNCF's [Wasm OCI artifact], which `wkg` and `wasm-pkg-client` read and write: a
//! configuration, and one layer that is the component. All bytes are determined by the component and
//! the texts that describe it, so a digest identifies a content: `created`, which the format
//! requires, is the epoch.
//!
//! [Wasm OCI artifact]: https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use wasmparser::Parser;
use wit_component::DecodedWasm;

use super::reference::Digest;

/// The media type of the manifest.
pub const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// The media type of the configuration.
pub const CONFIG_TYPE: &str = "application/vnd.wasm.config.v0+json";
/// The media type of the only layer.
pub const LAYER_TYPE: &str = "application/wasm";

/// Media types of lists of manifests.
const INDEX_TYPES: [&str; 2] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];
/// Media types of other configurations, and what they belong to.
const OTHER_CONFIGS: [(&str, &str); 5] = [
    (
        "application/vnd.oci.image.config.v1+json",
        "a container image",
    ),
    (
        "application/vnd.docker.container.image.v1+json",
        "a container image",
    ),
    (
        "application/vnd.fermyon.spin.application.v1+config",
        "an application for Spin",
    ),
    (
        "application/vnd.wasm.config.v1+json",
        "a module in an older format, of wasm-to-oci",
    ),
    ("application/vnd.cncf.helm.config.v1+json", "a Helm chart"),
];

/// The names that a component, or a WIT package, exports and imports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The exports.
    pub exports: Vec<String>,
    /// The imports.
    pub imports: Vec<String>,
}

/// Bytes that are not a component.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotAComponent {
    /// A core WebAssembly module.
    #[error(
        "a core WebAssembly module, not a component: build for the target wasm32-wasip2, or wrap it \
         with `wasm-tools component new`"
    )]
    CoreModule,
    /// A WIT package in its binary form.
    #[error("a WIT package, not a component: it has interfaces and no code")]
    WitPackage,
    /// Anything else.
    #[error("not a WebAssembly component: its first bytes are not those of a component")]
    NotWasm,
    /// A component that cannot be read.
    #[error("not a valid component: {0}")]
    Invalid(String),
}

impl Content {
    /// Reads the exports and imports of a component.
    ///
    /// # Errors
    ///
    /// If the bytes are anything else.
    pub fn of_component(bytes: &[u8]) -> Result<Self, NotAComponent> {
        match bytes.get(..8) {
            Some(b"\0asm\x0d\0\x01\0") => {}
            Some(b"\0asm\x01\0\0\0") => return Err(NotAComponent::CoreModule),
            _ => return Err(NotAComponent::NotWasm),
        }
        // The decoder allocates as many bytes as a section claims to have: check the claims first.
        for payload in Parser::new(0).parse_all(bytes) {
            payload.map_err(|error| NotAComponent::Invalid(error.to_string()))?;
        }
        let decoded = wit_component::decode(bytes);
        match decoded.map_err(|error| NotAComponent::Invalid(format!("{error:#}")))? {
            DecodedWasm::WitPackage(..) => Err(NotAComponent::WitPackage),
            DecodedWasm::Component(resolve, world) => {
                let world = &resolve.worlds[world];
                let name = |key| resolve.name_world_key(key);
                Ok(Self {
                    exports: world.exports.keys().map(name).collect(),
                    imports: world.imports.keys().map(name).collect(),
                })
            }
        }
    }
}

/// A component, or a WIT package, as a registry stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// The only layer: the component's bytes.
    pub layer: Vec<u8>,
    /// The configuration, as JSON.
    pub config: Vec<u8>,
    /// The manifest, as JSON.
    pub manifest: Vec<u8>,
}

impl Artifact {
    /// Describes a layer. `title` is the file name that other tools give it.
    pub fn new(
        layer: Vec<u8>,
        content: &Content,
        title: &str,
        annotations: BTreeMap<String, String>,
    ) -> Self {
        let config = to_json(&Config {
            created: "1970-01-01T00:00:00Z",
            author: None,
            architecture: "wasm",
            os: "wasip2",
            layer_digests: vec![Digest::of(&layer).to_string()],
            component: Component {
                exports: &content.exports,
                imports: &content.imports,
                target: None,
            },
        });
        let title = (
            "org.opencontainers.image.title".to_owned(),
            title.to_owned(),
        );
        let manifest = to_json(&WrittenManifest {
            schema_version: 2,
            media_type: MANIFEST_TYPE,
            config: WrittenDescriptor::new(CONFIG_TYPE, &config, BTreeMap::new()),
            layers: vec![WrittenDescriptor::new(
                LAYER_TYPE,
                &layer,
                BTreeMap::from([title]),
            )],
            annotations,
        });
        Self {
            layer,
            config,
            manifest,
        }
    }

    /// Returns the digest of the manifest, which identifies the whole content.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.manifest)
    }
}

fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("records with text keys are JSON")
}

// The order of the fields is that of the JSON text, whatever features serde_json has.

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenManifest<'a> {
    schema_version: u8,
    media_type: &'a str,
    config: WrittenDescriptor<'a>,
    layers: Vec<WrittenDescriptor<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenDescriptor<'a> {
    media_type: &'a str,
    digest: String,
    size: usize,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

impl<'a> WrittenDescriptor<'a> {
    fn new(media_type: &'a str, blob: &[u8], annotations: BTreeMap<String, String>) -> Self {
        Self {
            media_type,
            digest: Digest::of(blob).to_string(),
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
    exports: &'a [String],
    imports: &'a [String],
    target: Option<&'a str>,
}

/// The manifest of a component in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The configuration.
    pub config: Descriptor,
    /// The component.
    pub layer: Descriptor,
    /// Texts that describe it.
    pub annotations: BTreeMap<String, String>,
}

/// A blob that a manifest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The digest.
    pub digest: Digest,
    /// The number of bytes.
    pub size: u64,
}

/// A manifest that is not one of a component.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotAnArtifact {
    /// A list of manifests, one for each platform.
    #[error(
        "an index of several manifests, as of container images for several platforms: expected the \
         manifest of one component"
    )]
    Index,
    /// Another kind of artifact.
    #[error("{what}: expected a component, with a configuration of the type {CONFIG_TYPE}")]
    Other {
        /// The kind.
        what: String,
    },
    /// Not one layer.
    #[error("an artifact with {0} layers: expected one, the component")]
    Layers(usize),
    /// A layer of another type.
    #[error("an artifact with a layer of the type `{0}`: expected {LAYER_TYPE}")]
    LayerType(String),
    /// Not the JSON of a manifest.
    #[error("a manifest that cannot be read: {0}")]
    Invalid(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadManifest {
    schema_version: Option<u64>,
    media_type: Option<String>,
    config: Option<ReadDescriptor>,
    #[serde(default)]
    layers: Vec<ReadDescriptor>,
    manifests: Option<serde::de::IgnoredAny>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadDescriptor {
    media_type: String,
    digest: String,
    size: u64,
}

impl ReadDescriptor {
    fn read(&self) -> Result<Descriptor, NotAnArtifact> {
        let digest = self.digest.parse::<Digest>();
        Ok(Descriptor {
            digest: digest.map_err(|problem| {
                NotAnArtifact::Invalid(format!("`{}`: {problem}", self.digest))
            })?,
            size: self.size,
        })
    }
}

impl Manifest {
    /// Reads the JSON of a manifest.
    ///
    /// # Errors
    ///
    /// If it is not the manifest of a component, named by what it is instead.
    pub fn read(json: &[u8]) -> Result<Self, NotAnArtifact> {
        let read: ReadManifest = serde_json::from_slice(json)
            .map_err(|error| NotAnArtifact::Invalid(error.to_string()))?;
        let media_type = read.media_type.as_deref();
        if read.manifests.is_some() || media_type.is_some_and(|it| INDEX_TYPES.contains(&it)) {
            return Err(NotAnArtifact::Index);
        }
        if read.schema_version != Some(2) {
            let version = read.schema_version;
            let version = version.map_or("none".to_owned(), |version| version.to_string());
            return Err(NotAnArtifact::Invalid(format!(
                "expected schemaVersion 2, found {version}"
            )));
        }
        let Some(config) = read.config else {
            return Err(NotAnArtifact::Invalid("it has no `config`".to_owned()));
        };
        if config.media_type != CONFIG_TYPE {
            let mut known = OTHER_CONFIGS.iter();
            let known = known.find(|(media_type, _)| *media_type == config.media_type);
            return Err(NotAnArtifact::Other {
                what: match known {
                    Some((_, what)) => (*what).to_owned(),
                    None => format!(
                        "an artifact with a configuration of the type `{}`",
                        config.media_type
                    ),
                },
            });
        }
        let [layer] = read.layers.as_slice() else {
            return Err(NotAnArtifact::Layers(read.layers.len()));
        };
        if layer.media_type != LAYER_TYPE {
            return Err(NotAnArtifact::LayerType(layer.media_type.clone()));
        }
        Ok(Self {
            config: config.read()?,
            layer: layer.read()?,
            annotations: read.annotations.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use wit_component::{ComponentEncoder, StringEncoding};
    use wit_parser::{ManglingAndAbi, Resolve};

    use super::*;

    const WIT: &str = "
        package example:parts@1.2.0;
        interface first { one: func(); }
        interface second { record pair { a: u8, b: u8 } two: func() -> pair; }
        world both { import first; import log: func(text: string); export second; export run: func(); }
    ";

    /// A component of the world above, as a compiler makes it.
    fn component() -> Vec<u8> {
        let (resolve, package) = package();
        let world = resolve.packages[package].worlds["both"];
        let mut module = wit_component::dummy_module(&resolve, world, ManglingAndAbi::Standard32);
        wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
            .unwrap();
        let encoder = ComponentEncoder::default().module(&module).unwrap();
        encoder.validate(true).encode().unwrap()
    }

    fn package() -> (Resolve, wit_parser::PackageId) {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("parts.wit", WIT).unwrap();
        (resolve, package)
    }

    #[test]
    fn exports_and_imports_are_named_in_full() {
        let content = Content::of_component(&component()).unwrap();
        assert_eq!(content.exports, ["run", "example:parts/second@1.2.0"]);
        assert_eq!(content.imports, ["example:parts/first@1.2.0", "log"]);
    }

    #[test]
    fn other_bytes_are_named() {
        let (resolve, package) = package();
        let wit = wit_component::encode(&resolve, package).unwrap();
        assert_eq!(Content::of_component(&wit), Err(NotAComponent::WitPackage));
        let module = b"\0asm\x01\0\0\0";
        assert_eq!(
            Content::of_component(module),
            Err(NotAComponent::CoreModule)
        );
        for bytes in [&b""[..], b"\0asm", b"#!/bin/sh\n", b"PK\x03\x04........"] {
            assert_eq!(Content::of_component(bytes), Err(NotAComponent::NotWasm));
        }
        let cut = &component()[..200];
        // The last one is a section that claims 256 MiB.
        let claim = b"\0asm\x0d\0\x01\0\0\x80\x80\x80\x80\x01";
        for bytes in [cut, claim] {
            let error = Content::of_component(bytes).unwrap_err();
            assert!(matches!(error, NotAComponent::Invalid(_)), "{error}");
        }
    }

    /// The fields of the manifest and the configuration, with their values, as oci-wasm 0.6.0 writes
    /// and reads them for wkg 0.16.1: `WasmConfig`, `Component`, `WasmClient::push` and
    /// `PushArgs::run`.
    #[test]
    fn the_fields_are_those_of_wkg() {
        let layer = component();
        let content = Content::of_component(&layer).unwrap();
        let artifact = Artifact::new(layer, &content, "both.wasm", BTreeMap::new());
        let config: Value = serde_json::from_slice(&artifact.config).unwrap();
        let expected = json!({
            "created": "1970-01-01T00:00:00Z",
            "author": null,
            "architecture": "wasm",
            "os": "wasip2",
            "layerDigests": [Digest::of(&artifact.layer).as_str()],
            "component": {
                "exports": ["run", "example:parts/second@1.2.0"],
                "imports": ["example:parts/first@1.2.0", "log"],
                "target": null,
            },
        });
        assert_eq!(config, expected);
        let manifest: Value = serde_json::from_slice(&artifact.manifest).unwrap();
        let expected = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {
                "mediaType": "application/vnd.wasm.config.v0+json",
                "digest": Digest::of(&artifact.config).as_str(),
                "size": artifact.config.len(),
            },
            "layers": [{
                "mediaType": "application/wasm",
                "digest": Digest::of(&artifact.layer).as_str(),
                "size": artifact.layer.len(),
                "annotations": { "org.opencontainers.image.title": "both.wasm" },
            }],
        });
        assert_eq!(manifest, expected);
    }

    /// The answers of docker-registry for `hello.wasm` after a push with oci-wasm 0.6.0, in the steps of
    /// `wkg oci push` 0.16.1: `interoperability/oci-wasm`.
    #[test]
    fn what_wkg_writes_is_read_and_has_the_same_fields() {
        let theirs = include_str!("../tests/wkg/manifest.json");
        let manifest = Manifest::read(theirs.as_bytes()).unwrap();
        assert_eq!(manifest.layer.size, 186_062);
        assert!(
            manifest
                .layer
                .digest
                .as_str()
                .starts_with("sha256:2e63e0bafe92")
        );
        let config = include_str!("../tests/wkg/config.json");
        assert_eq!(manifest.config.digest, Digest::of(config.as_bytes()));

        let ours = Artifact::new(vec![0], &Content::default(), "hello.wasm", BTreeMap::new());
        for (theirs, ours) in [
            (theirs, ours.manifest.as_slice()),
            (config, ours.config.as_slice()),
        ] {
            let theirs: Value = serde_json::from_str(theirs).unwrap();
            let ours: Value = serde_json::from_slice(ours).unwrap();
            assert_eq!(shape(&theirs), shape(&ours));
        }
    }

    /// The members of a document and their types. Lists of texts are equal, whatever their length.
    fn shape(value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                let members = members.iter();
                members
                    .map(|(name, it)| (name.clone(), shape(it)))
                    .collect()
            }
            Value::Array(items) => match items.iter().find(|item| !item.is_string()) {
                Some(_) => items.iter().map(shape).collect(),
                None => json!([]),
            },
            Value::String(_) => json!(""),
            Value::Number(_) => json!(0),
            other => other.clone(),
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        let content = Content::default();
        let annotations = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
        let artifact = Artifact::new(vec![1, 2, 3], &content, "x.wasm", annotations.clone());
        let manifest = Manifest::read(&artifact.manifest).unwrap();
        assert_eq!(manifest.annotations, annotations);
        assert_eq!(manifest.layer.digest, Digest::of(&[1, 2, 3]));
        assert_eq!(manifest.layer.size, 3);
        assert_eq!(manifest.config.digest, Digest::of(&artifact.config));
    }

    #[test]
    fn other_manifests_are_named() {
        let good = json!({
            "schemaVersion": 2,
            "config": { "mediaType": CONFIG_TYPE, "digest": Digest::of(b"a").as_str(), "size": 1 },
            "layers": [
                { "mediaType": LAYER_TYPE, "digest": Digest::of(b"b").as_str(), "size": 1 },
            ],
        });
        assert!(Manifest::read(good.to_string().as_bytes()).is_ok());
        let with = |pointer: &str, value: Value| {
            let mut changed = good.clone();
            *changed.pointer_mut(pointer).unwrap() = value;
            changed
        };
        let layer = good["layers"][0].clone();
        let image = json!("application/vnd.oci.image.config.v1+json");
        for (manifest, words) in [
            (json!({ "schemaVersion": 2, "manifests": [] }), "an index"),
            (
                json!({ "schemaVersion": 2, "mediaType": INDEX_TYPES[1] }),
                "an index",
            ),
            (with("/config/mediaType", image), "a container image"),
            (with("/config/mediaType", json!("x/y")), "the type `x/y`"),
            (with("/layers", json!([])), "0 layers"),
            (with("/layers", json!([layer, layer])), "2 layers"),
            (with("/layers/0/mediaType", json!("a/b")), "the type `a/b`"),
            (
                with("/layers/0/digest", json!("md5:0")),
                "`md5:0`: expected a digest",
            ),
            (with("/layers/0/size", json!(-1)), "cannot be read"),
            (with("/schemaVersion", json!(1)), "schemaVersion 2, found 1"),
            (json!({ "schemaVersion": 2 }), "no `config`"),
            (json!([]), "cannot be read"),
        ] {
            let error = Manifest::read(manifest.to_string().as_bytes()).unwrap_err();
            assert!(error.to_string().contains(words), "{manifest}: {error}");
        }
        assert!(Manifest::read(b"<html>").is_err());
    }
}

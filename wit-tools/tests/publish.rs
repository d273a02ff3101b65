//! `wasi-mcp-wit publish` with a registry of the kind that the public ones run.
//!
//! Needs `docker-registry` and `curl`, which are Debian's packages of the same names.

#[path = "../../reference-host/registry/tests/support/docker.rs"]
mod docker;
mod project;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use docker::{PASSWORD, Registry, USER, free_port};
use project::{copy, root};
use serde_json::{Value, json};
use wasi_mcp_registry::{CONFIG_TYPE, Digest, LAYER_TYPE};
use wit_component::DecodedWasm;

const TAGS: [&str; 2] = ["0.2.0-draft2", "0.3.0-draft2"];

/// Runs the command without the credentials of whoever runs the test.
fn publish(root: &Path, registry: &str, credentials: &[(&str, &str)]) -> Output {
    let docker = tempfile::tempdir().expect("a folder");
    publish_with_docker(root, registry, credentials, docker.path())
}

fn publish_with_docker(
    root: &Path,
    registry: &str,
    credentials: &[(&str, &str)],
    docker: &Path,
) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wasi-mcp-wit"))
        .args(["publish", "--plain-http", "--registry", registry, "--root"])
        .arg(root)
        .env_remove("WASI_MCP_REGISTRY_USER")
        .env_remove("WASI_MCP_REGISTRY_PASSWORD")
        .env_remove("REGISTRY_AUTH_FILE")
        .env_remove("XDG_RUNTIME_DIR")
        .env("XDG_CONFIG_HOME", docker)
        .env("DOCKER_CONFIG", docker)
        .envs(credentials.iter().copied())
        .output()
        .expect("the command runs")
}

#[track_caller]
fn assert_published(output: &Output, lines: &[String]) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8_lossy(&output.stdout);
    let found: Vec<&str> = text.lines().collect();
    assert_eq!(found.len(), lines.len(), "{text}");
    for (found, line) in found.iter().zip(lines) {
        assert!(found.starts_with(line), "{found:?}, expected {line:?}");
    }
}

#[track_caller]
fn assert_refused(output: &Output, words: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    for word in words {
        assert!(text.contains(word), "{text:?} does not contain {word:?}");
    }
}

/// The content of a tag.
struct Pulled {
    manifest: Value,
    digest: String,
    config: Value,
    layer: Vec<u8>,
}

fn pull(host: &str, namespace: &str, tag: &str) -> Pulled {
    let name = format!("{namespace}wasi/mcp");
    let bytes = get(host, &name, &format!("manifests/{tag}"));
    let manifest: Value = serde_json::from_slice(&bytes).expect("a manifest");
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().expect("a digest");
        get(host, &name, &format!("blobs/{digest}"))
    };
    Pulled {
        digest: Digest::of(&bytes).to_string(),
        config: serde_json::from_slice(&blob(&manifest["config"])).expect("JSON"),
        layer: blob(&manifest["layers"][0]),
        manifest,
    }
}

fn tags(host: &str) -> Vec<String> {
    let list: Value =
        serde_json::from_slice(&get(host, "wasi/mcp", "tags/list")).expect("a list of tags");
    let mut tags: Vec<String> = list["tags"]
        .as_array()
        .expect("tags")
        .iter()
        .map(|tag| tag.as_str().expect("a tag").to_owned())
        .collect();
    tags.sort();
    tags
}

/// Makes another program's request to a registry: the test must not believe the client under test.
fn curl(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("curl")
        .args(["--fail", "--silent", "--show-error", "--noproxy", "*"])
        .args(arguments)
        .output()
        .expect("curl runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    output.stdout
}

fn get(host: &str, name: &str, what: &str) -> Vec<u8> {
    let url = format!("http://{host}/v2/{name}/{what}");
    curl(&["--header", &format!("Accept: {MANIFEST_TYPE}"), &url])
}

/// Pushes an artifact with one layer.
fn push(host: &str, tag: &str, layer: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let send = |arguments: &[&str], content: &[u8], url: &str| {
        let file = folder.path().join("content");
        fs::write(&file, content).expect("the file can be written");
        let data = format!("@{}", file.display());
        let fixed = ["--data-binary", &data, url];
        curl(&[arguments, fixed.as_slice()].concat())
    };
    let base = format!("http://{host}/v2/wasi/mcp");
    let blob = |kind: &str, content: &[u8]| {
        let uploads = format!("{base}/blobs/uploads/");
        let head = curl(&["--request", "POST", "--dump-header", "-", &uploads]);
        let head = String::from_utf8(head).expect("text");
        let place = head
            .lines()
            .find_map(|line| line.strip_prefix("Location: "));
        let digest = Digest::of(content).to_string();
        let url = format!("{}&digest={digest}", place.expect("a place").trim());
        let bytes = "Content-Type: application/octet-stream";
        send(&["--request", "PUT", "--header", bytes], content, &url);
        json!({"mediaType": kind, "digest": digest, "size": content.len()})
    };
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": blob(CONFIG_TYPE, b"{}"),
        "layers": [blob(LAYER_TYPE, layer)],
    });
    let kind = format!("Content-Type: {MANIFEST_TYPE}");
    let url = format!("{base}/manifests/{tag}");
    let text = manifest.to_string();
    send(
        &["--request", "PUT", "--header", &kind],
        text.as_bytes(),
        &url,
    );
}

const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";

#[test]
#[ignore = "needs docker-registry and curl, which .ci/run installs"]
fn both_packages_come_back_as_they_were_published() {
    let registry = Registry::start(false);
    let host = registry.host();
    let lines = |word: &str, namespace: &str| {
        ["0.3.0-draft2", "0.2.0-draft2"]
            .map(|tag| format!("{word} {host}/{namespace}wasi/mcp:{tag} (sha256:"))
    };
    assert_published(&publish(&root(), &host, &[]), &lines("published", ""));
    assert_eq!(tags(&host), TAGS);

    for (tag, package) in TAGS
        .iter()
        .zip([project::package_0_2(), project::package_0_3()])
    {
        let pulled = pull(&host, "", tag);
        let expected = wit_component::encode(&package.resolve, package.id).expect("it encodes");
        assert!(pulled.layer == expected, "{tag}: the bytes differ");

        let DecodedWasm::WitPackage(resolve, id) =
            wit_component::decode(&pulled.layer).expect("the package decodes")
        else {
            panic!("{tag} is no WIT package");
        };
        let decoded = &resolve.packages[id];
        assert_eq!(decoded.name.to_string(), format!("wasi:mcp@{tag}"));
        assert_eq!(decoded.worlds.len(), package.worlds().count());
        assert_eq!(decoded.docs.contents.as_deref(), package.documentation());
        let names = |id| package.resolve.interfaces[id].name.clone();
        assert_eq!(
            decoded
                .interfaces
                .keys()
                .cloned()
                .map(Some)
                .collect::<Vec<_>>(),
            package
                .interfaces()
                .map(|(_, id, _)| names(id))
                .collect::<Vec<_>>()
        );

        let manifest = &pulled.manifest;
        assert_eq!(manifest["config"]["mediaType"], CONFIG_TYPE);
        assert_eq!(manifest["layers"].as_array().map(Vec::len), Some(1));
        assert_eq!(manifest["layers"][0]["mediaType"], LAYER_TYPE);
        let annotation = |name: &str| {
            let name = format!("org.opencontainers.image.{name}");
            manifest["annotations"][name].as_str().expect("a text")
        };
        for (name, value) in [
            ("version", *tag),
            ("licenses", "Apache-2.0 WITH LLVM-exception"),
            ("source", "https://github.com/WebAssembly/wasi-mcp"),
        ] {
            assert_eq!(annotation(name), value);
        }
        let description = annotation("description");
        assert!(
            description.contains("Model Context Protocol"),
            "{description}"
        );

        // What wasm-pkg-client reads of the configuration.
        let config = &pulled.config;
        assert_eq!(config["architecture"], "wasm");
        assert_eq!(config["os"], "wasip2");
        assert_eq!(
            config["layerDigests"],
            json!([Digest::of(&expected).as_str()])
        );
        let exports = config["component"]["exports"].as_array().expect("exports");
        let world = format!("wasi:mcp/backend@{tag}");
        assert!(exports.iter().any(|name| name == &world), "{exports:?}");
    }

    let before = TAGS.map(|tag| pull(&host, "", tag).digest);
    assert_published(&publish(&root(), &host, &[]), &lines("unchanged", ""));
    assert_eq!(TAGS.map(|tag| pull(&host, "", tag).digest), before);

    let below = format!("{host}/some/name");
    assert_published(
        &publish(&root(), &below, &[]),
        &lines("published", "some/name/"),
    );
    assert_eq!(
        TAGS.map(|tag| pull(&host, "some/name/", tag).digest),
        before
    );
}

#[test]
#[ignore = "needs docker-registry and curl, which .ci/run installs"]
fn a_published_version_cannot_be_changed() {
    let registry = Registry::start(false);
    let host = registry.host();
    assert!(publish(&root(), &host, &[]).status.success());
    let before = TAGS.map(|tag| pull(&host, "", tag).digest);

    let folder = copy();
    let path = folder.path().join("wit/context.wit");
    let text = fs::read_to_string(&path).expect("the file can be read");
    // The 0.2 package has no such function, so it stays the same.
    let from = "  wait-cancelled: async";
    assert!(text.contains(from));
    let text = text.replacen(from, "  /// Changed.\n  wait-cancelled: async", 1);
    fs::write(&path, text).expect("the file can be written");
    let refused = publish(folder.path(), &host, &[]);
    let tag = "wasi/mcp:0.3.0-draft2: the tag exists with other content";
    assert_refused(&refused, &[tag, &before[1], "a new version"]);
    assert_eq!(TAGS.map(|tag| pull(&host, "", tag).digest), before);
}

#[test]
#[ignore = "needs docker-registry and curl, which .ci/run installs"]
fn nothing_is_published_where_one_package_is_refused() {
    let registry = Registry::start(false);
    let host = registry.host();
    push(&host, "0.2.0-draft2", b"other");
    let refused = publish(&root(), &host, &[]);
    let tag = "wasi/mcp:0.2.0-draft2: the tag exists with other content";
    assert_refused(&refused, &[tag]);
    assert_eq!(tags(&host), ["0.2.0-draft2"]);
}

#[test]
#[ignore = "needs docker-registry and curl, which .ci/run installs"]
fn credentials_are_taken_from_the_environment_and_from_docker() {
    let registry = Registry::start(true);
    let host = registry.host();
    let with = |user, password| {
        [
            ("WASI_MCP_REGISTRY_USER", user),
            ("WASI_MCP_REGISTRY_PASSWORD", password),
        ]
    };

    let refused = publish(&root(), &host, &[]);
    assert_refused(
        &refused,
        &["refuses anonymous uploads", "docker login 127.0.0.1:"],
    );
    let refused = publish(&root(), &host, &with(USER, "wrong"));
    assert_refused(
        &refused,
        &["refuses the user `publisher` of WASI_MCP_REGISTRY_USER"],
    );
    let half = publish(&root(), &host, &with(USER, "wrong")[..1]);
    assert_refused(&half, &["expected both of"]);

    let docker = tempfile::tempdir().expect("a folder");
    let configure = |token: &str| {
        let text = format!(r#"{{"auths": {{"{host}": {{"auth": "{token}"}}}}}}"#);
        fs::write(docker.path().join("config.json"), text).expect("a file");
    };
    configure("cHVibGlzaGVyOndyb25n"); // publisher:wrong
    let refused = publish_with_docker(&root(), &host, &[], docker.path());
    assert_refused(
        &refused,
        &["refuses the user `publisher` of Docker's configuration"],
    );
    configure("cHVibGlzaGVyOnJpZ2h0"); // publisher:right
    let published = publish_with_docker(&root(), &host, &[], docker.path());
    let lines = |word: &str| {
        ["0.3.0-draft2", "0.2.0-draft2"].map(|tag| format!("{word} {host}/wasi/mcp:{tag} "))
    };
    assert_published(&published, &lines("published"));
    configure("cHVibGlzaGVyOndyb25n");
    let unchanged = publish_with_docker(&root(), &host, &with(USER, PASSWORD), docker.path());
    assert_published(&unchanged, &lines("unchanged"));
}

#[test]
fn a_registry_that_cannot_be_reached_is_named() {
    let host = format!("127.0.0.1:{}", free_port());
    let output = publish(&root(), &host, &[]);
    assert_refused(&output, &[&host, "cannot reach the registry", "refused"]);
}

#[test]
fn plain_http_stays_on_this_machine() {
    let output = publish(&root(), "registry.example/wit", &[]);
    assert_refused(
        &output,
        &["registry.example: --plain-http is for registries on this machine"],
    );
}

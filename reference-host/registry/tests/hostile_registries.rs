//! Registries that answer with anything but the component that was asked for.

#[path = "support/components.rs"]
mod components;
#[path = "support/docker.rs"]
mod docker;
#[path = "support/fake.rs"]
mod fake;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use components::{component, wit_package};
use fake::{Answer, FakeRegistry};
use serde_json::{Value, json};
use wasi_mcp_registry::{
    Artifact, Cache, Client, ClientOptions, Content, Digest, Pulled, Reference, RegistryError,
};

fn artifact(layer: Vec<u8>) -> Artifact {
    Artifact::new(layer, &Content::default(), "x.wasm", BTreeMap::new())
}

fn options() -> ClientOptions {
    let mut options = ClientOptions::default();
    options.plain_http = true;
    options.timeout = Duration::from_secs(60);
    options
}

fn pull_with(options: ClientOptions, reference: &str) -> Result<Pulled, RegistryError> {
    let reference: Reference = reference.parse().expect("a reference");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let client = Client::new(options);
    runtime.unwrap().block_on(client.pull(&reference, |_| {}))
}

fn pull(reference: &str) -> Result<Pulled, RegistryError> {
    pull_with(options(), reference)
}

/// Asserts that a pull failed with these words, in one line.
#[track_caller]
fn assert_refused(pulled: Result<Pulled, RegistryError>, words: &[&str]) {
    let text = pulled.expect_err("it is refused").to_string();
    for word in words {
        assert!(text.contains(word), "{text:?} does not contain {word:?}");
    }
    assert!(!text.contains('\n'), "{text}");
}

#[test]
fn a_component_is_pulled_by_its_tag_and_its_digest() {
    let registry = FakeRegistry::start();
    let artifact = artifact(component());
    let digest = registry.store("some/name", "1.0", &artifact);
    let name = format!("{}/some/name", registry.host());
    for reference in [format!("{name}:1.0"), format!("{name}@{digest}")] {
        let pulled = pull(&reference).unwrap();
        assert!(pulled.component == artifact.layer);
        assert_eq!(pulled.pinned.to_string(), format!("{name}@{digest}"));
        assert!(!pulled.is_from_cache);
    }
    // The digest counts.
    let both = pull(&format!("{name}:none@{digest}")).unwrap();
    assert_eq!(both.pinned.to_string(), format!("{name}@{digest}"));
}

#[test]
fn a_digest_in_the_cache_needs_no_registry() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options();
    options.cache = Some(Cache::in_folder(folder.path()));
    let registry = FakeRegistry::start();
    let artifact = artifact(component());
    let digest = registry.store("x", "1", &artifact);
    let (tagged, pinned) = (
        format!("{}/x:1", registry.host()),
        format!("{}/x@{digest}", registry.host()),
    );
    assert!(!pull_with(options.clone(), &tagged).unwrap().is_from_cache);
    registry.requests();
    assert!(pull_with(options.clone(), &tagged).unwrap().is_from_cache);
    let asked = registry.requests();
    assert!(
        asked.iter().any(|line| line.contains("/manifests/1")),
        "{asked:?}"
    );
    assert!(
        !asked.iter().any(|line| line.contains("/blobs/")),
        "{asked:?}"
    );

    assert!(pull_with(options.clone(), &pinned).unwrap().is_from_cache);
    assert_eq!(registry.requests(), [""; 0]);
    drop(registry);
    let pulled = pull_with(options.clone(), &pinned).unwrap();
    assert!(pulled.component == artifact.layer);
    assert_refused(
        pull_with(options.clone(), &tagged),
        &["cannot reach the registry"],
    );

    // A damaged file is not used.
    let blob = folder
        .path()
        .join("blobs/sha256")
        .join(Digest::of(&artifact.layer).digits());
    std::fs::write(blob, "damaged").unwrap();
    assert_refused(pull_with(options, &pinned), &["cannot reach the registry"]);
}

#[test]
fn a_cache_that_cannot_be_written_is_told() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut options = options();
    options.cache = Some(Cache::in_folder(file.path()));
    let registry = FakeRegistry::start();
    registry.store("x", "1", &artifact(component()));
    let pulled = pull_with(options, &format!("{}/x:1", registry.host())).unwrap();
    let reason = pulled.not_kept.expect("a reason");
    assert!(
        reason.contains(&file.path().display().to_string()),
        "{reason}"
    );
}

#[test]
fn other_bytes_than_the_digest_says_are_refused() {
    let registry = FakeRegistry::start();
    let host = registry.host();
    let good = artifact(component());
    let digest = registry.store("x", "1", &good);
    let blob = format!("/v2/x/blobs/{}", Digest::of(&good.layer));
    let mut other = good.layer.clone();
    *other.last_mut().unwrap() ^= 1;
    let found = Digest::of(&other).to_string();
    let expected = Digest::of(&good.layer).to_string();

    registry.set(&blob, Answer::new(200, other.clone()));
    assert_refused(
        pull(&format!("{host}/x:1")),
        &["other bytes than the digest says", &expected, &found],
    );
    // A header of the registry changes nothing.
    let lying = Answer::new(200, other.clone()).header("Docker-Content-Digest", &expected);
    registry.set(&blob, lying);
    assert_refused(pull(&format!("{host}/x:1")), &["other bytes"]);
    let honest = Answer::new(200, other.clone()).header("Docker-Content-Digest", &found);
    registry.set(&blob, honest);
    assert_refused(pull(&format!("{host}/x:1")), &["other bytes"]);

    let manifest = artifact(other).manifest;
    let path = format!("/v2/x/manifests/{digest}");
    registry.set(&path, Answer::new(200, manifest));
    assert_refused(
        pull(&format!("{host}/x@{digest}")),
        &["other bytes than the digest says", digest.as_str()],
    );
}

#[test]
fn a_layer_of_another_size_is_refused() {
    let registry = FakeRegistry::start();
    let host = registry.host();
    let good = artifact(component());
    registry.store("x", "1", &good);
    let size = good.layer.len();
    let blob = format!("/v2/x/blobs/{}", Digest::of(&good.layer));
    let expected = format!("expected {size}");
    let endless = vec![0; size * 3];

    registry.set(&blob, Answer::new(200, endless.clone()));
    let sent = format!("sent {} bytes", size * 3);
    assert_refused(pull(&format!("{host}/x:1")), &[&sent, &expected]);
    // Without a length in the head the bytes are counted.
    let mut unannounced = Answer::new(200, endless);
    unannounced.length = Some(0);
    registry.set(&blob, unannounced);
    assert_refused(
        pull(&format!("{host}/x:1")),
        &["bytes of the component", &expected],
    );
    // The end of the connection is not the end of the layer.
    let mut cut = Answer::new(200, &good.layer[..size / 2]);
    cut.length = Some(size);
    registry.set(&blob, cut.clone());
    assert_refused(pull(&format!("{host}/x:1")), &["the download ended early"]);
    cut.length = Some(0);
    registry.set(&blob, cut);
    assert_refused(
        pull(&format!("{host}/x:1")),
        &["other bytes than the digest says"],
    );
}

#[test]
fn a_component_that_is_too_large_is_not_downloaded() {
    let registry = FakeRegistry::start();
    let host = registry.host();
    let good = artifact(component());
    let size = good.layer.len() as u64;
    let digest = registry.store("x", "1", &good);
    let folder = tempfile::tempdir().unwrap();
    let mut options = options();
    options.cache = Some(Cache::in_folder(folder.path()));
    options.max_bytes = size;
    assert!(pull_with(options.clone(), &format!("{host}/x:1")).is_ok());
    registry.requests();
    options.max_bytes = size - 1;
    let words = [
        &format!("{size} bytes, more than the limit of")[..],
        "--max-component",
    ];
    for reference in [format!("{host}/x:1"), format!("{host}/x@{digest}")] {
        assert_refused(pull_with(options.clone(), &reference), &words);
    }
    options.cache = None;
    assert_refused(pull_with(options, &format!("{host}/x:1")), &words);
    let asked = registry.requests();
    assert!(
        !asked.iter().any(|line| line.contains("/blobs/")),
        "{asked:?}"
    );
}

#[test]
fn anything_but_a_component_is_named() {
    let registry = FakeRegistry::start();
    let host = registry.host();
    let reference = format!("{host}/x:1");
    for (layer, words) in [
        (wit_package(), "is a WIT package"),
        (b"\0asm\x01\0\0\0".to_vec(), "is a core WebAssembly module"),
        (b"#!/bin/sh\n".to_vec(), "is not a WebAssembly component"),
        (component()[..60].to_vec(), "is not a valid component"),
    ] {
        registry.store("x", "1", &artifact(layer));
        assert_refused(pull(&reference), &[&reference, words]);
    }
    let manifest: Value = serde_json::from_slice(&artifact(component()).manifest).unwrap();
    let with = |pointer: &str, value: Value| {
        let mut changed = manifest.clone();
        *changed.pointer_mut(pointer).expect(pointer) = value;
        changed.to_string()
    };
    let image = json!("application/vnd.oci.image.config.v1+json");
    let spin = json!("application/vnd.fermyon.spin.application.v1+config");
    for (manifest, words) in [
        (with("/config/mediaType", image), "is a container image"),
        (
            with("/config/mediaType", spin),
            "is an application for Spin",
        ),
        (with("/layers", json!([])), "is an artifact with 0 layers"),
        (
            json!({ "schemaVersion": 2, "manifests": [manifest] }).to_string(),
            "is an index of several manifests",
        ),
        (
            "<html></html>".to_owned(),
            "is a manifest that cannot be read",
        ),
        (String::new(), "is a manifest that cannot be read"),
    ] {
        registry.store_manifest("x", "1", manifest.as_bytes());
        assert_refused(pull(&reference), &[&reference, words]);
    }
}

#[test]
fn refusals_say_what_to_do() {
    let registry = FakeRegistry::start();
    let host = registry.host();
    let reference = format!("{host}/x:1");
    let denied = |status| {
        let body = r#"{"errors":[{"code":"DENIED","message":"no access"}]}"#;
        Answer::new(status, body)
    };
    registry.store("x", "1", &artifact(component()));
    assert_refused(
        pull(&format!("{host}/x:2")),
        &["the registry has no such tag: is `2` right?"],
    );
    let digest = Digest::of(b"other");
    assert_refused(
        pull(&format!("{host}/x@{digest}")),
        &["the registry has no such content"],
    );
    for answer in [denied(401), denied(403), Answer::new(403, "<html>")] {
        registry.set("/v2/x/manifests/1", answer);
        let login = format!("docker login {host}");
        assert_refused(pull(&reference), &["refuses anonymous requests", &login]);
    }
    for (answer, words) in [
        (Answer::new(500, "oops"), "the HTTP status 500"),
        (
            Answer::new(
                429,
                r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"slowly"}]}"#,
            ),
            "the registry says: slowly",
        ),
    ] {
        registry.set("/v2/x/manifests/1", answer);
        assert_refused(pull(&reference), &[&reference, words]);
    }
    // A server of tokens refuses.
    let realm = format!("Bearer realm=\"http://{host}/token\",service=\"a\"");
    registry.set("/v2/", denied(401).header("WWW-Authenticate", realm));
    registry.set("/token", denied(401));
    assert_refused(pull(&reference), &["refuses anonymous requests"]);
}

#[test]
fn silence_ends_with_the_time_limit() {
    let registry = FakeRegistry::start();
    let host = registry.host();
    let good = artifact(component());
    registry.store("x", "1", &good);
    let mut options = options();
    options.timeout = Duration::from_millis(300);
    let blob = format!("/v2/x/blobs/{}", Digest::of(&good.layer));
    let mut stalling = Answer::new(200, good.layer.clone());
    stalling.stalls_at = Some(20);
    let words = ["has not answered for 0.3 s", "--registry-timeout"];
    let began = Instant::now();
    registry.set(&blob, stalling.clone());
    assert_refused(pull_with(options.clone(), &format!("{host}/x:1")), &words);
    stalling.stalls_at = Some(0);
    registry.set("/v2/", stalling);
    assert_refused(pull_with(options, &format!("{host}/x:1")), &words);
    assert!(began.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_registry_that_cannot_be_reached_is_named() {
    let host = format!("127.0.0.1:{}", docker::free_port());
    assert_refused(
        pull(&format!("{host}/x:1")),
        &[&host, "cannot reach the registry", "refused"],
    );
    let unknown = "registry.invalid";
    assert_refused(
        pull(&format!("{unknown}/x:1")),
        &[unknown, "cannot reach the registry"],
    );
    // It speaks HTTP, and HTTPS was spoken.
    let registry = FakeRegistry::start();
    let mut options = options();
    options.plain_http = false;
    assert_refused(
        pull_with(options, &format!("{}/x:1", registry.host())),
        &["cannot reach the registry", "--plain-http"],
    );
}

#[test]
fn http_stays_on_this_machine() {
    let client = Client::new(options());
    let error = client.check_plain_http(&"registry.example/x:1".parse().unwrap());
    let error = error.unwrap_err().to_string();
    assert!(error.contains("registry.example: --plain-http is for registries on this machine"));
    assert!(
        client
            .check_plain_http(&"localhost/x:1".parse().unwrap())
            .is_ok()
    );
}

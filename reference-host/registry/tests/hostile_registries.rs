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
    Artifact, Cache, Client, ClientOptions, Content, Credentials, Digest, Operation, Outcome,
    Pulled, Reference, RegistryError,
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

/// Pushes as the user `user` with the password `secret`.
fn push_with(
    options: ClientOptions,
    reference: &str,
    artifact: &Artifact,
) -> Result<Outcome, RegistryError> {
    let reference: Reference = reference.parse().expect("a reference");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let user = Credentials::of_user("user".to_owned(), "secret".to_owned(), "a test");
    let client = Client::new(options);
    runtime.unwrap().block_on(async {
        let connection = client.connect(&reference, Some(user), Operation::Push);
        connection.await?.push(artifact).await
    })
}

fn push(reference: &str, artifact: &Artifact) -> Result<Outcome, RegistryError> {
    push_with(options(), reference, artifact)
}

/// An answer of a registry that wants a token of this server.
fn challenge(realm: &str) -> Answer {
    let challenge = format!("Bearer realm=\"{realm}\",service=\"a\"");
    Answer::new(401, "{}").header("WWW-Authenticate", challenge)
}

/// Lets a registry accept uploads, to this place.
fn accept_uploads(registry: &FakeRegistry, location: &str) {
    let answer = Answer::new(202, "").header("Location", location);
    registry.set("POST /v2/x/blobs/uploads/", answer);
    registry.set("PUT /v2/x/blobs/uploads/place", Answer::new(201, ""));
    registry.set("PUT /v2/x/manifests/1", Answer::new(201, ""));
}

/// Asserts that a pull or push failed with these words, in one line.
#[track_caller]
fn assert_refused<T: std::fmt::Debug>(outcome: Result<T, RegistryError>, words: &[&str]) {
    let text = outcome.expect_err("it is refused").to_string();
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
    for answer in [
        denied(401),
        denied(403),
        Answer::new(403, "<html>"),
        Answer::new(403, r#"{"errors":[]}"#),
    ] {
        registry.set("/v2/x/manifests/1", answer);
        let login = format!("docker login {host}");
        assert_refused(pull(&reference), &["refuses anonymous requests", &login]);
    }
    for (answer, words) in [
        (Answer::new(500, "oops"), "the HTTP status 500"),
        (Answer::new(429, r#"{"errors":[]}"#), "the HTTP status 429"),
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
    let realm = format!("http://{host}/token");
    registry.set("/v2/", challenge(&realm));
    registry.set("/token", denied(401));
    assert_refused(pull(&reference), &["refuses anonymous requests"]);
    let login = format!("docker login {host}");
    assert_refused(
        push(&reference, &artifact(component())),
        &["refuses the user `user` of a test: log in again", &login],
    );
    // It has a problem, to which another login is no answer.
    for status in [429, 503] {
        registry.set("/token", Answer::new(status, "{}"));
        let words = format!("the token server 127.0.0.1 answers with the HTTP status {status}");
        assert_refused(pull(&reference), &[&words]);
    }
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
fn drops_do_not_extend_the_time_limit() {
    let registry = FakeRegistry::start();
    let host = registry.host();
    let good = artifact(component());
    registry.store("x", "1", &good);
    let mut options = options();
    options.timeout = Duration::from_millis(500);
    let words = ["has not answered for 0.5 s"];
    let mut dripping = Answer::new(200, good.manifest.clone());
    dripping.pause = Some(Duration::from_millis(20));
    registry.set("/v2/x/manifests/1", dripping);
    assert_refused(pull_with(options.clone(), &format!("{host}/x:1")), &words);
    let token = json!({ "token": "x".repeat(400) }).to_string();
    let mut dripping = Answer::new(200, token);
    dripping.pause = Some(Duration::from_millis(20));
    registry.set("/v2/", challenge(&format!("http://{host}/token")));
    registry.set("/token", dripping);
    assert_refused(pull_with(options, &format!("{host}/x:1")), &words);
}

#[test]
fn a_download_has_a_time_limit_as_a_whole() {
    let registry = FakeRegistry::start();
    let host = registry.host();
    let good = artifact(component());
    registry.store("x", "1", &good);
    let mut options = options();
    options.timeout = Duration::from_millis(500);
    let mut dripping = Answer::new(200, good.layer.clone());
    dripping.pause = Some(Duration::from_millis(20));
    let blob = format!("/v2/x/blobs/{}", Digest::of(&good.layer));
    registry.set(&blob, dripping);
    assert_refused(
        pull_with(options, &format!("{host}/x:1")),
        &["took longer than 1 s: --registry-timeout"],
    );
}

#[test]
fn an_upload_that_takes_too_long_is_told_with_its_size() {
    let registry = FakeRegistry::start();
    let mut silent = Answer::new(201, "");
    silent.is_silent = true;
    accept_uploads(&registry, "place");
    registry.set("PUT /v2/x/blobs/uploads/place", silent);
    let mut options = options();
    options.timeout = Duration::from_millis(300);
    let large = artifact(vec![0; 600 << 10]);
    let size = format!("the transfer of {} bytes took longer than 0.9 s", 600 << 10);
    let reference = format!("{}/x:1", registry.host());
    assert_refused(push_with(options, &reference, &large), &[&size]);
}

#[test]
fn answers_have_a_largest_size() {
    let registry = FakeRegistry::start();
    let host = registry.host();
    let reference = format!("{host}/x:1");
    let large = vec![b' '; (4 << 20) + 1];
    let mut unannounced = Answer::new(200, large.clone());
    unannounced.length = Some(0);
    // Its bytes never come.
    let mut announced = Answer::new(200, large);
    announced.stalls_at = Some(0);
    for answer in [&unannounced, &announced] {
        registry.set("/v2/x/manifests/1", answer.clone());
        assert_refused(
            pull(&reference),
            &["the manifest has more than 4194304 bytes"],
        );
    }
    registry.set("/v2/", challenge(&format!("http://{host}/token")));
    for answer in [unannounced.clone(), announced] {
        registry.set("/token", answer);
        assert_refused(
            pull(&reference),
            &["token server has more than 1048576 bytes"],
        );
    }
    // The status tells what an endless reason cannot.
    registry.set("/v2/", Answer::new(200, "{}"));
    unannounced.status = 500;
    registry.set("/v2/x/manifests/1", unannounced);
    assert_refused(pull(&reference), &["the HTTP status 500"]);
}

#[test]
fn nothing_is_requested_without_encryption() {
    let registry = FakeRegistry::start();
    let host = registry.host();
    let reference = format!("{host}/x:1");
    let good = artifact(component());
    let words = [
        &host[..],
        "leads to http://registry.invalid, which is not encrypted",
    ];
    // To another host, and with the password.
    registry.set("/v2/", challenge("http://registry.invalid/token"));
    assert_refused(push(&reference, &good), &words);
    registry.set("/v2/", challenge(&format!("http://{host}/token")));
    let moved = Answer::new(302, "").header("Location", "http://registry.invalid/secret");
    registry.set("/token", moved.clone());
    assert_refused(push(&reference, &good), &words);
    registry.set("/v2/", moved.clone());
    assert_refused(pull(&reference), &words);
    registry.set("/v2/", Answer::new(200, "{}"));
    registry.set("/v2/x/manifests/1", moved.clone());
    assert_refused(pull(&reference), &words);
    registry.store("x", "1", &good);
    let blob = format!("/v2/x/blobs/{}", Digest::of(&good.layer));
    registry.set(&blob, moved);
    assert_refused(pull(&reference), &words);

    let registry = FakeRegistry::start();
    let reference = format!("{}/x:1", registry.host());
    accept_uploads(&registry, "http://registry.invalid/upload");
    assert_refused(push(&reference, &good), &words[1..]);
}

#[test]
fn a_password_is_for_the_token_server_and_a_token_for_the_registry() {
    let (registry, tokens, storage) = (
        FakeRegistry::start(),
        FakeRegistry::start(),
        FakeRegistry::start(),
    );
    let reference = format!("{}/x:1", registry.host());
    let good = artifact(component());
    registry.set(
        "/v2/",
        challenge(&format!("http://{}/token", tokens.host())),
    );
    tokens.set("/token", Answer::new(200, r#"{"access_token":"abc"}"#));
    accept_uploads(&registry, &format!("http://{}/upload?a=b", storage.host()));
    storage.set("/upload", Answer::new(201, ""));
    let stored = Answer::new(201, "").header("Docker-Content-Digest", good.digest().as_str());
    registry.set("PUT /v2/x/manifests/1", stored);
    registry.set("HEAD /v2/x/manifests/1", Answer::new(403, ""));
    // This user may write and not read.
    assert_eq!(push(&reference, &good).unwrap(), Outcome::Pushed);
    assert_eq!(
        tokens.authorizations(),
        ["GET /token: Basic dXNlcjpzZWNyZXQ="]
    );
    let asked = tokens.requests();
    assert!(
        asked[0].contains("scope=repository%3Ax%3Apull%2Cpush"),
        "{asked:?}"
    );
    let proofs = registry.authorizations();
    assert!(proofs.len() > 2, "{proofs:?}");
    assert!(
        proofs.iter().all(|it| it.ends_with(": Bearer abc")),
        "{proofs:?}"
    );
    assert_eq!(storage.requests().len(), 2);
    assert_eq!(storage.authorizations(), [""; 0]);

    // Something else is stored than was sent.
    let other = Digest::of(b"other");
    let stored = Answer::new(201, "").header("Docker-Content-Digest", other.as_str());
    registry.set("PUT /v2/x/manifests/1", stored);
    assert_refused(push(&reference, &good), &["other bytes", other.as_str()]);
}

#[test]
fn a_token_that_has_ended_is_renewed_once() {
    let registry = FakeRegistry::start();
    let host = registry.host();
    let challenge = challenge(&format!("http://{host}/token"));
    registry.set("/v2/", challenge.clone());
    registry.set("/token", Answer::new(200, r#"{"token":"abc"}"#));
    registry.set("/v2/x/manifests/1", challenge);
    assert_refused(
        pull(&format!("{host}/x:1")),
        &["refuses anonymous requests"],
    );
    let asked = registry.requests();
    let tokens = asked.iter().filter(|line| line.starts_with("GET /token"));
    assert_eq!(tokens.count(), 2, "{asked:?}");
}

#[test]
fn malformed_answers_to_a_login_and_an_upload_are_errors() {
    let registry = FakeRegistry::start();
    let host = registry.host();
    let reference = format!("{host}/x:1");
    let good = artifact(component());
    for (answer, words) in [
        (Answer::new(200, ""), "answers with the HTTP status 200"),
        (Answer::new(201, ""), "answers with the HTTP status 201"),
        (Answer::new(202, ""), "does not say where to upload to"),
        (
            Answer::new(202, "").header("Location", "http://["),
            "does not say where to upload to",
        ),
        (
            Answer::new(202, "").header("Location", "mailto:x"),
            "which is not encrypted",
        ),
    ] {
        registry.set("POST /v2/x/blobs/uploads/", answer);
        assert_refused(push(&reference, &good), &[words]);
    }
    // A relative place is one.
    accept_uploads(&registry, "place");
    let refused = push(&reference, &good).unwrap_err();
    assert!(
        matches!(refused, RegistryError::WrongDigest { .. }),
        "the registry forgets the manifest: {refused}"
    );

    registry.set("/v2/", challenge(&format!("http://{host}/token")));
    for text in [
        r#"{"token":"a\nb"}"#,
        r#"{"token":""}"#,
        r#"{"token":"\u00e4"}"#,
        "{}",
        "<html>",
    ] {
        registry.set("/token", Answer::new(200, text));
        assert_refused(pull(&reference), &["sent no usable token"]);
    }
    registry.set("/v2/", challenge("nowhere"));
    assert_refused(pull(&reference), &["a token of `nowhere`: expected a URL"]);
}

/// A section claims a gigabyte and has none of it.
#[cfg(target_os = "linux")]
#[test]
fn a_small_component_takes_little_memory() {
    let claim = b"\0asm\x0d\0\x01\0\0\x80\x80\x80\x80\x04".to_vec();
    let registry = FakeRegistry::start();
    registry.store("x", "1", &artifact(claim));
    assert_refused(
        pull(&format!("{}/x:1", registry.host())),
        &["is not a valid component"],
    );
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.unwrap().trim().trim_end_matches(" kB");
    let peak: u64 = peak.parse().unwrap();
    assert!(peak < 512 << 10, "{peak} KiB");
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

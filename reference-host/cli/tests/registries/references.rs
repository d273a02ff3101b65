//! References in place of files.

use std::collections::BTreeMap;

use serde_json::json;
use wasi_mcp_registry::{Artifact, Content, Digest};

use super::command::{StdioClient, run};
use super::docker::free_port;
use super::fake::Answer;
use super::{Home, artifact, bytes, with_hello};

const CALL: [&str; 2] = ["hello", r#"{"name": "World"}"#];

#[tokio::test]
async fn a_reference_is_taken_where_a_file_is() {
    let home = Home::new();
    let (registry, reference, digest) = with_hello();
    let marked = format!("oci://{reference}");
    for text in [&reference, &marked] {
        let line = ["call", text, CALL[0], CALL[1], "--plain-http"];
        let outcome = home.run(&line).await;
        assert_eq!(outcome.stdout, "Hello, World!\n", "{outcome:?}");
        let pinned = format!("{reference} is {}/hello@{digest}", registry.host());
        assert!(outcome.stderr.contains(&pinned), "{outcome:?}");
    }
    let inspected = home
        .json(&["inspect", &reference, "--plain-http", "--json"])
        .await;
    assert_eq!(inspected["tools"][0]["name"], "hello");

    home.printed(&[
        "compile",
        &reference,
        "--output",
        "hello.cwasm",
        "--plain-http",
    ])
    .await;
    let line = ["call", "hello.cwasm", "--precompiled", CALL[0], CALL[1]];
    assert_eq!(home.printed(&line).await, "Hello, World!\n");

    home.guest("streams-0.3", "streams.wasm");
    home.guest("middleware-0.3", "middleware.wasm");
    let pinned = format!("{}/hello@{digest}", registry.host());
    let composed = home
        .json(&[
            "compose",
            &pinned,
            "streams.wasm",
            "--with",
            "hello=middleware.wasm",
            "--output",
            "both.wasm",
            "--plain-http",
            "--json",
        ])
        .await;
    assert_eq!(composed["parts"][0]["name"], "hello");
    assert_eq!(composed["parts"][1]["name"], "streams");

    let mut serve = home.command(&["serve", &reference, "--plain-http"]);
    let mut client = StdioClient::connect(&mut serve).await;
    let answer = client.request("tools/list", json!({})).await;
    assert_eq!(answer["result"]["tools"][0]["name"], "hello");
    assert_eq!(client.finish().await.code, Some(0));
}

#[tokio::test]
async fn a_file_of_this_name_wins_unless_the_scheme_is_given() {
    let home = Home::new();
    let (_registry, reference, _) = with_hello();
    let other = reference.replace("hello:1", "hello:2");
    home.guest("hello-0.3", &other);
    let line = ["call", &other, CALL[0], CALL[1]];
    assert_eq!(home.printed(&line).await, "Hello, World!\n");
    let marked = format!("oci://{other}");
    home.refused(
        &["call", &marked, CALL[0], CALL[1], "--plain-http"],
        5,
        &["the registry has no such tag: is `2` right?"],
    )
    .await;
}

#[tokio::test]
async fn a_pinned_reference_needs_no_registry_the_second_time() {
    let home = Home::new();
    let (registry, reference, digest) = with_hello();
    let pinned = format!("{}/hello@{digest}", registry.host());
    let cache = home.path("cache");
    let run = async |text: &str, option: &[&str]| {
        let line = [
            &["call", text, CALL[0], CALL[1], "--plain-http"][..],
            option,
        ]
        .concat();
        run(home.command(&line).env("XDG_CACHE_HOME", &cache)).await
    };
    let uncached = run(&pinned, &["--no-cache"]).await;
    assert_eq!(uncached.stdout, "Hello, World!\n", "{uncached:?}");
    assert!(!cache.exists(), "nothing is kept");
    let first = run(&pinned, &[]).await;
    assert_eq!(first.stdout, "Hello, World!\n", "{first:?}");
    drop(registry);
    let second = run(&pinned, &[]).await;
    assert_eq!(second.stdout, "Hello, World!\n", "{second:?}");
    for outcome in [
        run(&reference, &[]).await,
        run(&pinned, &["--no-cache"]).await,
    ] {
        assert_eq!(outcome.code, Some(5), "{outcome:?}");
        assert!(
            outcome.stderr.contains("cannot reach the registry"),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_pull_prints_the_digest_and_writes_the_file() {
    let home = Home::new();
    let (registry, reference, digest) = with_hello();
    let pinned = format!("{}/hello@{digest}", registry.host());
    let printed = home.printed(&["pull", &reference, "--plain-http"]).await;
    assert_eq!(printed, format!("{pinned}\n"));
    assert_eq!(home.names(), ["hello.wasm"]);
    assert!(std::fs::read(home.path("hello.wasm")).unwrap() == bytes("hello-0.3"));
    // The same content again is fine; another file is not replaced by accident.
    home.printed(&["pull", &reference, "--plain-http"]).await;
    home.write("hello.wasm", "mine");
    home.refused(
        &["pull", &reference, "--plain-http"],
        2,
        &["hello.wasm exists with other content", "--output"],
    )
    .await;
    let line = [
        "pull",
        &pinned,
        "--output",
        "hello.wasm",
        "--plain-http",
        "--json",
    ];
    let summary = home.json(&line).await;
    assert_eq!(summary["pinned"], pinned);
    assert_eq!(summary["digest"], digest.as_str());
    assert_eq!(summary["output"], "hello.wasm");
    assert_eq!(summary["bytes"], bytes("hello-0.3").len());
    assert!(std::fs::read(home.path("hello.wasm")).unwrap() == bytes("hello-0.3"));
    home.refused(
        &[
            "pull",
            &reference,
            "--output",
            "none/hello.wasm",
            "--plain-http",
        ],
        2,
        &["none/hello.wasm cannot be written"],
    )
    .await;
    home.printed(&["pull", &reference, "--output", "/dev/null", "--plain-http"])
        .await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_pull_replaces_nothing_by_accident_and_reads_no_pipe() {
    let home = Home::new();
    let (_registry, reference, _) = with_hello();
    let pull = ["pull", &reference, "--plain-http"];
    let link = home.path("hello.wasm");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    home.refused(&pull, 2, &["hello.wasm exists with other content"])
        .await;
    assert!(link.symlink_metadata().unwrap().is_symlink());
    std::fs::remove_file(&link).unwrap();
    pipe(&link).await;
    home.refused(&pull, 2, &["hello.wasm exists with other content"])
        .await;
    let to_pipe = [&pull[..], &["--output", "hello.wasm"]].concat();
    let (printed, piped) = tokio::join!(home.printed(&to_pipe), tokio::fs::read(&link));
    assert!(printed.contains("@sha256:"), "{printed}");
    assert!(piped.unwrap() == bytes("hello-0.3"));
}

/// Makes a named pipe.
#[cfg(unix)]
async fn pipe(path: &std::path::Path) {
    let made = tokio::process::Command::new("mkfifo").arg(path).status();
    assert!(made.await.unwrap().success());
}

#[tokio::test]
async fn a_registry_on_this_machine_needs_no_proxy_and_no_certificates() {
    let home = Home::new();
    let (_registry, reference, digest) = with_hello();
    let proxy = format!("http://127.0.0.1:{}", free_port());
    for variables in [
        &["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"][..],
        &["SSL_CERT_FILE", "SSL_CERT_DIR"],
    ] {
        let mut command = home.command(&["pull", &reference, "--plain-http"]);
        for name in variables {
            let nothing = home.path("nothing").display().to_string();
            let is_proxy = name.to_ascii_uppercase().ends_with("PROXY");
            command.env(name, if is_proxy { &proxy } else { &nothing });
        }
        let outcome = run(command.env_remove("NO_PROXY").env_remove("no_proxy")).await;
        assert_eq!(outcome.code, Some(0), "{variables:?}: {outcome:?}");
        assert!(outcome.stdout.contains(digest.as_str()), "{outcome:?}");
    }
    let mut command = home.command(&["pull", "registry.invalid/hello:1"]);
    let nothing = home.path("nothing");
    command.env("SSL_CERT_FILE", &nothing);
    let outcome = run(command.env("SSL_CERT_DIR", &nothing)).await;
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(
        outcome.stderr.contains("HTTPS cannot be used"),
        "{outcome:?}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_credential_helper_that_waits_is_not_waited_for() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = Home::new();
    let (_registry, reference, _) = with_hello();
    pipe(&home.path("pipe")).await;
    let helper = format!("#!/bin/sh\ncat '{}'\n", home.path("pipe").display());
    home.write("bin/docker-credential-waits", helper);
    let helper = home.path("bin/docker-credential-waits");
    std::fs::set_permissions(helper, std::fs::Permissions::from_mode(0o700)).unwrap();
    home.write(".docker/config.json", r#"{"credsStore": "waits"}"#);
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", home.path("bin").display());
    let line = [
        "pull",
        &reference,
        "--plain-http",
        "--registry-timeout",
        "1",
    ];
    let outcome = run(home.command(&line).env("PATH", path)).await;
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    let words = "a credential helper has not answered for 1 s: --registry-timeout";
    assert!(outcome.stderr.contains(words), "{outcome:?}");
    // It ends with its pipe.
    tokio::fs::write(home.path("pipe"), "").await.unwrap();
}

#[tokio::test]
async fn a_download_that_fails_leaves_no_file() {
    let home = Home::new();
    let (registry, reference, _) = with_hello();
    // Not in the cache of the tests.
    let annotation = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
    let component = [bytes("hello-0.3"), custom_section()].concat();
    let artifact = Artifact::new(component, &Content::default(), "x", annotation);
    registry.store("hello", "1", &artifact);
    let blob = format!("/v2/hello/blobs/{}", Digest::of(&artifact.layer));
    let mut half = Answer::new(200, &artifact.layer[..artifact.layer.len() / 2]);
    half.length = Some(artifact.layer.len());
    registry.set(&blob, half);
    let line = ["pull", &reference, "--output", "hello.wasm", "--plain-http"];
    home.refused(&line, 2, &["the download ended early"]).await;
    let mut wrong = artifact.layer.clone();
    *wrong.last_mut().unwrap() ^= 1;
    registry.set(&blob, Answer::new(200, wrong));
    home.refused(&line, 2, &["other bytes than the digest says"])
        .await;
    assert_eq!(home.names(), [""; 0]);
}

/// A section without meaning, with the time, so that no run before had it.
fn custom_section() -> Vec<u8> {
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    let text = format!("\x04made{:020}", now.as_nanos());
    let mut section = vec![0, u8::try_from(text.len()).unwrap()];
    section.extend(text.as_bytes());
    section
}

#[tokio::test]
async fn mistakes_say_what_to_do() {
    let home = Home::new();
    let (registry, reference, _) = with_hello();
    let host = registry.host();
    let untagged = format!("{host}/hello");
    let closed = format!("127.0.0.1:{}/hello:1", free_port());
    home.guest("hello-0.3", "hello.wasm");
    for (line, status, parts) in [
        (
            &["call", "nothing", "x"][..],
            5,
            &["nothing: no such file, and no alias of this name"][..],
        ),
        (
            &["call", "none.wasm", "x"],
            5,
            &["none.wasm cannot be read"],
        ),
        (
            &["call", "http://127.0.0.1:8080/mcp", "x"],
            5,
            &["expected a component", "not a server's URL"],
        ),
        (
            &["call", &untagged, "x"],
            5,
            &["no such file; a reference needs a tag or a digest"],
        ),
        (
            &["inspect", "ghcr.io/Example/hello:1"],
            5,
            &["`Example/hello` is not a name", "lower-case"],
        ),
        (&["inspect", "oci://hello"], 5, &["the registry is missing"]),
        (
            &["inspect", &closed, "--plain-http"],
            5,
            &["cannot reach the registry"],
        ),
        (
            &["inspect", &reference],
            5,
            &["cannot reach the registry", "--plain-http"],
        ),
        (
            &[
                "inspect",
                &reference,
                "--plain-http",
                "--max-component",
                "1KiB",
            ],
            5,
            &["more than the limit of 1024: --max-component"],
        ),
        (
            &["compile", &closed, "--output", "x", "--plain-http"],
            5,
            &["cannot reach the registry"],
        ),
        (
            &[
                "compose",
                "hello.wasm",
                &closed,
                "--output",
                "x",
                "--plain-http",
            ],
            2,
            &["cannot reach the registry"],
        ),
        (
            &["serve", &reference, "--precompiled", "--plain-http"],
            2,
            &["--precompiled runs native code of this machine, from a file"],
        ),
        (
            &[
                "serve",
                &reference,
                "--http",
                "0",
                "--watch",
                "--plain-http",
            ],
            2,
            &["--watch watches one file", "SIGHUP"],
        ),
        (
            &["pull", "registry.example/hello:1", "--plain-http"],
            2,
            &["--plain-http is for registries on this machine"],
        ),
        (
            &[
                "push",
                "registry.example/hello:1",
                "hello.wasm",
                "--plain-http",
            ],
            2,
            &["--plain-http is for registries on this machine"],
        ),
        (
            &["pull", "hello"],
            2,
            &["no alias of this name, and no reference"],
        ),
        (
            &["push", &reference, "none.wasm"],
            2,
            &["none.wasm cannot be read"],
        ),
        (
            &["push", &closed, "hello.wasm", "--plain-http"],
            2,
            &["cannot reach the registry"],
        ),
    ] {
        home.refused(line, status, parts).await;
    }
    home.write("text.wasm", "text");
    home.write("core.wasm", b"\0asm\x01\0\0\0");
    home.refused(
        &["push", &reference, "text.wasm", "--plain-http"],
        2,
        &["text.wasm is not a WebAssembly component"],
    )
    .await;
    home.refused(
        &["push", &reference, "core.wasm", "--plain-http"],
        2,
        &["core.wasm is a core WebAssembly module"],
    )
    .await;
    let malformed = home.run(&["push", "hello.wasm", &reference]).await;
    assert_eq!(malformed.code, Some(2), "{malformed:?}");
    assert!(
        malformed.stderr.contains("the registry is missing"),
        "{malformed:?}"
    );
}

#[tokio::test]
async fn texts_of_a_registry_cannot_act_on_a_terminal() {
    let home = Home::new();
    let (registry, reference, _) = with_hello();
    let body = r#"{"errors":[{"code":"OTHER","message":"a\u001b[2Jb\nc"}]}"#;
    registry.set("/v2/hello/manifests/1", Answer::new(400, body));
    let line = ["pull", &reference, "--plain-http"];
    home.refused(&line, 2, &["the registry says: a\\u{1b}[2Jb"])
        .await;
}

#[tokio::test]
async fn a_moved_tag_is_loaded_at_a_signal() {
    let home = Home::new();
    let (registry, reference, _) = with_hello();
    let mut serve = home.command(&["serve", &reference, "--http", "0", "--plain-http"]);
    let mut process = serve.spawn().unwrap();
    let mut log = Lines::of(&mut process);
    let first = log.with("serving MCP").await;
    assert!(first.contains("http://"), "{first}");
    let moved = registry.store("hello", "1", &artifact(bytes("streams-0.3")));
    super::command::signal(&process, "HUP").await;
    log.with(moved.as_str()).await;
    log.with("new sessions get the changed component").await;
    super::command::signal(&process, "TERM").await;
    assert!(process.wait().await.unwrap().success());
}

#[tokio::test]
async fn aliases_and_profiles_are_followed_at_a_signal() {
    let home = Home::new();
    home.guest("hello-0.3", "hello.wasm");
    home.guest("streams-0.3", "streams.wasm");
    let alias = ["registry", "component", "add", "it"];
    let profile = ["registry", "profile", "add", "all", "--replace"];
    home.printed(&[&alias[..], &["hello.wasm"]].concat()).await;
    home.printed(&[&profile[..], &["it"]].concat()).await;
    for what in [&["it"][..], &["--profile", "all"]] {
        let again = [&alias[..], &["--replace"]].concat();
        home.printed(&[&again[..], &["hello.wasm"]].concat()).await;
        home.printed(&[&profile[..], &["it"]].concat()).await;
        let line = [&["serve"][..], what, &["--http", "0"]].concat();
        let mut process = home.command(&line).spawn().unwrap();
        let mut log = Lines::of(&mut process);
        log.with("serving MCP").await;
        home.write("broken.wasm", b"\0asm\x0d\0\x01\0broken");
        home.printed(&[&again[..], &["broken.wasm"]].concat()).await;
        super::command::signal(&process, "HUP").await;
        log.with("broken.wasm cannot be loaded").await;
        home.printed(&[&again[..], &["streams.wasm"]].concat())
            .await;
        super::command::signal(&process, "HUP").await;
        log.with("new sessions get the changed component").await;
        if what.len() > 1 {
            // Names are compared again.
            home.printed(&[&again[..], &["hello.wasm"]].concat()).await;
            home.printed(&[&profile[..], &["it", "other=it"]].concat())
                .await;
            super::command::signal(&process, "HUP").await;
            log.with("`it` and `other` both have a tool").await;
        }
        super::command::signal(&process, "TERM").await;
        assert!(process.wait().await.unwrap().success());
    }
}

/// The lines of a log.
struct Lines(tokio::io::Lines<tokio::io::BufReader<tokio::process::ChildStderr>>);

impl Lines {
    fn of(process: &mut tokio::process::Child) -> Self {
        use tokio::io::AsyncBufReadExt as _;
        let log = process.stderr.take().unwrap();
        Self(tokio::io::BufReader::new(log).lines())
    }

    /// Waits for a line with this part.
    async fn with(&mut self, part: &str) -> String {
        let found = async {
            while let Some(line) = self.0.next_line().await.unwrap() {
                // Shown if the test fails.
                eprintln!("{line}");
                if line.contains(part) {
                    return line;
                }
            }
            panic!("the log ends without {part:?}");
        };
        let found = tokio::time::timeout(super::command::PATIENCE, found).await;
        found.unwrap_or_else(|_| panic!("the log has no {part:?}"))
    }
}

//! `push` and `pull` with a registry of the kind that the public ones run.
//!
//! Needs `docker-registry`, which is Debian's package of the same name.

use std::env;
use std::process::Command;

use serde_json::{Value, json};
use wasi_mcp_registry::Digest;

use super::docker::Registry;
use super::{Home, bytes};

#[tokio::test]
#[ignore = "needs docker-registry, which .ci/run installs"]
async fn a_component_comes_back_as_it_was_pushed() {
    let registry = Registry::start(false);
    let home = Home::new();
    home.guest("hello-0.3", "hello.wasm");
    let reference = format!("{}/some/hello:1.0", registry.host());
    let push = ["push", &reference, "hello.wasm", "--plain-http"];
    let pushed = home.printed(&push).await;
    let pinned = pushed.trim_end();
    let prefix = format!("{}/some/hello@sha256:", registry.host());
    assert!(pinned.starts_with(&prefix), "{pushed}");

    // The same again changes nothing.
    let again = home.json(&[&push[..], &["--json"]].concat()).await;
    let expected = json!({
        "reference": reference,
        "pinned": pinned,
        "digest": pinned.split_once('@').unwrap().1,
        "layer": Digest::of(&bytes("hello-0.3")).as_str(),
        "bytes": bytes("hello-0.3").len(),
        "pushed": false,
    });
    assert_eq!(again, expected);

    for text in [&reference, pinned] {
        let line = ["pull", text, "--output", "pulled.wasm", "--plain-http"];
        assert_eq!(home.printed(&line).await, pushed);
        assert!(std::fs::read(home.path("pulled.wasm")).unwrap() == bytes("hello-0.3"));
        let line = [
            "call",
            text,
            "hello",
            r#"{"name": "World"}"#,
            "--plain-http",
        ];
        assert_eq!(home.printed(&line).await, "Hello, World!\n");
    }

    // A tag can be moved; a digest cannot.
    let annotated = [&push[..], &["--annotation", "org.example.note=b"]].concat();
    let moved = home.printed(&annotated).await;
    assert_ne!(moved, pushed);
    let line = [
        "pull",
        &reference,
        "--output",
        "pulled.wasm",
        "--plain-http",
    ];
    assert_eq!(home.printed(&line).await, moved);
    let line = ["pull", pinned, "--output", "pulled.wasm", "--plain-http"];
    assert_eq!(home.printed(&line).await, pushed);
}

#[tokio::test]
#[ignore = "needs docker-registry, which .ci/run installs"]
async fn credentials_are_those_of_container_tools() {
    let registry = Registry::start(true);
    let host = registry.host();
    let home = Home::new();
    home.guest("hello-0.3", "hello.wasm");
    let reference = format!("{host}/some/hello:1.0");
    let push = ["push", &reference, "hello.wasm", "--plain-http"];
    let login = format!("docker login {host}");
    home.refused(&push, 2, &["refuses anonymous requests", &login])
        .await;
    let auth = |key: &str, token: &str| json!({ "auths": { key: { "auth": token } } }).to_string();
    // publisher:wrong and publisher:right.
    let (wrong, right) = ("cHVibGlzaGVyOndyb25n", "cHVibGlzaGVyOnJpZ2h0");

    home.write(".docker/config.json", auth(&host, wrong));
    let user = "refuses the user `publisher` of Docker's configuration";
    home.refused(&push, 2, &[user]).await;
    home.write(".docker/config.json", auth(&host, right));
    let pushed = home.printed(&push).await;
    let call = [
        "call",
        &reference,
        "hello",
        r#"{"name": "World"}"#,
        "--plain-http",
    ];
    assert_eq!(home.printed(&call).await, "Hello, World!\n");

    // Podman's file comes first, and may name a namespace.
    let podman = "config/containers/auth.json";
    home.write(podman, auth(&host, wrong));
    home.refused(
        &push,
        2,
        &["refuses the user `publisher` of Podman's configuration"],
    )
    .await;
    home.write(podman, auth(&format!("{host}/some"), right));
    home.write(".docker/config.json", auth(&host, wrong));
    assert_eq!(home.printed(&push).await, pushed);
    home.write(podman, auth(&format!("{host}/other"), right));
    home.refused(&push, 2, &[user]).await;
}

/// `interoperability/oci-wasm` pushes and pulls as wkg does, with the same library.
#[tokio::test]
#[ignore = "needs docker-registry and interoperability/oci-wasm, which .ci/run prepares"]
async fn wkg_reads_what_is_pushed_and_writes_what_is_pulled() {
    let Some(program) = env::var_os("WASI_MCP_OCI_WASM") else {
        panic!("WASI_MCP_OCI_WASM names the program of interoperability/oci-wasm");
    };
    let registry = Registry::start(false);
    let home = Home::new();
    home.guest("hello-0.3", "hello.wasm");
    let theirs = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        let output = command.args(arguments).current_dir(home.path("")).output();
        let output = output.expect("the program runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    };
    let ours = format!("{}/ours:1.0", registry.host());
    home.printed(&["push", &ours, "hello.wasm", "--plain-http"])
        .await;
    // It prints the configuration as it read it.
    let config: Value = serde_json::from_str(&theirs(&["pull", &ours, "pulled.wasm"])).unwrap();
    assert!(std::fs::read(home.path("pulled.wasm")).unwrap() == bytes("hello-0.3"));
    assert_eq!(config["os"], "wasip2");
    let exports = &config["component"]["exports"];
    let exports = exports.as_array().unwrap();
    assert!(
        exports
            .iter()
            .any(|name| name == "wasi:mcp/tools@0.3.0-draft2"),
        "{exports:?}"
    );

    let other = format!("{}/theirs:1.0", registry.host());
    theirs(&["push", &other, "hello.wasm"]);
    let line = ["pull", &other, "--output", "again.wasm", "--plain-http"];
    home.printed(&line).await;
    assert!(std::fs::read(home.path("again.wasm")).unwrap() == bytes("hello-0.3"));
    let line = [
        "call",
        &other,
        "hello",
        r#"{"name": "World"}"#,
        "--plain-http",
    ];
    assert_eq!(home.printed(&line).await, "Hello, World!\n");
}

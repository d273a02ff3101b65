//! `wasi-mcp compose`, and `wasi-mcp serve` with several components.

mod command;
#[path = "../../host/tests/messages/mod.rs"]
mod messages;

use std::path::{Path, PathBuf};

use command::http::{HttpClient, HttpHost};
use command::{GuestFile, Outcome, StdioClient, run, wasi_mcp};
use serde_json::{Value, json};
use tempfile::TempDir;
use wasi_mcp_embedded_guests::find;
use wasi_mcp_embedded_guests::mode::with_mode;

/// A folder with guests.
struct Folder(TempDir);

impl Folder {
    fn with(guests: &[&str]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for name in guests {
            folder.write(&format!("{name}.wasm"), find(name).unwrap().bytes);
        }
        folder
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs a command of `wasi-mcp` in the folder.
    async fn run(&self, arguments: &[&str]) -> Outcome {
        let mut command = wasi_mcp();
        run(command.current_dir(self.0.path()).args(arguments)).await
    }

    /// Runs `compose`, which succeeds, and returns its standard output.
    async fn composes(&self, arguments: &[&str]) -> Outcome {
        let outcome = self.run(&[&["compose"], arguments].concat()).await;
        assert_eq!(outcome.code, Some(0), "{arguments:?} {outcome:?}");
        outcome
    }

    /// Runs a command that is refused: status 2, these parts in its message, and no output.
    async fn refuses(&self, arguments: &[&str], parts: &[&str]) {
        let outcome = self.run(arguments).await;
        assert_eq!(outcome.code, Some(2), "{arguments:?} {outcome:?}");
        assert_eq!(outcome.stdout, "", "{arguments:?}");
        for part in parts {
            let found = outcome.stderr.contains(part);
            assert!(found, "{arguments:?}: {part:?} is not in {outcome:?}");
        }
        assert!(!self.path("out.wasm").exists(), "{arguments:?}");
    }
}

#[tokio::test]
async fn a_name_of_two_parts_is_refused_with_both_owners() {
    let folder = Folder::with(&["hello-0.3", "streams-0.3"]);
    let parts = [
        "error: `one` and `two` both have a tool \"hello\"",
        "--prefix",
        "\"one-hello\" and \"two-hello\"",
    ];
    let files = [
        "one=hello-0.3.wasm",
        "streams-0.3.wasm",
        "two=hello-0.3.wasm",
    ];
    let compose = [&["compose", "--output", "out.wasm"], &files[..]].concat();
    folder.refuses(&compose, &parts).await;
    folder
        .refuses(&[&["serve"], &files[..]].concat(), &parts)
        .await;
}

#[tokio::test]
async fn prefixes_names_and_middleware_are_in_the_composition() {
    let folder = Folder::with(&["hello-0.3", "middleware-0.3"]);
    let outcome = folder
        .composes(&[
            "hello-0.3.wasm",
            "two=hello-0.3.wasm",
            "--prefix",
            "--with",
            "two=middleware-0.3.wasm",
            "--name",
            "whole",
            "--version",
            "7.1",
            "--instructions",
            "Greet twice.",
            "-o",
            "out.wasm",
        ])
        .await;
    assert_eq!(outcome.stdout, "");
    let line = "to out.wasm: hello-0.3, two as one server";
    assert!(outcome.stderr.contains(line), "{outcome:?}");

    let inspected = folder.run(&["inspect", "out.wasm", "--json"]).await;
    assert_eq!(inspected.code, Some(0), "{inspected:?}");
    for part in ["\"whole\"", "\"7.1\"", "\"Greet twice.\""] {
        assert!(inspected.stdout.contains(part), "{part}: {inspected:?}");
    }
    let description: Value = serde_json::from_str(&inspected.stdout).unwrap();
    let tools = description["tools"].as_array().unwrap();
    let names: Vec<&Value> = tools.iter().map(|tool| &tool["name"]).collect();
    assert_eq!(names, ["hello-0.3-hello", "two-hello"]);

    for (tool, is_marked) in [("hello-0.3-hello", false), ("two-hello", true)] {
        let arguments = r#"{"name": "World"}"#;
        let called = folder
            .run(&["call", "--json", "out.wasm", tool, arguments])
            .await;
        assert_eq!(called.code, Some(0), "{called:?}");
        assert!(called.stdout.contains("Hello, World!"), "{called:?}");
        let marked = called.stdout.contains("example.org/middleware");
        assert_eq!(marked, is_marked, "{tool} {called:?}");
    }
}

#[tokio::test]
async fn a_summary_says_what_each_part_has() {
    let folder = Folder::with(&["hello-0.3", "streams-0.3"]);
    for files in [
        ["hello-0.3.wasm"].as_slice(),
        &["hello-0.3.wasm", "streams-0.3.wasm"],
    ] {
        let arguments = [files, &["--json", "--output", "out.wasm"]].concat();
        let outcome = folder.composes(&arguments).await;
        let summary: Value = serde_json::from_str(&outcome.stdout).unwrap();
        let size = std::fs::metadata(folder.path("out.wasm")).unwrap().len();
        assert_eq!(summary["output"], "out.wasm");
        assert_eq!(summary["bytes"], size);
        assert_eq!(summary["variant"], "0.3");
        assert_eq!(summary["prefix"], false);
        let parts = summary["parts"].as_array().unwrap();
        assert_eq!(parts.len(), files.len());
        let hello = &parts[0];
        assert_eq!(hello["name"], "hello-0.3");
        assert_eq!(hello["world"], "backend");
        assert_eq!(hello["tools"], 1);
        assert_eq!(hello["resources"], 0);
        assert_eq!(hello["bytes"], find("hello-0.3").unwrap().bytes.len());
    }
}

#[tokio::test]
async fn files_that_do_not_fit_are_refused_by_name() {
    let folder = Folder::with(&[
        "hello-0.3",
        "hello-0.2",
        "middleware-0.3",
        "elicitation-middleware-0.3",
    ]);
    folder.write("text.wasm", b"no component");
    let cases: &[(&[&str], &[&str])] = &[
        (
            &["hello-0.3.wasm", "hello-0.2.wasm"],
            &["hello-0.2 is for WASI 0.2 and hello-0.3 for WASI 0.3"],
        ),
        (&["hello-0.3.wasm", "text.wasm"], &["text: not a component"]),
        (
            &["hello-0.3.wasm", "none.wasm"],
            &["none.wasm cannot be read"],
        ),
        (
            &["hello-0.3.wasm", "hello-0.3.wasm"],
            &["two components are named `hello-0.3`", "NAME=FILE"],
        ),
        (
            &["hello-0.3.wasm", "middleware-0.3.wasm"],
            &["middleware-0.3: not a server", "--with"],
        ),
        // Neither kind of middleware.
        (
            &["one=hello-0.3.wasm", "--with", "hello-0.3.wasm"],
            &["hello-0.3.wasm: the middleware fits nothing"],
        ),
        (
            &[
                "hello-0.3.wasm",
                "--with",
                "elicitation-middleware-0.3.wasm",
            ],
            &["fits nothing", "wasi:mcp/elicitation"],
        ),
        (
            &["hello-0.3.wasm", "--with", "other=middleware-0.3.wasm"],
            &["--with other=", "expected one of hello-0.3"],
        ),
        (&["=hello-0.3.wasm"], &["the name \"\" cannot be used"]),
    ];
    for (arguments, parts) in cases {
        let compose = [&["compose", "--output", "out.wasm"], *arguments].concat();
        folder.refuses(&compose, parts).await;
    }
    folder
        .refuses(
            &["serve", "hello-0.3.wasm", "hello-0.2.wasm"],
            &["WASI 0.2"],
        )
        .await;
}

#[tokio::test]
async fn sessions_in_a_store_are_for_targets_with_http() {
    let folder = Folder::with(&["hello-0.2"]);
    for (target, parts) in [
        (
            &[][..],
            ["--sessions keyvalue", "expected --target http or"],
        ),
        (
            &["--target", "cli"],
            ["--sessions keyvalue", "--target cli has one session"],
        ),
    ] {
        let compose = ["compose", "hello-0.2.wasm", "--output", "out.wasm"];
        let arguments = [&compose[..], &["--sessions", "keyvalue"], target].concat();
        folder.refuses(&arguments, &parts).await;
    }
    let has_store = |sessions: Vec<&'static str>| {
        let folder = &folder;
        async move {
            let arguments = ["hello-0.2.wasm", "--output", "out.wasm", "--target", "both"];
            folder.composes(&[&arguments[..], &sessions].concat()).await;
            let composed = std::fs::read(folder.path("out.wasm")).unwrap();
            let name = b"wasi:keyvalue/store@";
            composed.windows(name.len()).any(|bytes| bytes == name)
        }
    };
    assert!(!has_store(vec![]).await);
    assert!(!has_store(vec!["--sessions", "none"]).await);
    assert!(has_store(vec!["--sessions", "keyvalue"]).await);
}

#[tokio::test]
async fn authorization_is_for_targets_with_http() {
    let folder = Folder::with(&["hello-0.2"]);
    let compose = ["compose", "hello-0.2.wasm", "--output", "out.wasm"];
    for (options, parts) in [
        (
            &["--authorization"][..],
            &["--authorization: ", "expected --target http or"][..],
        ),
        (
            &["--authorization", "--target", "cli"],
            &["--authorization: ", "needs no token"],
        ),
        (
            &["--settings", "config"],
            &["--settings config: ", "expected --target"],
        ),
    ] {
        let arguments = [&compose[..], options].concat();
        folder.refuses(&arguments, parts).await;
    }
    let imports = async |options: &[&str], name: &str| {
        let arguments = [&compose[1..], &["--target", "http"], options].concat();
        folder.composes(&arguments).await;
        let composed = std::fs::read(folder.path("out.wasm")).unwrap();
        let name = name.as_bytes();
        composed.windows(name.len()).any(|bytes| bytes == name)
    };
    let client = "wasi:http/outgoing-handler@";
    assert!(!imports(&[], client).await);
    assert!(imports(&["--authorization"], client).await);
    let both = ["--authorization", "--settings", "config"];
    assert!(imports(&both, "wasi:config/store@").await);
}

#[tokio::test]
async fn the_output_is_a_new_file_in_a_folder() {
    let folder = Folder::with(&["hello-0.3", "middleware-0.3"]);
    let missing = Path::new("none").join("out.wasm");
    let missing = missing.to_str().unwrap();
    folder
        .refuses(
            &["compose", "hello-0.3.wasm", "--output", missing],
            &["none/out.wasm cannot be written"],
        )
        .await;
    for output in ["hello-0.3.wasm", "./middleware-0.3.wasm"] {
        let with = ["--with", "middleware-0.3.wasm"];
        let compose = ["compose", "hello-0.3.wasm", "--output", output];
        folder
            .refuses(
                &[&compose[..], &with].concat(),
                &["--output", output, "choose another one"],
            )
            .await;
    }
    let kept = std::fs::read(folder.path("hello-0.3.wasm")).unwrap();
    assert_eq!(kept, find("hello-0.3").unwrap().bytes);
}

#[tokio::test]
async fn a_part_that_does_not_start_is_composed_with_a_warning() {
    let folder = Folder::with(&["hello-0.3"]);
    let probes = find("probes-service-0.3").unwrap().bytes;
    folder.write("lost.wasm", &with_mode(probes, "get-server-trap").unwrap());
    let outcome = folder
        .composes(&["hello-0.3.wasm", "lost.wasm", "--output", "out.wasm"])
        .await;
    let warning = "lost: its names could not be compared";
    assert!(outcome.stderr.contains(warning), "{outcome:?}");
    assert!(folder.path("out.wasm").exists());
}

#[tokio::test]
async fn several_components_are_served_as_one() {
    let parts = ["hello-0.3", "streams-0.3"].map(GuestFile::write);
    let files = parts.each_ref().map(GuestFile::path);
    let call = json!({ "name": "hello", "arguments": { "name": "World" } });

    let mut client = StdioClient::connect(wasi_mcp().arg("serve").args(files)).await;
    let called = client.request("tools/call", call.clone()).await;
    assert_eq!(called["result"]["content"][0]["text"], "Hello, World!");
    let uri = json!({ "uri": "plain:8" });
    let read = client.request("resources/read", uri.clone()).await;
    assert_eq!(read["result"]["contents"][0]["uri"], uri["uri"], "{read}");

    let host = HttpHost::start(wasi_mcp().arg("serve").args(files)).await;
    let client = HttpClient::connect(&host.address).await;
    let called = client.request("tools/call", call).await;
    assert_eq!(called["result"]["content"][0]["text"], "Hello, World!");
}

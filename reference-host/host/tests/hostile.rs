//! Guests that exceed limits on memory, files, waiting or computing of the host: they lose their instance or
//! get an error, the limit is counted, and other sessions continue.

mod messages;
mod support;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};
use support::{Client, component};
use wasi_mcp_host::component::instance::InstanceLimits;
use wasi_mcp_host::component::{Component, DirectoryGrant};
use wasi_mcp_host::session::{Server, ServerOptions};
use wasi_mcp_host::telemetry::Limit;

/// The guest whose tools probe the host, for both variants.
const EXPLORERS: [&str; 2] = ["explorer-0.2", "explorer-0.3"];

/// Compiles a guest once for all tests of this file.
fn compiled(name: &str) -> Component {
    static COMPILED: OnceLock<[Component; 2]> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| EXPLORERS.map(component));
    let index = EXPLORERS.iter().position(|explorer| *explorer == name);
    compiled[index.unwrap()].clone()
}

fn server(name: &str, instance: InstanceLimits, folder: Option<&Path>) -> Arc<Server> {
    let directories = folder.map(|folder| DirectoryGrant::new(folder, "/data"));
    let mut options = ServerOptions::default();
    options.instance = instance;
    options.sandbox.directories = directories.into_iter().collect();
    Arc::new(Server::new(compiled(name), options))
}

fn reached(server: &Server, limit: Limit) -> u64 {
    server.telemetry().limits.get(limit)
}

/// Calls a tool that is expected to return.
async fn call(client: &mut Client, tool: &str, arguments: Value) -> Result<String, String> {
    let answer = client.tool(tool, arguments.clone()).await;
    let text = answer["result"]["content"][0]["text"].as_str();
    let text = text.unwrap_or_else(|| panic!("{tool} {arguments}: {answer}"));
    match answer["result"]["isError"].as_bool() {
        Some(true) => Err(text.to_owned()),
        _ => Ok(text.to_owned()),
    }
}

/// Calls a tool that is expected to cost the instance, and returns the error's text.
async fn fatal(client: &mut Client, tool: &str, arguments: Value) -> String {
    let answer = client.tool(tool, arguments.clone()).await;
    let text = answer["error"]["message"].as_str();
    text.unwrap_or_else(|| panic!("{tool} {arguments}: {answer}"))
        .to_owned()
}

/// The resident memory of this process, in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kilobytes.parse::<usize>().unwrap() << 10
}

#[tokio::test]
async fn memory_kept_for_a_guest_is_bounded() {
    const MOST: usize = 16 << 20;
    for name in EXPLORERS {
        for (what, bytes) in [
            ("fields", 60_000),
            ("fields", 1),
            ("copies", 60_000),
            ("methods", 60_000),
            ("authorities", 60_000),
            ("bodies", 60_000),
            ("handles", 0),
        ] {
            let mut limits = InstanceLimits::default();
            limits.host_bytes = MOST;
            let server = server(name, limits, None);
            let mut client = Client::connect(&server).await;
            let before = resident();
            let arguments =
                json!({ "what": what, "count": "100000000", "bytes": bytes.to_string() });
            let error = fatal(&mut client, "hold", arguments).await;
            let grown = resident().saturating_sub(before);
            let parts = format!("the host would keep more than {MOST} bytes");
            assert!(error.contains(&parts), "{name} {what}: {error}");
            assert_eq!(reached(&server, Limit::HostMemory), 1, "{name} {what}");
            // Plus the guest's own memory, and data in flight.
            assert!(grown < 8 * MOST, "{name} {what}: {grown} bytes");
            let random = call(&mut client, "random", json!({})).await;
            assert!(random.is_ok(), "{name} {what}: the session goes on");
        }
    }
}

#[tokio::test]
async fn dropped_handles_do_not_count() {
    for name in EXPLORERS {
        let mut limits = InstanceLimits::default();
        limits.host_bytes = 4 << 20;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("note.txt"), "a note").unwrap();
        let server = server(name, limits, Some(folder.path()));
        let mut client = Client::connect(&server).await;
        for _ in 0..200 {
            let note = json!({ "path": "/data/note.txt" });
            assert_eq!(
                call(&mut client, "read-file", note).await.as_deref(),
                Ok("a note")
            );
            let listed = call(&mut client, "list-folder", json!({ "path": "/data" })).await;
            assert_eq!(listed.as_deref(), Ok(r#"["note.txt"]"#));
        }
        assert_eq!(reached(&server, Limit::HostMemory), 0, "{name}");
        assert_eq!(reached(&server, Limit::OpenFiles), 0, "{name}");
    }
}

#[tokio::test]
async fn the_number_of_handles_is_bounded() {
    for name in EXPLORERS {
        let mut limits = InstanceLimits::default();
        limits.host_bytes = 1 << 30;
        let server = server(name, limits, None);
        let mut client = Client::connect(&server).await;
        let arguments = json!({ "what": "handles", "count": "100000000", "bytes": "0" });
        let error = fatal(&mut client, "hold", arguments).await;
        assert!(error.contains("100000 handles"), "{name}: {error}");
        assert_eq!(reached(&server, Limit::Handles), 1, "{name}");
        assert!(call(&mut client, "random", json!({})).await.is_ok());
    }
}

#[tokio::test]
async fn open_files_are_bounded_and_others_can_still_open_theirs() {
    for name in EXPLORERS {
        let mut limits = InstanceLimits::default();
        limits.descriptors = 20;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("note.txt"), "a note").unwrap();
        let server = server(name, limits, Some(folder.path()));
        let mut hoarder = Client::connect(&server).await;
        let note = json!({ "path": "/data/note.txt" });
        for path in ["/data/note.txt", "/data"] {
            let all = json!({ "path": path, "count": "30000" });
            let refused = call(&mut hoarder, "hold-files", all).await.unwrap_err();
            let number = refused.split(':').next().unwrap().to_owned();
            assert!(number.starts_with("file "), "{name}: {refused}");
        }
        assert!(
            call(&mut hoarder, "read-file", note.clone()).await.is_err(),
            "{name}: they are still open"
        );
        assert!(reached(&server, Limit::OpenFiles) >= 3, "{name}");
        let mut other = Client::connect(&server).await;
        let read = call(&mut other, "read-file", note).await;
        assert_eq!(read.as_deref(), Ok("a note"), "{name}");
    }
}

#[tokio::test]
async fn pipes_and_sockets_and_devices_are_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let made = std::process::Command::new("mkfifo")
        .arg(path("pipe"))
        .status();
    assert!(made.unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
    std::os::unix::fs::symlink("pipe", path("link")).unwrap();
    std::fs::write(path("note.txt"), "a note").unwrap();
    for name in EXPLORERS {
        let server = server(name, InstanceLimits::default(), Some(folder.path()));
        let mut client = Client::connect(&server).await;
        for special in ["pipe", "link", "socket"] {
            let path = format!("/data/{special}");
            for _ in 0..200 {
                let refused = call(&mut client, "read-file", json!({ "path": path })).await;
                let refused = refused.unwrap_err();
                assert!(
                    refused.contains("not permitted") || refused.contains("NotPermitted"),
                    "{name} {special}: {refused}"
                );
            }
            let written = json!({ "path": path, "text": "mine" });
            assert!(call(&mut client, "write-file", written).await.is_err());
            let touched = call(&mut client, "touch", json!({ "path": path })).await;
            assert!(touched.is_err(), "{name} {special}: {touched:?}");
        }
        let note = "/data/note.txt";
        let touched = call(&mut client, "touch", json!({ "path": note })).await;
        assert_eq!(touched.as_deref(), Ok("touched"), "{name}");
        let read = call(&mut client, "read-file", json!({ "path": note })).await;
        assert_eq!(read.as_deref(), Ok("a note"), "{name}");
        // One that is new is a regular file.
        let new = json!({ "path": "/data/new.txt", "text": "mine" });
        assert!(call(&mut client, "write-file", new).await.is_ok(), "{name}");
    }
    let listed = json!({ "path": "/dev" });
    for name in EXPLORERS {
        let server = server(name, InstanceLimits::default(), Some(Path::new("/dev")));
        let mut client = Client::connect(&server).await;
        let device = json!({ "path": "/data/zero" });
        assert!(call(&mut client, "read-file", device).await.is_err());
        assert!(
            call(&mut client, "list-folder", listed.clone())
                .await
                .is_err()
        );
    }
}

#[tokio::test]
async fn folders_that_a_guest_does_not_read_to_the_end_block_no_thread() {
    let folder = tempfile::tempdir().unwrap();
    for at in 0..100 {
        std::fs::write(folder.path().join(format!("{at}.txt")), "").unwrap();
    }
    for name in EXPLORERS {
        let mut limits = InstanceLimits::default();
        limits.host_bytes = 1 << 30;
        let server = server(name, limits, Some(folder.path()));
        let mut hoarder = Client::connect(&server).await;
        let many = json!({ "path": "/data", "count": "1000" });
        let refused = call(&mut hoarder, "hold-folders", many).await.unwrap_err();
        let number = refused
            .strip_prefix("folder ")
            .and_then(|it| it.split(':').next());
        let number: usize = number.and_then(|it| it.parse().ok()).expect(&refused);
        assert!(number <= 32, "{name}: {refused}");
        assert!(reached(&server, Limit::OpenFiles) > 0, "{name}");
        let mut other = Client::connect(&server).await;
        let listed = call(&mut other, "list-folder", json!({ "path": "/data" })).await;
        assert!(listed.is_ok(), "{name}: {listed:?}");
    }
}

#[tokio::test]
async fn compiling_schemas_does_not_delay_other_calls() {
    let subschemas = vec!["{}"; 5000].join(",");
    let large = format!(r#"{{"type":"object","$comment":"NUMBER","anyOf":[{subschemas}]}}"#);
    let recursive = r##"{"type":"object","$comment":"NUMBER","properties":{"a":{"$ref":"#"},"b":{"items":{"$ref":"#"}}}}"##;
    for name in EXPLORERS {
        for (count, schema) in [(60, large.as_str()), (4000, recursive)] {
            let server = server(name, InstanceLimits::default(), None);
            let mut registering = Client::connect(&server).await;
            let mut other = Client::connect(&server).await;
            let arguments = json!({ "count": count.to_string(), "schema": schema });
            let id = registering.start_tool("register-tools", arguments).await;
            let registered = registering.response(id);
            tokio::pin!(registered);
            let mut turns = 0;
            let answer = loop {
                tokio::select! {
                    biased;
                    answer = &mut registered => break answer,
                    random = call(&mut other, "random", json!({})) => {
                        assert!(random.is_ok());
                        turns += 1;
                    }
                }
            };
            let text = answer["result"]["content"][0]["text"].as_str();
            let text = text.unwrap_or_else(|| panic!("{name}: {answer}"));
            // They may or may not fit into the limit.
            assert!(text == "registered" || text.contains("bytes"), "{text}");
            assert!(turns > 5, "{name} {count}: {turns}");
        }
    }
}

#[tokio::test]
async fn a_session_is_charged_for_compiling_its_schemas() {
    let schema = r##"{"type":"object","$comment":"NUMBER","properties":{"a":{"$ref":"#"}}}"##;
    for name in EXPLORERS {
        let mut limits = InstanceLimits::default();
        limits.computing_in_all = Some(std::time::Duration::from_millis(300));
        limits.memory_bytes = 1 << 30;
        let server = server(name, limits, None);
        let mut client = Client::connect(&server).await;
        let arguments = json!({ "count": "50000", "schema": schema });
        let error = fatal(&mut client, "register-tools", arguments).await;
        assert!(error.contains("computing time"), "{name}: {error}");
        let again = fatal(&mut client, "random", json!({})).await;
        assert!(again.contains("computing time"), "{name}: {again}");
        assert!(reached(&server, Limit::CpuTime) > 0, "{name}");
    }
}

#[tokio::test]
async fn identifiers_are_checked_at_registration() {
    for name in EXPLORERS {
        let server = server(name, InstanceLimits::default(), None);
        let mut client = Client::connect(&server).await;
        for uri in ["no uri", "", "x:%zz", "relative", "x:é"] {
            let refused = call(&mut client, "register-resource", json!({ "uri": uri })).await;
            let refused = refused.unwrap_err();
            let item = format!("the resource {uri:?}: ");
            assert!(refused.starts_with(&item), "{name}: {refused}");
        }
        for template in ["x://{", "x:{a b}", "x:%zz", "a b"] {
            let arguments = json!({ "template": template });
            let refused = call(&mut client, "register-template", arguments).await;
            let refused = refused.unwrap_err();
            let item = format!("the resource template {template:?}: ");
            assert!(refused.starts_with(&item), "{name}: {refused}");
        }
        let resource = call(&mut client, "register-resource", json!({ "uri": "x:%20" })).await;
        assert!(resource.is_ok(), "{name}: {resource:?}");
        let legal = json!({ "template": "x:é/{a}" });
        let template = call(&mut client, "register-template", legal).await;
        assert!(template.is_ok(), "{name}: {template:?}");
    }
}

#[tokio::test]
async fn an_unusable_schema_among_others_is_named() {
    for name in EXPLORERS {
        let server = server(name, InstanceLimits::default(), None);
        let mut client = Client::connect(&server).await;
        for (schema, finding) in [
            ("hello", "expected JSON text"),
            ("5", "expected a JSON object, found 5"),
            (
                r#"{"type":"object","properties":{"a":{"type":"strin"}}}"#,
                "at /properties/a/type: \"strin\"",
            ),
            (r#"{"$schema":"","type":"object"}"#, "at /$schema: "),
            (
                r#"{"type":"object","properties":{"a":{"items":[{}]}}}"#,
                "at /properties/a/items: ",
            ),
        ] {
            let arguments = json!({ "count": "1", "schema": schema });
            let refused = call(&mut client, "register-tools", arguments)
                .await
                .unwrap_err();
            let item = "the `inputSchema` of the tool \"extra-0\": ";
            assert!(refused.starts_with(item), "{name}: {refused}");
            assert!(refused.contains(finding), "{name}: {refused}");
        }
        let draft_7 = r#"{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"a":{"items":[{}]}}}"#;
        let arguments = json!({ "count": "1", "schema": draft_7 });
        let registered = call(&mut client, "register-tools", arguments).await;
        assert!(registered.is_ok(), "{name}: {registered:?}");
    }
}

#[tokio::test]
async fn the_last_line_of_a_failed_guest_reaches_only_clients_that_may_see_it() {
    for name in EXPLORERS {
        for tell_last_words in [true, false] {
            let mut options = ServerOptions::default();
            options.sandbox.tell_last_words = tell_last_words;
            let server = Arc::new(Server::new(compiled(name), options));
            let mut client = Client::connect(&server).await;
            let text = "boom \u{1b}[31m";
            let error = fatal(&mut client, "panic", json!({ "text": text })).await;
            assert!(error.contains("unreachable"), "{name}: {error}");
            let shows = error.contains("boom \\u{1b}[31m") && error.contains("panicked at");
            assert_eq!(shows, tell_last_words, "{name}: {error}");
            assert!(!error.contains('\u{1b}'), "{name}: {error}");
        }
    }
}

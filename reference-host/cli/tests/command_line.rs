//! The program `wasi-mcp`: its commands, what they print, and their exit status.

mod command;
#[path = "../../host/tests/messages/mod.rs"]
mod messages;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::SystemTime;

use command::{GuestFile, Outcome, StdioClient, end, run, signal, wasi_mcp};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;

/// Asserts that a command failed by itself: status 2, an empty standard output, and these parts in
/// its message.
#[track_caller]
fn assert_failed(outcome: &Outcome, parts: &[&str]) {
    assert_status(outcome, 2, parts);
}

/// Asserts that a component cannot be loaded: status 5, and these parts in the message.
#[track_caller]
fn assert_not_loaded(outcome: &Outcome, parts: &[&str]) {
    assert_status(outcome, 5, parts);
}

/// Asserts that a command failed with this status, an empty standard output, and these parts in its
/// message.
#[track_caller]
fn assert_status(outcome: &Outcome, status: i32, parts: &[&str]) {
    assert_eq!(outcome.code, Some(status), "{outcome:?}");
    assert_eq!(outcome.stdout, "", "{outcome:?}");
    assert!(outcome.stderr.contains("error: "), "{outcome:?}");
    for part in parts {
        assert!(
            outcome.stderr.contains(part),
            "{part:?} is not in {outcome:?}"
        );
    }
}

fn call(guest: &GuestFile, tool: &str, arguments: &Value) -> Command {
    let mut command = wasi_mcp();
    command
        .arg("call")
        .arg(guest.path())
        .args([tool, &arguments.to_string()]);
    command
}

#[tokio::test]
async fn the_version_names_the_revision_and_both_packages() {
    for option in ["--version", "-V"] {
        let outcome = run(wasi_mcp().arg(option)).await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert_eq!(
            outcome.stdout,
            format!(
                "wasi-mcp {}\nMCP revision: 2025-06-18\n\
                 WIT packages: wasi:mcp@0.2.0-draft2, wasi:mcp@0.3.0-draft2\n",
                env!("CARGO_PKG_VERSION")
            )
        );
    }
}

#[tokio::test]
async fn help_lists_the_commands_and_their_options() {
    let outcome = run(wasi_mcp().arg("--help")).await;
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let listed: Vec<_> = outcome
        .stdout
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(
        listed,
        [
            "serve",
            "inspect",
            "call",
            "read",
            "get",
            "complete",
            "compose",
            "push",
            "pull",
            "registry",
            "new",
            "build",
            "dev",
            "compile",
            "completions",
            "help"
        ]
    );

    const GRANTS: [&str; 8] = [
        "--precompiled",
        "--no-cache",
        "--plain-http",
        "--max-component ",
        "--dir ",
        "--env ",
        "--arg ",
        "--allow-http ",
    ];
    for (command, own) in [
        (
            "serve",
            [
                "--http ",
                "--page-size ",
                "--with ",
                "--prefix",
                "--profile ",
            ]
            .as_slice(),
        ),
        ("inspect", &["--json"]),
        ("call", &["--json", "--elicit "]),
        ("read", &["--json", "--output "]),
        ("get", &["--json", "--root "]),
        (
            "complete",
            &["--json", "--prompt ", "--template ", "--context "],
        ),
    ] {
        let outcome = run(wasi_mcp().args([command, "--help"])).await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        for option in GRANTS.iter().chain(own) {
            assert!(outcome.stdout.contains(option), "{command} {option}");
        }
    }
    let outcome = run(wasi_mcp().args(["compile", "--help"])).await;
    assert!(outcome.stdout.contains("--output "), "{outcome:?}");
}

#[tokio::test]
async fn without_a_command_there_is_nothing_to_do() {
    let outcome = run(&mut wasi_mcp()).await;
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert_eq!(outcome.stdout, "", "{outcome:?}");
    assert!(outcome.stderr.contains("Usage: wasi-mcp"), "{outcome:?}");
}

#[tokio::test]
async fn options_that_make_no_sense_are_refused() {
    for (arguments, part) in [
        (["serve", "a.wasm", "--page-size", "0"], "at least one item"),
        (["serve", "a.wasm", "--page-size", "ten"], "a number"),
        (["serve", "a.wasm", "--http", "nowhere"], "nowhere"),
        (["serve", "a.wasm", "--ping-interval", "0"], "above 0"),
        (
            ["serve", "a.wasm", "--allow-origin", "https://example.com"],
            "--http",
        ),
        (["serve", "a.wasm", "--admin", "nowhere"], "nowhere"),
        (["serve", "a.wasm", "--shutdown-grace", "0"], "above 0"),
        (["call", "a.wasm", "tool", "{"], "not valid JSON"),
        (["call", "a.wasm", "tool", "[1]"], "a JSON object"),
        (["inspect", "a.wasm", "--dir", "/data"], "HOST::GUEST"),
        (["inspect", "a.wasm", "--dir", "a::b::rw"], "`ro`"),
        (["inspect", "a.wasm", "--env", "NAME"], "NAME=VALUE"),
        (["inspect", "a.wasm", "--env", "=VALUE"], "NAME=VALUE"),
        (["inspect", "a.wasm", "--log-format", "xml"], "xml"),
    ] {
        assert_failed(&run(wasi_mcp().args(arguments)).await, &[part]);
    }
    assert_failed(
        &run(wasi_mcp().args(["compile", "a.wasm"])).await,
        &["--output"],
    );
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.wasm");
    let path = missing.to_str().unwrap();
    let output = folder.path().join("out.cwasm");
    for arguments in [
        ["serve", path].as_slice(),
        &["serve", path, "--precompiled"],
        &["serve", path, "--http", "127.0.0.1:0"],
        &["inspect", path],
        &["call", path, "tool"],
        &["read", path, "x:y"],
        &["get", path, "prompt"],
        &["complete", path, "--prompt", "prompt", "argument"],
        &["compile", path, "-o", output.to_str().unwrap()],
    ] {
        let outcome = run(wasi_mcp().args(arguments)).await;
        assert_not_loaded(&outcome, &[path, "No such file"]);
    }
    assert!(!output.exists());
}

#[tokio::test]
async fn a_file_that_is_no_component_is_named_with_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let module = folder.path().join("module.wasm");
    std::fs::write(&module, b"\0asm\x01\0\0\0").unwrap();
    let outcome = run(wasi_mcp().arg("inspect").arg(&module)).await;
    assert_not_loaded(
        &outcome,
        &[module.to_str().unwrap(), "core WebAssembly module"],
    );
}

#[tokio::test]
async fn inspect_shows_what_a_component_is_and_offers() {
    for variant in ["0.2", "0.3"] {
        let guest = GuestFile::write(&format!("hello-{variant}"));
        let outcome = run(wasi_mcp().arg("inspect").arg(guest.path())).await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let lines: Vec<_> = outcome.stdout.lines().collect();
        assert_eq!(
            lines[0],
            format!("hello 0.1.0: wasi:mcp {variant} backend, MCP 2025-06-18")
        );
        assert!(lines[1].starts_with("capabilities: {"), "{}", lines[1]);
        let tools = lines.iter().position(|line| *line == "tools (1):").unwrap();
        let words: Vec<_> = lines[tools + 1].split_whitespace().collect();
        assert_eq!(words, ["hello", "Greets", "somebody."]);
        assert_eq!(lines[tools + 2], "    name: string, required");
        assert_eq!(lines.len(), tools + 3, "and nothing else: {outcome:?}");
    }
}

#[tokio::test]
async fn inspect_prints_json() {
    let mut described = Vec::new();
    for (variant, world) in [
        ("0.2", "backend"),
        ("0.2", "service"),
        ("0.3", "backend"),
        ("0.3", "service"),
    ] {
        let guest = GuestFile::write(&format!("reference-{world}-{variant}"));
        let outcome = run(wasi_mcp().arg("inspect").arg(guest.path()).arg("--json")).await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let mut description: Value = serde_json::from_str(&outcome.stdout).unwrap();
        let members = description.as_object_mut().unwrap();
        assert_eq!(members.remove("variant").unwrap(), variant);
        assert_eq!(members.remove("world").unwrap(), world);
        assert_eq!(description["protocolVersion"], "2025-06-18");
        assert!(
            description["serverInfo"]["name"].is_string(),
            "{description}"
        );
        assert!(
            description["capabilities"]["prompts"].is_object(),
            "{description}"
        );
        // More than one page of resources is listed.
        assert!(description["resources"].as_array().unwrap().len() > 100);
        let named = |list: &str, member: &str| -> BTreeSet<String> {
            description[list]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item[member].as_str().unwrap().to_owned())
                .collect()
        };
        let names = [
            named("tools", "name"),
            named("resources", "uri"),
            named("resourceTemplates", "uriTemplate"),
            named("prompts", "name"),
        ];
        assert!(names.iter().all(|names| !names.is_empty()), "{names:?}");
        assert!(names[0].contains("echo"), "{names:?}");
        described.push(names);
    }
    // Some tools need features of 0.3, or a backend of 0.3; all others are in each form.
    let (least, others) = described.split_first().unwrap();
    for other in others {
        assert!(least[0].is_subset(&other[0]), "{least:?} {other:?}");
        assert_eq!(least[1..], other[1..]);
    }
}

#[tokio::test]
async fn call_prints_the_text() {
    for name in ["hello-0.2", "hello-0.3"] {
        let guest = GuestFile::write(name);
        let command = &mut call(&guest, "hello", &json!({ "name": "World" }));
        let outcome = run(command).await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert_eq!(outcome.stdout, "Hello, World!\n");
        assert_eq!(outcome.stderr, "");

        let outcome = run(command.arg("--json")).await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert_eq!(
            serde_json::from_str::<Value>(&outcome.stdout).unwrap(),
            json!({ "content": [{ "type": "text", "text": "Hello, World!" }] })
        );
    }
}

#[tokio::test]
async fn call_shows_progress_and_logs_beside_the_result() {
    let guest = GuestFile::write("reference-backend-0.3");
    let outcome = run(&mut call(&guest, "test_tool_with_progress", &json!({}))).await;
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(outcome.stdout, "Reported three times\n");
    assert!(outcome.stderr.contains("progress 50 of 100"), "{outcome:?}");

    let outcome = run(&mut call(&guest, "test_tool_with_logging", &json!({}))).await;
    assert_eq!(outcome.stdout, "Logged three messages\n");
    assert_eq!(outcome.stderr.matches("info: ").count(), 3, "{outcome:?}");

    let outcome = run(&mut call(&guest, "test_image_content", &json!({}))).await;
    let image: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(
        image["mimeType"], "image/png",
        "content other than text is JSON"
    );
}

#[tokio::test]
async fn the_exit_status_tells_a_tool_that_failed_from_an_error() {
    let guest = GuestFile::write("reference-backend-0.2");
    let outcome = run(&mut call(&guest, "fail", &json!({}))).await;
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert_ne!(outcome.stdout, "", "the result is printed");
    let outcome = run(call(&guest, "fail", &json!({})).arg("--json")).await;
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let result: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(result["isError"], true);

    let outcome = run(&mut call(&guest, "no such tool", &json!({}))).await;
    assert_status(&outcome, 3, &["no such tool", "-32602"]);
    let outcome = run(&mut call(&guest, "echo", &json!({ "text": 1 }))).await;
    assert_status(
        &outcome,
        3,
        &["error: the arguments of the tool echo", "/text"],
    );
    let outcome = run(&mut call(&guest, "trap", &json!({}))).await;
    assert_status(&outcome, 4, &["error: the component trapped", "-32603"]);
}

/// Grants, a tool with its arguments, and its output; `None` if it is refused.
type Case<'a> = (&'a [&'a str], &'a str, &'a Value, Option<&'a str>);

#[tokio::test]
async fn grants_reach_the_component() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("note.txt"), "a note").unwrap();
    let web = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = web.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = web.accept().await.unwrap();
            let mut request = [0; 16];
            stream.read_exact(&mut request).await.unwrap();
            let response =
                b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";
            stream.write_all(response).await.unwrap();
            // Read the rest of the request, or closing would reset the connection.
            stream.shutdown().await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    });

    let folder = folder.path().to_str().unwrap();
    let read_only = format!("{folder}::/data::ro");
    let writable = format!("{folder}::/data");
    let note = json!({ "path": "/data/note.txt" });
    let new = json!({ "path": "/data/new.txt", "text": "words" });
    let url = json!({ "url": format!("http://{address}/") });
    let nothing = json!({});
    for name in ["explorer-0.2", "explorer-0.3"] {
        let guest = GuestFile::write(name);
        let cases: [Case<'_>; 11] = [
            (&[], "environment", &nothing, Some("{}\n")),
            (
                &["--env", "A=1", "--env", "B=x=y"],
                "environment",
                &nothing,
                Some("{\"A\":\"1\",\"B\":\"x=y\"}\n"),
            ),
            (&[], "arguments", &nothing, Some("[]\n")),
            (
                &["--arg", "one", "--arg", "--two"],
                "arguments",
                &nothing,
                Some("[\"one\",\"--two\"]\n"),
            ),
            (&[], "read-file", &note, None),
            (&["--dir", &read_only], "read-file", &note, Some("a note\n")),
            (&["--dir", &read_only], "write-file", &new, None),
            (&["--dir", &writable], "write-file", &new, Some("written\n")),
            (&[], "fetch", &url, None),
            (&["--allow-http", "127.0.0.1:1"], "fetch", &url, None),
            (
                &["--allow-http", &address],
                "fetch",
                &url,
                Some("{\"status\":200,\"body\":\"hello\"}\n"),
            ),
        ];
        for (grants, tool, arguments, expected) in cases {
            let outcome = run(call(&guest, tool, arguments).args(grants)).await;
            match expected {
                Some(text) => {
                    assert_eq!(
                        outcome.stdout, text,
                        "{name} {tool} {grants:?}: {outcome:?}"
                    );
                    assert_eq!(outcome.code, Some(0), "{name} {tool} {grants:?}");
                }
                None => {
                    assert_eq!(
                        outcome.code,
                        Some(1),
                        "{name} {tool} {grants:?}: {outcome:?}"
                    );
                }
            }
        }
        std::fs::remove_file(Path::new(folder).join("new.txt")).unwrap();
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_granted_is_named_before_anything_is_served() {
    let guest = GuestFile::write("hello-0.3");
    let missing = guest.sibling("missing");
    let missing = missing.to_str().unwrap();
    let grant = format!("{missing}::/data");
    for arguments in [
        ["serve"].as_slice(),
        &["serve", "--http", "127.0.0.1:0"],
        &["inspect"],
    ] {
        let mut command = wasi_mcp();
        command.args(arguments).arg(guest.path());
        let outcome = run(command.args(["--dir", &grant])).await;
        assert_failed(&outcome, &[missing, "cannot be granted"]);
    }
}

#[tokio::test]
async fn native_code_is_run_only_on_request() {
    for name in ["hello-0.2", "hello-0.3"] {
        let guest = GuestFile::write(name);
        let native = guest.sibling("hello.cwasm");
        let mut compile = wasi_mcp();
        compile.arg("compile").arg(guest.path()).arg("-o");
        let outcome = run(compile.arg(&native)).await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert_eq!(outcome.stdout, "");
        let size = std::fs::metadata(&native).unwrap().len();
        assert!(
            outcome.stderr.contains(&format!("{size} bytes"))
                && outcome.stderr.contains("--precompiled"),
            "{outcome:?}"
        );

        let hello = ["hello", "{\"name\": \"World\"}"];
        let mut command = wasi_mcp();
        command.arg("call").arg(&native).args(hello);
        let refused = run(&mut command).await;
        assert_not_loaded(&refused, &[native.to_str().unwrap(), "--precompiled"]);
        let called = run(command.arg("--precompiled")).await;
        assert_eq!(called.stdout, "Hello, World!\n", "{called:?}");
        assert_eq!(called.code, Some(0), "{called:?}");

        let mut command = wasi_mcp();
        command.arg("serve").arg(&native);
        assert_not_loaded(&run(&mut command).await, &["--precompiled"]);
        let mut client = StdioClient::connect(command.arg("--precompiled")).await;
        let answer = client
            .request(
                "tools/call",
                json!({ "name": "hello", "arguments": { "name": "you" } }),
            )
            .await;
        assert_eq!(answer["result"]["content"][0]["text"], "Hello, you!");
        assert_eq!(client.finish().await.code, Some(0));

        let mut command = wasi_mcp();
        command
            .arg("inspect")
            .arg(guest.path())
            .arg("--precompiled");
        assert_not_loaded(
            &run(&mut command).await,
            &[guest.path().to_str().unwrap(), "not native code"],
        );
    }
}

#[tokio::test]
async fn native_code_that_cannot_be_written_is_an_error() {
    let guest = GuestFile::write("hello-0.3");
    let output = guest.sibling("no/such/folder.cwasm");
    let mut command = wasi_mcp();
    command.arg("compile").arg(guest.path()).arg("-o");
    assert_failed(
        &run(command.arg(&output)).await,
        &[output.to_str().unwrap(), "cannot be written"],
    );
}

/// Returns the compiled code in a cache folder: each file's content and modification time.
fn compiled(cache: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![cache.join("wasi-mcp/modules")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_none() {
                // Beside each is a `.stats` file with counters.
                let written = path.metadata().unwrap().modified().unwrap();
                found.insert(path.clone(), (std::fs::read(&path).unwrap(), written));
            }
        }
    }
    found
}

#[tokio::test]
async fn compiled_code_is_kept_in_a_private_folder_and_used_again() {
    let cache = tempfile::tempdir().unwrap();
    let guest = GuestFile::write("hello-0.3");
    let mut command = call(&guest, "hello", &json!({ "name": "World" }));
    command.env("XDG_CACHE_HOME", cache.path());
    let started = |outcome: Outcome| assert_eq!(outcome.stdout, "Hello, World!\n", "{outcome:?}");

    started(run(&mut command).await);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = cache.path().join("wasi-mcp").metadata().unwrap();
        assert_eq!(folder.permissions().mode() & 0o777, 0o700);
    }
    let first = compiled(cache.path());
    assert_eq!(first.len(), 1, "{:?}", first.keys());

    started(run(&mut command).await);
    assert!(first == compiled(cache.path()), "nothing is written again");

    // Damaging the file proves that it is read, and costs only time.
    let file = first.keys().next().unwrap();
    std::fs::write(file, "no compiled code").unwrap();
    started(run(&mut command).await);
    assert_ne!(
        std::fs::read(file).unwrap(),
        b"no compiled code",
        "it is repaired"
    );
}

#[tokio::test]
async fn a_cache_is_not_needed() {
    let guest = GuestFile::write("hello-0.2");
    let arguments = json!({ "name": "World" });
    let cache = tempfile::tempdir().unwrap();
    let mut command = call(&guest, "hello", &arguments);
    command.env("XDG_CACHE_HOME", cache.path());
    let outcome = run(command.arg("--no-cache")).await;
    assert_eq!(outcome.stdout, "Hello, World!\n", "{outcome:?}");
    assert!(!cache.path().join("wasi-mcp").exists());

    // A file takes the place of the folder.
    let mut command = call(&guest, "hello", &arguments);
    let outcome = run(command.env("XDG_CACHE_HOME", guest.path())).await;
    assert_eq!(outcome.stdout, "Hello, World!\n", "{outcome:?}");
    assert!(
        outcome.stderr.contains("compiled code is not kept"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn the_page_size_is_a_matter_of_the_command() {
    let guest = GuestFile::write("reference-backend-0.3");
    let mut whole = StdioClient::connect(wasi_mcp().arg("serve").arg(guest.path())).await;
    let answer = whole.request("tools/list", json!({})).await;
    assert!(answer["result"].get("nextCursor").is_none(), "{answer}");
    let all = answer["result"]["tools"].as_array().unwrap().clone();
    assert!(all.len() > 10);
    assert_eq!(whole.finish().await.code, Some(0));

    let mut command = wasi_mcp();
    command.arg("serve").arg(guest.path());
    let mut client = StdioClient::connect(command.args(["--page-size", "10"])).await;
    let mut paged = Vec::new();
    let mut params = json!({});
    loop {
        let answer = client.request("tools/list", params).await;
        let page = answer["result"]["tools"].as_array().unwrap();
        paged.extend(page.iter().cloned());
        match answer["result"].get("nextCursor") {
            Some(cursor) => {
                assert_eq!(page.len(), 10, "{answer}");
                assert!(cursor.is_string(), "{answer}");
                params = json!({ "cursor": cursor });
            }
            None => break,
        }
    }
    assert_eq!(paged, all);
    assert_eq!(client.finish().await.code, Some(0));
}

#[tokio::test]
async fn timeouts_are_a_matter_of_the_command() {
    let guest = GuestFile::write("reference-backend-0.3");
    let mut command = wasi_mcp();
    command.arg("serve").arg(guest.path());
    let mut client = StdioClient::connect(command.args(["--request-timeout", "0.3"])).await;
    let wait = json!({ "name": "wait-until-cancelled" });
    let answer = client.request("tools/call", wait).await;
    assert_eq!(answer["error"]["code"], -32603, "{answer}");
    assert_eq!(client.finish().await.code, Some(0));

    let mut command = wasi_mcp();
    command.arg("serve").arg(guest.path());
    let mut client = StdioClient::connect(command.args(["--ping-interval", "0.2"])).await;
    let ping = client.next().await;
    assert_eq!(ping["method"], "ping", "{ping}");
    assert_eq!(client.finish().await.code, Some(0));
}

#[tokio::test]
async fn the_end_of_the_input_ends_a_session_well() {
    for name in ["hello-0.2", "hello-0.3"] {
        let guest = GuestFile::write(name);
        let outcome = run(wasi_mcp().arg("serve").arg(guest.path())).await;
        assert_eq!(outcome.code, Some(0), "no input at all: {outcome:?}");
        assert_eq!(outcome.stdout, "", "{outcome:?}");

        let client = StdioClient::connect(wasi_mcp().arg("serve").arg(guest.path())).await;
        let outcome = client.finish().await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert_eq!((outcome.stdout, outcome.stderr), Default::default());
    }
}

#[tokio::test]
async fn a_busy_port_is_an_error_that_names_the_address() {
    let guest = GuestFile::write("hello-0.3");
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = wasi_mcp();
    command.arg("serve").arg(guest.path());
    let outcome = run(command.args(["--http", &address])).await;
    assert_failed(
        &outcome,
        &[&format!("cannot listen on {address}"), "in use"],
    );
}

#[cfg(unix)]
#[tokio::test]
async fn signals_end_a_server_well() {
    let guest = GuestFile::write("hello-0.3");
    for name in ["TERM", "INT"] {
        let mut command = wasi_mcp();
        command.arg("serve").arg(guest.path());
        let mut process = command.args(["--http", "127.0.0.1:0"]).spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        log.read_line(&mut line).await.unwrap();
        let address = line
            .trim_end()
            .strip_prefix("serving MCP at http://")
            .and_then(|url| url.strip_suffix("/mcp"))
            .unwrap_or_else(|| panic!("{line}"))
            .to_owned();
        tokio::net::TcpStream::connect(&address).await.unwrap();

        signal(&process, name).await;
        let outcome = end(process).await;
        assert_eq!(outcome.code, Some(0), "{name}: {outcome:?}");
        assert_eq!(outcome.stdout, "", "{outcome:?}");
        let again = tokio::net::TcpStream::connect(&address).await;
        assert!(again.is_err(), "{name}: nobody listens any more");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_a_stdio_session_whose_input_stays_open() {
    let guest = GuestFile::write("hello-0.2");
    for name in ["TERM", "INT"] {
        let mut command = wasi_mcp();
        command.arg("serve").arg(guest.path()).stdin(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut input = process.stdin.take().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        // An answer proves that it is up.
        input
            .write_all(b"{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}\n")
            .await
            .unwrap();
        let mut line = String::new();
        output.read_line(&mut line).await.unwrap();
        assert!(line.contains("\"result\""), "{line}");

        signal(&process, name).await;
        let outcome = end(process).await;
        assert_eq!(outcome.code, Some(0), "{name}: {outcome:?}");
        drop(input);
    }
}

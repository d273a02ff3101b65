//! `wasi-mcp serve` in operation: metrics and health, shutdown, and a component that changes
//! meanwhile.

#![cfg(unix)]

mod command;
#[path = "../../host/tests/messages/mod.rs"]
mod messages;

use command::http::{HttpClient, HttpHost};
use command::{GuestFile, StdioClient, run, wasi_mcp};
use serde_json::{Value, json};
use tokio::process::Command;

fn serve(guest: &GuestFile, options: &[&str]) -> Command {
    let mut command = wasi_mcp();
    command.arg("serve").arg(guest.path()).args(options);
    command
}

const ADMIN: [&str; 2] = ["--admin", "127.0.0.1:0"];
const IN_FLIGHT: &str = "wasi_mcp_requests_in_flight";

fn text(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"]
        .as_str()
        .unwrap_or_else(|| panic!("no text: {answer}"))
}

#[tokio::test]
async fn figures_say_what_was_done() {
    let guest = GuestFile::write("reference-backend-0.3");
    let host = HttpHost::start(&mut serve(&guest, &ADMIN)).await;
    let client = HttpClient::connect(&host.address).await;
    let leaving = HttpClient::connect(&host.address).await;
    client.call("echo", json!({ "text": "hello" })).await;
    client.call("fail", json!({})).await;
    client.call("trap", json!({})).await;
    client.request("no/such", json!({})).await;
    client.request("ping", json!({})).await;
    leaving.delete().await;

    let call =
        |outcome| format!("wasi_mcp_requests_total{{method=\"tools/call\",outcome=\"{outcome}\"}}");
    let (_, page) = host.operator("/metrics").await;
    for (name, value) in [
        ("wasi_mcp_sessions_open", 1.0),
        ("wasi_mcp_sessions_begun_total", 2.0),
        ("wasi_mcp_sessions_ended_total{reason=\"client\"}", 1.0),
        (&call("result"), 1.0),
        (&call("tool-error"), 1.0),
        (&call("lost"), 1.0),
        (
            "wasi_mcp_requests_total{method=\"initialize\",outcome=\"result\"}",
            2.0,
        ),
        (
            "wasi_mcp_requests_total{method=\"other\",outcome=\"error\"}",
            1.0,
        ),
        (
            "wasi_mcp_requests_total{method=\"ping\",outcome=\"result\"}",
            1.0,
        ),
        (
            "wasi_mcp_request_duration_seconds_count{method=\"tools/call\"}",
            3.0,
        ),
        (IN_FLIGHT, 0.0),
        ("wasi_mcp_instances_ended_total{reason=\"lost\"}", 1.0),
        // Includes the `initialized` notifications of both clients, which are passed to the
        // component.
        ("wasi_mcp_calls_total", 5.0),
        // `initialize` and `initialized` twice, three calls, two more.
        ("wasi_mcp_messages_total{direction=\"received\"}", 9.0),
    ] {
        assert_eq!(host.figure(name).await, value, "{name}\n{page}");
    }
    assert!(
        host.figure("wasi_mcp_messages_bytes_total{direction=\"sent\"}")
            .await
            > 100.0
    );

    assert!(host.figure("wasi_mcp_guest_cpu_seconds_total").await > 0.0);

    let waiting = client.clone();
    tokio::spawn(async move {
        waiting
            .call("sleep", json!({ "milliseconds": 600_000 }))
            .await
    });
    host.figure_becomes(IN_FLIGHT, 1.0).await;
    client.delete().await;
    host.figure_becomes(IN_FLIGHT, 0.0).await;
    assert_eq!(host.figure(&call("dropped")).await, 1.0);
}

#[tokio::test]
async fn health_is_served_beside_a_session_on_stdio_too() {
    let guest = GuestFile::write("hello-0.2");
    // It logs its address before it answers, and nothing else.
    let mut process = serve(&guest, &ADMIN)
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut log = tokio::io::BufReader::new(process.stderr.take().unwrap());
    tokio::io::AsyncBufReadExt::read_line(&mut log, &mut line)
        .await
        .unwrap();
    let url = line.trim_end().strip_prefix("serving metrics at http://");
    let address = url.and_then(|url| url.strip_suffix("/metrics")).unwrap();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(
            command::http::get(address, path).await,
            (200, "ok\n".to_owned())
        );
    }
    let (status, page) = command::http::get(address, "/metrics").await;
    assert_eq!(status, 200);
    assert!(page.contains("wasi_mcp_sessions_open 1\n"), "{page}");
    drop(process.stdin.take());
    assert_eq!(command::end(process).await.code, Some(0));
}

#[tokio::test]
async fn a_component_that_does_not_start_is_not_ready() {
    let guest = GuestFile::write("probes-backend-0.3");
    let probes = std::fs::read(guest.path()).unwrap();
    let trapping = wasi_mcp_embedded_guests::mode::with_mode(&probes, "start-trap").unwrap();
    std::fs::write(guest.path(), trapping).unwrap();
    let mut host = HttpHost::start(&mut serve(&guest, &ADMIN)).await;
    let line = host.logged("the component cannot be served as it is").await;
    for part in ["could not be started", "the command stays up"] {
        assert!(line.contains(part), "{part:?} is not in {line}");
    }
    assert_eq!(host.operator("/healthz").await.0, 200);
    let (status, reason) = host.operator("/readyz").await;
    assert_eq!(status, 503, "{reason}");
    assert!(reason.contains("could not be started"), "{reason}");
    assert!(!reason.contains('/'), "no path: {reason}");
}

#[tokio::test]
async fn the_last_words_of_a_component_that_does_not_start_are_told() {
    for name in ["explorer-0.2", "explorer-0.3"] {
        let guest = GuestFile::write(name);
        let mut command = serve(&guest, &["--env", "START=panic"]);
        let mut host = HttpHost::start(&mut command).await;
        let line = host.logged("the component cannot be served as it is").await;
        assert!(line.contains("boom at the start"), "{line}");
        assert!(line.contains("the command stays up"), "{line}");
        host.signal("TERM").await;
        let outcome = host.end().await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
}

#[tokio::test]
async fn an_admin_address_that_is_taken_is_an_error() {
    let guest = GuestFile::write("hello-0.3");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let outcome = run(&mut serve(&guest, &["--admin", &address])).await;
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    let expected = format!("cannot listen on {address}");
    assert!(outcome.stderr.contains(&expected), "{outcome:?}");
}

#[tokio::test]
async fn a_call_that_ends_in_time_is_answered_before_the_end() {
    for (variant, name) in [("0.2", "TERM"), ("0.3", "INT")] {
        let guest = GuestFile::write(&format!("reference-backend-{variant}"));
        let sleep = json!({ "milliseconds": 1500 });

        let mut host = HttpHost::start(&mut serve(&guest, &ADMIN)).await;
        let client = HttpClient::connect(&host.address).await;
        let arguments = sleep.clone();
        let call = tokio::spawn(async move { client.call("sleep", arguments).await });
        host.figure_becomes(IN_FLIGHT, 1.0).await;
        host.signal(name).await;
        host.logged("stopping").await;
        assert_eq!(text(&call.await.unwrap()), "Slept 1500 ms");
        let outcome = host.end().await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");

        let mut client = StdioClient::connect(&mut serve(&guest, &[])).await;
        let params = json!({ "name": "sleep", "arguments": sleep });
        let call =
            json!({ "jsonrpc": "2.0", "id": "call", "method": "tools/call", "params": params });
        client.send(&call).await;
        // Messages are handled in order, so the call has been handled too.
        client.request("ping", json!({})).await;
        client.signal(name).await;
        let answer = client.next().await;
        assert_eq!(answer["id"], "call");
        assert_eq!(text(&answer), "Slept 1500 ms");
        let outcome = client.end().await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_call_that_does_not_end_is_answered_with_an_error() {
    let grace = ["--shutdown-grace", "0.3"];
    for variant in ["0.2", "0.3"] {
        let guest = GuestFile::write(&format!("reference-service-{variant}"));

        let mut host = HttpHost::start(serve(&guest, &ADMIN).args(grace)).await;
        let client = HttpClient::connect(&host.address).await;
        let call =
            tokio::spawn(async move { client.call("wait-until-cancelled", json!({})).await });
        host.figure_becomes(IN_FLIGHT, 1.0).await;
        host.signal("TERM").await;
        let answer = call.await.unwrap();
        assert_eq!(answer["error"]["message"], STOPPED, "{answer}");
        host.logged("the grace period is over").await;
        let outcome = host.end().await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");

        let mut client = StdioClient::connect(&mut serve(&guest, &grace)).await;
        let params = json!({ "name": "wait-until-cancelled" });
        let call = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params });
        client.send(&call).await;
        client.request("ping", json!({})).await;
        client.signal("TERM").await;
        let answer = client.next().await;
        assert_eq!(answer["error"]["message"], STOPPED, "{answer}");
        let outcome = client.end().await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
}

/// The reason that calls get when the host stops before them.
const STOPPED: &str = "the host stopped before the call was done";

#[tokio::test]
async fn a_guest_that_computes_for_ever_does_not_delay_the_end() {
    let options = ["--shutdown-grace", "0.3", "--computing-timeout", "600"];
    for variant in ["0.2", "0.3"] {
        let guest = GuestFile::write(&format!("reference-backend-{variant}"));
        let mut host = HttpHost::start(serve(&guest, &ADMIN).args(options)).await;
        let client = HttpClient::connect(&host.address).await;
        let call = tokio::spawn(async move { client.call("spin", json!({})).await });
        host.figure_becomes(IN_FLIGHT, 1.0).await;
        host.signal("TERM").await;
        host.logged("the grace period is over").await;
        let answer = call.await.unwrap();
        assert_eq!(answer["error"]["message"], STOPPED, "{answer}");
        let outcome = host.end().await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
}

/// The file is held by a lease for longer than the test takes.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_guest_that_a_file_blocks_does_not_delay_the_end() {
    for variant in ["0.2", "0.3"] {
        let guest = GuestFile::write(&format!("explorer-{variant}"));
        let folder = tempfile::tempdir().unwrap();
        let lease = command::lease::Lease::take(&folder.path().join("held"));
        let grant = format!("{}::/data", folder.path().display());
        let options = ["--shutdown-grace", "0.3", "--dir", &grant];
        let host = HttpHost::start(serve(&guest, &ADMIN).args(options)).await;
        let client = HttpClient::connect(&host.address).await;
        let path = json!({ "path": "/data/held" });
        let call = tokio::spawn(async move { client.call("read-file", path).await });
        lease.blocks().await;
        let began = std::time::Instant::now();
        host.signal("TERM").await;
        let answer = call.await.unwrap();
        assert_eq!(answer["error"]["message"], STOPPED, "{answer}");
        let outcome = host.end().await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        // The system would break the lease after 45 s.
        let took = began.elapsed();
        assert!(took.as_secs() < 30, "it waited for the file: {took:?}");
    }
}

/// An instance for WASI 0.3 may have 16 operations on files in progress and 1,024 waiting.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn operations_on_files_beyond_the_limit_fail_and_are_counted() {
    const REACHED: &str = "wasi_mcp_limits_reached_total{limit=\"file-operations\"}";
    let guest = GuestFile::write("explorer-0.3");
    let folder = tempfile::tempdir().unwrap();
    let lease = command::lease::Lease::take(&folder.path().join("held"));
    let grant = format!("{}::/data", folder.path().display());
    let options = ["--dir", &grant, "--max-session-requests", "2000"];
    let mut process = serve(&guest, &ADMIN);
    let mut client = StdioClient::connect(process.args(options)).await;
    let line = client.logged("serving metrics at http://").await;
    let address = line.rsplit_once("http://").unwrap().1;
    let address = address.strip_suffix("/metrics").unwrap();
    let reached = async || {
        let (status, page) = command::http::get(address, "/metrics").await;
        assert_eq!(status, 200);
        let value = |line: &str| Some(line.strip_prefix(REACHED)?.trim().to_owned());
        page.lines().find_map(value).unwrap_or("0".to_owned())
    };
    let read = |id: u32| {
        let params = json!({ "name": "read-file", "arguments": { "path": "/data/held" } });
        json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
    };
    for id in 100..100 + 16 + 1024 {
        client.send(&read(id)).await;
    }
    lease.blocks().await;
    assert_eq!(reached().await, "0");
    client.send(&read(9000)).await;
    let answer = client.next().await.to_string();
    assert!(answer.to_lowercase().contains("insufficient"), "{answer}");
    assert_eq!(reached().await, "1");
    client.logged("limit=\"file-operations\"").await;
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let guest = GuestFile::write("reference-backend-0.3");
    let grace = ["--shutdown-grace", "600"];
    let mut host = HttpHost::start(serve(&guest, &ADMIN).args(grace)).await;
    let client = HttpClient::connect(&host.address).await;
    let call = tokio::spawn(async move { client.call("wait-until-cancelled", json!({})).await });
    host.figure_becomes(IN_FLIGHT, 1.0).await;
    host.signal("TERM").await;
    host.logged("stopping").await;
    assert_eq!(
        host.operator("/readyz").await.0,
        503,
        "nobody else shall come"
    );
    assert_eq!(
        host.operator("/healthz").await.0,
        200,
        "it serves those who are there"
    );
    assert!(!call.is_finished());
    host.signal("TERM").await;
    let outcome = host.end().await;
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("is lost"), "{outcome:?}");
    assert!(call.await.is_err(), "the connection breaks");

    let mut client = StdioClient::connect(&mut serve(&guest, &grace)).await;
    let params = json!({ "name": "wait-until-cancelled" });
    let call = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params });
    client.send(&call).await;
    client.request("ping", json!({})).await;
    client.signal("INT").await;
    client.logged("stopping").await;
    client.signal("INT").await;
    let outcome = client.end().await;
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert_eq!(outcome.stdout, "", "{outcome:?}");
}

#[tokio::test]
async fn a_guest_learns_that_the_host_stops() {
    let guest = GuestFile::write("reference-backend-0.3");
    let mut client = StdioClient::connect(&mut serve(&guest, &[])).await;
    let params = json!({ "name": "log-when-stopped" });
    client.request("tools/call", params).await;
    client.signal("TERM").await;
    let message = client.next().await;
    assert_eq!(message["method"], "notifications/message", "{message}");
    assert_eq!(message["params"]["data"], "stopping", "{message}");
    assert_eq!(client.end().await.code, Some(0));
}

#[tokio::test]
async fn a_hang_up_loads_a_changed_component_for_new_sessions() {
    let guest = GuestFile::write("reference-backend-0.2");
    let mut host = HttpHost::start(&mut serve(&guest, &ADMIN)).await;
    let old = HttpClient::connect(&host.address).await;
    let before = old.tools().await;

    let hello = wasi_mcp_embedded_guests::find("hello-0.3").unwrap();
    std::fs::write(guest.path(), hello.bytes).unwrap();
    host.signal("HUP").await;
    host.logged("new sessions get the changed component").await;
    let new = HttpClient::connect(&host.address).await;
    assert_eq!(new.tools().await, ["hello"]);
    assert_eq!(old.tools().await, before);
    // A new instance of an old session keeps the old component.
    old.call("trap", json!({})).await;
    let echoed = old.call("echo", json!({ "text": "still here" })).await;
    assert_eq!(text(&echoed), "still here");
    assert_eq!(host.operator("/readyz").await.0, 200);

    // Neither an invalid component nor one that does not start replaces it.
    let probes = wasi_mcp_embedded_guests::find("probes-backend-0.2").unwrap();
    let trapping = wasi_mcp_embedded_guests::mode::with_mode(probes.bytes, "start-trap").unwrap();
    for (bytes, reason) in [
        (b"nothing".as_slice(), "not a WebAssembly component"),
        (&trapping, "could not be started"),
    ] {
        std::fs::write(guest.path(), bytes).unwrap();
        host.signal("HUP").await;
        let line = host.logged("the previous one is still served").await;
        assert!(line.contains(reason), "{line}");
        let client = HttpClient::connect(&host.address).await;
        assert_eq!(client.tools().await, ["hello"]);
    }
    let reloads = |outcome| format!("wasi_mcp_reloads_total{{outcome=\"{outcome}\"}}");
    assert_eq!(host.figure(&reloads("loaded")).await, 1.0);
    assert_eq!(host.figure(&reloads("failed")).await, 2.0);
    assert_eq!(host.figure("wasi_mcp_sessions_open").await, 4.0);
}

#[tokio::test]
async fn a_watched_component_is_loaded_once_it_is_whole() {
    let guest = GuestFile::write("hello-0.2");
    let mut command = serve(&guest, &["--watch"]);
    let mut host =
        HttpHost::start(command.env("RUST_LOG", "warn,wasi_mcp=debug,wasi_mcp_host=warn")).await;
    let old = HttpClient::connect(&host.address).await;
    let reference = wasi_mcp_embedded_guests::find("reference-service-0.2").unwrap();
    let half = reference.bytes.len() / 2;
    std::fs::write(guest.path(), &reference.bytes[..half]).unwrap();
    host.logged("trying again").await;
    assert_eq!(
        HttpClient::connect(&host.address).await.tools().await,
        ["hello"]
    );
    std::fs::write(guest.path(), reference.bytes).unwrap();
    host.logged("new sessions get the changed component").await;
    let new = HttpClient::connect(&host.address).await;
    assert!(new.tools().await.contains(&"echo".to_owned()));
    assert_eq!(old.tools().await, ["hello"]);

    // Like editors and package managers: another file takes the name.
    let other = guest.sibling("new.wasm");
    std::fs::write(
        &other,
        wasi_mcp_embedded_guests::find("hello-0.3").unwrap().bytes,
    )
    .unwrap();
    std::fs::rename(&other, guest.path()).unwrap();
    host.logged("new sessions get the changed component").await;
    assert_eq!(
        HttpClient::connect(&host.address).await.tools().await,
        ["hello"]
    );

    std::fs::remove_file(guest.path()).unwrap();
    host.logged("the component's file is gone").await;
    assert_eq!(
        HttpClient::connect(&host.address).await.tools().await,
        ["hello"]
    );
}

#[tokio::test]
#[cfg(target_arch = "x86_64")]
async fn a_large_component_is_served_before_its_code_is_optimised() {
    let cache = tempfile::tempdir().unwrap();
    let guest = GuestFile::write_large("hello-0.3");
    let start = async |options: &[&str]| {
        let mut command = serve(&guest, options);
        command.env("XDG_CACHE_HOME", cache.path());
        command.env("RUST_LOG", "warn,wasi_mcp=debug,wasi_mcp_host=warn");
        HttpHost::start(&mut command).await
    };
    let mut host = start(&[]).await;
    let old = HttpClient::connect(&host.address).await;
    host.logged("new sessions get optimised code").await;
    let new = HttpClient::connect(&host.address).await;
    for client in [&old, &new] {
        let greeting = client.call("hello", json!({ "name": "World" })).await;
        assert_eq!(text(&greeting), "Hello, World!");
    }

    // Its code is cached now.
    let no_cache = "--no-cache";
    for (options, is_baseline) in [
        (&[][..], false),
        (&[no_cache], true),
        (&[no_cache, "--compiler", "optimizing"], false),
        // Nothing is optimised later.
        (&[no_cache, "--compiler", "baseline"], false),
    ] {
        let mut host = start(options).await;
        HttpClient::connect(&host.address).await;
        if is_baseline {
            host.logged("serving with baseline code").await;
        }
        let mut log = host.logged_before().concat();
        host.signal("TERM").await;
        log += &host.end().await.stderr;
        let is_told = log.contains("serving with baseline code");
        assert!(!is_told, "{options:?}: {log}");
        let is_baseline_alone = log.contains("compiled with the baseline compiler alone");
        assert_eq!(is_baseline_alone, options.contains(&"baseline"), "{log}");
    }
}

#[tokio::test]
#[cfg(target_arch = "x86_64")]
async fn the_code_of_a_session_on_stdio_is_optimised_for_the_next_start() {
    let cache = tempfile::tempdir().unwrap();
    let guest = GuestFile::write_large("hello-0.2");
    for is_first in [true, false] {
        let mut command = serve(&guest, &[]);
        command.env("XDG_CACHE_HOME", cache.path());
        let mut client = StdioClient::connect(&mut command).await;
        if is_first {
            client.logged("the next start gets optimised code").await;
        }
        let outcome = client.finish().await;
        assert!(!outcome.stderr.contains("baseline code"), "{outcome:?}");
    }
}

#[tokio::test]
async fn one_session_on_stdio_has_nothing_to_watch_for() {
    let guest = GuestFile::write("hello-0.3");
    let outcome = run(&mut serve(&guest, &["--watch"])).await;
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.stderr.contains("--http"), "{outcome:?}");
}

fn print(text: &str) -> Value {
    json!({ "name": "print", "arguments": { "text": text } })
}

#[tokio::test]
async fn lines_of_guests_are_json_among_json() {
    for name in ["explorer-0.2", "explorer-0.3"] {
        let guest = GuestFile::write(name);
        let mut command = serve(&guest, &["--log-format", "json", "-v"]);
        let mut client = StdioClient::connect(&mut command).await;
        client.request("tools/call", print("a \"line\"")).await;
        let outcome = client.finish().await;
        let lines: Vec<Value> = outcome
            .stderr
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect();
        let printed: Vec<_> = lines
            .iter()
            .filter(|line| line["fields"]["message"] == "a \"line\"")
            .collect();
        for stream in ["stdout", "stderr"] {
            let of_stream = |line: &&&Value| line["fields"]["stream"] == stream;
            let line = printed.iter().find(of_stream);
            let line = line.unwrap_or_else(|| panic!("{name}: {stream}: {outcome:?}"));
            assert_eq!(line["target"], "guest", "{line}");
            assert_eq!(line["fields"]["session"], 1, "{line}");
            assert_eq!(line["fields"]["instance"], 1, "{line}");
            assert!(line["timestamp"].is_string(), "{line}");
        }
        let ended = lines
            .iter()
            .find(|line| line["fields"]["method"] == "tools/call")
            .unwrap_or_else(|| panic!("the call has a line: {outcome:?}"));
        assert_eq!(ended["fields"]["session"], 1, "{ended}");
        assert_eq!(ended["fields"]["outcome"], "result", "{ended}");
        assert_eq!(ended["fields"]["id"], "2", "{ended}");
    }
}

#[tokio::test]
async fn what_the_command_says_is_json_among_json() {
    let parsed = |line: &str| -> Value {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
    };
    let guest = GuestFile::write("hello-0.3");
    let json = ["--log-format", "json", "--http"];
    let mut process = serve(&guest, &json).arg("127.0.0.1:0").spawn().unwrap();
    let mut line = String::new();
    let mut log = tokio::io::BufReader::new(process.stderr.take().unwrap());
    tokio::io::AsyncBufReadExt::read_line(&mut log, &mut line)
        .await
        .unwrap();
    let line = parsed(&line);
    let message = line["fields"]["message"].as_str().unwrap();
    let url = message.strip_prefix("serving MCP at ").unwrap();
    assert_eq!(
        (&line["level"], &line["target"]),
        (&json!("INFO"), &json!("wasi_mcp"))
    );
    // A second server cannot bind to this address.
    let address = url
        .strip_prefix("http://")
        .unwrap()
        .strip_suffix("/mcp")
        .unwrap();
    let outcome = run(serve(&guest, &json).arg(address)).await;
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    let last = parsed(outcome.stderr.lines().last().unwrap());
    assert_eq!(last["level"], "ERROR", "{last}");
    let message = last["fields"]["message"].as_str().unwrap();
    assert!(message.contains("cannot listen on"), "{last}");
    process.kill().await.unwrap();
}

#[tokio::test]
async fn what_a_guest_or_a_client_writes_does_not_act_on_a_terminal() {
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\r\u{9b}31m\u{202e}";
    for name in ["explorer-0.2", "explorer-0.3"] {
        let guest = GuestFile::write(name);
        let mut client = StdioClient::connect(&mut serve(&guest, &["-vv"])).await;
        client.request("tools/call", print(hostile)).await;
        client.request(hostile, json!({})).await;
        let outcome = client.finish().await;
        assert!(outcome.stderr.contains("owned"), "{outcome:?}");
        for forbidden in ['\u{1b}', '\u{7}', '\r', '\u{9b}', '\u{202e}'] {
            assert!(
                !outcome.stderr.contains(forbidden),
                "{forbidden:?}: {outcome:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_standard_error_stops_nobody() {
    let long = "x".repeat(8000);
    for name in ["explorer-0.2", "explorer-0.3"] {
        let guest = GuestFile::write(name);
        // More than fits into a pipe and the host's own buffer.
        let mut client = StdioClient::connect(&mut serve(&guest, &["-vv"])).await;
        for _ in 0..300 {
            let answer = client.request("tools/call", print(&long)).await;
            assert_eq!(text(&answer), "printed", "{name}");
        }
        assert_eq!(client.finish().await.code, Some(0), "{name}");
    }
}

/// Returns the command of a documented example, with a guest of ours and free ports.
fn command_of_example(words: &str, guest: &GuestFile) -> Command {
    let mut command = wasi_mcp();
    let mut words = words.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            _ if word.ends_with(".wasm") => drop(command.arg(guest.path())),
            "--admin" => {
                words.next();
                command.args(ADMIN);
            }
            // It is added when the command is started.
            "--http" => drop(words.next()),
            _ => drop(command.arg(word)),
        }
    }
    command
}

#[tokio::test]
async fn the_examples_say_what_the_command_understands() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let unit = read("wasi-mcp.service").replace("\\\n", " ");
    let unit = unit
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/wasi-mcp "))
        .expect("a command");
    let container = read("Containerfile");
    let list = |instruction: &str| {
        let line = container
            .lines()
            .find_map(|line| line.strip_prefix(instruction));
        let words: Vec<String> = serde_json::from_str(line.expect(instruction)).unwrap();
        words
    };
    let container = [&list("ENTRYPOINT ")[1..], &list("CMD ")]
        .concat()
        .join(" ");
    let guest = GuestFile::write("hello-0.3");
    for words in [unit, &container] {
        let mut command = command_of_example(words, &guest);
        let host = HttpHost::start(&mut command).await;
        assert_eq!(host.operator("/readyz").await.0, 200, "{words}");
        let client = HttpClient::connect(&host.address).await;
        assert_eq!(client.tools().await, ["hello"], "{words}");
        host.signal("TERM").await;
        let outcome = host.end().await;
        assert_eq!(outcome.code, Some(0), "{words}: {outcome:?}");
    }
}

#[tokio::test]
async fn the_alerts_name_figures_that_there_are() {
    let alerts = include_str!("../../deploy/alerts.yml");
    let guest = GuestFile::write("reference-backend-0.3");
    let host = HttpHost::start(&mut serve(&guest, &ADMIN)).await;
    let client = HttpClient::connect(&host.address).await;
    client.call("trap", json!({})).await;
    let (_, page) = host.operator("/metrics").await;
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let names = alerts
        .split(|character| !is_name(character))
        .filter(|word| word.starts_with("wasi_mcp_"));
    let mut count = 0;
    for name in names {
        assert!(page.contains(name), "{name} is not in\n{page}");
        count += 1;
    }
    assert!(count >= 5, "{count}");
}

//! Tests of the program as a process: exit status, output, files.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"));
    command
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Starts a server that answers every request with the same result. Returns its URL.
fn monotonous(result: Value) -> String {
    answering("200 OK", json!({"result": result}))
}

/// Starts a server that answers every request with this status and body. Returns its URL.
fn answering(status: &'static str, body: Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let body = body.clone();
            std::thread::spawn(move || converse(stream, status, &body));
        }
    });
    format!("http://{address}/mcp")
}

fn converse(stream: TcpStream, accepted: &str, body: &Value) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let (mut post, mut length, mut line) = (false, 0, String::new());
        loop {
            line.clear();
            reader
                .read_line(&mut line)
                .ok()
                .filter(|count| *count > 0)?;
            let header = line.to_ascii_lowercase();
            post |= header.starts_with("post ");
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            if header.trim().is_empty() {
                break;
            }
        }
        let mut content = vec![0; length];
        reader.read_exact(&mut content).ok()?;
        let message: Value = serde_json::from_slice(&content).unwrap_or_default();
        let (status, answer) = match (post, message.get("id")) {
            (false, _) => ("405 Method Not Allowed", String::new()),
            (true, None) => ("202 Accepted", String::new()),
            (true, Some(_)) if body.is_string() => (accepted, body.to_string()),
            (true, Some(id)) => {
                let mut answer = body.clone();
                answer["jsonrpc"] = json!("2.0");
                answer["id"] = id.clone();
                (accepted, answer.to_string())
            }
        };
        let kind = if answer.is_empty() {
            ""
        } else {
            "content-type: application/json\r\n"
        };
        write!(
            writer,
            "HTTP/1.1 {status}\r\n{kind}content-length: {}\r\n\r\n{answer}",
            answer.len()
        )
        .ok()?;
    }
}

#[test]
fn exit_0_when_nothing_failed() {
    let url = monotonous(
        json!({"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "m", "version": "1"}}),
    );
    let output = program(&["run", "--url", &url, "--filter", "lifecycle/handshake"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed, 0 failed"));
}

#[test]
fn exit_1_when_a_check_failed() {
    let url = monotonous(json!({"capabilities": {}}));
    let output = program(&[
        "run",
        "--url",
        &url,
        "--filter",
        "lifecycle/result-server-info",
        "--format",
        "json",
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("the report is JSON");
    assert_eq!(report["runs"][0]["results"][0]["status"], "fail");
    assert_eq!(report["summary"]["fail"], 1);
    assert_eq!(report["summary"]["pass"], 0);
}

#[test]
fn exit_2_when_it_could_not_run() {
    for (arguments, reason) in [
        (
            &["run", "--command", "no-such-program-conformance"][..],
            "cannot be started",
        ),
        (&["run", "--command", "'open"], "unclosed quote"),
        (
            &["run", "--url", "ftp://example.com/mcp"],
            "is not an http or https URL",
        ),
        (
            &["run", "--url", "localhost:9/mcp"],
            "expected a scheme, as in http://localhost:9/mcp",
        ),
        (
            &["run", "--url", "https://127.0.0.1:9/mcp"],
            "initialize got",
        ),
        (
            &["run", "--command", "cat", "--bearer", "token"],
            "cannot be used with",
        ),
        (
            &[
                "run",
                "--url",
                "http://127.0.0.1:9/mcp",
                "--auth-tokens",
                "no/such/file",
            ],
            "no/such/file",
        ),
        (
            &["run", "--url", "http://127.0.0.1:9/mcp"],
            "initialize got",
        ),
        (&["run", "no/such/file.wasm"], "cannot be read"),
        (
            &["run", "ghcr.io/example/hello:1.0"],
            "wasi-mcp pull ghcr.io/example/hello:1.0 --output component.wasm",
        ),
        (&["run"], "a command (run --command"),
        (&["run", "--command", "cat"], "it echoed initialize"),
        (
            &["run", "--command", "cat", "--filter", "no/such-check"],
            "no check matches --filter no/such-check: `wasi-mcp-conformance list`",
        ),
        (
            &["run", "--command", "cat", "--filter", "http/get"],
            "over this transport",
        ),
        (
            &["run", "--command", "cat", "--filter", "component/no-traps"],
            "no check that meets --filter applies to this target",
        ),
        (
            &["run", "--command", "cat", "--filter", "tolos/*"],
            "Did you mean tools/",
        ),
        (
            &["run", "--command", "cat", "--filter", "nosuch"],
            "The areas are base, ",
        ),
        (
            &["run", "--command", "cat", "--area", "tools"],
            "Checks are chosen with --filter",
        ),
        (
            &["list", "requirements", "--area", "server/tolls"],
            "Did you mean server/tools",
        ),
        (&["list", "--area", "nosuch"], "The areas are "),
        (
            &["run", "--command", "a", "--url", "http://b"],
            "cannot be used with",
        ),
        (&["no-such-subcommand"], "no-such-subcommand"),
    ] {
        let output = program(arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains(reason),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(output.stdout.is_empty(), "{arguments:?} writes to stdout");
    }
}

#[test]
fn of_conflicting_options_only_the_given_ones_are_named() {
    for (arguments, error) in [
        (
            &["run", "--command", "cat", "--deny-roots"][..],
            "error: --command cannot be used with --deny-roots\n",
        ),
        (
            &["run", "--recording", "a", "--command", "cat"],
            "--command",
        ),
    ] {
        let output = program(arguments);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(error), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        for other in ["--dir", "--env", "--allow-http", "--isolation"] {
            assert!(!said.contains(other), "{said}");
        }
    }
}

#[test]
fn a_plain_server_at_an_https_address_is_explained() {
    let url = plain().replace("http://", "https://");
    let output = program(&["run", "--url", &url, "--filter", "ping/respond"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("try http:// in place of https://"), "{said}");
}

#[test]
fn a_recording_has_no_seed_and_an_empty_selection_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("log.txt");
    std::fs::write(
        &file,
        "client: {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n",
    )
    .expect("it is written");
    let file = file.to_string_lossy();
    let output = program(&["run", "--recording", &file, "--verbose"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("recording") && !text.contains("--seed"),
        "{text}"
    );
    let output = program(&["run", "--recording", &file, "--filter", "component/*"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("applies to this target"));
}

#[test]
fn a_server_that_does_not_initialize_cannot_be_run() {
    let error = json!({"error": {"code": -32603, "message": "the component trapped"}});
    for (status, body, reason) in [
        ("200 OK", error, "error -32603: \"the component trapped\""),
        ("404 Not Found", json!("nothing here"), "HTTP status 404"),
        ("401 Unauthorized", json!("who are you?"), "HTTP status 401"),
    ] {
        let output = program(&["run", "--url", &answering(status, body)]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{status}: {said}");
        assert!(
            said.contains("cannot be run") && said.contains(reason),
            "{said}"
        );
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_component_is_named_after_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("core.wasm");
    std::fs::write(&file, b"\0asm\x01\0\0\0").expect("it is written");
    let output = program(&["run", &file.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("core.wasm cannot be loaded"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_help_says_that_tools_are_called() {
    let help = program(&["run", "--help"]);
    let text = String::from_utf8(help.stdout).expect("UTF-8");
    assert!(text.contains("tools without annotations are"), "{text}");
    assert!(text.contains("destructiveHint: true"), "{text}");
}

#[cfg(unix)]
#[test]
fn the_stderr_of_a_server_that_exits_at_once_is_quoted() {
    let output = program(&["run", "--command", "sh -c 'echo no configuration >&2'"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("no configuration"),
        "{}",
        stderr(&output)
    );
}

#[cfg(unix)]
#[test]
fn first_contact_explains_the_failure() {
    for (command, reason, never) in [
        (
            "sh -c 'exit 3'",
            "`sh -c 'exit 3'` ended with status 3 before it answered initialize",
            "--start-timeout",
        ),
        (
            "sh -c 'echo garbage; echo more; exec sleep 60'",
            "It wrote 2 lines that are not JSON-RPC messages; the first: `garbage`",
            "--start-timeout",
        ),
        (
            "sh -c 'exec sleep 60'",
            "If it needs longer to start, pass --start-timeout",
            "JSON-RPC message",
        ),
    ] {
        let began = Instant::now();
        let output = program(&["run", "--command", command, "--start-timeout", "1"]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(reason) && !said.contains(never), "{said}");
        // Without the time that a server has for an orderly end.
        assert!(began.elapsed() < Duration::from_secs(5), "{command}");
    }
}

/// A server that exits with a message on stderr when it gets an unknown method.
#[cfg(unix)]
const SHORT_LIVED: &str = r#"sh -c '
while read -r line; do
    id=${line#*\"id\":}
    id=${id%%,*}
    case $line in
        *initialize\"*) echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},\"serverInfo\":{\"name\":\"m\",\"version\":\"1\"}}}" ;;
        *ping*) echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":{}}" ;;
        *no/such*) echo out of luck >&2; exit 7 ;;
    esac
done'"#;

#[cfg(unix)]
#[test]
fn a_crash_is_reported_with_request_status_and_stderr() {
    let arguments = [
        "run",
        "--command",
        SHORT_LIVED,
        "--filter",
        "base/method-not-found",
    ];
    let output = program(&arguments);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}{}", stderr(&output));
    assert!(
        said.contains("the server ended the connection by itself after {")
            && said.contains(r#""method":"no/such/method","params":{}} (it ended with status 7)"#)
            && said.contains("Its last lines on stderr:")
            && said.contains("out of luck"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn a_server_that_keeps_asking_and_never_reads_does_not_block_the_program() {
    let began = Instant::now();
    let ping = r#"{"jsonrpc": "2.0", "id": 1, "method": "ping"}"#;
    let server = format!("sh -c 'while echo \"$0\"; do :; done' '{ping}'");
    let output = program(&["run", "--command", &server]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("did not take 1024 answers"), "{said}");
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}

#[test]
fn a_report_goes_into_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.txt");
    let url = monotonous(json!({"capabilities": {}}));
    let output = program(&[
        "run",
        "--url",
        &url,
        "--filter",
        "lifecycle/handshake",
        "--output",
        &file.to_string_lossy(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    let text = std::fs::read_to_string(file).expect("the report was written");
    assert!(text.starts_with("url http://") && !text.contains('\u{1b}'));
}

#[test]
fn the_list_names_every_check_and_its_requirements() {
    let output = program(&["list", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let list: Value = serde_json::from_slice(&output.stdout).expect("the list is JSON");
    let checks = list["checks"].as_array().expect("checks");
    assert_eq!(checks.len(), wasi_mcp_conformance::checks::all().count());
    assert!(checks.iter().all(|check| {
        !check["requirements"]
            .as_array()
            .expect("requirements")
            .is_empty()
    }));
    let text = String::from_utf8(program(&["list"]).stdout).expect("UTF-8");
    assert!(text.contains("tools/unique-names\n    Lists each tool once across all pages.\n    MUST: tools.unique-names\n"));
}

#[test]
fn a_known_failure_is_recorded_tolerated_and_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("expectations.toml");
    let file = file.to_string_lossy();
    let judge = |server: &str, more: &[&str]| {
        let filter = "lifecycle/result-server-info";
        let mut arguments = vec!["run", "--url", server, "--filter", filter];
        arguments.extend(["--expectations", &file]);
        arguments.extend(more);
        program(&arguments)
    };
    let broken = monotonous(json!({"capabilities": {}}));
    let missing = judge(&broken, &[]);
    assert_eq!(missing.status.code(), Some(2), "a missing file is accepted");
    assert!(stderr(&missing).contains("cannot be read"));
    let updated = judge(&broken, &["--update-expectations"]);
    assert_eq!(updated.status.code(), Some(0));
    let last = format!("1 entry added to {file}, so the exit status is 0\n");
    assert!(stderr(&updated).ends_with(&last), "{}", stderr(&updated));
    let written = std::fs::read_to_string(&*file).expect("it was written");
    assert!(
        written.contains("lifecycle/result-server-info"),
        "{written}"
    );
    let silenced = judge(&broken, &[]);
    assert_eq!(silenced.status.code(), Some(0), "{}", stderr(&silenced));
    assert!(String::from_utf8_lossy(&silenced.stdout).contains("1 failed as expected"));
    let mended = monotonous(
        json!({"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "m", "version": "1"}}),
    );
    let outlived = judge(&mended, &[]);
    assert_eq!(outlived.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&outlived.stdout).contains("UNEXPECTED PASS"));
    assert_eq!(
        judge(&mended, &["--update-expectations"]).status.code(),
        Some(0)
    );
    assert_eq!(judge(&mended, &[]).status.code(), Some(0));
}

#[test]
fn one_run_writes_several_reports() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    let url = monotonous(json!({"capabilities": {}}));
    let further = format!("json={}", file.to_string_lossy());
    let filter = "lifecycle/handshake";
    let output = program(&[
        "run", "--url", &url, "--filter", filter, "--report", &further,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    let text = std::fs::read(file).expect("it was written");
    let report: Value = serde_json::from_slice(&text).expect("it is JSON");
    assert_eq!(report["schema"], 2);
}

#[test]
fn invalid_options_are_rejected() {
    for (argument, reason) in [
        (&["--jobs", "0"][..], "1..=256"),
        (&["--check-timeout", "0"], "above 0"),
        (&["--repeat", "0"], "1.."),
        (&["--report", "json"], "FORMAT=FILE"),
        (&["--report", "stone=tablet"], "stone"),
        (&["--update-expectations"], "--expectations"),
        (&["--filter", "[a"], "--filter is malformed"),
    ] {
        let output = program(&[&["run", "--command", "cat"], argument].concat());
        assert_eq!(output.status.code(), Some(2), "{argument:?}");
        assert!(
            stderr(&output).contains(reason),
            "{argument:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn the_schema_of_reports_is_printed() {
    let output = program(&["report-schema"]);
    let schema: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(schema["properties"]["schema"]["const"], 2);
}

#[test]
fn progress_goes_to_stderr_unless_quiet() {
    let url = monotonous(json!({"capabilities": {}}));
    let arguments = ["run", "--url", &url, "--filter", "lifecycle/handshake"];
    let told = program(&arguments);
    let said = stderr(&told);
    assert!(
        said.starts_with("judged url http://") && said.contains("1 passed, 0 failed in"),
        "{said}"
    );
    let quiet = program(&[&arguments[..], &["--quiet"]].concat());
    assert_eq!(stderr(&quiet), "");
    assert_eq!(quiet.stdout, told.stdout);
}

const INITIALIZED: &str =
    r#"{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"m","version":"1"}}"#;

/// Starts a server without features. Returns its URL.
fn plain() -> String {
    monotonous(serde_json::from_str(INITIALIZED).expect("it is JSON"))
}

#[test]
fn nothing_is_judged_if_the_report_cannot_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "kept").expect("it is written");
    let file = file.to_string_lossy();
    let twice = format!("json={}/./same", folder.path().display());
    let other = format!("html={}/same", folder.path().display());
    let inside = format!("{file}/transcripts");
    let url = plain();
    for (arguments, reason) in [
        (
            &["--report", "html=/no/such/folder/a"][..],
            "/no/such/folder/a cannot be written",
        ),
        (
            &["--output", "/no/such/folder/b"],
            "/no/such/folder/b cannot be written",
        ),
        (&["--transcript", &inside], "transcripts cannot be created"),
        (
            &["--report", &twice, "--report", &other],
            "two outputs go into",
        ),
        (
            &[
                "--update-expectations",
                "--expectations",
                "/no/such/folder/c",
            ],
            "/no/such/folder/c cannot be written",
        ),
    ] {
        let run = ["run", "--url", &url, "--filter", "lifecycle/handshake"];
        let output = program(&[&run[..], arguments].concat());
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(reason) && !said.contains("judged"), "{said}");
        assert!(output.stdout.is_empty());
    }
    let left = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 1, "trying leaves nothing behind");
    assert_eq!(std::fs::read(&*file).expect("a file"), b"kept");
}

#[test]
fn a_runtime_that_cannot_be_started_cannot_be_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let adapter = folder.path().join("runtime.toml");
    let judge = |command: &str| {
        let text = format!("name = \"none\"\n[stdio]\ncommand = {command}\n");
        std::fs::write(&adapter, text).expect("it is written");
        program(&["run", "--runtime", &adapter.to_string_lossy()])
    };
    for (command, reason) in [
        (
            "[\"no-such-program-conformance\", \"{component}\"]",
            "cannot be started",
        ),
        ("[\"false\", \"{component}\"]", "ended with status 1"),
    ] {
        let output = judge(command);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains("cannot be run") && said.contains(reason),
            "{said}"
        );
        assert_eq!(said.matches("cannot be run").count(), 1, "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn ids_in_the_documentation_can_be_explained() {
    let page = include_str!("../../docs/judging.md");
    let ids: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("wasi-mcp-conformance explain "))
        .filter_map(|rest| rest.split_whitespace().next())
        .collect();
    assert!(ids.len() >= 2, "{ids:?}");
    for id in &ids {
        let output = program(&["explain", id]);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let known = |id: &str| page.contains(id);
    assert!(known("tools.output-schema-conform") && known("tools/output-schema-conform"));
}

#[test]
fn checks_of_runtimes_are_listed_and_explained() {
    let output = program(&["list", "runtime", "--format", "tsv"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let ids: Vec<&str> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split('\t').next())
        .collect();
    assert_eq!(
        ids.len(),
        wasi_mcp_conformance::checks::runtime::all().count()
    );
    assert!(ids.iter().all(|id| id.starts_with("runtime-")));
    let output = program(&["explain", ids[0], "wit.start.failed"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        text.contains("run --runtime ADAPTER.toml --verbose --filter runtime-"),
        "{text}"
    );
    assert!(
        text.contains("checked by    runtime-lifecycle/start-fails"),
        "{text}"
    );
}

#[test]
fn an_empty_list_is_an_error() {
    for what in ["checks", "requirements", "runtime"] {
        let output = program(&["list", what, "--id", "zzz"]);
        assert_eq!(output.status.code(), Some(2), "{what}");
        assert!(stderr(&output).contains("nothing matches --id"));
    }
}

#[test]
fn a_run_that_judges_nothing_says_so() {
    let url = plain();
    let output = program(&["run", "--url", &url, "--filter", "prompts/unique-names"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        text.ends_with("nothing was judged: every check was skipped; -v says why\n"),
        "{text}"
    );
}

#[test]
fn the_transport_may_be_named_if_there_is_only_one() {
    let url = plain();
    let run = [
        "run",
        "--url",
        &url,
        "--filter",
        "lifecycle/handshake",
        "--transport",
    ];
    let agreed = program(&[&run[..], &["http"]].concat());
    assert_eq!(agreed.status.code(), Some(0), "{}", stderr(&agreed));
    let not = program(&[&run[..], &["stdio"]].concat());
    assert_eq!(not.status.code(), Some(2));
    assert!(stderr(&not).contains("--url names a server that speaks only http"));
    let not = program(&["run", "--command", "cat", "--transport", "both"]);
    assert_eq!(not.status.code(), Some(2));
    assert!(stderr(&not).contains("pass --transport stdio"));
}

#[test]
fn typos_are_answered_with_hints() {
    let forgotten = program(&["nope.wasm"]);
    assert_eq!(forgotten.status.code(), Some(2));
    assert!(stderr(&forgotten).contains("Did you mean `wasi-mcp-conformance run nope.wasm`?"));
    let form = program(&["run", "--command", "cat", "--report", "foo=x"]);
    assert!(stderr(&form).contains("human, json, junit, markdown, html, badge"));
    let url = monotonous(json!({
        "protocolVersion": "2025-06-18",
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "m", "version": "1"},
        "tools": [{"name": "delete", "inputSchema": {"type": "object"}}],
    }));
    let run = ["run", "--url", &url, "--filter", "tools/unique-names"];
    let output = program(&[&run[..], &["--skip-tool", "delet", "--skip-tool", "d*"]].concat());
    let said = stderr(&output);
    assert!(
        said.contains("warning: --skip-tool delet: the server lists no such tool"),
        "{said}"
    );
    assert_eq!(said.matches("warning").count(), 1, "{said}");
}

/// Returns a file that is always full.
#[cfg(target_os = "linux")]
fn full() -> std::process::Stdio {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    full.expect("this system has it").into()
}

/// Returns a pipe without a reader.
#[cfg(target_os = "linux")]
fn unread() -> std::process::Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

/// Writes a component into the folder, and returns its path.
#[cfg(target_os = "linux")]
fn hello(folder: &std::path::Path) -> String {
    let guests = folder.to_str().expect("its path");
    assert!(program(&["guests", "--out", guests]).status.success());
    format!("{guests}/hello-0.3.wasm")
}

/// Runs the program with these streams, and returns its status and standard output.
#[cfg(target_os = "linux")]
fn status_with(
    arguments: &[&str],
    change: impl FnOnce(&mut Command) -> &mut Command,
) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"));
    command
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let running = change(&mut command).spawn().expect("the program starts");
    let output = running.wait_with_output().expect("it ends");
    let status = output.status.code().expect("no signal ends it");
    (
        status,
        String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr(&output),
    )
}

#[cfg(target_os = "linux")]
#[test]
fn stderr_that_cannot_be_written_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let hello = hello(folder.path());
    let known = folder.path().join("known.toml");
    let known = known.to_str().expect("its path");
    let cases: [(&[&str], i32, &str); 8] = [
        (&["run", "--command", "false", "--filter", "ping/"], 2, ""),
        (&["run", "no-such-file.wasm"], 2, ""),
        (&["no-such-command"], 2, ""),
        (&["hello.wasm"], 2, ""),
        (&["explain", "no/such-check"], 2, ""),
        (&["list", "--id", "ping*"], 0, "ping"),
        (
            &["run", &hello, "--filter", "ping/", "--transport", "stdio"],
            0,
            "ping",
        ),
        (
            &[
                "run",
                &hello,
                "--filter",
                "ping/",
                "--transport",
                "stdio",
                "--expectations",
                known,
                "--update-expectations",
            ],
            0,
            "",
        ),
    ];
    for (arguments, status, part) in cases {
        for broken in [full, unread] {
            let (code, stdout, _) = status_with(arguments, |command| command.stderr(broken()));
            assert_eq!(code, status, "{arguments:?}: {stdout}");
            assert!(stdout.contains(part), "{arguments:?}: {stdout}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn full_stdout_is_an_error_and_closed_stdout_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let hello = hello(folder.path());
    let cases: [&[&str]; 7] = [
        &["--help"],
        &["run", "--help"],
        &["list"],
        &["explain", "ping/respond"],
        &["report-schema"],
        &["completions", "bash"],
        &["run", &hello, "--filter", "ping/", "--quiet"],
    ];
    for arguments in cases {
        let (code, _, text) = status_with(arguments, |command| command.stdout(full()));
        assert_eq!(code, 2, "{arguments:?}: {text}");
        assert!(
            text.contains("stdout cannot be written"),
            "{arguments:?}: {text}"
        );
        let (code, _, text) = status_with(arguments, |command| command.stdout(unread()));
        assert_eq!((code, text.as_str()), (0, ""), "{arguments:?}");
    }
}

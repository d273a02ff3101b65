//! Compositions on runtimes that know nothing of `wasi:mcp`: wasmtime's own command, over stdio and
//! over HTTP, and jco on Node.js, over HTTP.

// A server's children end with its group of processes.
#![cfg(unix)]

#[path = "targets/authorization.rs"]
mod authorization;
mod issuer;
#[path = "targets/languages.rs"]
mod languages;
mod outcome;
#[path = "targets/runtimes.rs"]
mod runtimes;

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::sync::RwLock;
use wasi_mcp_compose::{Composition, Part, Sessions, TargetOptions, target_with};
use wasi_mcp_conformance::driver::Timing;
use wasi_mcp_conformance::model::{Run, Status};
use wasi_mcp_conformance::runner::{NoWatcher, RunOptions, run};
use wasi_mcp_conformance::runtime::port::ReservedPort;
use wasi_mcp_conformance::targets::{Target, command, url};
use wasi_mcp_embedded_guests::find;

use outcome::{NEED_SESSIONS, skipped_as_permitted};

/// The checks that may be skipped over stdio, as with the reference host.
const NOT_JUDGED: &[&[&str]] = &[&[
    // Only `--peer-timeout` tells how long the server waits for the client.
    "lifecycle/request-timeout",
    "lifecycle/timeout-cancelled",
    "lifecycle/timeout-maximum",
    "lifecycle/after-timeout",
    "ping/periodic",
    "ping/timeout",
    // They depend on what the calls of a run have shown.
    "cancellation/stop",
    "cancellation/kind-of-id",
    "progress/fractions",
]];

/// The check of a cancellation, which over HTTP may reach another instance.
const NEED_ONE_INSTANCE: &[&str] = &["cancellation/kind-of-id"];

/// The checks that may be skipped over HTTP.
const NOT_OVER_HTTP: &[&[&str]] = &[NEED_SESSIONS, NEED_ONE_INSTANCE];

fn wasmtime() -> PathBuf {
    let path = std::env::var_os("WASI_MCP_WASMTIME").unwrap_or_else(|| {
        panic!("set WASI_MCP_WASMTIME to the command `wasmtime`, version 48 or later")
    });
    PathBuf::from(path)
}

/// Writes a guest's composition for a target to a file.
fn served(guest: &str, entry: wasi_mcp_compose::Target, folder: &Path) -> PathBuf {
    served_with(guest, TargetOptions::new(entry), folder)
}

fn served_with(guest: &str, options: TargetOptions, folder: &Path) -> PathBuf {
    let component = find(guest).unwrap_or_else(|| panic!("{guest}"));
    let composition = Composition {
        parts: vec![Part::new("a", component.bytes.to_vec())],
        ..Composition::default()
    };
    let served = target_with(&composition.compose().unwrap(), options).unwrap();
    let path = folder.join(format!("{guest}.wasm"));
    fs::write(&path, served).unwrap();
    path
}

/// The options of wasmtime, for both variants and both entry points. Each process finds the compiled
/// code of the first.
const OPTIONS: [&str; 4] = ["-C", "cache=y", "-S", "cli,http"];

/// Compiles a command, which ends with its input.
fn ends_with_its_input(guest: &str, component: &Path) {
    let output = Command::new(wasmtime())
        .arg("run")
        .args(OPTIONS)
        .arg(component)
        .stdin(Stdio::null())
        .output()
        .expect("wasmtime starts");
    assert!(output.status.success(), "{guest}: {output:?}");
    assert!(output.stdout.is_empty(), "{guest}: {output:?}");
}

/// A server that is stopped at the end, and the lines of its standard error.
struct Served(Child, Receiver<String>);

impl Drop for Served {
    fn drop(&mut self) {
        // jco serves in a child of its own.
        let _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
        let _ = self.0.wait();
    }
}

impl Served {
    /// Stops the server, and returns the lines of its standard error.
    fn log(self) -> Vec<String> {
        let _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
        self.1.iter().collect()
    }
}

/// Serves a component over HTTP. Returns the URL.
fn serve(component: &Path) -> (Served, String) {
    serve_with(component, 0, &[""; 0])
}

/// Serves a component over HTTP at a port, with further options of wasmtime.
fn serve_with(component: &Path, port: u16, options: &[impl AsRef<OsStr>]) -> (Served, String) {
    let mut child = Command::new(wasmtime())
        .arg("serve")
        .args(OPTIONS)
        .args(options)
        .args(["--addr", &format!("127.0.0.1:{port}")])
        .arg(component)
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .expect("wasmtime starts");
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let (sender, receiver) = channel();
    let served = Served(child, receiver);
    let mut said = Vec::new();
    let address = loop {
        let line = lines
            .next()
            .unwrap_or_else(|| panic!("it does not serve: {said:?}"));
        let line = line.unwrap();
        // Serving HTTP on http://127.0.0.1:43211/
        if let Some(at) = line.find("http://") {
            break line[at..].trim_end_matches('/').to_owned();
        }
        said.push(line);
    };
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    (served, format!("{address}/mcp"))
}

/// Serves a component of WASI 0.2 with jco. Returns the URL.
fn serve_with_jco(component: &Path) -> (Served, String) {
    let folder = std::env::var_os("WASI_MCP_JCO")
        .unwrap_or_else(|| panic!("set WASI_MCP_JCO to the folder interoperability/jco"));
    let modules = Path::new(&folder).join("node_modules");
    // jco takes no port 0.
    let port = ReservedPort::find().expect("a free port");
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.number()));
    let mut child = Command::new(modules.join("node/bin/node"))
        .arg(modules.join("@bytecodealliance/jco/dist/jco.js"))
        .arg("serve")
        .arg(component)
        .args(["--host", "127.0.0.1", "--port"])
        .arg(address.port().to_string())
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("node starts");
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(child.try_wait().unwrap().is_none(), "jco has ended");
        assert!(begun.elapsed() < JCO_START, "jco does not listen");
        sleep(Duration::from_millis(100));
    }
    let (_, no_lines) = channel();
    (Served(child, no_lines), format!("http://{address}/mcp"))
}

/// The longest time for jco to translate a component.
const JCO_START: Duration = Duration::from_secs(120);

/// One check at a time over HTTP: in WASI 0.3 all of them share an instance, whose lists some change.
const HTTP_JOBS: Option<usize> = Some(1);

/// Read by runs, whose servers have to answer in time, and written while a large component is compiled.
static PROCESSORS: RwLock<()> = RwLock::const_new(());

async fn judged(mut target: Target, jobs: Option<usize>) -> Run {
    let _shared = PROCESSORS.read().await;
    target.timing = Timing {
        peer_timeout: None,
        ..Timing::NEAR
    };
    let options = RunOptions {
        strict: true,
        jobs,
        ..RunOptions::default()
    };
    run(&target, &options, &NoWatcher).await.expect("it runs")
}

fn passes(guest: &str, run: &Run, permitted: &[&[&str]]) {
    skipped_as_permitted(guest, run, &permitted.concat());
}

async fn passes_over_stdio(guest: &str, permitted: &[&[&str]]) {
    let folder = tempfile::tempdir().unwrap();
    let component = served(guest, wasi_mcp_compose::Target::Cli, folder.path());
    ends_with_its_input(guest, &component);
    let run = judged(as_command(&component), None).await;
    passes(guest, &run, permitted);
}

/// A component as a command of wasmtime.
fn as_command(component: &Path) -> Target {
    let line = format!(
        "{} run {} {}",
        wasmtime().display(),
        OPTIONS.join(" "),
        component.display()
    );
    command::target(&line).expect("a target")
}

async fn passes_over_http(guest: &str, permitted: &[&[&str]]) {
    let folder = tempfile::tempdir().unwrap();
    let component = served(guest, wasi_mcp_compose::Target::Http, folder.path());
    let (_server, address) = serve(&component);
    let run = judged(
        url::target(&address, &[], None).expect("a target"),
        HTTP_JOBS,
    )
    .await;
    passes(guest, &run, permitted);
}

macro_rules! on_wasmtime {
    ($($name:ident = $passes:ident($guest:literal, $permitted:ident);)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        #[ignore = "needs wasmtime, which WASI_MCP_WASMTIME names and .ci/run installs"]
        async fn $name() {
            $passes($guest, $permitted).await;
        }
    )*};
}

on_wasmtime! {
    a_backend_for_0_2_passes_over_http = passes_over_http("reference-backend-0.2", NOT_OVER_HTTP);
    a_service_for_0_2_passes_over_http = passes_over_http("reference-service-0.2", NOT_OVER_HTTP);
    a_backend_for_0_2_passes_over_stdio = passes_over_stdio("reference-backend-0.2", NOT_JUDGED);
    a_service_for_0_2_passes_over_stdio = passes_over_stdio("reference-service-0.2", NOT_JUDGED);
    a_backend_for_0_3_passes_over_http = passes_over_http("reference-backend-0.3", NOT_OVER_HTTP);
    a_service_for_0_3_passes_over_http = passes_over_http("reference-service-0.3", NOT_OVER_HTTP);
    a_backend_for_0_3_passes_over_stdio = passes_over_stdio("reference-backend-0.3", NOT_JUDGED);
    a_service_for_0_3_passes_over_stdio = passes_over_stdio("reference-service-0.3", NOT_JUDGED);
}

/// Calls a tool over HTTP. Returns the response with its head.
fn call(address: &str, tool: &str, arguments: &str) -> String {
    let params = format!(r#"{{"name":"{tool}","arguments":{arguments}}}"#);
    request(address, "tools/call", &params, "")
}

/// Sends a request over HTTP, with more header fields. Returns the response with its head.
fn request(address: &str, method: &str, params: &str, fields: &str) -> String {
    let host = address
        .trim_start_matches("http://")
        .trim_end_matches("/mcp");
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "POST /mcp HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
         MCP-Protocol-Version: 2025-06-18\r\n{fields}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

/// The store of `wasmtime serve` forgets everything when a bucket is closed, as the manual says. This
/// fails once it does not.
#[test]
#[ignore = "needs wasmtime, which WASI_MCP_WASMTIME names and .ci/run installs"]
fn the_store_of_wasmtime_serve_keeps_no_sessions() {
    let initialize = r#"{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"tester","version":"1"}}"#;
    let folder = tempfile::tempdir().unwrap();
    for guest in ["hello-0.2", "hello-0.3"] {
        let mut options = TargetOptions::new(wasi_mcp_compose::Target::Http);
        options.sessions = Sessions::KeyValue;
        let component = served_with(guest, options, folder.path());
        let (server, address) = serve_with(&component, 0, &["-S", "keyvalue"]);
        let answer = request(&address, "initialize", initialize, "");
        let session = answer
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with("mcp-session-id:"));
        let session = session.unwrap_or_else(|| panic!("{guest}: {answer}"));
        let answer = request(&address, "tools/list", "{}", &format!("{session}\r\n"));
        assert!(answer.starts_with("HTTP/1.1 404"), "{guest}: {answer}");
        let log = server.1.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(log.contains("unless it is only late"), "{guest}: {log}");

        let bucket = ["-S", "keyvalue", "--env", "WASI_MCP_SESSION_BUCKET=other"];
        let (_server, address) = serve_with(&component, 0, &bucket);
        let answer = request(&address, "initialize", initialize, "");
        assert!(answer.starts_with("HTTP/1.1 503"), "{guest}: {answer}");
        assert!(answer.contains("there is no such bucket"), "{answer}");
    }
}

#[test]
#[ignore = "needs wasmtime, which WASI_MCP_WASMTIME names and .ci/run installs"]
fn an_instance_that_may_get_another_request_is_not_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let guest = "reference-service-0.3";
    let component = served(guest, wasi_mcp_compose::Target::Http, folder.path());
    let (server, address) = serve(&component);
    for _ in 0..5 {
        assert!(call(&address, "log-when-stopped", "{}").contains("Started"));
    }
    let told: Vec<_> = server
        .1
        .try_iter()
        .filter(|it| it.contains("stopping"))
        .collect();
    assert!(told.is_empty(), "{told:?}");
}

#[test]
#[ignore = "needs wasmtime, which WASI_MCP_WASMTIME names and .ci/run installs"]
fn the_answer_to_a_long_call_begins_before_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let guest = "reference-service-0.3";
    let component = served(guest, wasi_mcp_compose::Target::Http, folder.path());
    let (_server, address) = serve(&component);
    let short = call(&address, "sleep", r#"{"milliseconds":1}"#).to_ascii_lowercase();
    assert!(short.contains("content-type: application/json"), "{short}");
    let long = call(&address, "sleep", r#"{"milliseconds":6000}"#).to_ascii_lowercase();
    assert!(long.contains("content-type: text/event-stream"), "{long}");
    assert!(long.contains("slept 6000 ms"), "{long}");
}

#[test]
#[ignore = "needs wasmtime, which WASI_MCP_WASMTIME names and .ci/run installs"]
fn the_end_of_the_input_ends_calls_that_never_return() {
    let folder = tempfile::tempdir().unwrap();
    let guest = "reference-service-0.3";
    let component = served(guest, wasi_mcp_compose::Target::Cli, folder.path());
    let mut child = Command::new(wasmtime())
        .arg("run")
        .args(OPTIONS)
        .arg(&component)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("wasmtime starts");
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let initialize = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"tester","version":"1"}}}"#;
    writeln!(input, "{initialize}").unwrap();
    assert!(lines.next().unwrap().unwrap().contains("protocolVersion"));
    for (id, tool, arguments) in [
        (1, "wait-until-cancelled", "{}"),
        (2, "sleep", r#"{"milliseconds":600000}"#),
    ] {
        writeln!(
            input,
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
        )
        .unwrap();
    }
    drop(input);
    let answers: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(answers.len(), 2, "{answers:?}");
    for answer in answers {
        assert!(answer.contains("the server stops"), "{answer}");
    }
    assert!(child.wait().unwrap().success());
}

/// jco serves all requests in one instance, on one thread: a guest whose tools wait for a
/// cancellation, as those of the reference guest do, would block the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs jco, whose folder WASI_MCP_JCO names and .ci/run installs"]
async fn hello_for_0_2_passes_in_jco() {
    let folder = tempfile::tempdir().unwrap();
    let component = served("hello-0.2", wasi_mcp_compose::Target::Http, folder.path());
    let (_server, address) = serve_with_jco(&component);
    let run = judged(
        url::target(&address, &[], None).expect("a target"),
        HTTP_JOBS,
    )
    .await;
    passes_as_one_tool("hello-0.2", &run, 100);
}

/// The run of a server with one kind of tool and without sessions, to which many checks do not apply.
fn passes_as_one_tool(what: &str, run: &Run, least: usize) {
    let others: Vec<_> = run
        .results
        .iter()
        .filter(|it| !matches!(it.status, Status::Pass | Status::Skip))
        .collect();
    assert!(others.is_empty(), "{what}: {others:?}");
    let passed = run.results.iter().filter(|it| it.status == Status::Pass);
    let passed = passed.count();
    assert!(passed >= least, "{what}: too few checks applied: {passed}");
}

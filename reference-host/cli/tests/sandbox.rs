//! The reach of a guest: nothing but clocks and randomness, until it is granted more.

mod command;
#[path = "../../host/tests/messages/mod.rs"]
mod messages;
#[path = "../../host/tests/support/mod.rs"]
mod support;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use command::{GuestFile, StdioClient, wasi_mcp};
use serde_json::{Value, json};
use support::{Client, component};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use wasi_mcp_host::component::{Component, DirectoryGrant, GuestOutput, Sandbox};
use wasi_mcp_host::session::{Server, ServerOptions};

/// The guest whose tools probe the sandbox, for both variants.
const EXPLORERS: [&str; 2] = ["explorer-0.2", "explorer-0.3"];

/// Compiles a guest once for all tests of this file.
fn compiled(name: &str) -> Component {
    static COMPILED: OnceLock<[Component; 2]> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| EXPLORERS.map(component));
    let index = EXPLORERS.iter().position(|explorer| *explorer == name);
    compiled[index.unwrap()].clone()
}

/// A guest with these grants.
struct Explorer {
    name: &'static str,
    client: Client,
}

impl Explorer {
    async fn with(name: &'static str, sandbox: Sandbox) -> Self {
        let mut options = ServerOptions::default();
        options.sandbox = sandbox;
        let server = Arc::new(Server::new(compiled(name), options));
        let client = Client::connect(&server).await;
        Self { name, client }
    }

    /// Calls a tool and returns its findings, or the system's error.
    async fn attempt(&mut self, tool: &str, arguments: Value) -> Result<String, String> {
        let answer = self.client.tool(tool, arguments).await;
        let text = answer["result"]["content"][0]["text"]
            .as_str()
            .unwrap_or_else(|| panic!("{} {tool}: {answer}", self.name))
            .to_owned();
        match answer["result"]["isError"].as_bool() {
            Some(false) => Ok(text),
            Some(true) => Err(text),
            None => panic!("{} {tool}: {answer}", self.name),
        }
    }

    async fn found(&mut self, tool: &str, arguments: Value) -> String {
        let outcome = self.attempt(tool, arguments.clone()).await;
        outcome.unwrap_or_else(|refusal| panic!("{} {tool} {arguments}: {refusal}", self.name))
    }

    async fn found_json(&mut self, tool: &str, arguments: Value) -> Value {
        serde_json::from_str(&self.found(tool, arguments).await).unwrap()
    }

    async fn refused(&mut self, tool: &str, arguments: Value) -> String {
        match self.attempt(tool, arguments.clone()).await {
            Ok(found) => panic!("{} {tool} {arguments}: {found}", self.name),
            Err(refusal) => refusal,
        }
    }

    /// Asserts that a socket's operation fails because it is denied, and for no other reason.
    async fn denied(&mut self, tool: &str, address: &str) {
        let refusal = self.refused(tool, json!({ "address": address })).await;
        assert!(
            refusal.contains("Permission denied") || refusal.contains("AccessDenied"),
            "{} {tool} {address}: {refusal}",
            self.name
        );
    }
}

fn grant(host: &Path, guest: &str, read_only: bool) -> DirectoryGrant {
    let mut grant = DirectoryGrant::new(host, guest);
    grant.read_only = read_only;
    grant
}

/// A folder to grant, beside one that must stay out of reach.
struct Folders {
    root: tempfile::TempDir,
}

const SECRET: &str = "nobody reads this";

impl Folders {
    fn new() -> Self {
        let folders = Self {
            root: tempfile::tempdir().unwrap(),
        };
        std::fs::create_dir_all(folders.granted().join("sub")).unwrap();
        std::fs::create_dir(folders.outside()).unwrap();
        std::fs::write(folders.granted().join("note.txt"), "a note").unwrap();
        std::fs::write(folders.secret(), SECRET).unwrap();
        folders
    }

    fn granted(&self) -> std::path::PathBuf {
        self.root.path().join("granted")
    }

    fn outside(&self) -> std::path::PathBuf {
        self.root.path().join("outside")
    }

    fn secret(&self) -> std::path::PathBuf {
        self.outside().join("secret.txt")
    }

    fn assert_outside_is_untouched(&self, name: &str) {
        assert_eq!(
            std::fs::read_to_string(self.secret()).unwrap(),
            SECRET,
            "{name}"
        );
        assert_eq!(names(&self.outside()), ["secret.txt"], "{name}");
        assert_eq!(names(self.root.path()), ["granted", "outside"], "{name}");
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

/// A web server on this machine that counts connections.
struct WebServer {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl WebServer {
    /// Answers everything with this status line and these headers.
    async fn start(head: String, body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let response = format!(
                    "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    while !request.ends_with(b"\r\n\r\n") {
                        match stream.read_u8().await {
                            Ok(byte) => request.push(byte),
                            Err(_) => return,
                        }
                    }
                    // A client that is gone needs no answer.
                    let _ = stream.write_all(response.as_bytes()).await;
                });
            }
        });
        Self {
            address,
            connections,
        }
    }

    fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn environment_and_arguments_are_empty() {
    assert!(
        std::env::vars_os().next().is_some() && std::env::args_os().next().is_some(),
        "this process has some of its own"
    );
    for name in EXPLORERS {
        let mut explorer = Explorer::with(name, Sandbox::default()).await;
        assert_eq!(
            explorer.found_json("environment", json!({})).await,
            json!({})
        );
        assert_eq!(explorer.found_json("arguments", json!({})).await, json!([]));
    }
}

#[tokio::test]
async fn environment_and_arguments_are_exactly_what_was_granted() {
    for name in EXPLORERS {
        let mut sandbox = Sandbox::default();
        sandbox.environment = vec![
            ("GREETING".into(), "a = b".into()),
            ("EMPTY".into(), String::new()),
        ];
        sandbox.arguments = vec!["first".into(), "--second".into(), String::new()];
        let mut explorer = Explorer::with(name, sandbox).await;
        assert_eq!(
            explorer.found_json("environment", json!({})).await,
            json!({ "GREETING": "a = b", "EMPTY": "" }),
            "{name}"
        );
        assert_eq!(
            explorer.found_json("arguments", json!({})).await,
            json!(["first", "--second", ""]),
            "{name}"
        );
    }
}

#[tokio::test]
async fn no_path_leads_to_a_file() {
    let folders = Folders::new();
    let secret = folders.secret();
    let secret = secret.to_str().unwrap();
    for name in EXPLORERS {
        let mut explorer = Explorer::with(name, Sandbox::default()).await;
        for path in ["/", ".", "..", "", "/tmp", "/proc/self", "src"] {
            explorer
                .refused("list-folder", json!({ "path": path }))
                .await;
        }
        for path in [
            secret,
            "/etc/passwd",
            "etc/passwd",
            "Cargo.toml",
            "./Cargo.toml",
            "../Cargo.toml",
            "/proc/self/environ",
            "/dev/stdin",
        ] {
            explorer.refused("read-file", json!({ "path": path })).await;
        }
        let new = folders.outside().join("new.txt");
        let new = new.to_str().unwrap();
        for path in [secret, new, "new.txt", "/new.txt"] {
            explorer
                .refused("write-file", json!({ "path": path, "text": "mine" }))
                .await;
        }
        for path in [secret, "Cargo.toml"] {
            explorer
                .refused("remove-file", json!({ "path": path }))
                .await;
        }
        folders.assert_outside_is_untouched(name);
    }
}

#[tokio::test]
async fn a_read_only_folder_is_read_and_stays_as_it_is() {
    let folders = Folders::new();
    for name in EXPLORERS {
        let mut sandbox = Sandbox::default();
        sandbox.directories = vec![grant(&folders.granted(), "/data", true)];
        let mut explorer = Explorer::with(name, sandbox).await;
        assert_eq!(
            explorer
                .found_json("list-folder", json!({ "path": "/data" }))
                .await,
            json!(["note.txt", "sub"]),
            "{name}"
        );
        let note = json!({ "path": "/data/note.txt" });
        assert_eq!(explorer.found("read-file", note.clone()).await, "a note");

        for path in ["/data/note.txt", "/data/new.txt", "/data/sub/new.txt"] {
            explorer
                .refused("write-file", json!({ "path": path, "text": "mine" }))
                .await;
        }
        explorer.refused("remove-file", note.clone()).await;
        explorer
            .refused("create-folder", json!({ "path": "/data/new" }))
            .await;
        assert_eq!(explorer.found("read-file", note).await, "a note", "{name}");
        assert_eq!(names(&folders.granted()), ["note.txt", "sub"], "{name}");
        assert!(names(&folders.granted().join("sub")).is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_folder_for_reading_and_writing_is_both_and_leaves_its_neighbour_read_only() {
    for name in EXPLORERS {
        let folders = Folders::new();
        let other = tempfile::tempdir().unwrap();
        let mut sandbox = Sandbox::default();
        sandbox.directories = vec![
            grant(&folders.granted(), "/data", false),
            grant(other.path(), "/other", true),
        ];
        let mut explorer = Explorer::with(name, sandbox).await;
        explorer
            .found("create-folder", json!({ "path": "/data/made" }))
            .await;
        explorer
            .found(
                "write-file",
                json!({ "path": "/data/made/new.txt", "text": "words" }),
            )
            .await;
        explorer
            .found("remove-file", json!({ "path": "/data/note.txt" }))
            .await;
        assert_eq!(names(&folders.granted()), ["made", "sub"], "{name}");
        let new = folders.granted().join("made/new.txt");
        assert_eq!(std::fs::read_to_string(new).unwrap(), "words", "{name}");
        assert_eq!(
            explorer
                .found("read-file", json!({ "path": "/data/made/new.txt" }))
                .await,
            "words"
        );

        explorer
            .refused(
                "write-file",
                json!({ "path": "/other/new.txt", "text": "words" }),
            )
            .await;
        assert!(names(other.path()).is_empty(), "{name}");
        folders.assert_outside_is_untouched(name);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn neither_dots_nor_links_lead_out_of_a_granted_folder() {
    use std::os::unix::fs::symlink;

    let folders = Folders::new();
    let granted = folders.granted();
    symlink("../outside/secret.txt", granted.join("relative")).unwrap();
    symlink(folders.secret(), granted.join("absolute")).unwrap();
    symlink("..", granted.join("up")).unwrap();
    symlink(folders.outside(), granted.join("away")).unwrap();
    symlink("note.txt", granted.join("inside")).unwrap();
    let secret = folders.secret();
    let ways = [
        "/data/../outside/secret.txt",
        "/data/sub/../../outside/secret.txt",
        "/data/./sub/.././../outside/secret.txt",
        "/data/relative",
        "/data/absolute",
        "/data/up/outside/secret.txt",
        "/data/away/secret.txt",
        secret.to_str().unwrap(),
    ];
    for name in EXPLORERS {
        let mut sandbox = Sandbox::default();
        sandbox.directories = vec![grant(&granted, "/data", false)];
        let mut explorer = Explorer::with(name, sandbox).await;
        for path in ["/data/sub/../note.txt", "/data/inside"] {
            assert_eq!(
                explorer.found("read-file", json!({ "path": path })).await,
                "a note",
                "{name} {path}: what stays inside is allowed"
            );
        }
        for path in ways {
            explorer.refused("read-file", json!({ "path": path })).await;
            explorer
                .refused("write-file", json!({ "path": path, "text": "mine" }))
                .await;
        }
        for path in ["/data/..", "/data/up", "/data/away", "/data/sub/../.."] {
            explorer
                .refused("list-folder", json!({ "path": path }))
                .await;
            let new = format!("{path}/new");
            explorer
                .refused("write-file", json!({ "path": new, "text": "mine" }))
                .await;
            explorer
                .refused("create-folder", json!({ "path": new }))
                .await;
            let secret = format!("{path}/outside/secret.txt");
            explorer
                .refused("remove-file", json!({ "path": secret }))
                .await;
        }
        explorer
            .refused("remove-file", json!({ "path": "/data/away/secret.txt" }))
            .await;
        folders.assert_outside_is_untouched(name);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn no_link_that_a_guest_makes_leads_out_of_a_granted_folder() {
    for name in EXPLORERS {
        let folders = Folders::new();
        let secret = folders.secret();
        let secret = secret.to_str().unwrap();
        let mut sandbox = Sandbox::default();
        sandbox.directories = vec![grant(&folders.granted(), "/data", false)];
        let mut explorer = Explorer::with(name, sandbox).await;
        let outside = [
            "../outside/secret.txt",
            "sub/../../outside/secret.txt",
            secret,
        ];
        for (number, target) in outside.into_iter().enumerate() {
            let path = format!("/data/link-{number}");
            // The host may or may not allow such a link, but it must lead nowhere.
            let made = explorer
                .attempt("make-link", json!({ "target": target, "path": path }))
                .await;
            explorer.refused("read-file", json!({ "path": path })).await;
            if made.is_ok() {
                explorer
                    .refused("write-file", json!({ "path": path, "text": "mine" }))
                    .await;
            }
            let hard = format!("/data/hard-{number}");
            for target in [format!("/data/{target}"), target.to_owned()] {
                explorer
                    .refused("make-hard-link", json!({ "target": target, "path": hard }))
                    .await;
            }
        }
        for to in ["/data/../outside/note.txt", "/data/../note.txt", secret] {
            explorer
                .refused("rename", json!({ "from": "/data/note.txt", "to": to }))
                .await;
            explorer
                .refused("rename", json!({ "from": to, "to": "/data/taken.txt" }))
                .await;
            explorer
                .refused("make-link", json!({ "target": "note.txt", "path": to }))
                .await;
        }
        explorer
            .found(
                "make-hard-link",
                json!({ "target": "/data/note.txt", "path": "/data/sub/same.txt" }),
            )
            .await;
        let moved = json!({ "from": "/data/sub/same.txt", "to": "/data/moved.txt" });
        explorer.found("rename", moved).await;
        let read = explorer
            .found("read-file", json!({ "path": "/data/moved.txt" }))
            .await;
        assert_eq!(read, "a note", "{name}: what stays inside is allowed");
        folders.assert_outside_is_untouched(name);
    }
}

#[tokio::test]
async fn there_are_no_sockets_and_no_names_even_for_a_host_that_http_may_reach() {
    let web = WebServer::start("200 OK".into(), "hello").await;
    for name in EXPLORERS {
        let mut sandbox = Sandbox::default();
        sandbox.http_hosts = vec!["127.0.0.1".into(), "localhost".into()];
        for sandbox in [Sandbox::default(), sandbox] {
            let mut explorer = Explorer::with(name, sandbox).await;
            let address = web.address.to_string();
            for address in [address.as_str(), "[::1]:80"] {
                explorer.denied("connect", address).await;
            }
            for address in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0"] {
                explorer.denied("listen", address).await;
                explorer.denied("bind-udp", address).await;
            }
            explorer
                .refused("resolve", json!({ "name": "localhost" }))
                .await;
        }
    }
    assert_eq!(web.connections(), 0);
}

#[tokio::test]
async fn http_is_denied_until_the_host_is_granted() {
    let web = WebServer::start("200 OK".into(), "hello").await;
    for name in EXPLORERS {
        let mut explorer = Explorer::with(name, Sandbox::default()).await;
        let refusal = explorer.refused("fetch", json!({ "url": web.url() })).await;
        assert!(refusal.contains("HttpRequestDenied"), "{name}: {refusal}");
    }
    assert_eq!(web.connections(), 0);
}

#[tokio::test]
async fn http_reaches_the_granted_host_and_port_alone() {
    for name in EXPLORERS {
        let granted = WebServer::start("200 OK".into(), "hello").await;
        let other = WebServer::start("200 OK".into(), "not for you").await;
        let port = granted.address.port();
        let mut sandbox = Sandbox::default();
        sandbox.http_hosts = vec![granted.address.to_string()];
        let mut explorer = Explorer::with(name, sandbox).await;
        let fetched = explorer
            .found_json("fetch", json!({ "url": granted.url() }))
            .await;
        assert_eq!(fetched, json!({ "status": 200, "body": "hello" }), "{name}");
        for url in [
            other.url(),
            format!("http://localhost:{port}/"),
            format!("http://127.0.0.2:{port}/"),
            format!("http://127.0.0.1.example:{port}/"),
            "http://127.0.0.1/".to_owned(),
        ] {
            let refusal = explorer.refused("fetch", json!({ "url": url })).await;
            assert!(
                refusal.contains("HttpRequestDenied"),
                "{name} {url}: {refusal}"
            );
        }
        assert_eq!(
            (granted.connections(), other.connections()),
            (1, 0),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_host_without_a_port_is_granted_on_every_port() {
    let web = WebServer::start("204 No Content".into(), "").await;
    for name in EXPLORERS {
        let mut sandbox = Sandbox::default();
        sandbox.http_hosts = vec!["127.0.0.1".into()];
        let mut explorer = Explorer::with(name, sandbox).await;
        let fetched = explorer
            .found_json("fetch", json!({ "url": web.url() }))
            .await;
        assert_eq!(fetched["status"], 204, "{name}");
    }
}

#[tokio::test]
async fn a_redirect_is_the_guests_to_follow_and_its_target_must_be_granted() {
    for name in EXPLORERS {
        let target = WebServer::start("200 OK".into(), "not for you").await;
        let head = format!("302 Found\r\nlocation: {}", target.url());
        let web = WebServer::start(head, "elsewhere").await;
        let mut sandbox = Sandbox::default();
        sandbox.http_hosts = vec![web.address.to_string()];
        let mut explorer = Explorer::with(name, sandbox).await;
        let fetched = explorer
            .found_json("fetch", json!({ "url": web.url() }))
            .await;
        assert_eq!(
            fetched,
            json!({ "status": 302, "body": "elsewhere" }),
            "{name}"
        );
        explorer
            .refused("fetch", json!({ "url": target.url() }))
            .await;
        assert_eq!((web.connections(), target.connections()), (1, 0), "{name}");
    }
}

#[tokio::test]
async fn a_granted_name_is_looked_up_and_localhost_is_this_machine() {
    for name in EXPLORERS {
        let web = WebServer::start("200 OK".into(), "hello").await;
        let host = format!("localhost:{}", web.address.port());
        let mut sandbox = Sandbox::default();
        sandbox.http_hosts = vec![host.clone()];
        let mut explorer = Explorer::with(name, sandbox).await;
        let url = format!("http://{host}/");
        let fetched = explorer.found_json("fetch", json!({ "url": url })).await;
        assert_eq!(fetched, json!({ "status": 200, "body": "hello" }), "{name}");
        // An ungranted name must not be looked up: the error would not be a denial.
        let url = "http://no-such-name.invalid/";
        let refusal = explorer.refused("fetch", json!({ "url": url })).await;
        assert!(refusal.contains("HttpRequestDenied"), "{name}: {refusal}");
        assert_eq!(web.connections(), 1, "{name}");
    }
}

#[tokio::test]
async fn one_guest_has_no_more_requests_under_way_than_it_may() {
    // It accepts connections and answers nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let mut sandbox = Sandbox::default();
    sandbox.http_hosts = vec![address.clone()];
    let mut client = Explorer::with("explorer-0.3", sandbox).await.client;
    let url = json!({ "url": format!("http://{address}/") });
    for _ in 0..64 {
        client.start_tool("fetch", url.clone()).await;
    }
    let refused = client.tool("fetch", url).await;
    let text = refused["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("ConnectionLimitReached"), "{refused}");
    let random = client.tool("random", json!({})).await;
    assert_eq!(random["result"]["isError"], false, "{random}");
}

/// Returns a guest's observations of time and randomness.
async fn time_and_chance(name: &'static str, deterministic: bool) -> Vec<String> {
    let mut sandbox = Sandbox::default();
    sandbox.deterministic = deterministic;
    let mut explorer = Explorer::with(name, sandbox).await;
    let mut seen = Vec::new();
    for tool in ["clocks", "random", "insecure-random", "clocks", "random"] {
        seen.push(explorer.found(tool, json!({})).await);
    }
    seen
}

#[tokio::test]
async fn time_and_chance_are_the_same_in_each_run_where_that_is_asked_for() {
    for name in EXPLORERS {
        let first = time_and_chance(name, true).await;
        assert_eq!(first, time_and_chance(name, true).await, "{name}");
        assert_ne!(first[0], first[3], "{name}: time goes on");
        assert_ne!(first[1], first[4], "{name}: chance, too");
        let clocks: Value = serde_json::from_str(&first[0]).unwrap();
        let wall = clocks["wall"].as_u64().unwrap();
        assert!(
            (1_750_204_800_000..1_750_204_900_000).contains(&wall),
            "{name}: {clocks}"
        );

        let other = time_and_chance(name, false).await;
        for (fixed, other) in first.iter().zip(other) {
            assert_ne!(*fixed, other, "{name}");
        }
    }
}

#[tokio::test]
async fn the_command_fixes_time_and_chance() {
    let guest = GuestFile::write("explorer-0.3");
    let mut printed = Vec::new();
    for _ in 0..2 {
        let mut command = wasi_mcp();
        command.arg("call").arg(guest.path()).arg("--deterministic");
        let outcome = command::run(command.arg("random")).await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        printed.push(outcome.stdout);
    }
    assert_eq!(printed[0], printed[1]);
}

#[tokio::test]
async fn clocks_and_randomness_work() {
    for name in EXPLORERS {
        let mut explorer = Explorer::with(name, Sandbox::default()).await;
        let clocks = explorer.found_json("clocks", json!({})).await;
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        let wall = Duration::from_millis(clocks["wall"].as_u64().unwrap());
        assert!(
            now.abs_diff(wall) < Duration::from_secs(120),
            "{name}: {clocks}, here it is {now:?}"
        );
        let monotonic = |index: usize| clocks["monotonic"][index].as_u64().unwrap();
        assert!(
            monotonic(1) - monotonic(0) >= 1_000_000,
            "{name}: it waited a millisecond: {clocks}"
        );
        let mut draws = Vec::new();
        for _ in 0..2 {
            let two = explorer.found_json("random", json!({})).await;
            draws.extend(
                two.as_array()
                    .unwrap()
                    .iter()
                    .map(|it| it.as_u64().unwrap()),
            );
        }
        draws.sort_unstable();
        draws.dedup();
        assert_eq!(draws.len(), 4, "{name}: {draws:?}");
    }
}

#[tokio::test]
async fn what_a_guest_prints_goes_to_standard_error() {
    const PRINTED: &str = "a line that is no JSON";
    for name in EXPLORERS {
        let guest = GuestFile::write(name);
        let mut client = StdioClient::connect(wasi_mcp().arg("serve").arg(guest.path())).await;
        let answer = client
            .request(
                "tools/call",
                json!({ "name": "print", "arguments": { "text": PRINTED } }),
            )
            .await;
        assert_eq!(
            answer["result"]["content"][0]["text"], "printed",
            "{name}: {answer}"
        );
        let outcome = client.finish().await;
        assert_eq!(outcome.code, Some(0), "{name}: {outcome:?}");
        assert_eq!(outcome.stdout, "", "{name}: the two responses were all");
        let tagged = format!("[session 1] {PRINTED}");
        let printed = outcome.stderr.lines().filter(|line| *line == tagged);
        assert_eq!(printed.count(), 2, "{name}: once a stream: {outcome:?}");
    }
}

#[tokio::test]
async fn what_a_guest_prints_may_go_elsewhere() {
    const PRINTED: &str = "grüß Gott from the guest";
    for name in EXPLORERS {
        let written = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&written);
        let mut sandbox = Sandbox::default();
        sandbox.output =
            GuestOutput::to(move |bytes| sink.lock().unwrap().extend_from_slice(bytes));
        let mut explorer = Explorer::with(name, sandbox).await;
        let answer = explorer.found("print", json!({ "text": PRINTED })).await;
        assert_eq!(answer, "printed", "{name}");
        let written = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        let printed = written.lines().filter(|line| *line == PRINTED);
        assert_eq!(printed.count(), 2, "{name}: once a stream: {written:?}");
    }
}

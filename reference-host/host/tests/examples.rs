//! Runs the examples, which the test build compiles.

#[path = "support/guest_file.rs"]
mod guest_file;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};

use guest_file::GuestFile;

/// Long, for slow machines: no test waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(120);

/// Returns a built example, which cargo puts beside the folder of the tests.
fn example(name: &str) -> Command {
    let test = std::env::current_exe().expect("the path of this program");
    let folder = test.ancestors().nth(2).expect("the folder of the profile");
    let program: PathBuf = folder.join("examples").join(name);
    assert!(
        program.is_file(),
        "{} is missing: build it with `cargo build --workspace --examples`",
        program.display()
    );
    let mut command = Command::new(program);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn output(command: &mut Command) -> String {
    let output = tokio::time::timeout(PATIENCE, command.output());
    let output = output.await.expect("the example ends in time").unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[tokio::test]
async fn the_first_program_calls_the_tool_of_hello() {
    let guest = GuestFile::write("hello-0.3");
    let component = guest.sibling("hello.wasm");
    std::fs::rename(guest.path(), &component).unwrap();
    let folder = component.parent().expect("its folder");
    let said = output(example("first").current_dir(folder)).await;
    assert_eq!(said, "Hello, World!\n");
}

#[tokio::test]
async fn a_component_is_served_on_stdio() {
    let guest = GuestFile::write("hello-0.3");
    let mut process = example("stdio")
        .arg(guest.path())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    let ping = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
    input.write_all(ping).await.unwrap();
    drop(input);
    let output = tokio::time::timeout(PATIENCE, process.wait_with_output());
    let output = output.await.expect("the example ends in time").unwrap();
    assert!(output.status.success());
    let answer = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), answer);
}

#[tokio::test]
async fn a_client_in_the_process_answers_elicitation() {
    let guest = GuestFile::write("reference-backend-0.3");
    let said = output(
        example("in_process")
            .arg(guest.path())
            .args(["elicit", "{}"]),
    )
    .await;
    assert!(said.contains("the component asks: "), "{said}");
    assert!(said.contains("forty-two"), "{said}");
}

#[tokio::test]
async fn a_component_uses_imports_of_the_embedder() {
    let guest = GuestFile::write("greeter-0.3");
    let said = output(example("own_imports").arg(guest.path())).await;
    let expected = "Good morning, Ada! You are number 1.\nGood morning, Grace! You are number 2.\n";
    assert_eq!(said, expected);
}

#[tokio::test]
async fn a_gateway_serves_two_components_at_two_paths() {
    let hello = GuestFile::write("hello-0.3");
    let reference = GuestFile::write("reference-backend-0.2");
    let gateway = Gateway::start(&hello, &reference).await;
    let address = &gateway.address;

    let page = http(address, "GET", "/", "", "").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");

    let first = Session::open(address, "/first", "").await;
    let tools = first.request("tools/list", json!({})).await;
    assert_eq!(tools["result"]["tools"][0]["name"], "hello", "{tools}");

    let refused = http(address, "POST", "/second", "", "{}").await;
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");

    let password = "Authorization: Bearer open sesame\r\n";
    let second = Session::open(address, "/second", password).await;
    let call = json!({ "name": "whoami", "arguments": {} });
    let answer = second.request("tools/call", call).await;
    let text = answer["result"]["content"][0]["text"].to_string();
    assert!(
        text.contains("ali"),
        "the component knows who asks: {answer}"
    );
    assert!(text.contains("https://gateway.example"), "{answer}");

    let asked = "Origin: https://app.example\r\nAccess-Control-Request-Method: POST\r\n";
    let allowed = http(address, "OPTIONS", "/second", asked, "").await;
    let origin = "access-control-allow-origin: https://app.example\r\n";
    assert!(allowed.contains(origin), "without a password: {allowed}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_gateway_ends_its_sessions_and_stops() {
    use rustix::process::{Pid, Signal, kill_process};

    let hello = GuestFile::write("hello-0.3");
    let mut gateway = Gateway::start(&hello, &hello).await;
    let session = Session::open(&gateway.address, "/first", "").await;
    let mut listening = session.listen().await;

    let id = gateway.process.id().expect("it runs");
    let id = Pid::from_raw(id.cast_signed()).expect("a process");
    kill_process(id, Signal::INT).unwrap();
    let mut rest = String::new();
    let ended = async {
        listening.read_to_string(&mut rest).await.unwrap();
        gateway.process.wait().await.unwrap()
    };
    let status = tokio::time::timeout(PATIENCE, ended).await;
    let status = status.expect("an open stream does not keep it");
    assert!(status.success(), "{status}: {rest}");
}

struct Gateway {
    process: Child,
    address: String,
    /// Closed, it would be an error to print.
    _lines: Lines<BufReader<ChildStdout>>,
}

impl Gateway {
    async fn start(first: &GuestFile, second: &GuestFile) -> Self {
        let mut process = example("gateway")
            .args([first.path(), second.path()])
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line());
        let line = line.await.expect("it serves in time").unwrap();
        let line = line.expect("it says where");
        let address = line.strip_prefix("http://").expect("an address");
        Self {
            process,
            address: address.to_owned(),
            _lines: lines,
        }
    }
}

struct Session {
    address: String,
    path: &'static str,
    headers: String,
}

impl Session {
    async fn open(address: &str, path: &'static str, headers: &str) -> Self {
        let mut session = Self {
            address: address.to_owned(),
            path,
            headers: headers.to_owned(),
        };
        let params = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        });
        let response = session.post(0, "initialize", params).await;
        let id = response
            .lines()
            .find_map(|line| line.strip_prefix("mcp-session-id: "))
            .unwrap_or_else(|| panic!("no session: {response}"));
        session.headers += &format!("Mcp-Session-Id: {id}\r\n");
        session
    }

    async fn request(&self, method: &str, params: Value) -> Value {
        let response = self.post(1, method, params).await;
        let (_, body) = response.split_once("\r\n\r\n").expect("a header");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {response}"))
    }

    /// Opens a listening stream, and reads the header of the response.
    #[cfg(unix)]
    async fn listen(&self) -> TcpStream {
        let (path, address, headers) = (self.path, &self.address, &self.headers);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n{headers}\r\n"
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut header = Vec::new();
        while !header.ends_with(b"\r\n\r\n") {
            header.push(stream.read_u8().await.unwrap());
        }
        let header = String::from_utf8_lossy(&header);
        assert!(header.starts_with("HTTP/1.1 200"), "{header}");
        stream
    }

    async fn post(&self, id: u64, method: &str, params: Value) -> String {
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        http(
            &self.address,
            "POST",
            self.path,
            &self.headers,
            &message.to_string(),
        )
        .await
    }
}

async fn http(address: &str, method: &str, path: &str, headers: &str, body: &str) -> String {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
         {headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        response
    };
    let response = tokio::time::timeout(PATIENCE, exchange).await;
    response.expect("a response comes in time")
}

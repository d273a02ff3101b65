//! Clients that do not answer pings.

#![cfg(unix)]

mod command;
#[path = "../../host/tests/messages/mod.rs"]
mod messages;

use std::time::{Duration, Instant};

use command::http::{HttpClient, HttpHost};
use command::{GuestFile, PATIENCE, StdioClient, wasi_mcp};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const UNRESPONSIVE: &str = "wasi_mcp_sessions_ended_total{reason=\"unresponsive\"}";

fn serve(guest: &GuestFile) -> tokio::process::Command {
    let mut command = wasi_mcp();
    command
        .arg("serve")
        .arg(guest.path())
        .args(["--ping-interval", "1"]);
    command
}

/// Opens a listening stream and reads its header.
async fn listen(client: &HttpClient) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(&client.address)
        .await
        .expect("a connection");
    let request = client.request_text("GET", "");
    stream.write_all(request.as_bytes()).await.expect("written");
    let text = read_until(&mut stream, String::new(), "\r\n\r\n").await;
    (stream, text)
}

async fn read_until(stream: &mut TcpStream, mut text: String, part: &str) -> String {
    while !text.contains(part) {
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_buf(&mut bytes));
        assert_ne!(read.await.expect("in time").expect("read"), 0, "{text}");
        text.push_str(std::str::from_utf8(&bytes).expect("text"));
    }
    text
}

#[tokio::test]
async fn over_http_a_client_that_listens_and_is_frozen_loses_its_session() {
    let guest = GuestFile::write("hello-0.3");
    let mut command = serve(&guest);
    let mut host = HttpHost::start(command.args(["--admin", "127.0.0.1:0"])).await;
    let frozen = HttpClient::connect(&host.address).await;
    let (mut frozen_stream, _) = listen(&frozen).await;
    let alive = HttpClient::connect(&host.address).await;
    let (mut stream, mut text) = listen(&alive).await;
    let silent = HttpClient::connect(&host.address).await;

    // One answers its pings, one cannot be reached, and one does neither.
    for number in 1..=4 {
        let id = format!(r#""id":{number},"method":"ping""#);
        text = read_until(&mut stream, text, &id).await;
        let answer = json!({ "jsonrpc": "2.0", "id": number, "result": {} });
        assert_eq!(alive.post(&answer.to_string()).await.status, 202);
    }
    host.logged("did not answer a ping").await;
    host.figure_becomes(UNRESPONSIVE, 1.0).await;
    host.figure_becomes("wasi_mcp_instances_live", 2.0).await;
    let mut rest = String::new();
    let read = tokio::time::timeout(PATIENCE, frozen_stream.read_to_string(&mut rest));
    read.await.expect("its stream ends").expect("read");
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }).to_string();
    assert_eq!(frozen.post(&ping).await.status, 404);
    for client in [&alive, &silent] {
        assert_eq!(client.post(&ping).await.status, 200);
    }
}

#[tokio::test]
async fn over_stdio_a_client_that_is_frozen_ends_the_command() {
    let guest = GuestFile::write("hello-0.3");
    let mut client = StdioClient::connect(&mut serve(&guest)).await;
    let began = Instant::now();
    for _ in 0..2 {
        let ping = client.next().await;
        assert_eq!(ping["method"], "ping", "{ping}");
        client
            .send(&json!({ "jsonrpc": "2.0", "id": ping["id"], "result": {} }))
            .await;
    }
    assert!(began.elapsed() >= Duration::from_secs(1));
    let outcome = client.end().await;
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(
        outcome.stderr.contains("did not answer a ping"),
        "{outcome:?}"
    );
}

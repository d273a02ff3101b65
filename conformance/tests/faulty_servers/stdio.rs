//! The stdio server.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream};
use tokio::sync::mpsc;
use wasi_mcp_conformance::driver::connection::{Connection, Lines, Server, Transport};

use super::protocol::Host;
use super::support::FaultyServers;

/// The servers over stdio.
pub const SERVERS: FaultyServers = FaultyServers {
    name: "stdio",
    transport: Transport::Stdio,
    also: &[],
    peer_timeout: Some(Duration::from_secs(6)),
    server: |name| Arc::new(Peculiar(name)),
};

/// A server with one fault or variation, or with none.
pub struct Peculiar(pub &'static str);

impl Server for Peculiar {
    fn transport(&self) -> Transport {
        Transport::Stdio
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        tokio::spawn(serve(theirs, self.0));
        let (output, input) = tokio::io::split(ours);
        let errors: Option<&'static [u8]> = match self.0 {
            "stderr-latin-1" => Some(b"caf\xe9\n"),
            "stderr-used" => Some("café: ready\n".as_bytes()),
            _ => None,
        };
        let lines = Lines {
            output: Box::new(output),
            errors: errors.map(|bytes| Box::new(bytes) as _),
            input: Box::new(input),
            process: None,
        };
        Box::pin(async { Ok(Connection::Lines(lines)) })
    }
}

async fn serve(stream: DuplexStream, peculiarity: &'static str) {
    let (input, mut output) = tokio::io::split(stream);
    let (outlet, mut lines) = mpsc::unbounded_channel::<Vec<u8>>();
    let host = Host::new(peculiarity, outlet.clone());
    if host.is("asks-at-once") {
        host.send(json!({"jsonrpc": "2.0", "id": "early", "method": "roots/list"}));
    }
    if host.is("banner") {
        let _ = outlet.send(b"Server is running".to_vec());
    }
    for line in stray_lines(peculiarity) {
        let _ = outlet.send(line.as_bytes().to_vec());
    }
    drop(outlet);
    let end = if host.is("crlf") {
        b"\r\n".as_slice()
    } else {
        b"\n"
    };
    let reader = host.clone();
    let reading = tokio::spawn(async move { read(&reader, BufReader::new(input)).await });
    let mut reading = std::pin::pin!(reading);
    loop {
        tokio::select! {
            biased;
            line = lines.recv() => match line {
                Some(line) if output.write_all(&[&line, end].concat()).await.is_ok() => {}
                _ => return,
            },
            () = host.gone() => {
                // The reader would keep the connection open.
                reading.abort();
                return;
            }
            _ = &mut reading => {
                if host.is("never-exits") {
                    std::future::pending::<()>().await;
                }
                while let Ok(line) = lines.try_recv()
                    && output.write_all(&[&line, end].concat()).await.is_ok()
                {}
                if host.is("last-line-open") {
                    let parting = json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"});
                    let _ = output.write_all(parting.to_string().as_bytes()).await;
                }
                return;
            }
        }
    }
}

/// The lines that a server writes to stdout by mistake.
fn stray_lines(peculiarity: &str) -> &'static [&'static str] {
    match peculiarity {
        "stdout-json-log" => &[
            r#"{"method":"tools/list","level":"info","msg":"x"}"#,
            r#"{"id":3,"method":"tools/call","result":"ok","ms":12}"#,
            r#"{"level":"info","time":1718700000000,"msg":"listening"}"#,
        ],
        "stdout-json-values" => &["[1]", "7", "\"ready\"", "null", r#"[{"level":"info"}]"#],
        "stdout-json-alike" => &[
            r#"{"id":1,"result":"ok"}"#,
            r#"{"id":2,"error":"timeout"}"#,
            r#"{"id":3,"method":"tools/call"}"#,
            "{\n  \"level\": \"info\"\n}",
        ],
        "stdout-text" => &[
            "Server is running",
            "{ not JSON",
            "\u{1b}[32mINFO\u{1b}[0m ready",
        ],
        "stdout-blank" => &["", "  "],
        _ => &[],
    }
}

async fn read(host: &Arc<Host>, mut input: impl AsyncBufReadExt + Unpin) {
    let mut line = Vec::new();
    loop {
        line.clear();
        match input.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let deaf = (host.is("crlf-unheard") && line.ends_with(b"\r\n"))
            || (host.is("long-lines-unheard") && line.len() > 50_000);
        if !deaf && !host.receive(&line) {
            return;
        }
    }
}

//! Resources that the host streams: the peak of its memory must not grow with their size.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;

use crate::candidates::{Candidate, Setup, Transport};
use crate::cli::Options;
use crate::components::Guest;
use crate::process::Process;
use crate::progress;

/// The sizes of the resources, in bytes.
const SIZES: [u64; 3] = [1 << 20, 64 << 20, 1 << 30];
/// Bytes that are read at once, and dropped.
const BUFFER: usize = 256 << 10;

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"load","version":"0"}}}"#;
const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

/// One resource, read once by a new process.
#[derive(Debug, Clone, Serialize)]
pub struct Streamed {
    /// The transport's name.
    pub transport: &'static str,
    /// The size of the resource, in bytes.
    pub size: u64,
    /// The size of the response, in bytes.
    pub received: u64,
    /// The time from the request to the last byte, in seconds.
    pub seconds: f64,
    /// The CPU time of the host meanwhile, in seconds.
    pub cpu: f64,
    /// The peak of the host's resident memory, its guest included, in bytes.
    pub peak: u64,
}

/// Reads a resource of each size over both transports.
pub fn streams(options: &Options) -> Result<Vec<Streamed>> {
    let candidate = Candidate::judged(options, Guest::Streams)?;
    let sizes = if options.quick { &SIZES[..2] } else { &SIZES };
    // Fills the cache of compiled code, so that no measured process compiles.
    stdio(
        &mut candidate.start(options, Setup::plain(Transport::Stdio))?,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
    )?;
    let mut all = Vec::new();
    for (transport, name) in [(Transport::Stdio, "stdio"), (Transport::Http, "HTTP")] {
        for size in sizes {
            progress::at(&format!("streams: {size} bytes, {name}"));
            let mut process = candidate.start(options, Setup::plain(transport))?;
            let read = format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{{"uri":"stream:{size}"}}}}"#
            );
            let run = match transport {
                Transport::Stdio => stdio(&mut process, &read)?,
                Transport::Http => http(&process, &read)?,
            };
            let least = size / 3 * 4;
            ensure!(
                run.received > least,
                "the response has {} bytes",
                run.received
            );
            all.push(Streamed {
                transport: name,
                size: *size,
                received: run.received,
                seconds: run.seconds,
                cpu: run.cpu,
                peak: process.peak()?,
            });
        }
    }
    progress::done("streams");
    Ok(all)
}

struct Run {
    received: u64,
    seconds: f64,
    cpu: f64,
}

fn stdio(process: &mut Process, read: &str) -> Result<Run> {
    let (mut input, output) = process.pipes()?;
    let mut output = BufReader::with_capacity(BUFFER, output);
    writeln!(input, "{INITIALIZE}")?;
    let mut line = String::new();
    output.read_line(&mut line)?;
    ensure!(line.contains("\"result\""), "not initialized: {line}");
    writeln!(input, "{INITIALIZED}")?;
    let (began, before) = (Instant::now(), process.cpu()?);
    writeln!(input, "{read}")?;
    let mut received = 0;
    loop {
        let bytes = output.fill_buf()?;
        ensure!(
            !bytes.is_empty(),
            "the session ended: {}",
            process.last_words()
        );
        let (count, is_last) = match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (bytes.len(), false),
        };
        output.consume(count);
        received += count as u64;
        if is_last {
            break;
        }
    }
    Ok(Run {
        received,
        seconds: began.elapsed().as_secs_f64(),
        cpu: (process.cpu()? - before).as_secs_f64(),
    })
}

fn http(process: &Process, read: &str) -> Result<Run> {
    let address = process.address()?;
    let mut head = String::new();
    post(address, "", INITIALIZE)?.read_to_string(&mut head)?;
    let session = head
        .lines()
        .find_map(|line| line.strip_prefix("mcp-session-id: "))
        .with_context(|| format!("no session: {head}"))?;
    let session = format!("Mcp-Session-Id: {session}\r\n");
    std::io::copy(
        &mut post(address, &session, INITIALIZED)?,
        &mut std::io::sink(),
    )?;
    let (began, before) = (Instant::now(), process.cpu()?);
    let mut response = post(address, &session, read)?;
    let mut buffer = vec![0; BUFFER];
    let mut received = 0;
    loop {
        match response.read(&mut buffer)? {
            0 => break,
            count => received += count as u64,
        }
    }
    Ok(Run {
        received,
        seconds: began.elapsed().as_secs_f64(),
        cpu: (process.cpu()? - before).as_secs_f64(),
    })
}

fn post(address: SocketAddr, session: &str, body: &str) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
         {session}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    Ok(stream)
}

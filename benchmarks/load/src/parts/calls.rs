//! Calls of `echo` with 100 bytes: the baseline of all other figures.

use anyhow::Result;

use crate::candidates::{self, Candidate, Setup, Transport};
use crate::cli::Options;
use crate::messages::Request;
use crate::rounds::{Comparison, compare, lanes};

/// The payload of a call, in bytes.
pub const CALL_BYTES: usize = 100;

/// Measures stdio, with 1 and 64 in flight.
pub fn stdio(options: &Options) -> Result<[Comparison; 2]> {
    let calls =
        |title, in_flight| calls(options, candidates::all, Transport::Stdio, title, in_flight);
    Ok([
        calls("stdio, 1 in flight", 1)?,
        calls("stdio, 64 in flight", 64)?,
    ])
}

/// Measures Streamable HTTP, on 1 and 32 connections with a session each.
pub fn http(options: &Options) -> Result<[Comparison; 2]> {
    let calls =
        |title, in_flight| calls(options, candidates::all, Transport::Http, title, in_flight);
    Ok([
        calls("HTTP, 1 connection", 1)?,
        calls("HTTP, 32 connections", 32)?,
    ])
}

/// Measures the host beside a runtime that knows nothing of the interface.
pub fn runtimes(options: &Options) -> Result<[Comparison; 4]> {
    let calls = |transport, title, in_flight| {
        calls(options, candidates::runtimes, transport, title, in_flight)
    };
    Ok([
        calls(Transport::Stdio, "wasmtime run, 1 in flight", 1)?,
        calls(Transport::Stdio, "wasmtime run, 64 in flight", 64)?,
        calls(Transport::Http, "wasmtime serve, 1 connection", 1)?,
        calls(Transport::Http, "wasmtime serve, 32 connections", 32)?,
    ])
}

fn calls(
    options: &Options,
    candidates: fn(&Options, Transport) -> Result<Vec<Candidate>>,
    transport: Transport,
    title: &str,
    in_flight: usize,
) -> Result<Comparison> {
    let candidates = candidates(options, transport)?;
    let request = Request::echo(CALL_BYTES);
    let setup = Setup::plain(transport);
    let mut lanes = lanes(options, &candidates, setup, &request, in_flight)?;
    compare(options, title, &mut lanes)
}

//! Calls of `echo` with 100 bytes: the baseline of all other figures.

use anyhow::Result;

use crate::candidates::{self, Setup, Transport};
use crate::cli::Options;
use crate::messages::Request;
use crate::rounds::{Comparison, compare, lanes};

/// The payload of a call, in bytes.
pub const CALL_BYTES: usize = 100;

/// Measures stdio, with 1 and 64 in flight.
pub fn stdio(options: &Options) -> Result<[Comparison; 2]> {
    Ok([
        calls(options, Transport::Stdio, "stdio, 1 in flight", 1)?,
        calls(options, Transport::Stdio, "stdio, 64 in flight", 64)?,
    ])
}

/// Measures Streamable HTTP, on 1 and 32 connections with a session each.
pub fn http(options: &Options) -> Result<[Comparison; 2]> {
    Ok([
        calls(options, Transport::Http, "HTTP, 1 connection", 1)?,
        calls(options, Transport::Http, "HTTP, 32 connections", 32)?,
    ])
}

fn calls(
    options: &Options,
    transport: Transport,
    title: &str,
    in_flight: usize,
) -> Result<Comparison> {
    let candidates = candidates::all(options, transport)?;
    let request = Request::echo(CALL_BYTES);
    let setup = Setup::plain(transport);
    let mut lanes = lanes(options, &candidates, setup, &request, in_flight)?;
    compare(options, title, &mut lanes)
}

//! Calls of `echo` with 100 bytes: the figure that everything else is seen beside.

use anyhow::Result;

use crate::candidates::{self, Setup, Transport};
use crate::cli::Options;
use crate::messages::Request;
use crate::rounds::{Comparison, compare, lanes};

/// What a call carries, in bytes.
pub const CALL_BYTES: usize = 100;

/// Over stdio, 1 and 64 in flight.
pub fn stdio(options: &Options) -> Result<Vec<Comparison>> {
    let request = Request::echo(CALL_BYTES);
    let candidates = candidates::all(options, Transport::Stdio)?;
    let setup = Setup::plain(Transport::Stdio);
    let mut lanes = lanes(options, &candidates, setup, 1)?;
    let mut compare = |in_flight| {
        let title = format!("stdio, {in_flight} in flight");
        compare(options, &title, &mut lanes, &request, in_flight)
    };
    Ok(vec![compare(1)?, compare(64)?])
}

/// Over Streamable HTTP, on 1 and 32 connections with a session each.
pub fn http(options: &Options) -> Result<Vec<Comparison>> {
    let request = Request::echo(CALL_BYTES);
    let candidates = candidates::all(options, Transport::Http)?;
    let setup = Setup::plain(Transport::Http);
    let compare = |connections| {
        let title = match connections {
            1 => "HTTP, 1 connection".to_owned(),
            _ => format!("HTTP, {connections} connections"),
        };
        let mut lanes = lanes(options, &candidates, setup, connections)?;
        compare(options, &title, &mut lanes, &request, connections)
    };
    Ok(vec![compare(1)?, compare(32)?])
}

//! `tools/list` with 1,000 tools on one page.

use anyhow::Result;

use crate::candidates::{self, Setup, Transport};
use crate::cli::Options;
use crate::messages::Request;
use crate::rounds::{Comparison, compare, lanes};

/// The tools that every server has are among them.
const FURTHER_TOOLS: usize = 997;

/// Measures both transports, with one request at a time.
pub fn lists(options: &Options) -> Result<[Comparison; 2]> {
    Ok([
        list(options, Transport::Stdio, "tools/list of 1,000, stdio")?,
        list(options, Transport::Http, "tools/list of 1,000, HTTP")?,
    ])
}

fn list(options: &Options, transport: Transport, title: &str) -> Result<Comparison> {
    let candidates = candidates::all(options, transport)?;
    let request = Request::list(FURTHER_TOOLS);
    let setup = Setup {
        transport,
        further_tools: FURTHER_TOOLS,
    };
    let mut lanes = lanes(options, &candidates, setup, &request, 1)?;
    compare(options, title, &mut lanes)
}

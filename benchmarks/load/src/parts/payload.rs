//! Calls with large results: 1 MiB of text, 16 MiB of binary data.

use anyhow::Result;

use crate::candidates::{self, Setup, Transport};
use crate::cli::Options;
use crate::messages::Request;
use crate::rounds::{Comparison, compare, lanes};

/// Measures both transports: text, then binary data.
pub fn payload(options: &Options) -> Result<[Comparison; 4]> {
    let text = Request::large_text(1 << 20);
    let binary = Request::large_binary(16 << 20);
    let large = |transport, title, request| {
        let candidates = candidates::all(options, transport)?;
        let mut lanes = lanes(options, &candidates, Setup::plain(transport), request, 1)?;
        compare(options, title, &mut lanes)
    };
    Ok([
        large(Transport::Stdio, "1 MiB of text, stdio", &text)?,
        large(Transport::Http, "1 MiB of text, HTTP", &text)?,
        large(Transport::Stdio, "16 MiB of binary data, stdio", &binary)?,
        large(Transport::Http, "16 MiB of binary data, HTTP", &binary)?,
    ])
}

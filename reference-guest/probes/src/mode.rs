//! The mode of the component, or the fault of a host that it plays.

use std::sync::OnceLock;

/// The mode, as it is found in the finished component. To change the mode, the
/// suite looks for the text before the colon, which must occur only here, and
/// overwrites the text after it, padded with dots.
#[used]
static MODE: [u8; 64] = *b"WASI-MCP-PROBE-MODE:default.....................................";

/// The length of the text by which the mode is found.
const MARKER: usize = 20;

/// The environment variable that names a fault of the host.
const FAULT: &str = "WASI_MCP_PROBE_FAULT";

/// Returns whether the component is in this mode or plays a host with this fault.
pub fn is(name: &str) -> bool {
    static PLAYED: OnceLock<Option<String>> = OnceLock::new();
    let played = PLAYED.get_or_init(|| std::env::var(FAULT).ok());
    played.as_deref() == Some(name) || is_written(name)
}

fn is_written(name: &str) -> bool {
    // Read as it stands in memory: the compiler must not take the value that it
    // sees in the source for the one that is there when the component runs.
    let text = unsafe { core::ptr::read_volatile(&raw const MODE) };
    let mode = text[MARKER..].split(|byte| *byte == b'.').next();
    mode == Some(name.as_bytes())
}

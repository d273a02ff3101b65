//! Which of its characters the component has.

/// Where the mode stands in the finished component. Whoever makes a component
/// of another mode finds the text before the colon, which must not stand
/// anywhere else, and writes over what follows it, padded with dots.
#[used]
static MODE: [u8; 64] = *b"WASI-MCP-PROBE-MODE:default.....................................";

/// The length of the text by which the mode is found.
const MARKER: usize = 20;

/// Whether the component is in this mode.
pub fn is(name: &str) -> bool {
    // Read as it stands in memory: the compiler must not take the value that it
    // sees in the source for the one that is there when the component runs.
    let text = unsafe { core::ptr::read_volatile(&raw const MODE) };
    let mode = text[MARKER..].split(|byte| *byte == b'.').next();
    mode == Some(name.as_bytes())
}

//! The compiled code of the tests' components, which later runs of the tests find again.

use std::path::Path;

use wasi_mcp_conformance::targets::component;

/// Keeps compiled code below the target folder. Call it before a component is loaded.
pub fn keep() {
    component::keep_compiled_code_in(Path::new(env!("CARGO_TARGET_TMPDIR")).join("judged"));
}

//! Leaves out the names that a component has for debugging: up to a tenth of an adapter.

use anyhow::{Context, Result};
use wasm_encoder::{Component, RawSection};
use wasmparser::{Parser, Payload};

/// The custom section of the names, as the component model's `Binary.md` calls it.
const NAMES: &str = "component-name";

/// Returns the component without its names. Modules and components inside it stay as they are.
///
/// # Errors
///
/// `component` is not a component.
pub fn without_names(component: &[u8]) -> Result<Vec<u8>> {
    // Lints need none: the build of guests left it out.
    if component.is_empty() {
        return Ok(Vec::new());
    }
    let mut stripped = Component::new();
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload.context("the linker wrote no component")?;
        let named = matches!(&payload, Payload::CustomSection(section) if section.name() == NAMES);
        if let Some((id, range)) = payload.as_section()
            && depth == 0
            && !named
        {
            let data = &component[range];
            stripped.section(&RawSection { id, data });
        }
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(stripped.finish())
}

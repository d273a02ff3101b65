//! Completion: as many values as the typed number says.

use crate::bindings::wasi::mcp::content::{CompleteParams, CompleteResult};
use crate::bindings::wasi::mcp::types::Error;

pub fn complete(params: CompleteParams) -> Result<CompleteResult, Error> {
    let count: u32 = params.argument.value.parse().unwrap_or(1);
    Ok(CompleteResult {
        values: (0..count).map(|number| format!("value {number}")).collect(),
        ..CompleteResult::default()
    })
}

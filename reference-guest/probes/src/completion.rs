//! Completion: as many values as the typed number says, or the parameters from the host.

use crate::bindings::wasi::mcp::content::{CompleteParams, CompleteResult};
use crate::bindings::wasi::mcp::types::Error;
use crate::{records, state};

pub fn complete(params: CompleteParams) -> Result<CompleteResult, Error> {
    state::handled();
    state::with(|state| state.calls += 1);
    if params.argument.name == "shown" {
        return Ok(records::completion(&params));
    }
    let count: u32 = params.argument.value.parse().unwrap_or(1);
    Ok(CompleteResult {
        values: (0..count).map(|number| format!("value {number}")).collect(),
        ..CompleteResult::default()
    })
}

//! Equivalence of the project's description of the messages with the official schema, if that is
//! available. The description is also compared with a schema derived from itself, which proves that
//! the comparison of values does what the description says.
//!
//! Set `MCP_SCHEMA_2025_06_18` to the path of `schema/2025-06-18/schema.json` of the
//! specification's repository.

mod coverage;
mod derived;
mod description;
mod differential;
mod exceptions;
mod generate;
mod mutate;
mod subjects;
mod text;

use serde_json::Value;

/// Returns the official schema, if it is available.
fn official() -> Option<Value> {
    let path = std::env::var_os("MCP_SCHEMA_2025_06_18")?;
    let text = std::fs::read_to_string(&path).expect("the official schema can be read");
    Some(serde_json::from_str(&text).expect("the official schema is JSON"))
}

//! The project's own description of the messages is equal to the official
//! schema, where that is at hand; it is compared with a schema derived from
//! itself in any case, which proves that the walk does what the description says.
//!
//! Set `MCP_SCHEMA_2025_06_18` to the path of `schema/2025-06-18/schema.json`
//! of the specification's repository.

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

/// The official schema, where it is at hand.
fn official() -> Option<Value> {
    let path = std::env::var_os("MCP_SCHEMA_2025_06_18")?;
    let text = std::fs::read_to_string(&path).expect("the official schema can be read");
    Some(serde_json::from_str(&text).expect("the official schema is JSON"))
}

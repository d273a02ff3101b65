//! The cost of each layer of the host by itself, without a transport and without a client:
//!
//! ```text
//! cargo bench --workspace --bench layers [-- FILTER]
//! ```
//!
//! The whole is measured in `benchmarks/`, beside native servers.

mod protocol;
mod session;
mod text;

use criterion::{criterion_group, criterion_main};

/// A call with 100 bytes of text, as a client sends it.
const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"hello","arguments":{"name":"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuv"}}}"#;
/// Its parameters.
const PARAMS: &str = r#"{"name":"hello","arguments":{"name":"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuv"}}"#;
/// Its arguments.
const ARGUMENTS: &str = r#"{"name":"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuv"}"#;
/// The input schema that they match.
const SCHEMA: &str =
    r#"{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}"#;
/// The first message of a client.
const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"layers","version":"0"}}}"#;
/// The notification that follows the answer.
const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

criterion_group!(
    layers,
    text::json,
    text::wire,
    protocol::schema,
    protocol::session,
    session::all
);
criterion_main!(layers);

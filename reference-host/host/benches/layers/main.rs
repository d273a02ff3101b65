//! What each layer of the host costs by itself, without a transport and without a client:
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
/// What they have to match.
const SCHEMA: &str =
    r#"{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}"#;
/// What a client begins with.
const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"layers","version":"0"}}}"#;
/// What follows on the answer.
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

//! Messages that every client of the tests sends.

#![allow(dead_code, reason = "each test file uses a part")]

use serde_json::{Value, json};

/// Returns the parameters of `initialize` for a client with these capabilities.
pub fn initialize(capabilities: Value) -> Value {
    json!({
        "protocolVersion": "2025-06-18",
        "capabilities": capabilities,
        "clientInfo": { "name": "test", "version": "1" },
    })
}

/// A request.
pub fn request(id: u64, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

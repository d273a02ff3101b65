//! [Roots](https://modelcontextprotocol.io/specification/2025-06-18/client/roots).

use crate::wire::codec::JsonObject;
use crate::wire::record::record;
use wasi_mcp_types::content::{ListRootsResult, Root};

record! {
    Root {
        uri: String,
        name: Option<String>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }

    ListRootsResult {
        roots: Vec<Root>,
        meta => "_meta": Option<JsonObject>,
        ..extra
    }
}

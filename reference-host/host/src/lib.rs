//! The reference host of `wasi:mcp`: runs components of both variants of the
//! interface in wasmtime and serves them to clients of the [Model Context
//! Protocol, revision 2025-06-18](https://modelcontextprotocol.io/specification/2025-06-18).
//!
//! The layers, from the bytes to the guest and back:
//!
//! | module | concern | knows |
//! |---|---|---|
//! | [`admin`] | metrics and health for the operator, over HTTP | `session`, `telemetry` |
//! | [`transport`] | bytes in, bytes out: stdio and Streamable HTTP | `session` |
//! | [`session`] | joins one client's protocol state with an instance | `protocol`, `wire`, `component` |
//! | [`protocol`] | MCP as a state machine: no I/O, no clock, no wasmtime | `json` |
//! | [`wire`] | the mapping between WIT records and MCP's JSON | `json`, the generated records |
//! | [`component`] | wasmtime: loading, instances, imports | `protocol`, `wire` |
//! | [`json`] | JSON text: checks, one-level objects, a writer | nothing |
//! | [`telemetry`] | metrics of all layers, as text for Prometheus | nothing |
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use std::sync::Arc;
//! use wasi_mcp_host::component::{Engine, EngineOptions, Source};
//! use wasi_mcp_host::session::{Server, ServerOptions};
//! use wasi_mcp_host::transport::stdio;
//!
//! let engine = Engine::new(EngineOptions::default())?;
//! let component = engine.load(Source::File("hello.wasm".as_ref()))?;
//! let server = Arc::new(Server::new(component, ServerOptions::default()));
//! stdio::serve(server, tokio::io::stdin(), tokio::io::stdout()).await?;
//! # Ok(())
//! # }
//! ```

pub mod component;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod session;
pub mod telemetry;
pub mod transport;
mod visible;

/// The protocol layer: session state machine, JSON mapping, and their limits.
pub use wasi_mcp_protocol as protocol;
/// The records of the WIT packages as plain Rust.
pub use wasi_mcp_types as types;

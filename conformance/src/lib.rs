//! A conformance suite for MCP 2025-06-18.
//!
//! It drives any server over stdio or Streamable HTTP, and any `wasi:mcp` component, with raw
//! JSON-RPC, and judges the answers requirement by requirement.
//!
//! It shares no protocol code with the reference host: the messages of the revision are described
//! here a second time, on purpose.

pub mod arguments;
pub mod checks;
pub mod cli;
pub mod coverage;
pub mod driver;
pub mod expectations;
pub mod model;
pub mod observe;
pub mod report;
pub mod runner;
pub mod runtime;
pub mod survey;
pub mod targets;
pub mod wire;

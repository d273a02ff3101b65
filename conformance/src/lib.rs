//! A conformance suite for MCP 2025-06-18: it drives any server over stdio or
//! Streamable HTTP, and any `wasi:mcp` component, with raw JSON-RPC, and
//! judges what comes back, requirement by requirement.
//!
//! It shares no protocol code with the reference host: the messages of the
//! revision are described here a second time, on purpose.

pub mod bench;
pub mod checks;
pub mod cli;
pub mod coverage;
pub mod discover;
pub mod driver;
pub mod duration;
pub mod expectations;
pub mod observe;
pub mod proof;
pub mod report;
pub mod requirements;
pub mod runner;
pub mod runtime;
pub mod targets;
pub mod transcript;
pub mod wire;

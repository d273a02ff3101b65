//! A description of the messages of MCP 2025-06-18, written from the specification and shared with
//! no host.
//!
//! A message is judged twice: its [`envelope`] by the rules of JSON-RPC, then its [`shapes`] by its
//! method. Unions are discriminated by hand, because the schema's unions accept nearly everything.

pub mod challenge;
pub mod definitions;
pub mod envelope;
pub mod formats;
pub mod identifier;
pub mod methods;
pub mod shapes;
pub mod uris;

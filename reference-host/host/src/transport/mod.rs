//! The two transports of
//! [MCP 2025-06-18](https://modelcontextprotocol.io/specification/2025-06-18/basic/transports).

#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "stdio")]
pub mod stdio;

//! The transports of MCP.

use std::fmt;

use serde::Serialize;

/// The transport of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Lines of JSON on stdin and stdout.
    Stdio,
    /// Streamable HTTP.
    Http,
}

impl fmt::Display for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
        })
    }
}

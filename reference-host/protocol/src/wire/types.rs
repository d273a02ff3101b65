//! `types.wit`. Its `error` is mapped in [`error`](super::error).

use super::keyword::keyword;
use super::record::record;
use wasi_mcp_types::types::{Implementation, LogLevel, Role};

keyword! {
    Role {
        User => "user",
        Assistant => "assistant",
    }

    LogLevel {
        Debug => "debug",
        Info => "info",
        Notice => "notice",
        Warning => "warning",
        Error => "error",
        Critical => "critical",
        Alert => "alert",
        Emergency => "emergency",
    }
}

record! {
    Implementation {
        name: String,
        title: Option<String>,
        version: String,
        ..extra
    }
}

//! Log messages, in a request and outside of any.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/logging>

use serde::Deserialize;
use serde_json::json;

use super::entry::{Call, Entry, Outcome, arguments};
use crate::bindings::wasi::mcp::logging;
use crate::bindings::wasi::mcp::types::LogLevel;
use crate::content::text_result;

const LEVELS: [LogLevel; 8] = [
    LogLevel::Debug,
    LogLevel::Info,
    LogLevel::Notice,
    LogLevel::Warning,
    LogLevel::Error,
    LogLevel::Critical,
    LogLevel::Alert,
    LogLevel::Emergency,
];

/// Returns the level as MCP spells it.
pub fn level_name(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Notice => "notice",
        LogLevel::Warning => "warning",
        LogLevel::Error => "error",
        LogLevel::Critical => "critical",
        LogLevel::Alert => "alert",
        LogLevel::Emergency => "emergency",
    }
}

pub fn entries() -> Vec<Entry> {
    let logger = json!({ "logger": { "type": "string" } });
    vec![
        Entry::new(
            "log-all-levels",
            "Logs one message at each level, from debug to emergency, tied to this request.",
            arguments(logger.clone(), &[]),
            |call| Box::pin(log_all_levels(call)),
        ),
        Entry::new(
            "log-to-sessions",
            "Logs one message at each level to every session of this instance.",
            arguments(logger, &[]),
            |call| Box::pin(log_to_sessions(call)),
        ),
        Entry::new(
            "flood-logs",
            "Logs `count` numbered messages at level info as fast as it can.",
            arguments(
                json!({ "count": { "type": "integer", "minimum": 0, "maximum": 1_000_000 } }),
                &["count"],
            ),
            |call| Box::pin(flood_logs(call)),
        ),
    ]
}

#[derive(Deserialize)]
struct Logger {
    logger: Option<String>,
}

fn data(level: LogLevel) -> String {
    json!({ "level": level_name(level), "message": "A message\nof two lines" }).to_string()
}

async fn log_all_levels(call: Call) -> Outcome {
    let Logger { logger } = call.arguments.parse()?;
    for level in LEVELS {
        logging::log(Some(&call.context), level, logger.as_deref(), &data(level))?;
    }
    Ok(text_result("Logged 8 messages"))
}

async fn log_to_sessions(call: Call) -> Outcome {
    let Logger { logger } = call.arguments.parse()?;
    for level in LEVELS {
        logging::log(None, level, logger.as_deref(), &data(level))?;
    }
    Ok(text_result("Logged 8 messages"))
}

#[derive(Deserialize)]
struct Flood {
    count: u32,
}

async fn flood_logs(call: Call) -> Outcome {
    let Flood { count } = call.arguments.parse()?;
    for number in 0..count {
        let data = number.to_string();
        logging::log(Some(&call.context), LogLevel::Info, Some("flood"), &data)?;
    }
    Ok(text_result(format!("Logged {count} messages")))
}

//! Log messages, in a request and outside of any.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/logging>

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use serde::Serialize;
    use wasi_mcp_guest::{Context, LogLevel, ToolError, log_to_sessions};

    const LEVELS: [(&str, LogLevel); 8] = [
        ("debug", LogLevel::Debug),
        ("info", LogLevel::Info),
        ("notice", LogLevel::Notice),
        ("warning", LogLevel::Warning),
        ("error", LogLevel::Error),
        ("critical", LogLevel::Critical),
        ("alert", LogLevel::Alert),
        ("emergency", LogLevel::Emergency),
    ];

    #[derive(Serialize)]
    struct Data {
        level: &'static str,
        message: &'static str,
    }

    fn data(level: &'static str) -> Data {
        Data {
            level,
            message: "A message\nof two lines",
        }
    }

    /// Logs one message at each level, from debug to emergency, tied to this request.
    #[tool(read_only)]
    fn log_all_levels(
        context: &Context,
        logger: Option<String>,
    ) -> Result<&'static str, ToolError> {
        let logger = context.logger(logger.as_deref());
        for (name, level) in LEVELS {
            logger.log(level, data(name))?;
        }
        Ok("Logged 8 messages")
    }

    /// Logs one message at each level to every session of this instance.
    #[tool(name = "log-to-sessions", read_only)]
    fn log_to_every_session(logger: Option<String>) -> Result<&'static str, ToolError> {
        for (name, level) in LEVELS {
            log_to_sessions(level, logger.as_deref(), data(name))?;
        }
        Ok("Logged 8 messages")
    }

    /// Logs `count` numbered messages at level info as fast as it can.
    #[tool(read_only)]
    fn flood_logs(
        context: &Context,
        #[schemars(range(max = 1_000_000))] count: u32,
    ) -> Result<String, ToolError> {
        let logger = context.logger("flood");
        for number in 0..count {
            logger.log(LogLevel::Info, number)?;
        }
        Ok(format!("Logged {count} messages"))
    }
}

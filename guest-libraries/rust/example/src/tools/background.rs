//! Work that continues after the answer, which only WASI 0.3 supports.

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    #[cfg(feature = "p3")]
    use {
        std::time::Duration,
        wasi_mcp_guest::{LogLevel, log_to_sessions, tasks},
    };

    /// Answers at once, and logs to the sessions some time later.
    #[cfg(feature = "p3")]
    #[tool(read_only = false, destructive = false)]
    fn background_log(
        // Long enough for the answer to be sent before.
        #[default(20)]
        #[schemars(range(max = 600_000))]
        milliseconds: u32,
    ) -> &'static str {
        tasks::spawn(async move {
            tasks::sleep(Duration::from_millis(milliseconds.into())).await;
            // A failure can no longer be reported.
            let _ = log_to_sessions(LogLevel::Info, Some("background"), "done");
        });
        "Started"
    }

    /// Answers at once, and logs to the sessions when the host begins to stop.
    #[cfg(feature = "p3")]
    #[tool(read_only = false, destructive = false)]
    fn log_when_stopped() -> &'static str {
        tasks::spawn(async {
            tasks::stopped().await;
            // A failure can no longer be reported.
            let _ = log_to_sessions(LogLevel::Info, Some("background"), "stopping");
        });
        "Started"
    }
}

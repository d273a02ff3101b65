//! Tools that wait.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/cancellation>

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use std::time::Duration;

    use wasi_mcp_guest::{Context, tasks};

    use crate::state;

    /// Waits for the given time, cancelled or not.
    #[tool(read_only)]
    async fn sleep(#[schemars(range(max = 600_000))] milliseconds: u32) -> String {
        tasks::sleep(Duration::from_millis(milliseconds.into())).await;
        format!("Slept {milliseconds} ms")
    }

    /// Waits until the request is cancelled; `describe-instance` then shows the cancellation.
    #[tool(read_only)]
    async fn wait_until_cancelled(context: &Context) -> &'static str {
        let reason = context.cancelled().await;
        state::with(|state| state.cancellations.push(reason));
        // The host discards this: the client no longer waits for it.
        "Cancelled"
    }
}

//! Whether a new client would be served: found out by being one.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use wasi_mcp_host::session::Server;

/// How long what was found out counts: asking often must not become work.
const COUNTS: Duration = Duration::from_secs(5);

/// What was found out last. One at a time finds out, others wait for it.
#[derive(Debug, Default)]
pub(super) struct Readiness(Mutex<Option<Finding>>);

#[derive(Debug)]
struct Finding {
    server: Arc<Server>,
    at: Instant,
    result: Result<(), String>,
}

impl Readiness {
    /// Starts the component and lists its tools, unless that was done just now.
    pub(super) async fn of(&self, server: Arc<Server>) -> Result<(), String> {
        let mut last = self.0.lock().await;
        if let Some(finding) = &*last
            && Arc::ptr_eq(&finding.server, &server)
            && finding.at.elapsed() < COUNTS
        {
            return finding.result.clone();
        }
        let result = server.probe().await.map_err(|error| error.to_string());
        if let Err(reason) = &result {
            tracing::warn!(reason, "the component cannot be served now");
        }
        let finding = last.insert(Finding {
            server,
            at: Instant::now(),
            result,
        });
        finding.result.clone()
    }

    #[cfg(test)]
    pub(super) async fn found_at(&self) -> Option<Instant> {
        self.0.lock().await.as_ref().map(|finding| finding.at)
    }
}

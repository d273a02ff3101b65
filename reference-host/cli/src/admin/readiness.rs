//! Checks readiness by serving a trial client.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use wasi_mcp_host::session::Server;

/// The time for which a finding is valid, so that frequent probes cause little work.
const COUNTS: Duration = Duration::from_secs(5);

/// The latest finding. One probe at a time runs the check, others wait for it.
#[derive(Debug, Default)]
pub(super) struct Readiness(Mutex<Option<Finding>>);

#[derive(Debug)]
struct Finding {
    server: Arc<Server>,
    at: Instant,
    result: Result<(), String>,
}

impl Readiness {
    /// Starts the component and lists its tools, unless that was done recently.
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

//! Liveness of the threads that serve clients.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;

/// The runtimes that serve clients, to probe whether they make progress. Clones share one list.
#[derive(Debug, Clone, Default)]
pub struct Liveness(Arc<Mutex<Vec<Handle>>>);

impl Liveness {
    /// Adds a runtime to the list.
    pub fn watch(&self, runtime: Handle) {
        let mut runtimes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runtimes.push(runtime);
    }

    /// Returns whether each runtime runs an empty task within this time. Call it from another
    /// runtime: a blocked one cannot answer.
    pub async fn is_alive(&self, within: Duration) -> bool {
        let probes: Vec<_> = {
            let runtimes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            runtimes
                .iter()
                .map(|runtime| runtime.spawn(async {}))
                .collect()
        };
        let all = futures::future::try_join_all(probes);
        matches!(timeout(within, all).await, Ok(Ok(_)))
    }
}

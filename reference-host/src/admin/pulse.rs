//! Whether the threads that serve clients still turn.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;

/// The runtimes that serve clients. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<Mutex<Vec<Handle>>>);

impl Pulse {
    /// From now on this runtime is one of them.
    pub fn watch(&self, runtime: Handle) {
        let mut runtimes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runtimes.push(runtime);
    }

    /// Whether a task that does nothing gets its turn in each of them within
    /// this time.
    pub(super) async fn is_there(&self, within: Duration) -> bool {
        let beats: Vec<_> = {
            let runtimes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            runtimes
                .iter()
                .map(|runtime| runtime.spawn(async {}))
                .collect()
        };
        let all = futures::future::try_join_all(beats);
        matches!(timeout(within, all).await, Ok(Ok(_)))
    }
}

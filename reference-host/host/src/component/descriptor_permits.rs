//! Permits for the descriptors that all guests of this process have open together.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::descriptor_shares;

/// Permits for descriptors. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Permits(Arc<Semaphore>);

/// A permit for one descriptor. Dropping it returns it.
#[derive(Debug)]
pub(super) struct Permit(#[allow(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

impl Permits {
    pub(super) fn new(count: usize) -> Self {
        Self(Arc::new(Semaphore::new(count)))
    }

    /// Grants the guests' share of this process's descriptors.
    pub(super) fn of_process() -> Self {
        Self::new(descriptor_shares::of_guests(descriptor_shares::limit()))
    }

    pub(super) fn take(&self) -> Option<Permit> {
        Arc::clone(&self.0).try_acquire_owned().ok().map(Permit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permits_are_returned() {
        let permits = Permits::new(1);
        let permit = permits.take();
        assert!(permit.is_some() && permits.clone().take().is_none());
        drop(permit);
        assert!(permits.take().is_some());
    }
}

//! The descriptors that all guests of this process may have open together.
//!
//! The system bounds a process's descriptors. Guests get half of them, so that clients can still
//! connect and the host can open its own files, whatever guests hold.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The assumed limit of the system where it cannot be read.
const USUAL: usize = 1024;

/// The largest limit that is used: the system's may be infinite.
const MOST: usize = 1 << 20;

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

    /// Grants half of the descriptors that the system allows this process.
    pub(super) fn of_process() -> Self {
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
        Self::new(allowed(&limits).unwrap_or(USUAL).min(MOST) / 2)
    }

    pub(super) fn take(&self) -> Option<Permit> {
        Arc::clone(&self.0).try_acquire_owned().ok().map(Permit)
    }
}

/// Returns the soft limit on open files from Linux's table of limits.
fn allowed(limits: &str) -> Option<usize> {
    let row = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    match row.split_whitespace().next()? {
        "unlimited" => Some(MOST),
        number => number.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_is_read() {
        let table = "Limit                     Soft Limit           Hard Limit           Units     \n\
                     Max processes             95937                95937                processes \n\
                     Max open files            1024                 524288               files     \n";
        assert_eq!(allowed(table), Some(1024));
        let unlimited = table.replace("1024 ", "unlimited ");
        assert_eq!(allowed(&unlimited), Some(MOST));
        assert_eq!(allowed(""), None);
    }

    #[test]
    fn permits_are_returned() {
        let permits = Permits::new(1);
        let permit = permits.take();
        assert!(permit.is_some() && permits.clone().take().is_none());
        drop(permit);
        assert!(permits.take().is_some());
    }
}

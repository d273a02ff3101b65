//! Limits on the host memory that one store may use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use wasmtime::ResourceLimiter;

use crate::telemetry::Limit;
use crate::telemetry::SessionObserver;

/// The most elements that all tables of an instance may have together: far more than guests need
/// for their function tables, far fewer than would burden the host.
const TABLE_ELEMENTS: usize = 1 << 20;
/// The most core instances, memories and tables that a component may consist of.
const PARTS: usize = 1_000;

/// Enforces one limit across all memories and another across all tables.
#[derive(Debug)]
pub(super) struct Limiter {
    memory_left: usize,
    elements_left: usize,
    observer: SessionObserver,
    refused: Refused,
}

/// A flag that is set when memory is refused. It outlives the store, so that this cause can be told
/// apart from other reasons for the store's end.
#[derive(Debug, Clone, Default)]
pub(super) struct Refused(Arc<AtomicBool>);

impl Refused {
    /// Returns whether memory was refused.
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Limiter {
    /// Allows `memory_bytes` in all memories together.
    pub(super) fn new(memory_bytes: usize, observer: SessionObserver) -> Self {
        Self {
            observer,
            memory_left: memory_bytes,
            elements_left: TABLE_ELEMENTS,
            refused: Refused::default(),
        }
    }

    /// Returns the flag that is set when memory is refused.
    pub(super) fn refused(&self) -> Refused {
        self.refused.clone()
    }
}

/// Deducts the growth from `current` to `desired` from the remaining budget.
fn take(left: &mut usize, current: usize, desired: usize) -> bool {
    let more = desired.saturating_sub(current);
    let allowed = more <= *left;
    if allowed {
        *left -= more;
    }
    allowed
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = take(&mut self.memory_left, current, desired);
        if !allowed {
            self.refused.0.store(true, Ordering::Relaxed);
            self.observer.reached(Limit::Memory);
        }
        Ok(allowed)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(take(&mut self.elements_left, current, desired))
    }

    fn instances(&self) -> usize {
        PARTS
    }

    fn tables(&self) -> usize {
        PARTS
    }

    fn memories(&self) -> usize {
        PARTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_count_together_and_a_refusal_costs_nothing() {
        let mut limiter = Limiter::new(100, SessionObserver::default());
        let refused = limiter.refused();
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        assert!(!refused.is_set());
        assert!(!limiter.memory_growing(0, 60, None).unwrap());
        assert!(refused.is_set());
        assert!(limiter.memory_growing(0, 40, None).unwrap());
        assert!(!limiter.memory_growing(60, 61, None).unwrap());
        let limits = &limiter.observer.telemetry.limits;
        assert_eq!(limits.get(Limit::Memory), 2);
    }

    #[test]
    fn tables_count_together() {
        let mut limiter = Limiter::new(0, SessionObserver::default());
        assert!(limiter.table_growing(0, TABLE_ELEMENTS, None).unwrap());
        assert!(!limiter.table_growing(0, 1, None).unwrap());
    }
}

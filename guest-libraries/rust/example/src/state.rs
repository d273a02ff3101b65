//! State that an instance keeps from one call to the next.
//!
//! An instance may serve one call or many: correct answers do not depend on this, it only lets a
//! tool tell of earlier events.

use std::cell::RefCell;
use std::collections::BTreeSet;

use wasi_mcp_guest::records::Root;

#[derive(Default)]
pub struct State {
    /// The number of times that the watched resource was touched.
    pub watched_version: u32,
    pub subscriptions: BTreeSet<String>,
    /// One entry for each wait that a cancellation ended: the reason, if there was one.
    pub cancellations: Vec<Option<String>>,
    pub initialized: u32,
    pub roots_changed: u32,
    /// The roots that the client listed last.
    pub roots: Vec<Root>,
    #[cfg(feature = "p3")]
    pub meeting: crate::tools::concurrency::Meeting,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Accesses the state; never across an await, so concurrent calls do not conflict.
pub fn with<T>(work: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(work)
}

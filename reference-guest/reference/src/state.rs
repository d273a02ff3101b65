//! The state that an instance keeps from one call to the next.
//!
//! An instance may serve one call or many: correct answers do not depend on this state, it only
//! lets a tool report earlier events.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::bindings::wasi::mcp::content::Root;
use crate::bindings::wasi::mcp::context::RequestContext;
#[cfg(feature = "p3")]
use crate::tools::barrier::Meeting;

#[derive(Default)]
pub struct State {
    /// Tool calls so far.
    pub calls: u32,
    /// The entries that `add-entries` adds are listed.
    pub added: bool,
    /// The number of times that the watched resource was touched.
    pub watched_version: u32,
    pub subscriptions: BTreeSet<String>,
    /// One entry per wait that a cancellation ended: the reason, if there was one.
    pub cancellations: Vec<Option<String>>,
    /// A clone of the context of an ended call.
    pub kept_context: Option<RequestContext>,
    pub initialized: u32,
    pub roots_changed: u32,
    /// The roots that the client listed last.
    pub roots: Vec<Root>,
    #[cfg(feature = "p3")]
    pub meeting: Meeting,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Accesses the state; never across an await, so concurrent calls do not conflict.
pub fn with<T>(work: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(work)
}

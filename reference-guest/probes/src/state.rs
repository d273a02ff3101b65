//! What an instance remembers.

use std::cell::RefCell;

use crate::host::RequestContext;
use crate::report::Report;

#[derive(Default)]
pub struct State {
    /// Calls of tools so far.
    pub calls: u32,
    /// How often `start` ran.
    pub starts: u32,
    /// Handlers that were called before `start` returned.
    pub early: u32,
    /// `start` has returned.
    pub started: bool,
    /// What the host answered during `start`.
    pub start: Report,
    /// What the host answered to a call that was cancelled.
    pub cancelled: Option<Report>,
    /// What the host answered to `initialized`, once it came.
    pub initialized: Option<Report>,
    /// The client's notifications, in their order.
    pub events: Vec<String>,
    /// The resources that the host asked to be streamed.
    pub streamed: Vec<String>,
    /// What is subscribed to, and whether the context had an id.
    pub subscriptions: Vec<(String, bool)>,
    /// A context that outlives its request.
    pub kept: Option<RequestContext>,
    /// The end of a wait for the cancellation of a request that had returned.
    pub left_behind: Option<Report>,
    /// How a stream ended that its reader gave up.
    pub stream: Option<Report>,
    /// How requests to the client of `ask-much` ended.
    pub refused: Vec<String>,
    /// How many calls of `meet` are inside.
    pub meeting: u32,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Lends the state; not across a wait.
pub fn with<R>(act: impl FnOnce(&mut State) -> R) -> R {
    STATE.with_borrow_mut(act)
}

/// Counts a call of a handler that comes before its time.
pub fn handled() {
    with(|state| state.early += u32::from(!state.started));
}

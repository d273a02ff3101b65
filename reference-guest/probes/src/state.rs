//! The state of an instance.

use std::cell::RefCell;

use serde_json::Value;

use crate::host::RequestContext;
use crate::report::Report;

#[derive(Default)]
pub struct State {
    /// Calls of tools so far.
    pub calls: u32,
    /// The number of times that `start` ran.
    pub starts: u32,
    /// Handlers that were called before `start` returned.
    pub early: u32,
    /// `start` has returned.
    pub started: bool,
    /// The host's answers during `start`.
    pub start: Report,
    /// The host's answers to a call that was cancelled.
    pub cancelled: Option<Report>,
    /// The host's answers during `initialized`, once it was called.
    pub initialized: Option<Report>,
    /// The client's notifications, in their order.
    pub events: Vec<String>,
    /// The resources that the host asked to be streamed.
    pub streamed: Vec<String>,
    /// The URIs subscribed to, each with whether the context was that of a request.
    pub subscriptions: Vec<(String, bool)>,
    /// The principals of the subscriptions that the host repeated.
    pub repeating: Vec<Value>,
    /// A context that outlives its request.
    pub kept: Option<RequestContext>,
    /// The end of a wait for the cancellation of a request that had returned.
    pub left_behind: Option<Report>,
    /// The end of a stream that its reader dropped.
    pub stream: Option<Report>,
    /// The outcomes of the requests of `ask-much` to the client.
    pub refused: Vec<String>,
    /// The number of calls of `meet` in progress.
    pub meeting: u32,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Lends the state; not across a wait.
pub fn with<R>(act: impl FnOnce(&mut State) -> R) -> R {
    STATE.with_borrow_mut(act)
}

/// Counts a call of a handler before `start` has returned.
pub fn handled() {
    with(|state| state.early += u32::from(!state.started));
}

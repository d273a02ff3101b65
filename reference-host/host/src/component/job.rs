//! A call that is to be made.

use std::sync::Arc;

use super::context::Request;
use super::handlers::Call;

/// One call to make.
#[derive(Debug, Clone)]
pub struct Job {
    /// The request that the call belongs to.
    pub request: Arc<Request>,
    /// The call to make.
    pub call: Call,
    /// No other call may run meanwhile: the previous instance was lost during this call, and
    /// perhaps because of it. A new instance gets such jobs first.
    pub alone: bool,
}

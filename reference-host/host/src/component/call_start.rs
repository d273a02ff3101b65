//! The start of a call in the guest.

use std::sync::{Arc, Weak};

use wasmtime::component::Resource;

use super::context::RequestContext;

/// Tells whether a call that an instance has accepted is running in the guest, or is still waiting
/// for its turn. A function that is lifted synchronously lets no other call begin before it
/// returns.
///
/// The engine keeps the parameters of a call until it hands them to the guest, and drops them then.
/// The call has therefore begun once the context among them is gone.
#[derive(Debug, Clone, Default)]
pub struct CallStart(Weak<Resource<RequestContext>>);

impl CallStart {
    /// Returns the start of the call that this context belongs to.
    pub(crate) fn of(context: &Arc<Resource<RequestContext>>) -> Self {
        Self(Arc::downgrade(context))
    }

    /// Returns whether the call has begun to run; true by default.
    pub fn has_started(&self) -> bool {
        self.0.strong_count() == 0
    }
}

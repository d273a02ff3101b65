//! Whether a call has begun to run in the guest.

use std::sync::{Arc, Weak};

use wasmtime::component::Resource;

use super::context::RequestContext;

/// Tells whether a call that an instance has taken runs in the guest, or still
/// waits there for its turn: a function that is lifted synchronously lets no
/// other begin before it has returned.
///
/// The engine keeps the parameters of a call until they are handed over to the
/// guest, and drops them then. So this looks whether the context among them is
/// still there.
#[derive(Debug, Clone, Default)]
pub struct Entrance(Weak<Resource<RequestContext>>);

impl Entrance {
    /// The entrance of the call that this context is for.
    pub(super) fn of(context: &Arc<Resource<RequestContext>>) -> Self {
        Self(Arc::downgrade(context))
    }

    /// Whether the call has begun to run; so it has by default.
    pub fn is_passed(&self) -> bool {
        self.0.strong_count() == 0
    }
}

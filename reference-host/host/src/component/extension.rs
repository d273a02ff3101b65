//! An embedder's value that its imported functions reach from a store.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A value for the functions that an embedder adds to the linker, shared by all instances that use
/// this sandbox.
#[derive(Clone, Default)]
pub struct Extension(Option<Arc<dyn Any + Send + Sync>>);

impl Extension {
    /// Holds a value. [`InstanceState::extension`](super::InstanceState::extension) returns it.
    pub fn new<T: Send + Sync + 'static>(value: T) -> Self {
        Self(Some(Arc::new(value)))
    }

    pub(super) fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.0.as_deref()?.downcast_ref()
    }
}

impl fmt::Debug for Extension {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.0.is_some() { "set" } else { "unset" };
        write!(formatter, "Extension({state})")
    }
}

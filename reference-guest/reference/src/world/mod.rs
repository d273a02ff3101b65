//! The differences between the worlds: the ownership of the lists.

#[cfg(feature = "backend")]
mod backend;
#[cfg(all(feature = "service", not(feature = "backend")))]
mod service;

#[cfg(feature = "backend")]
pub use backend::*;
#[cfg(all(feature = "service", not(feature = "backend")))]
pub use service::*;

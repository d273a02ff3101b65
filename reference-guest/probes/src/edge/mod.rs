//! The differences between a component that awaits and one that blocks.

#[cfg(all(feature = "p3", not(feature = "blocking")))]
mod awaiting;
#[cfg(any(feature = "p2", feature = "blocking"))]
mod blocking;

#[cfg(all(feature = "p3", not(feature = "blocking")))]
pub use awaiting::*;
#[cfg(any(feature = "p2", feature = "blocking"))]
pub use blocking::*;

//! The functions of the targets in `fuzz/`: each panics when a rule is broken.
//!
//! They are part of this crate to reach its internals, and so that its tests play the corpus.

mod mapping;
pub(crate) mod message;
pub(crate) mod offers;
mod script;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod tests;

pub use mapping::mapping;
pub use script::script;

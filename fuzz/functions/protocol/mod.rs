//! The functions of the fuzz targets of the protocol layer: each panics when a rule is broken.
//!
//! The crate `wasi-mcp-protocol` compiles them as a module of its own, with `cfg(fuzzing)` and in its
//! tests: they access its internals, and its tests replay the corpus.

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

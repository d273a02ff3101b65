//! The functions of the fuzz targets of the host: each panics when a rule is broken.
//!
//! The crate `wasi-mcp-host` compiles them as a module of its own, with `cfg(fuzzing)` and in its
//! tests: they access its internals, and its tests replay the corpus.

mod lines;
#[path = "../protocol/message.rs"]
#[allow(dead_code, reason = "the tests and the protocol layer use all of it")]
pub(crate) mod message;
#[path = "../protocol/offers.rs"]
#[allow(dead_code, reason = "the tests of the protocol layer use all of it")]
pub(crate) mod offers;

#[cfg(test)]
#[path = "../protocol/corpus.rs"]
mod corpus;
#[cfg(test)]
mod tests;

pub use crate::transport::http::fuzzing::exchanges;
pub use lines::lines;

//! The functions of the targets in `fuzz/`: each panics when a rule is broken.
//!
//! They are part of this crate because they access its internals, and so that its tests replay the
//! corpus. Those of the protocol layer are in `wasi-mcp-protocol`.

mod lines;
#[path = "../../../protocol/src/fuzzing/message.rs"]
#[allow(dead_code, reason = "the tests and the protocol layer use all of it")]
pub(crate) mod message;
#[path = "../../../protocol/src/fuzzing/offers.rs"]
#[allow(dead_code, reason = "the tests of the protocol layer use all of it")]
pub(crate) mod offers;

#[cfg(test)]
#[path = "../../../protocol/src/fuzzing/corpus.rs"]
mod corpus;
#[cfg(test)]
mod tests;

pub use crate::transport::http::fuzzing::exchanges;
pub use lines::lines;

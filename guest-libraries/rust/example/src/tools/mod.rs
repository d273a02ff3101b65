//! The tools: one file for each feature.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/tools>

pub mod background;
pub mod concurrency;
pub mod context;
pub mod echo;
pub mod elicitation;
pub mod errors;
pub mod lists;
pub mod logging;
pub mod progress;
pub mod public_suite;
pub mod results;
pub mod roots;
pub mod sampling;
pub mod structured;
pub mod updates;
pub mod waiting;

//! What can be tested: a command, a URL, a component.

pub mod command;
pub mod component;
pub mod embedded;
pub mod url;

use std::sync::Arc;

use crate::driver::{Server, Timing};
use crate::report::Identity;

/// A server and what is known about it.
#[derive(Clone)]
pub struct Target {
    /// What it is.
    pub identity: Identity,
    /// The server.
    pub server: Arc<dyn Server>,
    /// How long to wait for it.
    pub timing: Timing,
    /// How many checks are made at the same time, where nobody says how many.
    pub jobs: usize,
}

/// So many checks at a time suit a target whose sessions have nothing in
/// common: as many as this machine computes at once.
fn independent() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

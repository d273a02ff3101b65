//! What can be tested: a command, a URL, a component.

pub mod command;
#[cfg_attr(not(feature = "component"), path = "without_component.rs")]
pub mod component;
pub mod embedded;
pub mod guests;
pub mod url;

use std::sync::Arc;

use crate::driver::{Server, Timing};
use crate::model::Identity;

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

/// The error of a program that was built without support for components.
#[cfg(not(feature = "component"))]
fn unsupported() -> anyhow::Error {
    anyhow::anyhow!(
        "components are unsupported: this program was built without the feature `component`; \
         build it with the default features, or judge a server with --command or --url"
    )
}

/// So many checks at a time suit a target whose sessions have nothing in
/// common: as many as this machine computes at once.
fn independent() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

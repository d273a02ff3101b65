//! The kinds of targets: commands, URLs, components and recordings.

pub mod command;
#[cfg_attr(not(feature = "component"), path = "without_component.rs")]
pub mod component;
pub mod embedded;
pub mod guests;
pub mod recording;
pub mod url;

use std::sync::Arc;

use crate::driver::{Server, Timing};
use crate::model::Identity;

/// A server, with the parameters for judging it.
#[derive(Clone)]
pub struct Target {
    /// Its description in reports.
    pub identity: Identity,
    /// The server.
    pub server: Arc<dyn Server>,
    /// The time limits of the driver.
    pub timing: Timing,
    /// The default number of concurrent checks.
    pub jobs: usize,
}

/// Returns the error of a program built without support for components.
#[cfg(not(feature = "component"))]
fn unsupported() -> anyhow::Error {
    anyhow::anyhow!(
        "components are unsupported: this program was built without the feature `component`; \
         build it with the default features, or judge a server with --command or --url"
    )
}

/// Returns the number of concurrent checks for a target with independent sessions: the available
/// parallelism.
fn independent() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

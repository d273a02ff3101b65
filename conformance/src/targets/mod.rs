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
}

//! Component targets of a program without the feature `component`: none can be loaded.

use super::Target;
use crate::driver::connection::Transport;

/// A loaded component; there is none.
#[derive(Clone, Debug)]
pub struct Loaded(Never);

#[derive(Clone, Debug)]
enum Never {}

/// The calls that share an instance of a component.
#[derive(Clone, Copy, Debug)]
pub enum Isolation {
    /// The calls of a session.
    Session,
    /// None.
    Call,
}

/// Fails, as this program cannot run components.
///
/// # Errors
///
/// Always.
pub fn load(_name: &str, _bytes: &[u8]) -> anyhow::Result<Loaded> {
    Err(super::unsupported())
}

impl Loaded {
    /// Cannot be called, as no component is loaded.
    #[must_use]
    pub fn isolated(self, _isolation: Isolation) -> Self {
        self
    }

    /// Cannot be called, as no component is loaded.
    pub fn target(&self, _transport: Transport) -> Target {
        match self.0 {}
    }
}

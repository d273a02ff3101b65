//! Component targets of a program without the feature `component`: none can be loaded.

use std::path::PathBuf;

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

/// Reasons why the host answers in the place of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The instance was lost.
    Lost,
    /// The result breaks a rule of the interface.
    RuleBroken,
}

/// Returns none: no component is run.
pub fn failure(_message: &str) -> Option<Failure> {
    None
}

/// Returns none: no component is run.
pub fn quoted_failure(_line: &str) -> Option<Failure> {
    None
}

/// The grants of a component; there is nothing to grant.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct SandboxArguments {}

/// Does nothing: no component is compiled.
pub fn keep_compiled_code() {}

/// Does nothing: no component is compiled.
pub fn keep_compiled_code_in(_folder: impl Into<PathBuf>) {}

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
    ///
    /// # Errors
    ///
    /// Never.
    pub fn granted(self, _grants: &SandboxArguments) -> anyhow::Result<Self> {
        match self.0 {}
    }

    /// Cannot be called, as no component is loaded.
    pub fn target(&self, _transport: Transport) -> Target {
        match self.0 {}
    }
}

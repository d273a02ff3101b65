//! The cause of an instance's loss, in words that a client may read.

use std::fmt;

use wasi_mcp_protocol::START_FAILED;
use wasmtime::Trap;
use wasmtime_wasi::{I32Exit, ResourceTableError};
use wasmtime_wasi_http::FieldMapError;

use super::holdings::HoldsTooMuch;
use super::state::HANDLES;

/// The ways in which an instance is lost, as errors name them to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// It trapped.
    Trapped,
    /// It exited.
    Exited,
    /// The host stopped it.
    Stopped,
    /// It failed for another reason.
    Failed,
}

impl Loss {
    /// Returns all ways.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Trapped, Self::Exited, Self::Stopped, Self::Failed].into_iter()
    }

    /// Returns the words with which the message of each error about it begins, after
    /// [`START_FAILED`] where the component did not start.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Trapped => "the component trapped",
            Self::Exited => "the component exited",
            Self::Stopped => "the component was stopped",
            Self::Failed => "the component failed",
        }
    }

    /// Returns the way that the message of an error names, if it is about a loss. A component may
    /// quote such words in an error of its own, so only the beginning counts.
    #[must_use]
    pub fn of(message: &str) -> Option<Self> {
        let message = message.strip_prefix(START_FAILED).unwrap_or(message);
        Self::all().find(|loss| message.starts_with(loss.words()))
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.words())
    }
}

/// Raised by the watchdog: the guest computed for too long without yielding to its event loop.
#[derive(Debug, thiserror::Error)]
#[error("it computed for {0:?} without yielding")]
pub(super) struct Spinning(pub(super) std::time::Duration);

/// Raised by the watchdog: the session's guest has exhausted its total computing time.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("this session has used up its {0:?} of computing time")]
pub(super) struct OutOfTime(pub(super) std::time::Duration);

/// The guest's last line on standard error, as the context of its failure.
#[derive(Debug, Clone, thiserror::Error)]
#[error("its last line of standard error: {0}")]
pub(super) struct LastLine(pub(super) String);

/// Returns whether the guest asked for more handles than it may hold.
pub(super) fn is_out_of_handles(error: &wasmtime::Error) -> bool {
    matches!(error.downcast_ref(), Some(ResourceTableError::Full))
        // The engine's own limit has no type.
        || error.root_cause().to_string().contains("store handle limit exceeded")
}

/// Describes an instance that the host gave up because a cancelled call did not return.
pub(crate) fn not_returned() -> String {
    format!("{}: it did not return from a cancelled call", Loss::Stopped)
}

/// Describes the failure, with the guest's last line if the client may see it.
pub(super) fn describe(error: &wasmtime::Error) -> String {
    let cause = describe_cause(error);
    match error.downcast_ref::<LastLine>() {
        Some(last) => format!("{cause} ({last})"),
        None => cause,
    }
}

/// Describes the failure without paths, addresses or back traces of the host.
fn describe_cause(error: &wasmtime::Error) -> String {
    tracing::debug!(error = format!("{error:?}"), "the engine's error");
    if let Some(I32Exit(status)) = error.downcast_ref() {
        return format!("{} with status {status}", Loss::Exited);
    }
    if let Some(spinning) = error.downcast_ref::<Spinning>() {
        return format!("{}: {spinning}", Loss::Stopped);
    }
    if let Some(out_of_time) = error.downcast_ref::<OutOfTime>() {
        return format!("{}: {out_of_time}", Loss::Stopped);
    }
    if let Some(held) = error.downcast_ref::<HoldsTooMuch>() {
        return format!("{}: {held}", Loss::Stopped);
    }
    if is_out_of_handles(error) {
        return format!(
            "{}: it holds {HANDLES} handles, the maximum, and requested another",
            Loss::Stopped
        );
    }
    if let Some(FieldMapError::TotalSizeTooBig | FieldMapError::TooManyFields) =
        error.downcast_ref()
    {
        return format!("{}: its HTTP header fields are too large", Loss::Stopped);
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return format!("{}: {trap}", Loss::Trapped);
    }
    Loss::Failed.words().to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_description_names_its_loss() {
        let errors: [(wasmtime::Error, Loss); 5] = [
            (I32Exit(3).into(), Loss::Exited),
            (Spinning(Duration::ZERO).into(), Loss::Stopped),
            (OutOfTime(Duration::ZERO).into(), Loss::Stopped),
            (Trap::UnreachableCodeReached.into(), Loss::Trapped),
            (wasmtime::Error::msg("else"), Loss::Failed),
        ];
        for (error, loss) in errors {
            assert_eq!(Loss::of(&describe(&error)), Some(loss), "{error}");
        }
        assert_eq!(Loss::of("no such tool"), None);
        assert_eq!(
            Loss::of(&format!("{START_FAILED}{}", Loss::Failed)),
            Some(Loss::Failed)
        );
        // A gateway may tell of a component behind it.
        assert_eq!(Loss::of("upstream: the component failed"), None);
    }
}

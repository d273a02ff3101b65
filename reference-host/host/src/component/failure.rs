//! The cause of an instance's loss, in words that a client may read.

use wasmtime::Trap;
use wasmtime_wasi::{I32Exit, ResourceTableError};
use wasmtime_wasi_http::FieldMapError;

use super::holdings::HoldsTooMuch;
use super::state::HANDLES;

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
        return format!("the component exited with status {status}");
    }
    if let Some(spinning) = error.downcast_ref::<Spinning>() {
        return format!("the component was stopped: {spinning}");
    }
    if let Some(out_of_time) = error.downcast_ref::<OutOfTime>() {
        return format!("the component was stopped: {out_of_time}");
    }
    if let Some(held) = error.downcast_ref::<HoldsTooMuch>() {
        return format!("the component was stopped: {held}");
    }
    if is_out_of_handles(error) {
        return format!(
            "the component was stopped: it holds {HANDLES} handles, the maximum, and requested another"
        );
    }
    if let Some(FieldMapError::TotalSizeTooBig | FieldMapError::TooManyFields) =
        error.downcast_ref()
    {
        return "the component was stopped: its HTTP header fields are too large".to_owned();
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return format!("the component trapped: {trap}");
    }
    "the component failed".to_owned()
}

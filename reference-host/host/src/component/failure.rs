//! The cause of an instance's loss, in words that a client may read.

use wasmtime::Trap;
use wasmtime_wasi::I32Exit;

/// Raised by the watchdog: the guest computed for too long without yielding to its event loop.
#[derive(Debug, thiserror::Error)]
#[error("it computed for {0:?} without yielding")]
pub(super) struct Spinning(pub(super) std::time::Duration);

/// Raised by the watchdog: the session's guest has exhausted its total computing time.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("this session has used up its {0:?} of computing time")]
pub(super) struct OutOfTime(pub(super) std::time::Duration);

/// Describes the failure without paths, addresses or back traces of the host.
pub(super) fn describe(error: &wasmtime::Error) -> String {
    tracing::debug!(error = format!("{error:?}"), "what the engine says of it");
    if let Some(I32Exit(status)) = error.downcast_ref() {
        return format!("the component exited with status {status}");
    }
    if let Some(spinning) = error.downcast_ref::<Spinning>() {
        return format!("the component was stopped: {spinning}");
    }
    if let Some(out_of_time) = error.downcast_ref::<OutOfTime>() {
        return format!("the component was stopped: {out_of_time}");
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return format!("the component trapped: {trap}");
    }
    "the component failed".to_owned()
}

//! Running a future that does not wait.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs a future that is ready when it is polled, as all are whose imports block.
///
/// # Panics
///
/// When the future waits.
pub fn now<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("an import of WASI 0.2 returned without its result"),
    }
}

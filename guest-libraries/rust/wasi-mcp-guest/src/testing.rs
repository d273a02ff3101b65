//! Support for the tests.

use std::pin::pin;
use std::task::{self, Poll, Waker};

/// Runs a future that does not wait.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut task::Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

//! Work that is done once, by the first who needs it.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// The result of work that is done once. Tasks that need it meanwhile wait for it. If the task that
/// does the work is dropped, another one begins again.
#[derive(Debug)]
pub struct Once<T>(RefCell<State<T>>);

#[derive(Debug)]
enum State<T> {
    New,
    Running(Vec<Waker>),
    Done(T),
}

impl<T: Clone> Once<T> {
    /// Creates one whose work has not begun.
    #[must_use]
    pub const fn new() -> Self {
        Self(RefCell::new(State::New))
    }

    /// Returns the result of `work`, which runs in the first call alone.
    pub async fn get(&self, work: impl AsyncFnOnce() -> T) -> T {
        let done = poll_fn(|context| match &mut *self.0.borrow_mut() {
            State::Done(result) => Poll::Ready(Some(result.clone())),
            State::Running(waiting) => {
                waiting.push(context.waker().clone());
                Poll::Pending
            }
            state @ State::New => {
                *state = State::Running(Vec::new());
                Poll::Ready(None)
            }
        });
        if let Some(result) = done.await {
            return result;
        }
        let mut running = Running {
            once: self,
            result: None,
        };
        let result = work().await;
        running.result = Some(result.clone());
        result
    }
}

impl<T: Clone> Default for Once<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Stores the result and wakes the others, also where the work is given up.
struct Running<'a, T> {
    once: &'a Once<T>,
    result: Option<T>,
}

impl<T> Drop for Running<'_, T> {
    fn drop(&mut self) {
        let next = self.result.take().map_or(State::New, State::Done);
        if let State::Running(waiting) = self.once.0.replace(next) {
            waiting.into_iter().for_each(Waker::wake);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::Context;

    #[test]
    fn later_tasks_wait_for_the_first() {
        let once = Once::new();
        let released = std::cell::Cell::new(false);
        let wait = poll_fn(|_| {
            if released.get() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        let mut first = pin!(once.get(async || {
            wait.await;
            1
        }));
        let mut second = pin!(once.get(async || 2));
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(first.as_mut().poll(&mut context), Poll::Pending);
        assert_eq!(second.as_mut().poll(&mut context), Poll::Pending);
        released.set(true);
        assert_eq!(first.as_mut().poll(&mut context), Poll::Ready(1));
        assert_eq!(second.as_mut().poll(&mut context), Poll::Ready(1));
    }

    #[test]
    fn work_that_was_given_up_is_done_again() {
        let once = Once::new();
        let mut context = Context::from_waker(Waker::noop());
        {
            let mut first = pin!(once.get(async || std::future::pending().await));
            assert_eq!(first.as_mut().poll(&mut context), Poll::Pending);
        }
        let mut second = pin!(once.get(async || 2));
        assert_eq!(second.as_mut().poll(&mut context), Poll::Ready(2));
    }
}

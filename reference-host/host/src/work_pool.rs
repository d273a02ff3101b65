//! Threads for work that grows with the data of a client or a component.
//!
//! A thread that serves connections is shared by many sessions, so it must not validate a large
//! argument, write a large result or compile a schema: the other sessions would wait. Separate
//! threads do this work, few enough to leave the serving threads their share of the processor. (Not
//! tokio's threads for blocking work, which guests can keep busy with files.)

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::oneshot;

/// The time after which an idle thread ends.
const IDLE: Duration = Duration::from_secs(10);

type Work = Box<dyn FnOnce() + Send>;

/// A few threads, started when there is work. Clones share them.
#[derive(Clone)]
pub(crate) struct WorkPool(Arc<Shared>);

struct Shared {
    most_threads: usize,
    state: Mutex<State>,
    added: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Work>,
    threads: usize,
    idle: usize,
}

impl Default for WorkPool {
    /// Returns a pool of as many threads as there are processors.
    fn default() -> Self {
        Self::new(available_parallelism().map_or(1, Into::into))
    }
}

impl std::fmt::Debug for WorkPool {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("WorkPool").finish_non_exhaustive()
    }
}

impl WorkPool {
    pub(crate) fn new(most_threads: usize) -> Self {
        Self(Arc::new(Shared {
            most_threads,
            state: Mutex::default(),
            added: Condvar::new(),
        }))
    }

    /// Performs work on one of the threads, and returns its result; `None` if it panicked. Work that
    /// has not begun when the future is dropped is skipped.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        let work = move || {
            // The session may have ended: then the result is dropped.
            if !sender.is_closed() {
                let _ = sender.send(work());
            }
        };
        self.add(Box::new(work));
        receiver.await.ok()
    }

    fn add(&self, work: Work) {
        let mut state = self.0.lock();
        state.queue.push_back(work);
        if state.idle >= state.queue.len() || state.threads >= self.0.most_threads {
            self.0.added.notify_one();
            return;
        }
        state.threads += 1;
        drop(state);
        let shared = Arc::clone(&self.0);
        let thread = std::thread::Builder::new().name("wasi-mcp-work".to_owned());
        if let Err(error) = thread.spawn(move || shared.serve()) {
            tracing::error!(%error, "a thread for large work cannot be started");
            self.0.thread_is_missing();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs queued work until there has been none for a while.
    fn serve(&self) {
        let mut state = self.lock();
        loop {
            if let Some(work) = state.queue.pop_front() {
                drop(state);
                // A panic is a defect of this host: it costs the request, not the thread.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
                state = self.lock();
                continue;
            }
            state.idle += 1;
            let (awake, waited) = self
                .added
                .wait_timeout(state, IDLE)
                .unwrap_or_else(PoisonError::into_inner);
            state = awake;
            state.idle -= 1;
            if waited.timed_out() && state.queue.is_empty() {
                state.threads -= 1;
                return;
            }
        }
    }

    /// Runs the queued work on this thread if no other thread can.
    fn thread_is_missing(&self) {
        let mut state = self.lock();
        state.threads -= 1;
        while state.threads == 0
            && let Some(work) = state.queue.pop_front()
        {
            drop(state);
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            state = self.lock();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_on_no_more_threads_than_allowed() {
        let pool = WorkPool::new(2);
        let name = || std::thread::current().id();
        let ids = futures::future::join_all((0..20).map(|_| pool.run(name))).await;
        let ids: std::collections::HashSet<_> = ids.into_iter().flatten().collect();
        assert!((1..=2).contains(&ids.len()), "{ids:?}");
        assert!(!ids.contains(&std::thread::current().id()));
    }

    #[tokio::test]
    async fn a_panic_costs_its_own_work_only() {
        let pool = WorkPool::new(1);
        assert_eq!(pool.run(|| panic!("on purpose")).await, None::<()>);
        assert_eq!(pool.run(|| 7).await, Some(7));
    }
}

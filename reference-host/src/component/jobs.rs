//! The calls that wait for an instance.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::context::Request;
use super::handlers::Call;

/// One call to make.
#[derive(Debug)]
pub struct Job {
    /// The request that it belongs to.
    pub request: Arc<Request>,
    /// What to call.
    pub call: Call,
}

/// A queue of jobs. It outlives the instances that work on it: what a lost one
/// had not begun is done by the next.
#[derive(Debug, Default)]
pub struct Jobs {
    waiting: Mutex<VecDeque<Job>>,
    added: Notify,
}

impl Jobs {
    /// Adds a job behind all others.
    pub fn add(&self, job: Job) {
        self.waiting().push_back(job);
        self.added.notify_one();
    }

    /// Adds jobs before all others, the first of them first.
    pub fn add_first(&self, jobs: impl DoubleEndedIterator<Item = Job>) {
        let mut waiting = self.waiting();
        for job in jobs.rev() {
            waiting.push_front(job);
        }
        self.added.notify_one();
    }

    /// Takes the first job, if there is one.
    pub fn take(&self) -> Option<Job> {
        self.waiting().pop_front()
    }

    /// Takes the first job, once there is one. One caller at a time may wait.
    pub async fn next(&self) -> Job {
        loop {
            if let Some(job) = self.take() {
                return job;
            }
            self.added.notified().await;
        }
    }

    /// Whether no job waits.
    pub fn is_empty(&self) -> bool {
        self.waiting().is_empty()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The queue of calls waiting for an instance.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use super::context::Request;
use super::handlers::Call;

/// One call to make.
#[derive(Debug, Clone)]
pub struct Job {
    /// The request that the call belongs to.
    pub request: Arc<Request>,
    /// The call to make.
    pub call: Call,
    /// True if nothing else may run meanwhile: the previous instance was lost during this call, and
    /// perhaps because of it. A new instance gets such jobs first.
    pub alone: bool,
}

/// A queue of jobs. It outlives the instances that serve it: jobs that a lost instance had not
/// begun go to the next one.
#[derive(Debug, Default)]
pub struct Jobs {
    /// Each job with the time since which it has been waiting.
    waiting: Mutex<VecDeque<(Instant, Job)>>,
    added: Notify,
}

impl Jobs {
    /// Appends a job.
    pub fn add(&self, job: Job) {
        self.waiting().push_back((Instant::now(), job));
        self.added.notify_one();
    }

    /// Prepends jobs, keeping their order.
    pub fn add_first(&self, jobs: impl DoubleEndedIterator<Item = Job>) {
        let mut waiting = self.waiting();
        for job in jobs.rev() {
            waiting.push_front((Instant::now(), job));
        }
        self.added.notify_one();
    }

    /// Takes the first job, if there is one.
    pub fn take(&self) -> Option<Job> {
        self.waiting().pop_front().map(|(_, job)| job)
    }

    /// Waits for a job and takes it. Only one caller at a time may wait.
    pub async fn next(&self) -> Job {
        loop {
            if let Some(job) = self.take() {
                return job;
            }
            self.added.notified().await;
        }
    }

    /// Returns whether the queue is empty.
    pub fn is_empty(&self) -> bool {
        self.waiting().is_empty()
    }

    /// Returns the time since which the oldest job has been waiting.
    pub fn waiting_since(&self) -> Option<Instant> {
        self.waiting().iter().map(|(since, _)| *since).min()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<(Instant, Job)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

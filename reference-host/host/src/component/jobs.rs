//! The calls that wait for an instance.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use super::context::Request;
use super::handlers::Call;

/// One call to make.
#[derive(Debug, Clone)]
pub struct Job {
    /// The request that it belongs to.
    pub request: Arc<Request>,
    /// What to call.
    pub call: Call,
    /// Whether nothing else may run meanwhile: the instance before this one was
    /// lost with it, and perhaps through it. Such jobs are the first that a new
    /// instance gets.
    pub alone: bool,
}

/// A queue of jobs. It outlives the instances that work on it: what a lost one
/// had not begun is done by the next.
#[derive(Debug, Default)]
pub struct Jobs {
    /// With the time since which each waits.
    waiting: Mutex<VecDeque<(Instant, Job)>>,
    added: Notify,
}

impl Jobs {
    /// Adds a job behind all others.
    pub fn add(&self, job: Job) {
        self.waiting().push_back((Instant::now(), job));
        self.added.notify_one();
    }

    /// Adds jobs before all others, the first of them first.
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

    /// Since when the one waits that has waited longest.
    pub fn waiting_since(&self) -> Option<Instant> {
        self.waiting().iter().map(|(since, _)| *since).min()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<(Instant, Job)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Threads that serve connections, each with an event loop of its own.
//!
//! A connection stays on its thread, and so does the task of a session that it begins. The thread
//! of the connection that brings a call also makes it, so a call that returns at once wakes no
//! other thread.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::liveness::Liveness;

/// The threads. Dropping this ends them and everything that runs on them.
pub(super) struct Workers {
    /// If empty, the runtime of the spawning caller serves connections.
    threads: Vec<Worker>,
    stop: CancellationToken,
}

struct Worker {
    runtime: Handle,
    connections: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Workers {
    /// Starts this number of threads. With `None`, the runtime of the caller serves.
    pub(super) fn start(threads: Option<NonZeroUsize>) -> io::Result<Self> {
        let stop = CancellationToken::new();
        let mut workers = Self {
            threads: Vec::new(),
            stop: stop.clone(),
        };
        for number in 0..threads.map_or(0, NonZeroUsize::get) {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let handle = runtime.handle().clone();
            let stopped = stop.clone().cancelled_owned();
            let thread = std::thread::Builder::new()
                .name(format!("wasi-mcp-http-{number}"))
                .spawn(move || {
                    runtime.block_on(stopped);
                    // A thread that a guest's file blocks cannot be stopped: do not wait for it.
                    runtime.shutdown_background();
                })?;
            workers.threads.push(Worker {
                runtime: handle,
                connections: Arc::default(),
                thread: Some(thread),
            });
        }
        Ok(workers)
    }

    /// Registers the threads for liveness checks.
    pub(super) fn show(&self, liveness: &Liveness) {
        for worker in &self.threads {
            liveness.watch(worker.runtime.clone());
        }
    }

    /// Serves a connection on the thread that has the fewest.
    pub(super) fn spawn(
        &self,
        connections: &mut JoinSet<()>,
        connection: impl Future<Output = ()> + Send + 'static,
    ) {
        let count = |worker: &&Worker| worker.connections.load(Ordering::Relaxed);
        match self.threads.iter().min_by_key(count) {
            None => connections.spawn(connection),
            Some(worker) => {
                let counted = Counted::begin(&worker.connections);
                let connection = async move {
                    let _counted = counted;
                    connection.await;
                };
                connections.spawn_on(connection, &worker.runtime)
            }
        };
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stop.cancel();
        for worker in &mut self.threads {
            if let Some(thread) = worker.thread.take() {
                // A thread that panicked has ended too.
                let _ = thread.join();
            }
        }
    }
}

/// A connection while it is served.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn begin(connections: &Arc<AtomicUsize>) -> Self {
        connections.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(connections))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_are_spread_over_the_threads() {
        let workers = Workers::start(NonZeroUsize::new(2)).unwrap();
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let mut connections = JoinSet::new();
        for _ in 0..4 {
            let sender = sender.clone();
            workers.spawn(&mut connections, async move {
                let name = std::thread::current().name().map(str::to_owned);
                sender.send(name.unwrap()).unwrap();
                std::future::pending().await
            });
        }
        let mut names = Vec::new();
        receiver.recv_many(&mut names, 2).await;
        while names.len() < 4 {
            names.push(receiver.recv().await.unwrap());
        }
        names.sort();
        let expected = [0, 0, 1, 1].map(|number| format!("wasi-mcp-http-{number}"));
        assert_eq!(names, expected);
    }

    #[tokio::test]
    async fn without_threads_the_caller_serves() {
        let workers = Workers::start(None).unwrap();
        let mut connections = JoinSet::new();
        let here = std::thread::current().id();
        workers.spawn(&mut connections, async move {
            assert_eq!(std::thread::current().id(), here);
        });
        connections.join_next().await.unwrap().unwrap();
    }
}

//! The thread that controls the command while others serve: it handles signals, answers the
//! operator and loads a changed component, however busy the others are.

use anyhow::{Context as _, Result};
use tokio::runtime::{Handle, Runtime};

use super::logging::Log;
use super::signals::{self, Signals};

/// The thread before it is started.
pub(super) struct Control {
    runtime: Runtime,
    ended: futures::future::BoxFuture<'static, ()>,
    pub(super) signals: Signals,
}

impl Control {
    /// Handles signals from now on.
    pub(super) fn new(reloads: bool) -> Result<Self> {
        let runtime = super::load::single_threaded()?;
        let entered = runtime.enter();
        let (signals, ended) = signals::listen(reloads).context("signals cannot be received")?;
        drop(entered);
        Ok(Self {
            runtime,
            ended: Box::pin(ended),
            signals,
        })
    }

    /// Returns a handle to spawn tasks on the thread, once it is started.
    pub(super) fn handle(&self) -> Handle {
        self.runtime.handle().clone()
    }

    /// Spawns a task on the thread; it runs once the thread is started.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task);
    }

    /// Starts the thread. It ends the process on the second request to stop.
    pub(super) fn start(self, log: &Log) -> Result<()> {
        let log = log.clone();
        std::thread::Builder::new()
            .name("wasi-mcp-control".to_owned())
            .spawn(move || {
                self.runtime.block_on(self.ended);
                tracing::warn!("a second signal: what is in work is lost");
                log.output().flush_within(super::LAST_LINES);
                std::process::exit(super::status::CUT_OFF);
            })
            .map(drop)
            .context("the thread that takes signals cannot be started")
    }
}

//! Ctrl-C and SIGTERM, which end a hand tool.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::mpsc;

use crate::load;
use crate::logging::Log;
use crate::status::Failure;

/// The time for the command to end by itself, before the process is ended. Longer than a component
/// has to end a request that was cancelled.
const END_TIME: Duration = Duration::from_secs(3);

/// The exit status after Ctrl-C.
const BY_INTERRUPT: u8 = 130;
/// The exit status after SIGTERM.
#[cfg(unix)]
const BY_TERMINATE: u8 = 143;

/// The first signal to stop. A thread of its own receives it and ends the process if that takes too
/// long, at a second signal, or when nothing waits for the first: the other threads may be blocked
/// by a pipe that is not read.
pub(crate) struct Interrupts {
    statuses: mpsc::UnboundedReceiver<u8>,
    /// The status of a signal that came.
    status: Option<u8>,
}

impl Interrupts {
    /// Handles signals from now on.
    pub(crate) fn listen(log: &Log) -> Result<Self> {
        let (sender, statuses) = mpsc::unbounded_channel();
        let runtime = load::single_threaded()?;
        let entered = runtime.enter();
        let mut next = signals().context("signals cannot be received")?;
        drop(entered);
        let log = log.clone();
        let handle = move || {
            runtime.block_on(async move {
                let status = next().await;
                if sender.send(status).is_ok() {
                    tokio::select! {
                        _ = next() => {}
                        () = tokio::time::sleep(END_TIME) => {}
                    }
                }
                log.fail(&interrupted(status, "interrupted"));
                std::process::exit(status.into());
            })
        };
        std::thread::Builder::new()
            .name("wasi-mcp-signals".to_owned())
            .spawn(handle)
            .context("the thread that takes signals cannot be started")?;
        Ok(Self {
            statuses,
            status: None,
        })
    }

    /// Waits for the first signal, and returns the command's failure.
    pub(crate) async fn first(&mut self, text: &str) -> anyhow::Error {
        match self.statuses.recv().await {
            Some(status) => {
                self.status = Some(status);
                interrupted(status, text)
            }
            None => std::future::pending().await,
        }
    }

    /// Returns whether a signal came.
    pub(crate) fn have_come(&self) -> bool {
        self.status.is_some()
    }
}

fn interrupted(status: u8, text: &str) -> anyhow::Error {
    anyhow::Error::new(Failure {
        status,
        text: text.to_owned(),
    })
}

/// Returns a function that waits for a signal and returns its exit status. Must be called in a
/// tokio runtime.
#[cfg(unix)]
fn signals() -> std::io::Result<impl AsyncFnMut() -> u8 + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move || {
        tokio::select! {
            _ = interrupt.recv() => BY_INTERRUPT,
            _ = terminate.recv() => BY_TERMINATE,
        }
    })
}

/// Returns a function that waits for Ctrl-C and returns its exit status.
#[cfg(not(unix))]
fn signals() -> std::io::Result<impl AsyncFnMut() -> u8 + Send + 'static> {
    Ok(async move || {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        BY_INTERRUPT
    })
}

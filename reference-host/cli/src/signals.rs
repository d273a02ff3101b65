//! Handles signals to the command.

use std::io;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The requests that arrive as signals.
pub(super) struct Signals {
    /// Cancelled when the command is to stop.
    pub(super) stop: CancellationToken,
    /// Changes when the component is to be reloaded.
    pub(super) reload: watch::Receiver<u64>,
}

/// Handles SIGTERM and SIGINT from this call on, and SIGHUP if it `reloads`. The returned future
/// performs their requests; it ends at the second request to stop.
///
/// # Errors
///
/// If signals cannot be received. Must be called in a tokio runtime.
#[cfg(unix)]
pub(super) fn listen(reloads: bool) -> io::Result<(Signals, impl Future<Output = ()>)> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // Otherwise SIGHUP ends the process, as it should when a terminal is closed.
    let mut hang_up = reloads.then(|| signal(SignalKind::hangup())).transpose()?;
    let (stop, (changed, reload)) = (CancellationToken::new(), watch::channel(0));
    let signals = Signals {
        stop: stop.clone(),
        reload,
    };
    Ok((signals, async move {
        let hung_up = async || match &mut hang_up {
            Some(hang_up) => hang_up.recv().await,
            None => std::future::pending().await,
        };
        let mut hung_up = hung_up;
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                _ = hung_up() => {
                    changed.send_modify(|times| *times += 1);
                    continue;
                }
            }
            if stop.is_cancelled() {
                return;
            }
            tracing::info!("stopping; a second signal ends at once");
            stop.cancel();
        }
    }))
}

/// Handles the signal to stop. The returned future ends at the second one.
///
/// # Errors
///
/// None here.
#[cfg(not(unix))]
pub(super) fn listen(_reloads: bool) -> io::Result<(Signals, impl Future<Output = ()>)> {
    let (stop, (changed, reload)) = (CancellationToken::new(), watch::channel(0));
    let signals = Signals {
        stop: stop.clone(),
        reload,
    };
    Ok((signals, async move {
        let _changed = changed;
        for is_second in [false, true] {
            if tokio::signal::ctrl_c().await.is_err() {
                // The server runs until its input ends or it is killed.
                std::future::pending::<()>().await;
            }
            if !is_second {
                stop.cancel();
            }
        }
    }))
}

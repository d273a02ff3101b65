//! The stdio transport: one message per line.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#stdio>

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::process::Child;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::connection::Lines;
use super::limits::{MESSAGE_LIMIT, WRITE_LIMIT, mebibytes};
use super::log::Log;
use crate::model::duration::in_words;

/// The amount of a process's stderr that is kept, in bytes.
const STDERR_KEPT: usize = 1 << 20;

/// The time that a process may take to end after its output has ended.
const EXIT_GRACE: Duration = Duration::from_millis(200);

/// The driver's end of a stdio server.
pub struct LineLink {
    input: Mutex<Option<Box<dyn AsyncWrite + Send + Unpin>>>,
    process: Mutex<Option<Box<Child>>>,
    stderr: Mutex<Option<JoinHandle<()>>>,
    abandoned: watch::Sender<bool>,
}

impl LineLink {
    /// Takes over a connection, and returns the link and the output to read from.
    pub fn new(mut lines: Lines, log: &Arc<Log>) -> (Self, Box<dyn AsyncRead + Send + Unpin>) {
        let errors = lines.errors.take();
        let stderr = errors.map(|errors| tokio::spawn(keep_stderr(errors, log.clone())));
        let link = Self {
            input: Mutex::new(Some(lines.input)),
            process: Mutex::new(lines.process),
            stderr: Mutex::new(stderr),
            abandoned: watch::Sender::new(false),
        };
        (link, lines.output)
    }

    /// Writes bytes unchanged. After a timeout nothing more is written, as a message may be
    /// incomplete.
    ///
    /// # Errors
    ///
    /// When the server has stopped reading.
    pub async fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut abandoned = self.abandoned.subscribe();
        let written = async {
            let mut input = self.input.lock().await;
            let Some(input) = input.as_mut() else {
                return Err(std::io::ErrorKind::BrokenPipe.into());
            };
            input.write_all(bytes).await?;
            input.flush().await
        };
        let written = tokio::select! {
            biased;
            _ = abandoned.wait_for(|abandoned| *abandoned) => {
                return Err(std::io::ErrorKind::BrokenPipe.into());
            }
            written = timeout(WRITE_LIMIT, written) => written,
        };
        written.unwrap_or_else(|_| {
            self.abandon();
            let limit = in_words(WRITE_LIMIT);
            Err(std::io::Error::other(format!(
                "it did not take a message within {limit}"
            )))
        })
    }

    /// Stops all writing, including the write in progress.
    pub fn abandon(&self) {
        self.abandoned.send_replace(true);
    }

    /// Waits briefly for the process and the rest of its stderr after its output has ended, and
    /// keeps the exit status.
    pub async fn reap(&self, log: &Log) {
        let Some(process) = &mut *self.process.lock().await else {
            return;
        };
        if let Ok(Ok(status)) = timeout(EXIT_GRACE, process.wait()).await {
            log.write(|state| state.exit = Some(status.to_string()));
            if let Some(stderr) = &mut *self.stderr.lock().await {
                // A child of the process may keep stderr open.
                let _ = timeout(EXIT_GRACE, stderr).await;
            }
        }
    }

    /// Closes the server's input and waits for it to end. Kills its process after a timeout.
    pub async fn close(&self, log: &Log, grace: Duration) {
        // A writer blocked by a server that does not read holds the input. It cannot be closed
        // then, and the server has used up its time.
        let input = timeout(grace, self.input.lock()).await;
        let reads = input.is_ok();
        if let Some(mut input) = input.ok().and_then(|mut input| input.take()) {
            // There is nothing to close if the server has already ended.
            let _ = timeout(grace, input.shutdown()).await;
        }
        let patience = if reads { grace } else { Duration::ZERO };
        let ended = log
            .until(patience, |state| state.closed.clone())
            .await
            .is_some();
        let Some(mut process) = self.process.lock().await.take() else {
            log.write(|state| state.killed = !ended);
            return;
        };
        // Its output has ended or used up its time.
        let grace = if ended {
            grace
        } else {
            Duration::from_millis(100)
        };
        match timeout(grace, process.wait()).await {
            Ok(Ok(status)) => log.write(|state| state.exit = Some(status.to_string())),
            Ok(Err(_)) | Err(_) => {
                log.write(|state| state.killed = true);
                // Fails only if the process ended in the meantime.
                let _ = process.kill().await;
            }
        }
    }
}

/// Reads lines until the output ends. Passes on each without its newline, and whether it had one.
///
/// # Errors
///
/// When reading fails, or a line is too long.
pub async fn read_lines(
    output: impl AsyncRead + Unpin,
    mut take: impl FnMut(Vec<u8>, bool),
) -> std::io::Result<()> {
    let mut reader = BufReader::new(output);
    loop {
        let mut line = Vec::new();
        // One more byte is the newline, or exceeds the limit.
        let mut limited = (&mut reader).take(MESSAGE_LIMIT as u64 + 1);
        if limited.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let complete = line.pop_if(|last| *last == b'\n').is_some();
        if line.len() > MESSAGE_LIMIT {
            let limit = mebibytes(MESSAGE_LIMIT);
            return Err(std::io::Error::other(format!(
                "a line is longer than {limit}"
            )));
        }
        take(line, complete);
    }
}

async fn keep_stderr(mut stderr: impl AsyncRead + Unpin, log: Arc<Log>) {
    let mut buffer = vec![0; 8192];
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        let kept = &buffer[..count];
        log.write(|state| {
            let room = STDERR_KEPT.saturating_sub(state.stderr.len());
            state.stderr.extend_from_slice(&kept[..count.min(room)]);
        });
    }
}

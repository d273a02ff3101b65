//! The stdio transport: one message per line.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#stdio>

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader,
};
use tokio::process::Child;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::connection::Lines;
use super::limits::{MESSAGE_LIMIT, WRITE_LIMIT, mebibytes};
use super::log::Log;
use super::process::{self, Group};
use super::text::Encoding;
use crate::model::duration::in_words;

/// The amount of a process's stderr that is kept, in bytes: the last ones.
const STDERR_KEPT: usize = 1 << 20;

/// The time that a process may take to end after its output has ended.
const EXIT_GRACE: Duration = Duration::from_millis(200);

/// The driver's end of a stdio server.
pub struct LineLink {
    input: Mutex<Option<Box<dyn AsyncWrite + Send + Unpin>>>,
    process: Mutex<Option<Box<Child>>>,
    group: Option<Group>,
    stderr: Mutex<Option<JoinHandle<()>>>,
    abandoned: watch::Sender<bool>,
}

impl LineLink {
    /// Takes over a connection, and returns the link and the output to read from.
    pub fn new(mut lines: Lines, log: &Arc<Log>) -> (Self, Box<dyn AsyncRead + Send + Unpin>) {
        let errors = lines.errors.take();
        let stderr = errors.map(|errors| tokio::spawn(keep_stderr(errors, log.clone())));
        let group = lines.process.as_deref().and_then(Group::of);
        let link = Self {
            group,
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

    /// Returns true for a process, which may end by itself.
    pub fn is_process(&self) -> bool {
        self.group.is_some()
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

    /// Closes the server's input and waits for it to end. After a timeout, asks its processes to
    /// end, and kills them if they do not.
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
        let group = self.group.as_ref();
        // Its output has ended or used up its time.
        let grace = if ended {
            grace
        } else {
            Duration::from_millis(100)
        };
        match process::wait_or_end(&mut process, group, grace).await {
            Some(status) => log.write(|state| state.exit = Some(status.to_string())),
            None => log.write(|state| state.killed = true),
        }
    }
}

/// A line of a server, decoded.
#[derive(Debug)]
pub struct Line {
    /// Its bytes without the newline.
    pub bytes: Vec<u8>,
    /// False for a last line without newline.
    pub complete: bool,
    /// The encoding of the output.
    pub encoding: Encoding,
}

/// Reads lines until the output ends, and passes on each.
///
/// # Errors
///
/// When reading fails, or a line is too long.
pub async fn read_lines(
    output: impl AsyncRead + Unpin,
    mut take: impl FnMut(Line),
) -> std::io::Result<()> {
    let mut reader = BufReader::new(output);
    let mut encoding = None;
    loop {
        let mut line = Vec::new();
        let complete = read_line(&mut reader, &mut line, &mut encoding).await?;
        if line.is_empty() && !complete {
            return Ok(());
        }
        if line.len() > MESSAGE_LIMIT {
            let limit = mebibytes(MESSAGE_LIMIT);
            return Err(std::io::Error::other(format!(
                "a line is longer than {limit}"
            )));
        }
        let encoding = encoding.unwrap_or_default();
        take(Line {
            bytes: encoding.decode(&line),
            complete,
            encoding,
        });
    }
}

/// Reads up to a newline, which is removed. Returns false if there is none. The first line shows
/// the encoding.
async fn read_line(
    reader: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
    encoding: &mut Option<Encoding>,
) -> std::io::Result<bool> {
    loop {
        // One more byte is the newline, or exceeds the limit.
        let room = (MESSAGE_LIMIT + 1).saturating_sub(line.len());
        let mut limited = (&mut *reader).take(room as u64);
        if limited.read_until(b'\n', line).await? == 0 || line.last() != Some(&b'\n') {
            return Ok(false);
        }
        match encoding.get_or_insert_with(|| Encoding::of(line)) {
            Encoding::Utf8 => {
                line.pop();
                return Ok(true);
            }
            // The other byte of a character may be that of a newline.
            Encoding::Utf16Le if line.len() % 2 == 1 => {
                line.push(reader.read_u8().await?);
                if line.ends_with(b"\n\0") {
                    line.truncate(line.len() - 2);
                    return Ok(true);
                }
            }
            Encoding::Utf16Be if line.len().is_multiple_of(2) && line.ends_with(b"\0\n") => {
                line.truncate(line.len() - 2);
                return Ok(true);
            }
            Encoding::Utf16Le | Encoding::Utf16Be => {}
        }
    }
}

/// Keeps the end of stderr, from the beginning of a character on.
async fn keep_stderr(mut stderr: impl AsyncRead + Unpin, log: Arc<Log>) {
    let mut buffer = vec![0; 8192];
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        log.write(|state| {
            state.stderr.extend_from_slice(&buffer[..count]);
            let excess = state.stderr.len().saturating_sub(STDERR_KEPT);
            if excess > 0 {
                let is_inner = |byte: &&u8| matches!(byte, 0x80..=0xbf);
                let inner = state.stderr[excess..].iter().take(3).take_while(is_inner);
                let cut = excess + inner.count();
                state.stderr.drain(..cut);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Vec<(String, bool)> {
        let mut lines = Vec::new();
        let take = |line: Line| {
            let text = String::from_utf8_lossy(&line.bytes).into_owned();
            lines.push((text, line.complete));
        };
        read_lines(bytes, take).await.expect("no line is too long");
        lines
    }

    #[tokio::test]
    async fn lines_are_read_in_every_encoding() {
        // U+0A0A and U+010A hold the byte of a newline.
        let text = "{\"a\": \"\u{a0a}\u{10a}\"}\r\n{}\n\nlast";
        let expected = [
            ("{\"a\": \"\u{a0a}\u{10a}\"}\r", true),
            ("{}", true),
            ("", true),
            ("last", false),
        ];
        let expected = expected.map(|(line, complete)| (line.to_owned(), complete));
        let units = || text.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [&b"\xff\xfe"[..], &little].concat(),
            [&b"\xfe\xff"[..], &big].concat(),
            little,
            big,
        ] {
            assert_eq!(read(&bytes).await, expected);
        }
        assert_eq!(read(b"").await, []);
    }
}

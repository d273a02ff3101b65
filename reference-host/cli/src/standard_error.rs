//! Buffers lines for standard error, which may be a pipe that is never read. The host must not
//! block on it, so a thread of its own writes the lines, and lines that do not fit are dropped.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The size of the buffer in bytes.
const ROOM: usize = 1 << 20;

/// Accepts lines. Each call of `write` must pass one or several whole lines.
#[derive(Clone)]
pub(super) struct StandardError(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Lines are written directly, because there is no thread.
    direct: AtomicBool,
    queue: Mutex<Queue>,
    /// Signals that lines are buffered.
    filled: Condvar,
    /// Signals that nothing is buffered and nothing is being written.
    emptied: Condvar,
}

#[derive(Default)]
struct Queue {
    bytes: Vec<u8>,
    dropped: u64,
    writing: bool,
}

impl StandardError {
    /// Starts the thread. Without one, lines are written directly.
    pub(super) fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let started = std::thread::Builder::new()
            .name("wasi-mcp-log".to_owned())
            .spawn(move || of_thread.write_on(io::stderr()));
        if started.is_err() {
            shared.direct.store(true, Ordering::Relaxed);
        }
        Self(shared)
    }

    /// Writes one line, without its end.
    pub(super) fn line(&self, line: &impl std::fmt::Display) {
        let _ = self.clone().write_all(format!("{line}\n").as_bytes());
    }

    /// Waits until everything is written, at most for this time.
    pub(super) fn flush_within(&self, time: Duration) {
        let is_busy = |queue: &mut Queue| queue.writing || !queue.bytes.is_empty();
        let _ = self
            .0
            .emptied
            .wait_timeout_while(self.0.queue(), time, is_busy);
    }
}

impl Write for StandardError {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        if self.0.direct.load(Ordering::Relaxed) {
            return io::stderr().write_all(lines).map(|()| lines.len());
        }
        self.0.queue().push(lines);
        self.0.filled.notify_one();
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Queue {
    fn push(&mut self, lines: &[u8]) {
        if self.bytes.len() + lines.len() > ROOM {
            self.dropped += 1;
        } else {
            self.bytes.extend_from_slice(lines);
        }
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes buffered lines for as long as the process lives.
    fn write_on(&self, mut output: impl Write) {
        let mut batch = Vec::new();
        loop {
            let mut queue = self.queue();
            while queue.bytes.is_empty() {
                queue.writing = false;
                self.emptied.notify_all();
                queue = self
                    .filled
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            std::mem::swap(&mut batch, &mut queue.bytes);
            let dropped = std::mem::take(&mut queue.dropped);
            queue.writing = true;
            drop(queue);
            // With standard error gone, there is no way to report it.
            let _ = output.write_all(&batch);
            if dropped > 0 {
                let _ = writeln!(
                    output,
                    "(log lines dropped, as nobody read them: {dropped})"
                );
            }
            batch.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Accepts each batch only when allowed, and passes it on.
    struct Slow {
        turns: mpsc::Receiver<()>,
        written: mpsc::Sender<String>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.turns.recv().map_err(io::Error::other)?;
            let text = String::from_utf8_lossy(bytes).into_owned();
            self.written.send(text).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_slow_reader_holds_up_nobody_and_is_told_what_it_missed() {
        let shared = Arc::new(Shared::default());
        let (turn, turns) = mpsc::channel();
        let (written, batches) = mpsc::channel();
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || of_thread.write_on(Slow { turns, written }));
        let output = StandardError(shared);
        let line = "x".repeat(ROOM / 4);
        for _ in 0..12 {
            output.line(&line);
        }
        output.flush_within(Duration::from_millis(1));
        let mut all = String::new();
        while all.matches('x').count() + dropped(&all) * line.len() < 12 * line.len() {
            turn.send(()).unwrap();
            all += &batches.recv_timeout(Duration::from_secs(60)).unwrap();
        }
        assert!(dropped(&all) > 0, "not all of it had room");
        output.flush_within(Duration::from_secs(60));
        assert!(!output.0.queue().writing);
    }

    /// Returns the number of lines reported as dropped.
    fn dropped(text: &str) -> usize {
        text.lines()
            .filter_map(|line| {
                line.strip_suffix(')')?
                    .rsplit_once(": ")?
                    .1
                    .parse::<usize>()
                    .ok()
            })
            .sum()
    }
}

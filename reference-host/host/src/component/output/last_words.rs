//! The end of a guest's output on standard error, which usually explains its failure.

use std::sync::{Arc, Mutex, PoisonError};

use crate::visible::Visible;

/// The number of last bytes that are always kept.
const KEPT: usize = 4 << 10;
/// The longest text, in bytes.
const LONGEST: usize = 400;

/// Keeps the end of a stream. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastWords(Arc<Mutex<Vec<u8>>>);

impl LastWords {
    pub(super) fn note(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = &bytes[bytes.len().saturating_sub(KEPT)..];
        if kept.len() + bytes.len() > 2 * KEPT {
            let before = kept.len().saturating_sub(KEPT);
            kept.drain(..before);
        }
        kept.extend_from_slice(bytes);
    }

    /// Returns the message of a panic if there is one, or else the last line, safe to show.
    pub(crate) fn get(&self) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&kept);
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !is_advice(line))
            .collect();
        let line = match lines.iter().rposition(|line| is_panic(line)) {
            // Rust writes the place on one line, and the message on the next.
            Some(at) if lines[at].ends_with(':') => {
                let message = lines.get(at + 1).copied().unwrap_or_default();
                format!("{} {message}", lines[at])
            }
            Some(at) => lines[at].to_owned(),
            None => (*lines.last()?).to_owned(),
        };
        let line = Visible(line.as_bytes()).to_string();
        let end = line.floor_char_boundary(LONGEST);
        Some(line[..end].trim_end().to_owned())
    }
}

/// Returns whether a line begins the report of a panic of Rust or Go, which goes on with a trace.
fn is_panic(line: &str) -> bool {
    (line.starts_with("thread '") && line.contains("panicked at"))
        || line.starts_with("panic: ")
        || line.starts_with("fatal error: ")
}

fn is_advice(line: &str) -> bool {
    line.starts_with("note: run with `RUST_BACKTRACE=")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(text: &str) -> Option<String> {
        let words = LastWords::default();
        for part in text.as_bytes().chunks(7) {
            words.note(part);
        }
        words.get()
    }

    #[test]
    fn the_reason_is_found() {
        for (text, expected) in [
            (
                "hello\nthread '<unnamed>' panicked at src/lib.rs:5:9:\nboom\nnote: run with \
                 `RUST_BACKTRACE=1` environment variable to display a backtrace\n",
                "thread '<unnamed>' panicked at src/lib.rs:5:9: boom",
            ),
            (
                "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n",
                "panic: boom",
            ),
            (
                "Traceback (most recent call last):\n  File \"a.py\"\nValueError: boom\n",
                "ValueError: boom",
            ),
            ("one\ntwo\n\n", "two"),
            (
                "\x1b[31mred\x1b[0m\u{202e}",
                "\\u{1b}[31mred\\u{1b}[0m\\u{202e}",
            ),
        ] {
            assert_eq!(last(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(last(""), None);
        assert_eq!(last("\n \n"), None);
    }

    #[test]
    fn a_flood_is_cut() {
        let text = format!("{}\nlast", "x".repeat(10 * KEPT));
        assert_eq!(last(&text).as_deref(), Some("last"));
        let long = last(&"ü".repeat(10 * KEPT)).unwrap();
        assert!(long.len() <= LONGEST);
    }
}

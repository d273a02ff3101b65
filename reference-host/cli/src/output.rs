//! Standard output, which may be a full disk or an unread pipe.

use std::io::{self, ErrorKind, IsTerminal as _, StdoutLock, Write as _};

use anyhow::{Context as _, Result};
use serde_json::Value;
use wasi_mcp_host::visible::Visible;

/// Writes to standard output. A closed pipe discards the rest, as readers such as `head`
/// expect.
pub(super) struct Output {
    stdout: StdoutLock<'static>,
    is_terminal: bool,
    is_closed: bool,
}

impl Output {
    pub(super) fn new() -> Self {
        Self {
            stdout: io::stdout().lock(),
            is_terminal: io::stdout().is_terminal(),
            is_closed: false,
        }
    }

    /// Returns whether a person reads it.
    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Returns whether its reader has closed it.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Writes bytes unchanged.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        if self.is_closed {
            return Ok(());
        }
        let written = self.stdout.write_all(bytes);
        self.checked(written)
    }

    /// Writes a component's text unchanged, except that on a terminal control characters are made
    /// visible.
    pub(super) fn text(&mut self, text: &str) -> Result<()> {
        if self.is_terminal {
            self.bytes(visible(text).as_bytes())
        } else {
            self.bytes(text.as_bytes())
        }
    }

    /// Writes a component's text and the end of its line.
    pub(super) fn line(&mut self, text: &str) -> Result<()> {
        self.text(text)?;
        self.bytes(b"\n")
    }

    /// Writes a content block: text unchanged, anything else as JSON.
    pub(super) fn content(&mut self, block: &Value) -> Result<()> {
        match (block["type"].as_str(), block["text"].as_str()) {
            (Some("text"), Some(text)) => self.line(text),
            _ => self.line(&block.to_string()),
        }
    }

    /// Flushes the buffer.
    pub(super) fn finish(mut self) -> Result<()> {
        if self.is_closed {
            return Ok(());
        }
        let flushed = self.stdout.flush();
        self.checked(flushed)
    }

    fn checked(&mut self, written: io::Result<()>) -> Result<()> {
        match written {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(())
            }
            other => other.context("standard output cannot be written"),
        }
    }
}

/// Makes a text of several lines safe to show.
pub(super) fn visible(text: &str) -> String {
    let lines = text.split('\n').map(|line| line.trim_end_matches('\r'));
    let lines: Vec<String> = lines
        .map(|line| Visible(line.as_bytes()).to_string())
        .collect();
    lines.join("\n")
}

/// Makes the first line of a text safe to show.
pub(super) fn first_line(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    Visible(line.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines_and_nothing_acts_on_a_terminal() {
        assert_eq!(visible("a\r\nb\n\tc"), "a\nb\n\tc");
        assert_eq!(visible("\x1b]0;title\x07"), "\\u{1b}]0;title\\u{7}");
        assert_eq!(first_line("\n one\x08\ntwo"), "one\\u{8}");
    }
}

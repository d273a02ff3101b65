//! Standard output, which may be a full disk or an unread pipe.

use std::borrow::Cow;
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

    /// Returns the columns of the terminal, if it is one and knows them.
    pub(super) fn width(&self) -> Option<usize> {
        #[cfg(unix)]
        if self.is_terminal {
            let size = rustix::termios::tcgetwinsize(&self.stdout).ok()?;
            return Some(usize::from(size.ws_col)).filter(|columns| *columns > 0);
        }
        None
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

/// Cuts a line that is wider than a terminal.
pub(super) fn fitting(line: &str, columns: usize) -> Cow<'_, str> {
    const MARK: char = '…';

    let (mut used, mut kept) = (0, 0);
    for (at, letter) in line.char_indices() {
        // Leaves a column for the mark.
        if used < columns {
            kept = at;
        }
        used += columns_of(letter);
        if used > columns {
            return format!("{}{MARK}", line[..kept].trim_end()).into();
        }
    }
    line.into()
}

/// Returns the columns that most terminals give to a character: two for those of East Asian scripts
/// and for pictographs.
fn columns_of(letter: char) -> usize {
    match letter {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
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

    #[test]
    fn lines_are_cut_to_the_width_of_the_terminal() {
        for (line, columns, shown) in [
            ("abcdef", 6, "abcdef"),
            ("abcdef", 5, "abcd…"),
            ("ab   cd", 6, "ab…"),
            ("größer", 4, "grö…"),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("e\u{301}a", 2, "e\u{301}a"),
            ("abc", 1, "…"),
            ("", 1, ""),
        ] {
            assert_eq!(fitting(line, columns), shown, "{line} {columns}");
        }
    }
}

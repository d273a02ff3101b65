//! Splitting of a client's input into lines.

/// The size above which a buffer that grew for a long line is released.
const KEPT: usize = 1 << 20;

/// The lines of an input that arrives in parts, each a message.
///
/// A line over the limit is cut off one byte behind it, which is enough to refuse it. The rest is
/// discarded as it arrives.
#[derive(Debug)]
pub struct Lines {
    limit: usize,
    buffer: Vec<u8>,
    /// The start of the current line.
    start: usize,
    /// The start of the bytes not yet searched for a newline.
    unseen: usize,
    has_ended: bool,
}

impl Lines {
    /// Creates an empty input with lines of at most `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            buffer: Vec::new(),
            start: 0,
            unseen: 0,
            has_ended: false,
        }
    }

    /// Appends a part of the input. Take all lines before the next part.
    pub fn push(&mut self, part: &[u8]) {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.truncate(self.limit.saturating_add(1));
        self.unseen = self.buffer.len();
        if self.buffer.is_empty() && self.buffer.capacity() > KEPT {
            self.buffer = Vec::new();
        }
        self.buffer.extend_from_slice(part);
    }

    /// Ends the input: what follows the last newline is a line, too.
    pub fn end(&mut self) {
        self.has_ended = true;
    }

    /// Returns whether the input has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Returns the next line, without its newline.
    pub fn take(&mut self) -> Option<&[u8]> {
        let start = self.start;
        let end = match memchr::memchr(b'\n', &self.buffer[self.unseen..]) {
            Some(at) => {
                let end = self.unseen + at;
                (self.start, self.unseen) = (end + 1, end + 1);
                end
            }
            None => {
                self.unseen = self.buffer.len();
                if !self.has_ended || start == self.buffer.len() {
                    return None;
                }
                self.start = self.buffer.len();
                self.buffer.len()
            }
        };
        let end = end.min(start.saturating_add(self.limit).saturating_add(1));
        Some(&self.buffer[start..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8], at_once: usize, limit: usize) -> Vec<String> {
        let mut lines = Lines::new(limit);
        let mut taken = Vec::new();
        for part in input.chunks(at_once).map(Some).chain([None]) {
            match part {
                Some(part) => lines.push(part),
                None => lines.end(),
            }
            while let Some(line) = lines.take() {
                taken.push(String::from_utf8(line.to_owned()).unwrap());
            }
            assert!(lines.buffer.len() <= limit + 1 + at_once);
        }
        assert!(lines.has_ended() && lines.take().is_none());
        taken
    }

    #[test]
    fn lines_are_split_and_the_last_needs_no_newline() {
        for at_once in [1, 2, 3, 100] {
            assert_eq!(
                lines(b"one\ntwo\r\n\nthree", at_once, 100),
                ["one", "two\r", "", "three"]
            );
            assert_eq!(lines(b"one\n", at_once, 100), ["one"]);
            assert!(lines(b"", at_once, 100).is_empty());
        }
    }

    #[test]
    fn a_long_line_is_cut_off_behind_the_limit() {
        for at_once in [1, 3, 100] {
            assert_eq!(
                lines(b"123456789\n12345\n1234", at_once, 4),
                ["12345", "12345", "1234"]
            );
            assert_eq!(lines(b"123456789", at_once, 4), ["12345"]);
        }
    }
}

//! Guest output, split into lines.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Lines;
use crate::telemetry::{Limit, Telemetry};
use crate::visible::Visible;

/// The longest line, in bytes; longer ones are split.
const LINE_BYTES: usize = 8 << 10;
/// The most lines that a session's guests may print in a second.
const LINES_PER_SECOND: u32 = 1_000;
/// The most bytes that these lines may have together.
const BYTES_PER_SECOND: usize = 1 << 20;
const SECOND: Duration = Duration::from_secs(1);

/// One line that a guest printed. `Display` shows it as `[session 3] text`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GuestLine<'a> {
    /// The number of the guest's session in log lines.
    pub session: u64,
    /// The number of the instance within the session, counted from 1.
    pub instance: u64,
    /// The stream that the guest wrote it to.
    pub stream: GuestStream,
    /// The line, safe to show on a terminal.
    pub text: &'a str,
}

impl fmt::Display for GuestLine<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[session {}] {}", self.session, self.text)
    }
}

/// One of a guest's output streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuestStream {
    /// Its standard output.
    Output,
    /// Its standard error.
    Error,
}

impl GuestStream {
    /// Returns `stdout` or `stderr`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Output => "stdout",
            Self::Error => "stderr",
        }
    }
}

/// The instance that the output comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The session's number in log lines.
    pub session: u64,
    /// The number of the instance within the session, counted from 1.
    pub instance: u64,
    /// The budget that all instances of the session share.
    pub(crate) allowance: Arc<Allowance>,
    /// Counts the lines.
    pub(crate) telemetry: Arc<Telemetry>,
}

/// The budget of the current second, and the number of lines dropped.
#[derive(Debug, Default)]
pub(crate) struct Allowance(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    began: Option<Instant>,
    lines: u32,
    bytes: usize,
    dropped: u64,
}

impl Allowance {
    /// Returns whether a line may be printed, and how many were dropped before it.
    fn admit(&self, now: Instant, bytes: usize) -> (bool, u64) {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |began| now.saturating_duration_since(began) >= SECOND;
        let mut dropped = 0;
        if window.began.is_none_or(is_over) {
            dropped = window.dropped;
            *window = Window {
                began: Some(now),
                ..Window::default()
            };
        }
        window.lines = window.lines.saturating_add(1);
        window.bytes = window.bytes.saturating_add(bytes);
        let admitted = window.lines <= LINES_PER_SECOND && window.bytes <= BYTES_PER_SECOND;
        if !admitted {
            window.dropped += 1;
        }
        (admitted, dropped)
    }

    /// Takes the number of dropped lines that have not been reported.
    fn take_dropped(&self) -> u64 {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut window.dropped)
    }
}

/// Splits the output of one instance to one stream into lines. An unfinished last line is printed
/// when the instance is dropped.
pub(super) struct Printer {
    sink: Lines,
    origin: Origin,
    stream: GuestStream,
    /// The unfinished line.
    line: Mutex<Vec<u8>>,
}

impl Printer {
    pub(super) fn new(sink: Lines, origin: Origin, stream: GuestStream) -> Self {
        Self {
            sink,
            origin,
            stream,
            line: Mutex::default(),
        }
    }

    pub(super) fn write(&self, mut bytes: &[u8]) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        while !bytes.is_empty() {
            let room = LINE_BYTES - line.len();
            let newline = memchr::memchr(b'\n', &bytes[..bytes.len().min(room + 1)]);
            let taken = newline.unwrap_or(bytes.len().min(room));
            line.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
            if newline.is_some() {
                bytes = &bytes[1..];
                self.print(&line);
                line.clear();
            } else if line.len() == LINE_BYTES {
                let whole = whole_characters(&line);
                let rest = line.split_off(whole);
                self.print(&line);
                *line = rest;
            }
        }
    }

    fn print(&self, line: &[u8]) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let telemetry = &self.origin.telemetry;
        let (admitted, dropped) = self.origin.allowance.admit(Instant::now(), line.len());
        self.speak_of(dropped);
        if admitted {
            telemetry.guest_lines.increment();
            self.show(&Visible(line).to_string());
        } else {
            telemetry.guest_lines_dropped.increment();
            telemetry.reached(Limit::GuestLinesPerSecond, Some(self.origin.session));
        }
    }

    fn speak_of(&self, dropped: u64) {
        if dropped > 0 {
            self.show(&format!(
                "(lines dropped: {dropped}, beyond {LINES_PER_SECOND} lines or {BYTES_PER_SECOND} \
                 bytes in a second)"
            ));
        }
    }

    fn show(&self, text: &str) {
        (self.sink)(&GuestLine {
            session: self.origin.session,
            instance: self.origin.instance,
            stream: self.stream,
            text,
        });
    }
}

impl Drop for Printer {
    fn drop(&mut self) {
        let line = std::mem::take(self.line.get_mut().unwrap_or_else(PoisonError::into_inner));
        if !line.is_empty() {
            self.print(&line);
        }
        self.speak_of(self.origin.allowance.take_dropped());
    }
}

/// Returns the length of the prefix that does not end inside a character.
fn whole_characters(bytes: &[u8]) -> usize {
    let is_start = |byte: &u8| byte & 0b1100_0000 != 0b1000_0000;
    let last = bytes.iter().rev().take(4).position(is_start);
    match last {
        // A one-byte character is complete.
        Some(0) if bytes.last().is_some_and(u8::is_ascii) => bytes.len(),
        Some(behind) if bytes.len() > behind + 1 => {
            let start = bytes.len() - behind - 1;
            match std::str::from_utf8(&bytes[start..]) {
                Ok(_) => bytes.len(),
                Err(_) => start,
            }
        }
        _ => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Heard = Arc<Mutex<Vec<String>>>;

    fn printer() -> (Printer, Heard) {
        let heard = Heard::default();
        let sink = Arc::clone(&heard);
        let sink: Lines = Arc::new(move |line: &GuestLine<'_>| {
            sink.lock().unwrap().push(line.to_string());
        });
        let origin = Origin {
            session: 3,
            instance: 1,
            ..Origin::default()
        };
        (Printer::new(sink, origin, GuestStream::Error), heard)
    }

    #[test]
    fn lines_are_put_together_tagged_and_the_last_needs_no_end() {
        let (printer, heard) = printer();
        for part in ["one\r\n\ntw", "o", "\nth", "\x1b[31mree"] {
            printer.write(part.as_bytes());
        }
        assert_eq!(heard.lock().unwrap().len(), 3);
        drop(printer);
        let heard = heard.lock().unwrap();
        let expected =
            ["one", "", "two", "th\\u{1b}[31mree"].map(|text| format!("[session 3] {text}"));
        assert_eq!(*heard, expected);
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let (printer, heard) = printer();
        let text = "ü你🦀x".repeat(LINE_BYTES / 5);
        printer.write(text.as_bytes());
        printer.write(b"\n");
        let heard = heard.lock().unwrap();
        assert_eq!(heard.len(), text.len() / LINE_BYTES + 1);
        let parts = heard
            .iter()
            .map(|line| line.strip_prefix("[session 3] ").unwrap());
        assert_eq!(parts.collect::<String>(), text);
    }

    #[test]
    fn bytes_that_are_no_text_are_cut_all_the_same() {
        let (printer, heard) = printer();
        printer.write(&vec![0x80; 3 * LINE_BYTES]);
        assert_eq!(heard.lock().unwrap().len(), 3);
    }

    #[test]
    fn a_flood_is_dropped_and_spoken_of() {
        let (printer, heard) = printer();
        let telemetry = Arc::clone(&printer.origin.telemetry);
        for _ in 0..100_000 {
            printer.write(b"line\n");
        }
        drop(printer);
        let dropped = telemetry.guest_lines_dropped.get();
        assert_eq!(dropped + telemetry.guest_lines.get(), 100_000);
        assert!(dropped > 0 && telemetry.limits.get(Limit::GuestLinesPerSecond) == dropped);
        let heard = heard.lock().unwrap();
        let spoken: u64 = heard
            .iter()
            .filter_map(|line| line.split_once("(lines dropped: ")?.1.split(',').next())
            .map(|count| count.parse::<u64>().unwrap())
            .sum();
        assert_eq!(spoken, dropped);
    }

    #[test]
    fn the_allowance_is_anew_each_second() {
        let allowance = Allowance::default();
        let now = Instant::now();
        for _ in 0..LINES_PER_SECOND {
            assert_eq!(allowance.admit(now, 1), (true, 0));
        }
        assert_eq!(allowance.admit(now, 1), (false, 0));
        assert_eq!(allowance.admit(now + SECOND, 1), (true, 1));
        assert_eq!(allowance.admit(now + SECOND, BYTES_PER_SECOND), (false, 0));
    }
}

//! A lenient reader of text that strict parsers refuse, so that one flaw gives one finding and does
//! not fail every check that needs the message.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::wire::envelope::{Defect, Envelope, Message, Rule};

/// The nesting up to which values are read. Deeper ones are legal, but no check looks at them.
const DEPTH: usize = 100;

/// The encoding of a stream of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

impl Encoding {
    /// Recognizes the encoding by the first bytes of a text: a byte order mark, or the two bytes of
    /// a `{`.
    pub fn of(first: &[u8]) -> Self {
        match first {
            [0xff, 0xfe, ..] | [b'{', 0, ..] => Self::Utf16Le,
            [0xfe, 0xff, ..] | [0, b'{', ..] => Self::Utf16Be,
            _ => Self::Utf8,
        }
    }

    /// Decodes bytes to UTF-8. UTF-8 is returned unchanged.
    pub fn decode(self, bytes: &[u8]) -> Vec<u8> {
        let unit: fn([u8; 2]) -> u16 = match self {
            Self::Utf8 => return bytes.to_vec(),
            Self::Utf16Le => u16::from_le_bytes,
            Self::Utf16Be => u16::from_be_bytes,
        };
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text: String = char::decode_utf16(units)
            .map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        text.trim_start_matches('\u{feff}').to_owned().into_bytes()
    }

    /// Returns the defect of every message in this encoding, if it is one.
    pub fn defect(self) -> Option<Defect> {
        let found = match self {
            Self::Utf8 => return None,
            Self::Utf16Le | Self::Utf16Be => "UTF-16 in place of UTF-8",
        };
        Some(defect(Rule::Utf8, found.to_owned()))
    }
}

/// Decodes the body of an HTTP answer. Returns its defect, if it has one.
pub fn decode_body(body: Vec<u8>) -> (Vec<u8>, Option<Defect>) {
    match Encoding::of(&body) {
        Encoding::Utf8 => (body, None),
        other => (other.decode(&body), other.defect()),
    }
}

/// Parses a message, leniently where a strict parser would lose all of it. Repaired flaws are
/// among the defects.
pub fn read(bytes: &[u8]) -> Envelope {
    let (text, defects) = mend(bytes);
    let mut envelope = Envelope::read(&text);
    envelope.defects.extend(defects);
    envelope
}

/// Returns true if a value read from a [mended](super::log::Entry::is_mended) message may not be what the server
/// wrote. It cannot be sent back.
pub fn is_replaced(text: &str) -> bool {
    text.contains(char::REPLACEMENT_CHARACTER)
}

/// Returns true for a text that is not meant as a message: a log line, a prompt, a blank line.
pub fn is_stray(bytes: &[u8], envelope: &Envelope) -> bool {
    const MEMBER: &[u8] = b"jsonrpc";
    let names_it = || bytes.windows(MEMBER.len()).any(|part| part == MEMBER);
    let is_batch = envelope.breaks(Rule::NoBatch);
    envelope.message == Message::Unreadable && !is_batch && !(is_structure(bytes) && names_it())
}

/// Returns true for a text that begins like an object or an array.
fn is_structure(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

fn defect(rule: Rule, found: String) -> Defect {
    Defect { rule, found }
}

/// Turns a message into text that a strict parser reads, and returns its flaws.
///
/// Removes a byte order mark. Replaces invalid UTF-8, halves of surrogate pairs, control characters
/// and `NaN`. Numbers and values beyond the parser's limits are legal, and are replaced silently.
pub fn mend(bytes: &[u8]) -> (Cow<'_, [u8]>, Vec<Defect>) {
    let mut defects = Vec::new();
    let unmarked = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => {
            let mark = "a byte order mark before the message".to_owned();
            defects.push(defect(Rule::Utf8, mark));
            rest
        }
        None => bytes,
    };
    if !is_structure(unmarked) {
        return (Cow::Borrowed(unmarked), defects);
    }
    let text = String::from_utf8_lossy(unmarked);
    if matches!(text, Cow::Owned(_)) {
        defects.push(defect(Rule::Utf8, "invalid UTF-8".to_owned()));
    }
    let mut scan = Scan {
        text: &text,
        at: 0,
        edits: Vec::new(),
        defects: Vec::new(),
    };
    scan.run();
    let Scan {
        edits,
        defects: found,
        ..
    } = scan;
    defects.extend(found);
    if edits.is_empty() {
        let mended = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        };
        return (mended, defects);
    }
    let mended = edited(&text, edits);
    (Cow::Owned(mended.into_bytes()), defects)
}

/// Turns the escapes of halves of surrogate pairs in a JSON string into text, so that its content
/// has these escapes.
pub fn escape_surrogates(string: &str) -> String {
    let mut scan = Scan {
        text: string,
        at: 0,
        edits: Vec::new(),
        defects: Vec::new(),
    };
    scan.run();
    let edits = scan.edits.into_iter();
    let halves = edits.filter(|(_, replacement)| replacement == "\\ufffd");
    let escaped = halves.map(|(range, _)| {
        let escape = format!("\\{}", &string[range.clone()]);
        (range, escape.into())
    });
    edited(string, escaped.collect())
}

fn edited(text: &str, edits: Vec<(Range<usize>, Cow<'static, str>)>) -> String {
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for (range, replacement) in edits {
        result.push_str(&text[done..range.start]);
        result.push_str(&replacement);
        done = range.end;
    }
    result.push_str(&text[done..]);
    result
}

/// A pass over JSON text. It accepts anything, as the parser judges its output.
struct Scan<'a> {
    text: &'a str,
    at: usize,
    edits: Vec<(Range<usize>, Cow<'static, str>)>,
    defects: Vec<Defect>,
}

impl<'a> Scan<'a> {
    fn run(&mut self) {
        // The names seen in each open object; `None` for an array.
        let mut open: Vec<Option<HashSet<&'a str>>> = Vec::new();
        let mut name_follows = false;
        while let Some(byte) = self.byte(self.at) {
            match byte {
                b'"' => {
                    let Some(content) = self.string() else {
                        return;
                    };
                    if std::mem::take(&mut name_follows)
                        && let Some(Some(names)) = open.last_mut()
                        && !names.insert(content)
                    {
                        let found = format!("the member \"{content}\" twice in one object");
                        self.note(Rule::UniqueMembers, found);
                    }
                    continue;
                }
                b'{' | b'[' if open.len() >= DEPTH => {
                    let from = self.at;
                    if !self.skip_value() {
                        return;
                    }
                    self.edits.push((from..self.at, "null".into()));
                    continue;
                }
                b'{' | b'[' => {
                    name_follows = byte == b'{';
                    open.push(name_follows.then(HashSet::new));
                }
                b'}' | b']' => {
                    open.pop();
                    name_follows = false;
                }
                b',' => name_follows = matches!(open.last(), Some(Some(_))),
                b'-' | b'0'..=b'9' | b'N' | b'I' => {
                    self.number();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Notes a flaw. The first of each kind suffices.
    fn note(&mut self, rule: Rule, found: String) {
        if !self.defects.iter().any(|defect| defect.rule == rule) {
            self.defects.push(defect(rule, found));
        }
    }

    /// Passes a string. Returns its content as written; `None` if it has no end.
    fn string(&mut self) -> Option<&'a str> {
        let from = self.at + 1;
        let mut at = from;
        loop {
            match self.byte(at)? {
                b'"' => break,
                b'\\' if self.byte(at + 1) == Some(b'u') => at = self.escape(at),
                b'\\' => at += 2,
                control @ 0..0x20 => {
                    let found = format!("a control character U+{control:04X} in a string");
                    self.note(Rule::Json, found);
                    let escaped = format!("\\u{control:04x}");
                    self.edits.push((at..at + 1, escaped.into()));
                    at += 1;
                }
                _ => at += 1,
            }
        }
        self.at = at + 1;
        self.text.get(from..at)
    }

    /// Passes an escape of a UTF-16 unit, `\u` with four hexadecimal digits
    /// ([RFC 8259, section 7](https://www.rfc-editor.org/rfc/rfc8259#section-7)). Returns the
    /// position behind it.
    fn escape(&mut self, at: usize) -> usize {
        const LENGTH: usize = 6;
        let unit = |at: usize| {
            let digits = self.text.get(at..at + LENGTH)?.strip_prefix("\\u")?;
            u16::from_str_radix(digits, 16).ok()
        };
        let end = at + LENGTH;
        match unit(at) {
            Some(0xd800..=0xdbff) if matches!(unit(end), Some(0xdc00..=0xdfff)) => end + LENGTH,
            Some(0xd800..=0xdfff) => {
                let found = format!("{}, half of a surrogate pair", &self.text[at..end]);
                self.note(Rule::Surrogates, found);
                self.edits.push((at..end, "\\ufffd".into()));
                end
            }
            _ => at + 2,
        }
    }

    /// Passes a number, or a word that some languages write in its place.
    fn number(&mut self) {
        let rest = &self.text[self.at..];
        let plain =
            |character: char| character.is_ascii_alphanumeric() || "+-.".contains(character);
        let length = rest
            .find(|character| !plain(character))
            .unwrap_or(rest.len());
        let token = &rest[..length.max(1)];
        let range = self.at..self.at + token.len();
        match token {
            "NaN" | "Infinity" | "-Infinity" => {
                self.note(Rule::Json, format!("{token} in place of a number"));
                self.edits.push((range.clone(), "null".into()));
            }
            _ if token.parse().is_ok_and(f64::is_infinite) && !token.contains(['i', 'I']) => {
                let largest = if token.starts_with('-') {
                    "-1e308"
                } else {
                    "1e308"
                };
                self.edits.push((range.clone(), largest.into()));
            }
            _ => {}
        }
        self.at = range.end;
    }

    /// Passes a value with everything in it. Returns false if it has no end.
    fn skip_value(&mut self) -> bool {
        let mut depth = 0_usize;
        while let Some(byte) = self.byte(self.at) {
            match byte {
                b'"' => {
                    // The contents are never read.
                    let edits = self.edits.len();
                    if self.string().is_none() {
                        return false;
                    }
                    self.edits.truncate(edits);
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return true;
            }
        }
        false
    }
}

/// A message that was written over several lines, put together again.
#[derive(Debug, Default)]
pub struct Assembly {
    lines: Vec<Vec<u8>>,
    depth: usize,
    in_string: bool,
}

/// The number of lines up to which a message is put together.
const LINES: usize = 20_000;

/// A line that turned out to be a message, a part of one, or something else.
#[derive(Debug, PartialEq, Eq)]
pub struct Assembled {
    /// Its bytes, with the newlines inside.
    pub bytes: Vec<u8>,
    /// True if there are newlines inside.
    pub broken: bool,
}

impl Assembly {
    /// Takes a line. Returns the messages that are now complete, in order.
    pub fn take(&mut self, line: Vec<u8>) -> Vec<Assembled> {
        if self.lines.is_empty() {
            if !is_structure(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line)) {
                return vec![whole(line)];
            }
            self.scan(&line);
            if self.depth == 0 {
                self.in_string = false;
                return vec![whole(line)];
            }
            self.lines.push(line);
            return Vec::new();
        }
        if self.lines.len() >= LINES || is_message(&line) {
            let mut all = self.give_up();
            all.extend(self.take(line));
            return all;
        }
        self.scan(&line);
        self.lines.push(line);
        if self.depth > 0 {
            return Vec::new();
        }
        let bytes = std::mem::take(&mut self.lines).join(&b'\n');
        vec![Assembled {
            bytes,
            broken: true,
        }]
    }

    /// Abandons an incomplete message. Returns its lines unchanged.
    pub fn give_up(&mut self) -> Vec<Assembled> {
        let lines = std::mem::take(self).lines;
        lines.into_iter().map(whole).collect()
    }

    /// Counts the brackets of a line.
    fn scan(&mut self, line: &[u8]) {
        let mut escaped = false;
        for byte in line {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if self.in_string => escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
    }
}

fn whole(bytes: Vec<u8>) -> Assembled {
    Assembled {
        bytes,
        broken: false,
    }
}

/// Returns true for a line that is a message by itself, which follows a message that has no end.
fn is_message(line: &[u8]) -> bool {
    if !line.starts_with(b"{") {
        return false;
    }
    let envelope = read(line);
    envelope.message != Message::Unreadable && !envelope.breaks(Rule::Version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn flaws(text: &[u8]) -> Vec<Rule> {
        let (mended, defects) = mend(text);
        let parsed: Result<Value, _> = serde_json::from_slice(&mended);
        assert!(parsed.is_ok(), "{}", String::from_utf8_lossy(&mended));
        defects.into_iter().map(|defect| defect.rule).collect()
    }

    #[test]
    fn what_is_legal_stays_as_it_is() {
        for legal in [
            r#"{"a":"\ud83d\ude00 \u0000 \\ud83d \" \u00e9","b":[1.5e3,-0,{"a":1}],"N":null}"#,
            r#" {"a":{"a":{"a":[[],{}]}},"b":"NaN, Infinity {[" } "#,
        ] {
            let (mended, defects) = mend(legal.as_bytes());
            assert_eq!((mended.as_ref(), defects.len()), (legal.as_bytes(), 0));
            assert_eq!(flaws(legal.as_bytes()), []);
        }
    }

    #[test]
    fn what_a_parser_cannot_hold_is_no_flaw() {
        let deep = format!("{{\"a\":{}1,\"{{\"{}}}", "[".repeat(300), "]".repeat(300));
        assert_eq!(flaws(deep.as_bytes()), []);
        assert_eq!(flaws(br#"{"a":1e400,"b":-1e999,"c":1E5}"#), []);
    }

    #[test]
    fn each_flaw_is_mended_and_noted_once() {
        for (text, rule) in [
            (&b"\xef\xbb\xbf{}"[..], Rule::Utf8),
            (b"{\"a\":\"\xff\xe9\"}", Rule::Utf8),
            (br#"{"a":"\ud83d","b":"\ud83dx"}"#, Rule::Surrogates),
            (br#"{"a":"\ude00"}"#, Rule::Surrogates),
            (br#"{"a":"\ud83d\ud83d\ude00"}"#, Rule::Surrogates),
            (b"{\"a\":\"\0\",\"b\":\"\x1b[0m\"}", Rule::Json),
            (br#"{"a":NaN,"b":[Infinity,-Infinity]}"#, Rule::Json),
            (br#"{"a":1,"b":{"a":2},"a":3}"#, Rule::UniqueMembers),
        ] {
            assert_eq!(flaws(text), [rule], "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn any_other_text_is_left_alone() {
        for text in [
            "",
            "log",
            "\"\\ud83d",
            "{\"a\":\"",
            "{\"a\\",
            "{'a': 1}",
            "{\"\\ud8",
        ] {
            let (mended, _) = mend(text.as_bytes());
            assert_eq!(mended.as_ref(), text.as_bytes());
        }
    }

    #[test]
    fn utf_16_is_recognized_and_decoded() {
        let text = "{\"a\":\"\u{1f600}\"}";
        let units = || text.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            little.clone(),
            big.clone(),
            [&b"\xff\xfe"[..], &little].concat(),
            [&b"\xfe\xff"[..], &big].concat(),
        ] {
            let (decoded, defect) = decode_body(bytes);
            assert_eq!(decoded, text.as_bytes());
            assert!(defect.is_some());
        }
        assert_eq!(decode_body(text.into()), (text.into(), None));
    }

    #[test]
    fn only_what_is_no_message_is_stray() {
        let stray = |text: &str| is_stray(text.as_bytes(), &read(text.as_bytes()));
        for text in [
            "",
            " \r",
            "> ",
            "ready",
            "[info] on",
            "1",
            "\u{1b}[2J",
            r#"{"level":"info"}"#,
        ] {
            assert!(stray(text), "{text:?}");
        }
        for text in [
            r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1}"#,
            r#"{"jsonrpc":"2.0","id":1,"res"#,
            "{'jsonrpc': '2.0'}",
            "[]",
        ] {
            assert!(!stray(text), "{text:?}");
        }
    }

    #[test]
    fn a_message_over_several_lines_is_put_together() {
        let mut assembly = Assembly::default();
        let mut all = Vec::new();
        let message = r#"{"jsonrpc":"2.0","method":"a"}"#;
        for line in [
            "log",
            "{",
            r#"  "a": "}","#,
            r#"  "b": [{"#,
            "  }]",
            "}",
            message,
        ] {
            all.extend(assembly.take(line.into()));
        }
        assert_eq!(all.len(), 3);
        assert_eq!(all[1].bytes, b"{\n  \"a\": \"}\",\n  \"b\": [{\n  }]\n}");
        assert_eq!(all.iter().filter(|one| one.broken).count(), 1);
        // An unfinished message does not swallow the next one.
        for line in ["{ starting", "more", message] {
            all.extend(assembly.take(line.into()));
        }
        assert_eq!(all.len(), 6);
        assert!(assembly.take(b"{".to_vec()).is_empty());
        assert_eq!(assembly.give_up().len(), 1);
    }
}

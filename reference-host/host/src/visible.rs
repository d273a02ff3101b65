//! Untrusted text, made safe for a log or a terminal.

use std::fmt::{self, Write as _};

/// Text of a client or a guest, safe to show. Characters that could move a terminal's cursor,
/// change its state, end a line or hide adjacent text are escaped as in Rust's literals. Bytes that
/// are not UTF-8 become U+FFFD.
pub struct Visible<'a>(pub &'a [u8]);

impl fmt::Display for Visible<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for character in chunk.valid().chars() {
                if is_harmless(character) {
                    formatter.write_char(character)?;
                } else {
                    write!(formatter, "{}", character.escape_unicode())?;
                }
            }
            if !chunk.invalid().is_empty() {
                formatter.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

fn is_harmless(character: char) -> bool {
    match character {
        '\t' => true,
        // Ends of lines and paragraphs, and characters that change the direction of text.
        '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        _ => !character.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_act_on_a_terminal_is_escaped() {
        for (text, shown) in [
            (
                "grüß Gott, 你好 🦀\t{\"a\": \"b\\n\"}",
                "grüß Gott, 你好 🦀\t{\"a\": \"b\\n\"}",
            ),
            ("\x1b[2J\x07", "\\u{1b}[2J\\u{7}"),
            ("a\rb\nc\x7f", "a\\u{d}b\\u{a}c\\u{7f}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{202e}gpj.exe", "\\u{202e}gpj.exe"),
        ] {
            assert_eq!(Visible(text.as_bytes()).to_string(), shown);
        }
        assert_eq!(Visible(b"a\xff\xfeb").to_string(), "a\u{fffd}\u{fffd}b");
    }
}

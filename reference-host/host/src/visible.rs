//! Untrusted text, made safe for a log or a terminal.

use std::fmt::{self, Write as _};

use unicode_general_category::{GeneralCategory, get_general_category};

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
        ' '..='~' => true,
        _ => !is_hidden(character),
    }
}

/// Returns whether a character is invisible: controls, line and paragraph
/// separators, format characters (direction changes, zero-width characters, tags, soft hyphens, the
/// byte order mark), other code points that are ignorable by default, and noncharacters. The suite
/// hides the same ones.
fn is_hidden(character: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    matches!(
        get_general_category(character),
        Control | Format | LineSeparator | ParagraphSeparator
    ) || matches!(
        character,
        // Ignorable by default, of other categories: joiners, fillers and variation selectors.
        '\u{34f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{e0000}'..='\u{e0fff}'
            // Noncharacters.
            | '\u{fdd0}'..='\u{fdef}'
    ) || u32::from(character) & 0xfffe == 0xfffe
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

    #[test]
    fn what_has_no_appearance_is_escaped() {
        for hidden in [
            '\u{0}',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{17b4}',
            '\u{180b}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{2028}',
            '\u{2029}',
            '\u{202e}',
            '\u{2060}',
            '\u{2065}',
            '\u{2069}',
            '\u{206a}',
            '\u{3164}',
            '\u{fdd0}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff0}',
            '\u{fff9}',
            '\u{ffff}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e0100}',
            '\u{e0fff}',
            '\u{10fffe}',
        ] {
            let shown = Visible(format!("a{hidden}b").as_bytes()).to_string();
            assert_eq!(shown, format!("a{}b", hidden.escape_unicode()));
        }
        for plain in "aZ~ é\u{301} ß漢字 नमस्ते שלום עִברִית مرحبا 🦀 € \u{a0}\u{fffd}\u{e000}".chars()
        {
            let shown = Visible(plain.to_string().as_bytes()).to_string();
            assert_eq!(shown, plain.to_string(), "{}", plain.escape_unicode());
        }
    }
}

//! Sanitizing of text that a server may have sent.
//!
//! Servers are not trusted, and messages and wire logs quote them: escape sequences change a
//! terminal, direction marks disguise text, and control characters make XML unreadable.

use unicode_general_category::{GeneralCategory, get_general_category};

/// Makes invisible characters visible: control characters as pictures (`␛`), others as numbers.
/// Line breaks and tabs are kept.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => shown.push(character),
            '\0'..='\u{1f}' => shown.extend(char::from_u32(0x2400 + u32::from(character))),
            '\u{7f}' => shown.push('\u{2421}'),
            _ if is_hidden(character) => shown.extend(character.escape_unicode()),
            _ => shown.push(character),
        }
    }
    shown
}

/// Returns true for invisible characters: controls, line and paragraph
/// separators, format characters (direction changes, zero-width characters, tags), other code points
/// that are ignorable by default, and noncharacters. The reference host hides the same ones.
fn is_hidden(character: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    if character.is_ascii() {
        return false;
    }
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

/// Applies [`visible`] and shows line breaks and tabs, too, so that text of a server stays within its
/// line of a message: `␊`, `␉`.
pub fn in_one_line(text: &str) -> String {
    let shown = visible(text);
    if shown.contains(['\n', '\t']) {
        shown.replace('\n', "\u{240a}").replace('\t', "\u{2409}")
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::{in_one_line, visible};

    /// The host's own table of hidden characters, which shares no code with this one.
    #[cfg(feature = "component")]
    #[test]
    fn the_same_characters_are_hidden_as_by_the_reference_host() {
        for character in '\u{80}'..=char::MAX {
            let text = character.to_string();
            let of_host = wasi_mcp_host::visible::Visible(text.as_bytes()).to_string();
            assert_eq!(visible(&text), of_host, "{}", character.escape_unicode());
        }
    }

    #[test]
    fn invisible_characters_are_made_visible() {
        assert_eq!(visible("a\u{1b}[31mb\0\r\nc\td"), "a␛[31mb␀␍\nc\td");
        assert_eq!(
            visible("\u{7f}\u{9b}\u{202e}\u{ffff}"),
            "␡\\u{9b}\\u{202e}\\u{ffff}"
        );
        assert_eq!(
            visible("\u{ad}\u{61c}\u{180e}\u{fff9}\u{e0041}"),
            "\\u{ad}\\u{61c}\\u{180e}\\u{fff9}\\u{e0041}"
        );
        for hidden in "\u{34f}\u{115f}\u{200b}\u{2060}\u{feff}\u{fe0f}\u{e0100}".chars() {
            let shown = hidden.escape_unicode().to_string();
            assert_eq!(visible(&hidden.to_string()), shown);
        }
        assert_eq!(visible("größer 漢字 🙂"), "größer 漢字 🙂");
    }

    #[test]
    fn line_breaks_of_a_server_do_not_break_the_line() {
        assert_eq!(in_one_line("a\r\n\tb\u{1b}"), "a␍␊␉b␛");
        assert_eq!(in_one_line("größer"), "größer");
    }
}

//! Text that a server may have sent, made fit for a reader's eyes.
//!
//! Messages and wire logs quote servers, and a server is not to be trusted: an
//! escape sequence changes a terminal, a character that changes the direction
//! of writing makes a text look like another one, and a control character
//! makes XML unreadable.

use std::fmt::Write as _;

use crate::model::Line;

/// The text with what cannot be seen made visible: control characters as their
/// pictures (`␛`), others as their number. Line breaks and tabs stay.
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

/// Control characters of the upper half, changes of direction, marks without
/// width, tags, and what Unicode calls no characters.
fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{80}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    ) || u32::from(character) & 0xfffe == 0xfffe
}

/// [`visible`], in one line and cut to so many characters.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    cut(&visible(&words.join(" ")), most)
}

/// The beginning of a text, with a note where something is missing.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            let missing = text[end..].chars().count();
            format!("{}… ({missing} characters more)", &text[..end])
        }
        None => text.to_owned(),
    }
}

/// The end of the log of a check as lines of text.
pub(super) fn wire_log(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} ms {} {}: {}",
            line.at,
            arrow(line),
            visible(&origin(line)),
            visible(&line.message)
        );
    }
    text
}

/// Which way a message went, seen from the suite.
pub(super) fn arrow(line: &Line) -> &'static str {
    if line.direction == "to-server" {
        "→"
    } else {
        "←"
    }
}

/// The session of a message and, over HTTP, its exchange.
pub(super) fn origin(line: &Line) -> String {
    match &line.exchange {
        Some(exchange) => format!("{}, {exchange}", line.session),
        None => line.session.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{cut, one_line, visible};

    #[test]
    fn what_cannot_be_seen_is_made_visible() {
        assert_eq!(visible("a\u{1b}[31mb\0\r\nc\td"), "a␛[31mb␀␍\nc\td");
        assert_eq!(
            visible("\u{7f}\u{9b}\u{202e}\u{ffff}"),
            "␡\\u{9b}\\u{202e}\\u{ffff}"
        );
        assert_eq!(
            visible("\u{ad}\u{61c}\u{180e}\u{fff9}\u{e0041}"),
            "\\u{ad}\\u{61c}\\u{180e}\\u{fff9}\\u{e0041}"
        );
        assert_eq!(visible("größer 漢字 🙂"), "größer 漢字 🙂");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 2), "äö… (2 characters more)");
        assert_eq!(one_line("a\n  b\u{1b} c", 5), "a b␛ … (1 characters more)");
    }
}

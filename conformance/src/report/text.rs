//! Text in reports: cut, in one line, and the wire log.

use std::fmt::Write as _;

use crate::model::Line;
use crate::model::visible::visible;

/// Applies [`visible`] to text in one line, cut to this many characters.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    cut(&visible(&words.join(" ")), most)
}

/// Returns the beginning of a text, with a note about the missing rest.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            let missing = text[end..].chars().count();
            format!("{}… ({missing} characters more)", &text[..end])
        }
        None => text.to_owned(),
    }
}

/// Formats the end of the log of a check as lines of text.
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

/// Returns the direction of a message, seen from the suite.
pub(super) fn arrow(line: &Line) -> &'static str {
    if line.direction == "to-server" {
        "→"
    } else {
        "←"
    }
}

/// Returns the session of a message and its HTTP exchange.
pub(super) fn origin(line: &Line) -> String {
    match &line.exchange {
        Some(exchange) => format!("{}, {exchange}", line.session),
        None => line.session.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{cut, one_line};

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 2), "äö… (2 characters more)");
        assert_eq!(one_line("a\n  b\u{1b} c", 5), "a b␛ … (1 characters more)");
    }
}

//! A lossless lexer for WIT: the tokens of a text, concatenated, are the text.
//!
//! A parser drops comments and spacing; a rule that rewrites parts of a text needs both.

use std::ops::Range;

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Blanks and line breaks.
    Space,
    /// `/// ...` or `/** ... */`: documentation of the next item.
    Documentation,
    /// `// ...` or `/* ... */`: a remark.
    Comment,
    /// A keyword or an identifier, with its `%` if it has one.
    Word,
    /// Any other character.
    Mark,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The kind.
    pub kind: Kind,
    /// The position, in bytes.
    pub range: Range<usize>,
}

impl Token {
    /// Returns the token's text; `source` is the text that it belongs to.
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        &source[self.range.clone()]
    }

    /// Returns whether the token has a meaning to a parser.
    pub fn is_significant(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Mark)
    }
}

/// Splits a WIT text into tokens.
pub fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while start < source.len() {
        let (kind, length) = first_token(&source[start..]);
        tokens.push(Token {
            kind,
            range: start..start + length,
        });
        start += length;
    }
    tokens
}

/// Returns the kind and the length in bytes of the first token of a text that is not empty.
fn first_token(rest: &str) -> (Kind, usize) {
    if rest.starts_with("//") {
        let length = rest.find('\n').unwrap_or(rest.len());
        let kind = if rest.starts_with("///") {
            Kind::Documentation
        } else {
            Kind::Comment
        };
        return (kind, length);
    }
    if rest.starts_with("/*") {
        let kind = if rest.starts_with("/**") {
            Kind::Documentation
        } else {
            Kind::Comment
        };
        return (kind, block_comment(rest));
    }
    let first = rest.chars().next().unwrap_or_default();
    if first.is_whitespace() {
        return (Kind::Space, length_while(rest, char::is_whitespace));
    }
    if first == '%' || is_word(first) {
        return (
            Kind::Word,
            first.len_utf8() + length_while(&rest[first.len_utf8()..], is_word),
        );
    }
    (Kind::Mark, first.len_utf8())
}

/// Returns the length in bytes of the block comment at the beginning of a text. Block comments
/// nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn length_while(text: &str, test: impl Fn(char) -> bool) -> usize {
    text.find(|c| !test(c)).unwrap_or(text.len())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}
